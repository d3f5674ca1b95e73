"""Claims that exceed what attendance supports, after it was corrected."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cme.credits import rules
from cme.credits.models import VALID, Certificate, Claim
from cme.credits.models.claims import LEARNING
from cme.credits.queries.cases import case_of
from cme.database import db
from cme.registration.models import Registration
from cme.values import CREDIT_NAMES, Credits, CreditType


@dataclass(frozen=True)
class Beyond:
    """One type of credit of which more was claimed than attendance supports now."""

    credit_name: str
    claimed: Credits
    supported: Credits
    certificate: str


def beyond_attendance(registration_id: int, *, now: datetime) -> list[Beyond]:
    """In what a standing claim exceeds the attendance on file now; it is for staff to amend."""
    mine = select(Claim).where(Claim.registration_id == registration_id, Claim.status == VALID, Claim.kind == LEARNING)
    claim = db.session.scalar(mine)
    if claim is None or claim.supported_minutes is None:
        return []
    case = case_of(db.session.get_one(Registration, registration_id), now=now)
    number = select(Certificate.number).where(Certificate.award_id.in_([each.id for each in claim.awards]))
    certificate = db.session.scalar(number.order_by(Certificate.id).limit(1)) or ""
    found = []
    for award in claim.awards:
        limit = rules.Limit(Credits(award.maximum), award.step)
        most = rules.supported(case.minutes, limit)
        if award.amount > most:
            found.append(Beyond(CREDIT_NAMES[CreditType(award.credit_type)], award.amount, most, certificate))
    return found
