"""What may be reported of learners to the accreditor: counts of everybody, names of those alone who agreed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import joinedload

from cme.accounts.rules import CERTIFICATION_TYPES
from cme.credits.models import LEARNING, VALID, Award, Certificate, Claim
from cme.database import db
from cme.registration.models import Consent
from cme.values import CreditType

CONSENT = "pars"  # to have credit reported by name


def learner_counts(seminar_id: int) -> tuple[int, int]:
    """How many physicians and how many others claimed a seminar, whatever they agreed to; those in training count."""
    claimed = (
        select(Claim.certification_type)
        .join(Award, Award.claim_id == Claim.id)
        .where(Award.seminar_id == seminar_id, Claim.status == VALID, Claim.kind == LEARNING)
        .group_by(Claim.id, Claim.certification_type)
    )
    kinds = [CERTIFICATION_TYPES[each] for each in db.session.scalars(claimed)]
    physicians = sum(kind.is_physician for kind in kinds)
    return physicians, len(kinds) - physicians


def to_report(seminar_id: int) -> list[Certificate]:
    """The certificates of credit that may be reported by name: of physicians who agreed."""
    found = _of_credit().where(Award.seminar_id == seminar_id, Award.status == VALID)
    agreed = exists().where(
        Consent.account_id == Certificate.account_id, Consent.key == CONSENT, Consent.is_given.is_(True)
    )
    return list(db.session.scalars(found.where(agreed).order_by(Certificate.id)))


def to_take_back(moment: datetime) -> list[Certificate]:
    """The certificates of credit that stopped counting since then: a report is corrected by taking it back."""
    gone = _of_credit().where(Certificate.status != VALID, Certificate.status_since >= moment)
    return list(db.session.scalars(gone.order_by(Certificate.status_since, Certificate.id)))


def _of_credit() -> Select[Any]:
    credit = Award.credit_type == CreditType.AMA_PRA_1
    return select(Certificate).join(Certificate.award).where(credit).options(joinedload(Certificate.award))
