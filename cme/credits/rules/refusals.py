"""Why credit is not granted, in words for the person who asks."""

from cme.catalog.rules.eligibility import eligible_types as eligible_types
from cme.catalog.rules.eligibility import may_be_awarded as may_be_awarded
from cme.errors import Refusal


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


class ClaimWithdrawn(ClaimWindowClosed):
    """Staff withdrew the claim, and they alone can grant it anew."""

    message = "Your claim for this seminar was withdrawn. If you think this is a mistake, write to us."


class AssessmentNotPassed(Refusal):
    """The score is below the stated minimum, or there is none."""

    message = "Pass the assessment first: credit for this activity depends on it."


class NotWatched(Refusal):
    """Too little of the recordings was played."""

    message = "Watch the recordings first: the assessment opens after that."


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


class NothingTicked(Refusal):
    """No session was ticked, or all of it taken off again."""

    message = "Tick the sessions you attended: there is nothing to claim so far."


class NotAQuarter(Refusal):
    """An amount between two steps."""

    message = "Enter credits in quarter hours, like 1.75."


class TooMuchCredit(Refusal):
    """More than was designated, or than attendance supports."""

    message = "That is more credit than you can claim for this seminar."


class IdentifierMissing(Refusal):
    """A type of credit is claimed that is reported under a number nobody gave."""

    message = "Enter the number this type of credit is reported under, or leave that type out."


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
