"""What is wrong with a timetable, row by row, as somebody types it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cme.catalog.rules.credit import KINDS
from cme.catalog.rules.topics import TOPICS, topic_name

Fault = tuple[int, str, str]  # which row, which of its fields, and what to do


def agenda_faults(sessions: Sequence[Any], starts_on: date | None, ends_on: date | None) -> list[Fault]:
    """Everything wrong with the rows of an agenda; where nothing valid was typed, a row has None and nothing is said.

    A row has title, on, starts, ends, kind, track, mode and topic_minutes.
    """
    rows = [_Row(place, session) for place, session in enumerate(sessions)]
    return sorted(
        [
            *(fault for row in rows for fault in _hours(row)),
            *(fault for row in rows for fault in _dates(row, starts_on, ends_on)),
            *(fault for row in rows for fault in _topics(row)),
            *_overlaps(rows),
        ],
        key=lambda fault: fault[0],
    )


@dataclass(frozen=True)
class _Row:
    """One row of the agenda, and its place."""

    place: int
    session: Any

    @property
    def number(self) -> str:
        """As the editor counts them, from 1."""
        return f"session {self.place + 1}"

    @property
    def name(self) -> str:
        """“Statins”, or its number."""
        title = (self.session.title or "").strip()
        return f"“{title}”" if title else self.number.capitalize()

    @property
    def place_and_name(self) -> str:
        """“Statins” (session 3), for a row somebody has to find."""
        return f"{self.name} ({self.number})" if self.name.startswith("“") else self.number

    @property
    def minutes(self) -> int | None:
        """How long it lasts by the clock on the wall."""
        if self.session.starts is None or self.session.ends is None:
            return None
        first, last = (at.hour * 60 + at.minute for at in (self.session.starts, self.session.ends))
        return last - first

    @property
    def is_timed(self) -> bool:
        """Whether it can be set beside others."""
        return self.session.on is not None and (self.minutes or 0) > 0

    def meets(self, other: "_Row") -> bool:
        """Whether the same people would be asked to be in both at once."""
        one, two = self.session, other.session
        same = (one.track or "").casefold() == (two.track or "").casefold()
        together = one.mode == two.mode or "both" in (one.mode or "both", two.mode or "both")
        return same and together and one.starts < two.ends and two.starts < one.ends


def _hours(row: _Row) -> Iterator[Fault]:
    if row.minutes is not None and row.minutes <= 0:
        yield row.place, "ends", f"{row.name} must end after it starts"


def _dates(row: _Row, starts_on: date | None, ends_on: date | None) -> Iterator[Fault]:
    on = row.session.on
    if on is None or (starts_on is not None and ends_on is not None and ends_on < starts_on):
        return
    if (starts_on is not None and on < starts_on) or (ends_on is not None and on > ends_on):
        yield row.place, "on", f"{row.name} is outside the seminar's dates"


def _topics(row: _Row) -> Iterator[Fault]:
    for code, minutes in (row.session.topic_minutes or {}).items():
        if code not in TOPICS:
            yield row.place, "topic_minutes", f"{row.name}: select a topic of the list"
        elif isinstance(minutes, int) and minutes:
            name = topic_name(code)
            if row.session.kind not in (None, "instruction"):
                kind = KINDS.get(row.session.kind, row.session.kind)
                yield row.place, "topic_minutes", f"{row.name}: {kind.lower()} has no minutes on {name}"
            elif minutes < 0 or (row.minutes is not None and minutes > row.minutes > 0):
                lasts = "" if row.minutes is None else f" lasts {row.minutes} minutes"
                yield row.place, "topic_minutes", f"{row.name}{lasts}: {minutes} on {name} cannot be"


def _overlaps(rows: list[_Row]) -> Iterator[Fault]:
    """Name for each row the first before it that it overlaps, so that one slip is one fault."""
    timed = sorted((row for row in rows if row.is_timed), key=lambda row: (row.session.on, row.session.starts))
    for position, row in enumerate(timed):
        earlier = (one for one in timed[:position] if one.session.on == row.session.on and one.meets(row))
        other = next(earlier, None)
        if other is not None:
            yield (
                row.place,
                "starts",
                f"{row.name} overlaps {other.place_and_name}: change a time, or give them different tracks",
            )
