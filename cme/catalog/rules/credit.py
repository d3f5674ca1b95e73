"""How an agenda becomes credit: the longest way through it, an hour a credit, shown line by line for an auditor."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cme.values import MODE_LABELS, Credits, CreditType, Mode

QUARTER = 25
HOUR, QUARTER_HOUR = 60, 15
KINDS = {
    "instruction": "Instruction",
    "break": "Break",
    "meal": "Meal",
    "registration": "Registration",
    "non-cme": "Not CME",
}
COUNTED = "counted"


@dataclass(frozen=True)
class Line:
    """One session in the working: how long it is, how much of that counts, and why."""

    session: Any
    minutes: int
    counted: int
    why: str


@dataclass(frozen=True)
class Working:
    """How the credit of an agenda comes about: every session, then the sum, the division and the rounding."""

    lines: tuple[Line, ...]
    minutes: int
    credits: Credits

    @property
    def sum(self) -> str:
        """60 + 45 = 105 minutes."""
        counted = " + ".join(str(line.counted) for line in self.lines if line.counted) or "0"
        return f"{counted} minutes" if counted == str(self.minutes) else f"{counted} = {self.minutes} minutes"

    @property
    def division(self) -> str:
        """112 ÷ 60 = 1.866…: the digits behind the second repeat for ever, where there are any."""
        thousandths, rest = divmod(self.minutes * 1000, HOUR)
        quotient = f"{thousandths / 1000:.3f}…" if rest else f"{thousandths / 1000:.2f}"
        return f"{self.minutes} ÷ {HOUR} = {quotient}"

    @property
    def rounding(self) -> str:
        """Where the quotient went, and why there."""
        whole, rest = divmod(self.minutes, QUARTER_HOUR)
        if not rest:
            return f"A whole number of quarters: {self.credits}"
        below, above = Credits(whole * QUARTER), Credits((whole + 1) * QUARTER)
        return f"Between {below} and {above}, to the nearest quarter, the tie up: {self.credits}"


def credit_for(minutes: int) -> Credits:
    """Credit for so much instruction: an hour each, the total to the nearest quarter, the tie up."""
    return Credits((2 * minutes + 15) // 30 * QUARTER)


def credit_minutes(sessions: Iterable[Any]) -> int:
    """The minutes of instruction one person can attend: the longest path through the agenda, parallel tracks once."""
    _, path = _best_way([session for session in sessions if session.counts])
    return sum(session.minutes for session in path)


def designated_maximum(sessions: Iterable[Any]) -> Credits:
    """The most credit an agenda supports."""
    return credit_for(credit_minutes(sessions))


def working(sessions: Iterable[Any]) -> Working:
    """Show how the maximum of an agenda comes about; it always agrees with `designated_maximum`.

    Between equally long ways the one through the earlier, then the first named sessions is shown, so that the order in
    which an agenda is given never matters.
    """
    agenda = sorted(sessions, key=lambda one: (one.starts_at, one.ends_at, one.track, one.title, one.mode))
    way, path = _best_way([session for session in agenda if session.counts])
    lines = tuple(
        Line(session, session.minutes, session.minutes if session in path else 0, _why(session, path, way))
        for session in agenda
    )
    minutes = sum(line.counted for line in lines)
    return Working(lines, minutes, credit_for(minutes))


def _why(session: Any, path: "_Path", way: str) -> str:
    if not session.counts:
        return f"{KINDS.get(session.kind, session.kind)}: no instruction"
    if session in path:
        return COUNTED
    if session.mode not in ("both", way):
        return f"{MODE_LABELS[Mode(session.mode)]} only; {MODE_LABELS[Mode(way)].lower()} there is more to attend"
    beside = [one for one in path if one.ends_at > session.starts_at and session.ends_at > one.starts_at]
    return f"Runs beside “{beside[0].title}”, which is counted" if beside else "Lasts no minute"


class _Path(tuple[Any, ...]):
    """Sessions one person can attend one after the other; a session is in it as itself, not as one like it."""

    def __contains__(self, session: object) -> bool:
        return any(one is session for one in self)


def _best_way(counted: list[Any]) -> tuple[str, _Path]:
    """The way to attend that gives most, and the longest path through what is to be attended that way."""
    ways = sorted({session.mode for session in counted} - {"both"}) or ["both"]
    found = [(way, longest_path([s for s in counted if s.mode in ("both", way)])) for way in ways]
    return max(found, key=lambda pair: sum(session.minutes for session in pair[1]))


def longest_path(sessions: Iterable[Any], worth: Sequence[int] | None = None) -> _Path:
    """The sessions that give one person the most minutes, none beside another; `worth` by the session's place."""
    given = list(sessions)
    value = [given[place].minutes if worth is None else worth[place] for place in range(len(given))]
    order = sorted(range(len(given)), key=lambda place: given[place].ends_at)
    ends = [given[place].ends_at for place in order]
    # best[i]: the most minutes among the first i sessions to end; before[i]: how many of these end before the next.
    best, before = [0], []
    for position, place in enumerate(order):
        before.append(min(bisect_right(ends, given[place].starts_at), position))
        best.append(max(best[-1], best[before[-1]] + value[place]))
    return _Path(reversed(list(_followed(given, order, best, before))))


def _followed(given: list[Any], order: list[int], best: list[int], before: list[int]) -> Iterator[Any]:
    at = len(order)
    while at:
        if best[at] == best[at - 1]:
            at -= 1
        else:
            yield given[order[at - 1]]
            at = before[at - 1]


def attended_minutes(attended: Iterable[tuple[Any, int]]) -> int:
    """The minutes somebody took part, from the sessions and the minutes noted for each; parallel tracks count once."""
    groups: list[list[tuple[Any, int]]] = []
    for session, minutes in sorted(attended, key=lambda pair: pair[0].starts_at):
        if not minutes:
            continue
        if groups and any(other.ends_at > session.starts_at for other, _ in groups[-1]):
            groups[-1].append((session, minutes))
        else:
            groups.append([(session, minutes)])
    return sum(
        min(
            sum(minutes for _, minutes in group),
            sum(session.minutes for session in longest_path(session for session, _ in group)),
        )
        for group in groups
    )


def raised(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """The credit types, by name, of which more is designated after than before, or that were not designated at all.

    Once an activity has begun there must be none: credit is never designated retroactively.
    """
    order = {kind.value: place for place, kind in enumerate(CreditType)}
    more = [str(kind) for kind, amount in after.items() if amount > before.get(kind, 0)]
    return sorted(more, key=lambda kind: order.get(kind, len(order)))
