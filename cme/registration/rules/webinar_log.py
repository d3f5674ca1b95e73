"""Reading a webinar's log: whichever of the usual shapes it has, who was there from when until when."""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from io import StringIO
from zoneinfo import ZoneInfo

from cme.errors import Refusal

MOST_ROWS, MOST_PROBLEMS, LONGEST_CELL = 20_000, 50, 320
# What the services call their columns, by what is in them.
COLUMNS = {
    "email": (
        "email",
        "user email",
        "attendee email",
        "email address",
        "e-mail",
        "e-mail address",
        "participant email",
    ),
    "name": (
        *("name", "full name", "name (original name)", "user name (original name)", "user name", "participant"),
        *("attendee", "attendee name", "display name", "participant name"),
    ),
    "first": ("first name", "firstname"),
    "last": ("last name", "lastname", "surname"),
    "joined": ("join time", "joined", "joined at", "join", "time joined", "join date", "join datetime"),
    "left": ("leave time", "left", "left at", "leave", "time left", "leave date", "leave datetime"),
    "first_joined": ("first join", "first join time"),
    "last_left": ("last leave", "last leave time"),
    "action": ("user action", "action"),
    "at": ("timestamp", "time", "date time"),
}
KNOWN = {label: what for what, labels in COLUMNS.items() for label in labels}
HOURS = {"UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6} | {
    **{"PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10},
}
CLOCK = r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*(?:([AaPp])\.?[Mm]\.?)?"
ZONE = r"\s*\(?([A-Z]{1,4})?\)?"
NUMBERS = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}),?\s+{CLOCK}{ZONE}")
DAY = r"(?:([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2})|(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?)"
WORDS = re.compile(rf"{DAY},?\s+(\d{{4}}),?\s+{CLOCK}{ZONE}")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PAIRS = (("joined", "first_joined"), ("left", "last_left"))
TIMES = ("joined", "left", "first_joined", "last_left", "at")
SWALLOWED = "swallowed"  # instead of cells: lines that a quotation mark took in
NOTHING = {"", "-", "--", "n/a"}


class LogUnreadable(Refusal):
    """The file is no log we know."""

    message = (
        "We cannot read this file. Save the webinar's attendee report as CSV: it needs a column with the email address "
        "or the name, one with the time of joining, and one with the time of leaving."
    )


class LogTooLong(LogUnreadable):
    """More lines than any webinar of ours can have."""

    message = f"The file has more than {MOST_ROWS:,} lines. Split it, and read in one part after the other."


@dataclass(frozen=True, order=True)
class Presence:
    """Somebody was there from then until then."""

    email: str
    name: str
    joined: datetime
    left: datetime


@dataclass
class Log:
    """What a file says, and what of it could not be read."""

    presences: list[Presence] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


Cells = list[str]
Line = tuple[int, dict[str, str]]


def read(content: bytes, zone: str) -> Log:
    """Read a log; times that do not say where they are belong to the zone."""
    text = _decoded(content)
    found = [_lines(_rows(text, delimiter)) for delimiter in (",", "\t", ";")]
    lines = max(found, key=len)
    if not lines:
        raise LogUnreadable
    if any("joined" in cells or "at" in cells for _, cells in lines):
        # A summary of first coming and last going would hide that somebody was away between.
        lines = [line for line in lines if "first_joined" not in line[1]]
    times = (
        cells.get(what, "") for _, cells in lines for what in ("joined", "left", "first_joined", "last_left", "at")
    )
    reader = _Reader(ZoneInfo(zone), _is_day_first(times))
    return reader.read(lines)


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    raise LogUnreadable


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, Cells, bool]]:
    """The rows with the line each begins on, and whether a quotation mark made one row of several lines."""
    reader, first = csv.reader(StringIO(text, newline=""), delimiter=delimiter), 1
    try:
        for cells in reader:
            if reader.line_num > MOST_ROWS:
                raise LogTooLong
            yield first, [_cell(cell) for cell in cells], reader.line_num > first
            first = reader.line_num + 1
    except csv.Error:
        yield first, [], True


def _cell(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:LONGEST_CELL]


def _lines(rows: Iterable[tuple[int, Cells, bool]]) -> list[Line]:
    """The lines below each heading, by what is in their cells; an empty line ends what a heading is for."""
    heading: list[str] = []
    found: list[Line] = []
    for number, cells, is_several in rows:
        if is_several and len(cells) < len(heading):
            found.append((number, {SWALLOWED: "yes"}))
        elif not any(cells):
            heading = []
        elif named := _heading(cells):
            heading = named
        elif heading and sum(map(bool, cells)) > 1:
            # Where two columns are called alike, the first one counts.
            known = [(what, cell) for what, cell in zip(heading, cells, strict=False) if what]
            found.append((number, dict(reversed(known))))
    return found


