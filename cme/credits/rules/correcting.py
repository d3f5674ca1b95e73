"""What staff may correct afterwards: amounts, names and types, whole claims, time to claim, credit for teaching."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cme.credits.rules.claiming import Case, Limit, check_amounts, supported
from cme.credits.rules.participation import check_details, check_participation
from cme.credits.rules.refusals import (
    AlreadyClaimed,
    ClaimWindowClosed,
    NothingToClaim,
    NotRegistered,
    SeminarNotEnded,
    TooMuchCredit,
)
from cme.errors import Refusal
from cme.values import Credits, CreditType

# Why a certificate counts no more, in words that whoever verifies it may read: they name nobody.
CREDIT, NAME, TYPE, ATTENDANCE, ERROR = "credit", "name", "type", "attendance", "error"
REASONS = {
    CREDIT: "The credit was corrected.",
    NAME: "The name was corrected.",
    TYPE: "The certification type was corrected.",
    ATTENDANCE: "The attendance was corrected.",
    ERROR: "It was issued in error.",
}
TEACHING_STATEMENT = (
    "The provider recorded that this person originally presented the sessions named: two credits for each hour."
)
PER_HOUR = 2  # credits for an hour of original presentation
LONGEST_EXTENSION = timedelta(days=366)
MOST_REQUESTS = 3


class ClaimChanged(Refusal):
    """Somebody corrected the claim first."""

    message = "This claim has changed since you opened the page. Nothing was done: look again."


class NothingToCorrect(Refusal):
    """There is no claim, or it says already what it shall say."""

    message = "That is what the claim says already. Nothing was done."


class NothingToVoid(Refusal):
    """No claim counts."""

    message = "No claim counts here that could be withdrawn."


class StillTeaching(Refusal):
    """Credit for teaching is for physicians alone."""

    message = "Credit for teaching stands here, too, which this certification type cannot hold. Withdraw it first."


class NotTeaching(Refusal):
    """Nobody taught what is asked for."""

    message = "This person does not teach the sessions chosen. Say first who they are among the faculty."


class NotAPhysician(Refusal):
    """Credit for teaching is AMA PRA credit."""

    message = "Credit for teaching is AMA PRA Category 1 Credit™, which is for physicians."


class NotOriginal(Refusal):
    """Repeats earn nothing."""

    message = "Credit for this presentation was given before: a repeat earns none."


class ExtensionNotNeeded(Refusal):
    """The window is open, or nothing can be claimed in it."""

    message = "There is nothing to extend here."


class ExtensionAsked(Refusal):
    """One request at a time."""

    message = "You have asked for more time already. We will write to you."


class ExtensionDecided(Refusal):
    """Somebody decided first."""

    message = "This request was decided meanwhile. Nothing was done: look again."


def carried(held: Mapping[CreditType, Credits], case: Case) -> dict[CreditType, Credits]:
    """What a claim comes to under other details: what can still be held stays, the first amount becomes the new first.

    A physician's credit becomes a nurse's hours of participation, and the other way round: both say how long.
    """
    if not case.limits:
        raise NothingToClaim
    main, first = next(iter(case.limits)), next(iter(held.values()))
    limit = case.limits[main]
    kept = {kind: held[kind] for kind in case.limits if kind in held}
    return {main: Credits(first.hundredths - first.hundredths % limit.step), **kept}


def check_correction(asked: Mapping[CreditType, Credits], case: Case) -> None:
    """Let a correction pass: whatever the day, never above the maximum nor above what attendance supports."""
    check_details(case)
    if not case.is_confirmed:
        raise NotRegistered
    if not case.limits:
        raise NothingToClaim
    check_amounts(asked, case)


@dataclass(frozen=True)
class Taught:
    """A session somebody teaches: how long it lasts, and whether this presentation earned them credit before."""

    session_id: int
    title: str
    minutes: int
    is_repeat: bool = False


def teaching_credit(minutes: int) -> Credits:
    """What original presentation earns: two credits an hour, the total to the nearest quarter."""
    return supported(PER_HOUR * minutes, Limit(Credits(100_000)))


def check_teaching(asked: Mapping[int, int], taught: Iterable[Taught], case: Case, *, now: datetime) -> Credits:
    """Let credit for teaching pass, and say how much it is: own sessions, first presentations, as long as they were."""
    check_details(case)
    if not case.is_confirmed:
        raise NotRegistered
    if case.ended_at is None or now < case.ended_at:
        raise SeminarNotEnded
    own = {each.session_id: each for each in taught}
    for session_id, minutes in asked.items():
        session = own.get(session_id)
        if session is None or minutes <= 0:
            raise NotTeaching
        if session.is_repeat:
            raise NotOriginal
        if minutes > session.minutes:
            raise TooMuchCredit(f"{session.title} lasted {session.minutes} minutes.")
    earned = teaching_credit(sum(asked.values()))
    if not earned:
        raise NotTeaching
    return earned


def check_request(case: Case, *, has_claimed: bool, asked_before: int, now: datetime) -> None:
    """Let somebody ask for more time: they attended live, the window is closed, and they have not asked too often."""
    if has_claimed:
        raise AlreadyClaimed
    if case.ended_at is None:
        raise ExtensionNotNeeded(
            "What is on demand cannot be claimed after its last day: the rules leave no exception."
        )
    try:
        check_participation(case, now=now)
    except ClaimWindowClosed:
        pass
    else:
        raise ExtensionNotNeeded("The time to claim has not ended. You can claim now.")
    if asked_before >= MOST_REQUESTS:
        raise ExtensionNotNeeded("You have asked several times. Call us, please.")


def check_until(until: date, *, today: date) -> None:
    """Let more time be granted: from today, for a year at most."""
    if until < today:
        raise ExtensionNotNeeded("Enter a day from today on.")
    if until > today + LONGEST_EXTENSION:
        raise ExtensionNotNeeded("Enter a day within the next twelve months.")
