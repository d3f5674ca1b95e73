"""Watching a recording: which parts were played, and that nobody plays more of it than time has passed."""

from collections.abc import Iterable
from datetime import datetime

from cme.errors import Refusal

Ranges = list[list[int]]
MOST_AT_ONCE = 300  # seconds one report can tell of: a connection may be away for five minutes
SLACK = 2  # seconds a report may take on its way
MOST_RANGES = 500


class AccessOver(Refusal):
    """The days to watch are used up."""

    message = "Your access to this activity has ended."


class NoRecording(Refusal):
    """There is nothing to watch."""

    message = "There is no recording of this session."


class TooSoon(Refusal):
    """Somebody says to have watched an hour after a minute."""

    message = "That was quicker than the recording lasts. Watch it first, then come back here."


def fits(begun: Iterable[tuple[datetime, float]], *, now: datetime) -> bool:
    """Whether one person can have watched all of these by now, each for so many seconds since it was begun.

    Time is one person's: whoever begins five recordings at once has five times as long to wait for the last.
    """
    known = list(begun)
    return all(
        sum(seconds - SLACK for other, seconds in known if other >= first) <= (now - first).total_seconds()
        for first, _ in known
    )


def merged(ranges: Iterable[Iterable[int]], *, seconds: int) -> Ranges:
    """Ranges in order and apart, within the recording; what is no range is left out."""
    found: Ranges = []
    for begins, ends in sorted((max(0, begins), min(ends, seconds)) for begins, ends in map(tuple, ranges)):
        if begins >= ends:
            continue
        if found and begins <= found[-1][1]:
            found[-1][1] = max(found[-1][1], ends)
        else:
            found.append([begins, ends])
    return found


def length_of(ranges: Iterable[Iterable[int]]) -> int:
    """How many seconds they are together."""
    return sum(ends - begins for begins, ends in map(tuple, ranges))


def added(known: Ranges, told: Iterable[Iterable[int]], *, seconds: int, most: int) -> Ranges:
    """What was played before and what is told now, of the new part at most so many seconds, from the front."""
    played = merged(known, seconds=seconds)
    for begins, ends in merged(told, seconds=seconds):
        for new_begins, new_ends in _without(played, begins, ends):
            allowed = min(new_ends - new_begins, most)
            most -= allowed
            played = merged([*played, [new_begins, new_begins + allowed]], seconds=seconds)
    return played


def _without(played: Ranges, begins: int, ends: int) -> Ranges:
    """The parts of a range that were not played yet."""
    new: Ranges = []
    for known_begins, known_ends in played:
        if known_begins > begins:
            new.append([begins, min(known_begins, ends)])
        begins = max(begins, known_ends)
        if begins >= ends:
            return [each for each in new if each[0] < each[1]]
    return [each for each in [*new, [begins, ends]] if each[0] < each[1]]


def percent_of(ranges: Ranges, seconds: int) -> int:
    """How much of a recording was played, in percent, rounded down."""
    return 100 * length_of(merged(ranges, seconds=seconds)) // seconds


def read_ranges(text: str) -> Ranges:
    """Ranges as a page tells them, like "0-15,40-55"; ValueError for anything else."""
    parts = [part for part in text[:8000].split(",") if part][:MOST_RANGES]
    found = []
    for part in parts:
        begins, _, ends = part.partition("-")
        if not (begins.isascii() and ends.isascii() and begins.isdigit() and ends.isdigit() and len(part) <= 14):
            raise ValueError(f"Not a range of seconds: {part!r}")
        found.append([int(begins), int(ends)])
    return found


def clock_of(seconds: int) -> str:
    """A length as players show it: 1:02:05 or 42:10."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def read_clock(text: str) -> int:
    """A length as somebody types it, 42:10 or 1:02:05, in seconds; ValueError for anything else."""
    parts = text.strip().split(":")
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts):
        raise ValueError(f"Not a length: {text!r}")
    numbers = [int(part) for part in parts]
    if any(number > 59 for number in numbers[1:]):
        raise ValueError(f"Not a length: {text!r}")
    seconds = 0
    for number in numbers:
        seconds = seconds * 60 + number
    if not seconds:
        raise ValueError(f"Not a length: {text!r}")
    return seconds
