"""What somebody wants to see of a transcript, and what it comes to by year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar

from cme.credits.rules.goals import Earned, sum_once
from cme.values import Credits

MOST_YEARS = 10  # in the chart; the table has them all
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 10_000, 10_000_000)


class Entry(Earned, Protocol):
    """Credit of one type, with how the activity was attended."""

    @property
    def mode(self) -> str:
        """In person, as a livestream, on demand, or elsewhere."""


AnyEntry = TypeVar("AnyEntry", bound=Entry)


@dataclass(frozen=True)
class Wanted:
    """The part of a transcript somebody asks for: a year, a type of credit, a span of days."""

    year: int | None = None
    kind: str | None = None
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str], *, years: Iterable[int], kinds: Iterable[str]) -> "Wanted":
        """Read what an address asks for; what is unknown is left aside, and days in the wrong order are turned."""
        year = asked.get("year", "")
        first, last = _day(asked.get("from", "")), _day(asked.get("to", ""))
        if first and last and first > last:
            first, last = last, first
        return cls(
            year=int(year) if year in map(str, years) else None,
            kind=asked.get("type") if asked.get("type") in set(kinds) else None,
            first=first,
            last=last,
        )

    def of_these(self, lines: Iterable[AnyEntry]) -> list[AnyEntry]:
        """The lines asked for."""
        return [
            line
            for line in lines
            if self.year in (None, line.on.year)
            and self.kind in (None, line.credit_type)
            and (self.first is None or line.on >= self.first)
            and (self.last is None or line.on <= self.last)
        ]

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self == Wanted()

    @property
    def address(self) -> dict[str, Any]:
        """What to ask for in an address to get the same again."""
        asked = {"year": self.year, "type": self.kind, "from": self.first, "to": self.last}
        return {name: str(value) for name, value in asked.items() if value is not None}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Years:
    """Credit by year: in each, so much in each way to attend, and of each type."""

    years: tuple[int, ...]
    ways: Mapping[str, tuple[Credits, ...]]
    kinds: Mapping[str, tuple[Credits, ...]]
    totals: tuple[Credits, ...]

    @property
    def latest(self) -> list[int]:
        """The places of the years a chart has room for."""
        return list(range(len(self.years)))[-MOST_YEARS:]

    @property
    def most(self) -> Credits:
        """The most in one of these years."""
        return max((self.totals[place] for place in self.latest), default=Credits(0))


def marks(most: Credits) -> list[int]:
    """The lines of a chart as high as this, in whole credits from 0: round numbers, six at most."""
    step = next(step for step in STEPS if most.hundredths <= step * 500)
    return list(range(0, step * 5 + 1, step))[: max(2, -(-most.hundredths // (step * 100)) + 1)]


def by_year(lines: Sequence[Entry], *, ways: Iterable[str], kinds: Iterable[str]) -> Years:
    """Add credit up by year; of several types for the same hours the largest counts, except type by type."""
    years = tuple(range(min(line.on.year for line in lines), max(line.on.year for line in lines) + 1)) if lines else ()

    def sums(chosen: list[Entry]) -> tuple[Credits, ...]:
        grouped: dict[int, list[Entry]] = {year: [] for year in years}
        for line in chosen:
            grouped[line.on.year].append(line)
        return tuple(sum_once(grouped[year]) for year in years)

    of_ways = {way: sums([line for line in lines if line.mode == way]) for way in ways}
    of_kinds = {kind: sums([line for line in lines if line.credit_type == kind]) for kind in kinds}
    return Years(
        years=years,
        ways={way: amounts for way, amounts in of_ways.items() if any(amounts)},
        kinds={kind: amounts for kind, amounts in of_kinds.items() if any(amounts)},
        totals=sums(list(lines)),
    )
