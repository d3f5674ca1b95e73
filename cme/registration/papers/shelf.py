"""Which papers there are."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cme.database import db
from cme.registration.models import RECEIPT, Paper, Registration
from cme.registration.queries import REF

NAMES = {"receipt": "Receipt", "invoice": "Invoice", "credit-note": "Credit note", "invitation": "Invitation letter"}


def papers_of(registration_id: int) -> list[Paper]:
    """Every paper of a registration, in the order they were issued."""
    return list(db.session.scalars(select(Paper).where(Paper.registration_id == registration_id).order_by(Paper.id)))


def latest(registration_id: int, kind: str = RECEIPT) -> Paper | None:
    """The newest paper of a kind."""
    found = select(Paper).where(Paper.registration_id == registration_id, Paper.kind == kind)
    return db.session.scalar(found.order_by(Paper.id.desc()).limit(1))


def paper_of(registration_id: int, ref: str) -> Paper | None:
    """One paper of a registration; another's is not there."""
    return db.session.scalar(select(Paper).where(Paper.registration_id == registration_id, Paper.ref == ref))


def paper_by_ref(registration_ref: str, ref: str) -> Paper | None:
    """One paper for staff, who know the registration by its ref."""
    if not REF.fullmatch(registration_ref) or not REF.fullmatch(ref):
        return None
    found = select(Paper).join(Paper.registration).options(joinedload(Paper.registration))
    return db.session.scalar(found.where(Registration.ref == registration_ref, Paper.ref == ref))
