"""What may be claimed, by whom and when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from cme.accounts.rules import DetailsMissing, missing_details
from cme.catalog.rules.eligibility import eligible_types as eligible_types
from cme.catalog.rules.eligibility import may_be_awarded as may_be_awarded
from cme.errors import Refusal
from cme.values import CREDIT_NAMES, Credits, CreditType

YEARS_KEPT = 6  # the accreditor asks that participation can be shown for six years from the activity
ATTESTATION = (
    "I attest that I took part in this activity and that I am claiming only the credit commensurate with the extent of "
    "my participation."
)
HOURS_ATTESTATION = "I attest that I took part in this activity for the hours stated above."


class NotRegistered(Refusal):
    """No confirmed registration stands behind the claim."""

    message = "Credit can be claimed with a confirmed registration. This one is not confirmed."


class NotAttended(Refusal):
    """Nobody wrote down that this person came."""

    message = "We have no attendance on file for you at this seminar. If you were there, tell us: we will look into it."


class SeminarNotEnded(Refusal):
    """The last session is still to come."""

    message = "Credit can be claimed once the last session of the seminar has ended."


class NotReleased(Refusal):
    """An activity on demand that has not opened yet."""

    message = "This activity has not been released yet."


class ClaimWindowClosed(Refusal):
    """The time to claim is over."""

    message = "The time to claim credit for this seminar has ended."


class AssessmentNotPassed(Refusal):
    """The score is below the stated minimum, or there is none."""

    message = "Pass the assessment first: credit for this activity depends on it."


class EvaluationMissing(Refusal):
    """The evaluation is part of the activity and has not been given."""

    message = "Complete the evaluation first: it is part of this activity."


class NothingToClaim(Refusal):
    """The activity is not designated for credit."""

    message = "This seminar is not designated for credit."


class WrongCreditType(Refusal):
    """A type of credit the seminar does not offer, or not to this certification type."""

    message = "This seminar does not offer that type of credit to your certification type."


class NothingClaimed(Refusal):
    """Zero is no claim."""

    message = "Enter the credit you are claiming: more than 0.00."


class NotAQuarter(Refusal):
    """An amount between two steps."""

    message = "Enter credits in quarter hours, like 1.75."


class TooMuchCredit(Refusal):
    """More than was designated, or than attendance supports."""

    message = "That is more credit than you can claim for this seminar."


class AttestationMissing(Refusal):
    """The box was not ticked."""

    message = "Tick the box to attest your participation."


class DetailsChanged(Refusal):
    """The page showed another name, or another attestation, than would be printed and kept."""

    message = "Your Account Details have changed meanwhile. Check what the certificate will say, then attest again."


class AlreadyClaimed(Refusal):
    """The certificate exists."""

    message = "You have claimed this seminar already. Your certificate is in your transcript."


class AlreadyEvaluated(Refusal):
    """One evaluation per registration."""

    message = "You have evaluated this seminar already."


class UnprintableName(Refusal):
    """The professional name has letters that no font of the press can draw."""

    message = "Your Professional Name has letters we cannot print. Give a Latin spelling on the Account Details page."


class UnprintableWords(Refusal):
    """Something else on the certificate cannot be printed."""

    message = "The certificate of this seminar cannot be printed just now. Tell us, and we will mend it."


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
    evaluation_required: bool = True
    has_evaluated: bool = False
    limits: Mapping[CreditType, Limit] = field(default_factory=dict)

    @property
    def claimable_until(self) -> datetime | None:
        """The last moment to claim what was held live."""
        return None if self.ended_at is None else self.ended_at + self.window

    def most(self, kind: CreditType) -> Credits:
        """The most that can be claimed of one type: what attendance supports, all of it where passing earns it."""
        limit = self.limits[kind]
        return limit.maximum if self.ended_at is None else supported(self.minutes, limit)


def check_details(case: Case) -> None:
    """Let nobody claim without professional name and certification type."""
    if missing_details(case.professional_name, case.certification_type):
        raise DetailsMissing


def check_participation(case: Case, *, now: datetime) -> None:
    """Let pass who was registered and took part, once the activity is over and while it can be claimed."""
    if not case.is_confirmed:
        raise NotRegistered
    if case.ended_at is None:
        _check_on_demand(case)
    else:
        if now < case.ended_at:
            raise SeminarNotEnded
        if case.minutes == 0:
            raise NotAttended
        if now > case.ended_at + case.window:
            raise ClaimWindowClosed


def _check_on_demand(case: Case) -> None:
    if case.released_on is None or case.today < case.released_on:
        raise NotReleased
    if case.terminates_on is None or case.today > case.terminates_on:
        raise ClaimWindowClosed
    if case.pass_mark is not None and (case.score is None or case.score < case.pass_mark):
        raise AssessmentNotPassed


def check_claimable(case: Case, *, now: datetime) -> None:
    """Let pass who can claim now, whatever amount; or say what is in the way."""
    check_details(case)
    check_participation(case, now=now)
    if not case.limits:
        raise NothingToClaim
    if case.evaluation_required and not case.has_evaluated:
        raise EvaluationMissing


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
