"""What may be claimed, and how much of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cme.catalog.rules.eligibility import eligible_types as eligible_types
from cme.catalog.rules.eligibility import may_be_awarded as may_be_awarded
from cme.credits.rules.refusals import (
    AttestationMissing,
    NotAQuarter,
    NothingClaimed,
    TooMuchCredit,
    UnprintableName,
    UnprintableWords,
    WrongCreditType,
)
from cme.values import CREDIT_NAMES, Credits, CreditType

YEARS_KEPT = 6  # the accreditor asks that participation can be shown for six years from the activity


QUARTER_HOUR, QUARTER_MINUTES = 25, 15  # as credit, in hundredths, and by the clock


ATTESTATION = (
    "I attest that I took part in this activity and that I am claiming only the credit commensurate with the extent of "
    "my participation."
)


HOURS_ATTESTATION = "I attest that I took part in this activity for the hours stated above."


@dataclass(frozen=True)
class Limit:
    """The most of one type a seminar gives, and in which steps."""

    maximum: Credits
    step: int = 25

    @property
    def size(self) -> Credits:
        """The step as an amount."""
        return Credits(self.step)


def supported(minutes: int, limit: Limit) -> Credits:
    """What attendance supports: an hour a credit, the total to the nearest step, the tie up, at most the maximum."""
    steps = (200 * minutes + 60 * limit.step) // (120 * limit.step)
    return min(Credits(steps * limit.step), limit.maximum)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a claim is judged by, gathered from all rooms; for on demand, dates take the place of the end."""

    professional_name: str | None
    certification_type: str | None
    is_confirmed: bool
    minutes: int
    ended_at: datetime | None
    window: timedelta
    today: date
    released_on: date | None = None
    terminates_on: date | None = None
    pass_mark: int | None = None
    score: int | None = None
    has_watched: bool = True
    evaluation_required: bool = True
    has_evaluated: bool = False
    is_withdrawn: bool = False
    extended_until: datetime | None = None
    limits: Mapping[CreditType, Limit] = field(default_factory=dict)

    @property
    def claimable_until(self) -> datetime | None:
        """The last moment to claim what was held live, or the later one staff granted."""
        if self.ended_at is None:
            return None
        return max(self.ended_at + self.window, self.extended_until or self.ended_at)

    def most(self, kind: CreditType) -> Credits:
        """The most that can be claimed of one type: what attendance supports, all of it where passing earns it."""
        return self.amount(kind, self.minutes)

    def amount(self, kind: CreditType, minutes: int, less: int = 0) -> Credits:
        """What so many minutes come to, less some quarter hours; where passing earns all of it, the minutes are none.

        Nobody gets more than their attendance supports.
        """
        limit = self.limits[kind]
        if self.ended_at is None:
            left = max(0, limit.maximum.hundredths - QUARTER_HOUR * less)
            return Credits(left - left % limit.step if less else left)
        return supported(max(0, min(minutes, self.minutes) - QUARTER_MINUTES * less), limit)


def check_amounts(asked: Mapping[CreditType, Credits], case: Case) -> None:
    """Let a claim's amounts pass: offered types, in steps, within the maximum and within what attendance supports."""
    for kind, amount in asked.items():
        limit = case.limits.get(kind)
        if limit is None:
            raise WrongCreditType
        if amount.hundredths % limit.step:
            raise NotAQuarter(None if limit.step == 25 else f"Enter {CREDIT_NAMES[kind]} in steps of {limit.size}.")
        # Nobody is awarded nothing; participation of less than a quarter hour is still participation.
        if not amount and kind is not CreditType.PARTICIPATION:
            raise NothingClaimed
        most = case.most(kind)
        if amount > most:
            unit = "hours" if kind is CreditType.PARTICIPATION else "credits"
            if most < limit.maximum:
                raise TooMuchCredit(f"Your attendance supports up to {most} {unit}.")
            raise TooMuchCredit(f"You can claim up to {most} {unit} for this seminar.")
    if next(iter(case.limits)) not in asked:
        raise NothingClaimed


def check_chosen(asked: Mapping[CreditType, Credits], case: Case, minutes: int) -> None:
    """Let nobody claim more than the sessions they ticked come to."""
    for kind, amount in asked.items():
        most = case.amount(kind, minutes)
        if amount > most:
            unit = "hours" if kind is CreditType.PARTICIPATION else "credits"
            raise TooMuchCredit(f"The sessions you ticked support up to {most} {unit}.")


def check_attested(attested: bool) -> None:
    """Let nobody claim without attesting."""
    if not attested:
        raise AttestationMissing


def check_printable(missing: Collection[str], missing_of_name: Collection[str]) -> None:
    """Issue no certificate with a letter that would print as a box."""
    if missing_of_name:
        shown = ", ".join(sorted(missing_of_name))
        raise UnprintableName(
            f"We cannot print {shown} in your Professional Name. Give a Latin spelling on the Account Details page."
        )
    if missing:
        raise UnprintableWords


def attestation_for(kind: CreditType) -> str:
    """The sentence a learner attests to."""
    return HOURS_ATTESTATION if kind is CreditType.PARTICIPATION else ATTESTATION


def purge_on(ended_on: date) -> date:
    """The day from which a record need not be kept: six full years after the activity."""
    try:
        return ended_on.replace(year=ended_on.year + YEARS_KEPT)
    except ValueError:  # February 29
        return date(ended_on.year + YEARS_KEPT, 3, 1)
