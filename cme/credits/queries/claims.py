"""What is known of evaluations and claims."""

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from cme.credits.models import LEARNING, VALID, Award, Certificate, Claim, Evaluation
from cme.database import db
from cme.registration.models import Registration

MOST_LISTED = 200


def evaluation_of(registration_id: int) -> Evaluation | None:
    """What a learner said of a seminar."""
    return db.session.scalar(select(Evaluation).where(Evaluation.registration_id == registration_id))


def current_claim(registration_id: int, kind: str = LEARNING) -> Claim | None:
    """The claim that counts: of what was learned, or of what was taught."""
    valid = select(Claim).where(Claim.registration_id == registration_id, Claim.status == VALID, Claim.kind == kind)
    return db.session.scalar(valid)


def last_version(registration_id: int) -> int:
    """The number of claims made with a registration, corrected ones included."""
    latest = select(func.max(Claim.version)).where(Claim.registration_id == registration_id)
    return db.session.scalar(latest) or 0


def codes_of(claim_id: int) -> list[str]:
    """The codes of the certificates a claim led to."""
    chosen = select(Certificate.code).join(Award).where(Award.claim_id == claim_id).order_by(Certificate.id)
    return list(db.session.scalars(chosen))


def certificates_of_claim(claim_id: int) -> list[Certificate]:
    """The certificates a claim led to, the one for the claim first."""
    return list(
        db.session.scalars(select(Certificate).join(Award).where(Award.claim_id == claim_id).order_by(Certificate.id))
    )


def newest_claims(*, most: int = MOST_LISTED) -> list[Claim]:
    """What was claimed last, for staff."""
    chosen = (
        select(Claim)
        .options(
            joinedload(Claim.registration).joinedload(Registration.seminar),
            joinedload(Claim.registration).joinedload(Registration.account),
            joinedload(Claim.awards).joinedload(Award.certificate).joinedload(Certificate.document),
        )
        .order_by(Claim.id.desc())
        .limit(most)
    )
    return list(db.session.scalars(chosen).unique())
