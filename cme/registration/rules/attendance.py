"""Who is present: the code on the screen, when a session can be checked in to, and for how many minutes that counts."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta

from cme.errors import Refusal
from cme.values import CROCKFORD

STAFF, SCAN, CODE, WEBCAST, IMPORT, SHEET = "staff", "scan", "code", "webcast", "import", "sheet"
SOURCES = {
    STAFF: "Desk",
    SCAN: "Badge",
    CODE: "Code",
    WEBCAST: "Webcast",
    IMPORT: "Webinar log",
    SHEET: "Sign-in sheet",
}
SIGNS = 6
SLOT, SLOTS = 20, 3  # seconds; a code is shown for one slot and taken for three, so for a minute at most
OPENS = timedelta(minutes=30)  # before a session begins
LATE = timedelta(minutes=15)  # who comes no later than this has not missed anything that counts
Span = tuple[datetime, datetime]


class CodeNotValid(Refusal):
    """The code is not the one on any screen now."""

    message = "This code is not valid, or no longer. A code lasts one minute: enter the one on the screen now."


class NothingToCheckIn(Refusal):
    """No session of theirs runs now."""

    message = (
        "No session that you are registered for is open for check-in now. Check-in opens 30 minutes before a session "
        "begins and closes when it ends. If you registered with another email address, sign in with that one."
    )


class AlreadyCheckedIn(Refusal):
    """Once per person and session."""

    message = "Already checked in to this session."


class CheckInClosed(Refusal):
    """Nobody can have come yet."""

    message = "Check-in opens 30 minutes before the session begins."


class NotInThisSession(Refusal):
    """The session is no instruction, or not for the way this person attends."""

    message = "This session is not part of what the person is registered for."


class ReasonMissing(Refusal):
    """What is on file is not changed without saying why."""

    message = (
        "This attendance was not marked at the desk, or credit was claimed with it. Correct it on the page of the "
        "person, and say why."
    )


class AttendanceChanged(Refusal):
    """Somebody else wrote attendance down since the page was opened."""

    message = "The attendance on file has changed since you opened the page. Nothing was written: look at it again."


def code_for(secret: str, session_id: int, slot: int) -> str:
    """The code of a session in one slot of time; it follows from the secret, so nobody needs to keep it."""
    drawn = hmac.digest(secret.encode(), f"check-in:{session_id}:{slot}".encode(), hashlib.sha256)
    number = int.from_bytes(drawn[:8])
    return "".join(CROCKFORD[number >> 5 * place & 31] for place in range(SIGNS))


def slot_of(now: datetime) -> int:
    """The slot of time a moment is in."""
    return int(now.timestamp()) // SLOT


def code_now(secret: str, session_id: int, now: datetime) -> str:
    """The code to show now."""
    return code_for(secret, session_id, slot_of(now))


def seconds_left(now: datetime) -> int:
    """How long the code that is shown stays on the screen."""
    return SLOT - int(now.timestamp()) % SLOT


def cleaned(typed: str) -> str:
    """A code as it was meant: no spaces, no case, and the letters nobody can tell from digits."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    return signs.translate(str.maketrans("OIL", "011"))


def is_code(typed: str, secret: str, session_id: int, now: datetime) -> bool:
    """Whether this is the code of a session, shown less than a minute ago."""
    given, at = cleaned(typed).encode(), slot_of(now)
    shown = [code_for(secret, session_id, slot).encode() for slot in range(at, at - SLOTS, -1)]
    return any([hmac.compare_digest(given, each) for each in shown])


def is_open(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether people can check themselves in."""
    return starts_at - OPENS <= now <= ends_at


def check_begun(starts_at: datetime, now: datetime) -> None:
    """Let nobody be present before anybody can be there."""
    if now < starts_at - OPENS:
        raise CheckInClosed


def minutes_from(starts_at: datetime, ends_at: datetime, at: datetime) -> int:
    """What counts for somebody who came at this moment: all of the session, or the rest of it where they came late."""
    whole = minutes_in(ends_at - starts_at)
    if at <= starts_at + LATE or at >= ends_at:
        return whole
    return min(whole, max(1, minutes_in(ends_at - at)))


def minutes_in(span: timedelta) -> int:
    """Whole minutes, to the nearest one."""
    return int(span.total_seconds() + 30) // 60


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans that overlap or touch as one: nobody is there twice at once, on whatever devices."""
    whole: list[Span] = []
    for joined, left in sorted(spans):
        if whole and joined <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], left))
        elif joined < left:
            whole.append((joined, left))
    return whole


def minutes_within(spans: Iterable[Span], starts_at: datetime, ends_at: datetime) -> int:
    """How many minutes of a session these spans cover, never more than it has."""
    inside = (min(left, ends_at) - max(joined, starts_at) for joined, left in merged(spans))
    covered = sum((each for each in inside if each > timedelta()), timedelta())
    return min(minutes_in(covered), minutes_in(ends_at - starts_at))
