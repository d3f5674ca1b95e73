"""Where a registration stands between the held seat and the certificate."""

from dataclasses import dataclass
from datetime import datetime

from cme.accounts.rules import DetailsMissing
from cme.catalog.models import CANCELLED as OFF
from cme.credits import rules
from cme.credits.models import TEACHING, Certificate
from cme.credits.queries.cases import case_of
from cme.credits.queries.certificates import certificate_of_registration
from cme.registration.models import CONFIRMED, HELD, OFFERED, WAITLISTED, Registration
from cme.registration.queries import registrations_of
from cme.values import Credits, CreditType

PAY, OFFER, WAITING, CHOOSE, COMING = "pay", "offer", "waiting", "choose", "coming"


DETAILS, EVALUATE, CLAIM = "details", "evaluate", "claim"


CLAIMED, ABSENT, CLOSED, OVER = "claimed", "absent", "closed", "over"


WATCH, ASSESS = "watch", "assess"  # on demand


AHEAD = (PAY, OFFER, WAITING, CHOOSE, COMING, WATCH, ASSESS)


TO_DO = (PAY, OFFER, CHOOSE, ASSESS, DETAILS, EVALUATE, CLAIM)


@dataclass(frozen=True)
class Standing:
    """Where one registration stands between the held seat and the certificate, and what its person can do next."""

    registration: Registration
    case: rules.Case
    step: str
    certificate: Certificate | None

    @property
    def amount(self) -> Credits:
        """The most that can be claimed, or what it will be."""
        return self.case.most(next(iter(self.case.limits))) if self.case.limits else Credits(0)

    @property
    def unit(self) -> str:
        """What the amount counts."""
        return "credits" if CreditType.AMA_PRA_1 in self.case.limits else "hours of participation"


def standings_of(account_id: int, *, now: datetime) -> list[Standing]:
    """All registrations of a person, in the order they were made known by the registration room."""
    return [standing_of(each, now=now) for each in registrations_of(account_id)]


def standing_of(registration: Registration, *, now: datetime) -> Standing:
    """Where one registration stands."""
    case = case_of(registration, now=now)
    certificate = certificate_of_registration(registration.id)
    step = _step(registration, case, certificate, now)
    if step in (ABSENT, CLOSED) and (taught := certificate_of_registration(registration.id, TEACHING)) is not None:
        # Who taught all of it has nothing to learn there; before that, credit for teaching never ends a claim.
        return Standing(registration, case, CLAIMED, taught)
    return Standing(registration, case, step, certificate)


def _step(registration: Registration, case: rules.Case, certificate: Certificate | None, now: datetime) -> str:
    if certificate is not None:
        return CLAIMED
    waiting = {HELD: PAY, OFFERED: OFFER, WAITLISTED: WAITING}
    if registration.status != CONFIRMED:
        return waiting.get(registration.status, OVER)
    if registration.seminar.status == OFF:
        return CHOOSE
    try:
        rules.check_participation(case, now=now)
        rules.check_claimable(case, now=now)
    except (rules.SeminarNotEnded, rules.NotReleased):
        return COMING
    except rules.NotWatched:
        return WATCH
    except rules.AssessmentNotPassed:
        return ASSESS
    except rules.NotAttended:
        return ABSENT
    except DetailsMissing:
        return DETAILS
    except rules.EvaluationMissing:
        return EVALUATE
    except (rules.ClaimWindowClosed, rules.NothingToClaim):
        return CLOSED
    return CLAIM
