"""Who took part, and can claim now."""

from datetime import datetime

from cme.accounts.rules import DetailsMissing, missing_details
from cme.catalog.rules.eligibility import eligible_types as eligible_types
from cme.catalog.rules.eligibility import may_be_awarded as may_be_awarded
from cme.credits.rules.claiming import Case
from cme.credits.rules.refusals import (
    AssessmentNotPassed,
    ClaimWindowClosed,
    ClaimWithdrawn,
    EvaluationMissing,
    NotAttended,
    NothingToClaim,
    NotRegistered,
    NotReleased,
    NotWatched,
    SeminarNotEnded,
)


def check_details(case: Case) -> None:
    """Let nobody claim without professional name and certification type."""
    if missing_details(case.professional_name, case.certification_type):
        raise DetailsMissing


def check_participation(case: Case, *, now: datetime) -> None:
    """Let pass who was registered and took part, once the activity is over and while it can be claimed."""
    if not case.is_confirmed:
        raise NotRegistered
    if case.is_withdrawn:
        raise ClaimWithdrawn
    if case.ended_at is None:
        _check_on_demand(case)
    else:
        if now < case.ended_at:
            raise SeminarNotEnded
        if case.minutes == 0:
            raise NotAttended
        until = case.claimable_until
        if until is not None and now > until:
            raise ClaimWindowClosed


def _check_on_demand(case: Case) -> None:
    if case.released_on is None or case.today < case.released_on:
        raise NotReleased
    if case.terminates_on is None or case.today > case.terminates_on:
        raise ClaimWindowClosed
    if case.pass_mark is None:
        if not case.has_watched:
            raise NotWatched("Watch the recordings first: credit for this activity depends on it.")
    elif case.score is None or case.score < case.pass_mark:
        raise AssessmentNotPassed if case.has_watched else NotWatched


def check_claimable(case: Case, *, now: datetime) -> None:
    """Let pass who can claim now, whatever amount; or say what is in the way."""
    check_details(case)
    check_participation(case, now=now)
    if not case.limits:
        raise NothingToClaim
    if case.evaluation_required and not case.has_evaluated:
        raise EvaluationMissing
