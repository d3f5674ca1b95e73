"""What learners take home."""

from sqlalchemy import func, select

from cme.catalog.models import Handout
from cme.database import db


def handouts_of(seminar_id: int) -> list[Handout]:
    """A seminar's handouts in their order, without their bytes."""
    found = select(Handout).where(Handout.seminar_id == seminar_id).order_by(Handout.position, Handout.id)
    return list(db.session.scalars(found))


def handout_by_ref(ref: str) -> Handout | None:
    """One handout; its bytes are read when asked for."""
    return db.session.scalar(select(Handout).where(Handout.ref == ref))


def handed_out_bytes(seminar_id: int) -> int:
    """How much all handouts of a seminar weigh together."""
    return db.session.scalar(select(func.sum(Handout.size)).where(Handout.seminar_id == seminar_id)) or 0
