"""A month on the wall: its weeks, and which seminars stand where in them."""

import calendar
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, Protocol, TypeVar

WEEK = calendar.Calendar(firstweekday=calendar.SUNDAY)
MOST_LANES = 4
FIRST_YEAR, LAST_YEAR = 1900, 9000


class Dated(Protocol):
    """Something that takes place on one day or several."""

    @property
    def starts_on(self) -> date | None:
        """Its first day."""

    @property
    def ends_on(self) -> date | None:
        """Its last day."""


Item = TypeVar("Item", bound=Dated)


@dataclass(frozen=True)
class Entry(Generic[Item]):
    """A seminar in one week: the lane it runs in, how many days of that week it takes, and whether it began earlier."""

    item: Item
    lane: int
    days: int
    is_continued: bool = False


@dataclass(frozen=True)
class Day(Generic[Item]):
    """One day, the seminars that begin (or go on after a Saturday) there, and how many more begin than fit."""

    on: date
    is_inside: bool
    entries: tuple[Entry[Item], ...] = ()
    more: int = 0

    @property
    def begins(self) -> bool:
        """Whether something begins there; a list of days leaves the others out."""
        return self.more > 0 or not all(entry.is_continued for entry in self.entries)


@dataclass(frozen=True)
class Week(Generic[Item]):
    """Seven days from a Sunday, and how many lanes they need."""

    days: tuple[Day[Item], ...]

    @property
    def lanes(self) -> int:
        """How many rows of seminars stand below the dates."""
        return max((entry.lane for day in self.days for entry in day.entries), default=0)

    @property
    def has_more(self) -> bool:
        """Whether some day has more than fits."""
        return any(day.more for day in self.days)


def month_at(value: str) -> date | None:
    """The first day of a month written 2027-03, if there is such a month."""
    parts = re.fullmatch(r"(\d{4})-(\d{2})", value, re.ASCII)
    if not parts or not 1 <= int(parts[2]) <= 12 or not FIRST_YEAR <= int(parts[1]) <= LAST_YEAR:
        return None
    return date(int(parts[1]), int(parts[2]), 1)


def neighbours(month: str, months: Sequence[str]) -> tuple[str | None, str | None]:
    """The nearest months before and after this one among those that have something."""
    earlier = [one for one in months if one < month]
    later = [one for one in months if one > month]
    return max(earlier, default=None), min(later, default=None)


def weeks_of(
    first: date, items: Iterable[Item], *, begins: Mapping[date, int] | None = None, lanes: int = MOST_LANES
) -> list[Week[Item]]:
    """The weeks of a month with its seminars in lanes; `begins` counts those of a day when not all were handed in."""
    dated = sorted(
        ((item.starts_on, item.ends_on or item.starts_on, item) for item in items if item.starts_on),
        key=lambda one: (one[0], one[0] - one[1]),
    )
    return [_week(days, first.month, dated, begins, lanes) for days in WEEK.monthdatescalendar(first.year, first.month)]


def _week(
    days: Sequence[date],
    month: int,
    dated: Sequence[tuple[date, date, Item]],
    begins: Mapping[date, int] | None,
    most: int,
) -> Week[Item]:
    free = [days[0]] * most  # the first day each lane is free again
    entries: dict[date, list[Entry[Item]]] = {day: [] for day in days}
    hidden = dict.fromkeys(days, 0)
    for starts, ends, item in dated:
        if ends < days[0] or starts > days[-1]:
            continue
        at, until = max(starts, days[0]), min(ends, days[-1])
        lane = next((number for number, day in enumerate(free) if day <= at), None)
        if lane is None:
            hidden[at] += starts == at
            continue
        free[lane] = until + timedelta(days=1)
        entries[at].append(Entry(item, lane + 1, (until - at).days + 1, starts < at))
    for day in days:
        shown = sum(not entry.is_continued for entry in entries[day])
        hidden[day] = max(hidden[day], begins.get(day, 0) - shown) if begins else hidden[day]
        entries[day].sort(key=lambda entry: entry.lane)
    return Week(tuple(Day(day, day.month == month, tuple(entries[day]), hidden[day]) for day in days))