def _heading(cells: Cells) -> list[str]:
    named = [KNOWN.get(cell.casefold().rstrip(":"), "") for cell in cells]
    who = {"email", "name", "first", "last"} & set(named)
    when = any(pair <= set(named) for pair in ({"joined", "left"}, {"first_joined", "last_left"}, {"action", "at"}))
    return named if who and when else []


def _is_day_first(times: Iterable[str]) -> bool:
    """Whether 3/4 is the third of April, as far as any of the times tells."""
    dates = [found for found in map(NUMBERS.fullmatch, times) if found]
    return any(found[2] == "." or int(found[1]) > 12 for found in dates)


class _Reader:
    def __init__(self, zone: tzinfo, is_day_first: bool) -> None:
        self.zone, self.is_day_first, self.log = zone, is_day_first, Log()
        self.open: dict[tuple[str, str], datetime] = {}

    def read(self, lines: list[Line]) -> Log:
        for number, cells in lines:
            name = cells.get("name") or f"{cells.get('first', '')} {cells.get('last', '')}".strip()
            email = cells.get("email", "")
            who = (email if "@" in email else "", name)
            if SWALLOWED in cells:
                self._problem(number, "opens a quotation mark that is not closed there: what follows was not read")
            elif not any(who):
                self._problem(number, "says neither an email address nor a name")
            elif "at" in cells:
                self._act(number, who, cells)
            else:
                came, went = (cells.get(one) or cells.get(other, "") for one, other in PAIRS)
                # Somebody who registered for the webinar and never came stands in some reports too.
                if {came.casefold(), went.casefold()} - NOTHING:
                    self._stayed(number, who, came, went)
        for email, name in self.open:
            self._problem(None, f"{name or email} joined and is never said to have left")
        return self.log

    def _act(self, number: int, who: tuple[str, str], cells: dict[str, str]) -> None:
        at, action = self._moment(cells["at"]), cells.get("action", "").casefold()
        if at is None:
            self._problem(number, f"has a time we cannot read: {cells['at'][:40]}")
        elif action.startswith("join"):
            self.open.setdefault(who, at)
        elif action.startswith("left") or action.startswith("leav"):
            joined = self.open.pop(who, None)
            if joined is None:
                self._problem(number, f"{who[1] or who[0]} left without having joined")
            else:
                self._keep(number, who, joined, at)

    def _stayed(self, number: int, who: tuple[str, str], came: str, went: str) -> None:
        joined, left = self._moment(came), self._moment(went)
        if joined is None or left is None:
            unread = came if joined is None else went
            self._problem(number, f"has a time we cannot read: {unread[:40]}" if unread else "lacks a time")
        else:
            self._keep(number, who, joined, left)

    def _keep(self, number: int, who: tuple[str, str], joined: datetime, left: datetime) -> None:
        if left < joined:
            self._problem(number, f"{who[1] or who[0]} left before joining")
        elif left - joined > timedelta(days=1):
            self._problem(number, f"{who[1] or who[0]} stayed for more than a day")
        else:
            self.log.presences.append(Presence(*who, joined, left))

    def _problem(self, number: int | None, what: str) -> None:
        if len(self.log.problems) < MOST_PROBLEMS:
            self.log.problems.append(what if number is None else f"Line {number}: {what}")

    def _moment(self, text: str) -> datetime | None:
        with suppress(ValueError, OverflowError):
            if text[:4].isdigit():
                at = datetime.fromisoformat(text[:10].replace("/", "-") + text[10:])
            elif found := NUMBERS.fullmatch(text):
                first, second = int(found[1]), int(found[3])
                day, month = (first, second) if self.is_day_first else (second, first)
                year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
                at = self._at(year, month, day, found.groups()[4:])
            elif found := WORDS.fullmatch(text):
                month = 1 + MONTHS.index((found[1] or found[4]).casefold())
                at = self._at(int(found[5]), month, int(found[2] or found[3]), found.groups()[5:])
            else:
                return None
            return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)
        return None

    def _at(self, year: int, month: int, day: int, clock: tuple[str | None, ...]) -> datetime:
        hour, minute, second, half, zone = clock
        hours = int(hour or 0)
        if half:
            if not 1 <= hours <= 12:
                raise ValueError(hours)
            hours = hours % 12 + (12 if half in "pP" else 0)
        if zone and zone not in HOURS:
            raise ValueError(zone)
        known = timezone(timedelta(hours=HOURS[zone])) if zone else None
        return datetime(year, month, day, hours, int(minute or 0), int(second or 0), tzinfo=known)
