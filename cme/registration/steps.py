"""The smallest steps: a seat counted or not, a record moved along its map; each one conditional update."""

from typing import Any

from sqlalchemy import select, update

from cme.catalog.models import Offering
from cme.database import db, rows
from cme.registration import rules
from cme.registration.models import WAITLISTED, Payment, Refund, Registration


def take(offering_id: int) -> bool:
    """Count one seat as taken if one is free; the database counts, so two people never get the last one."""
    taken = update(Offering).where(Offering.id == offering_id, Offering.taken < Offering.capacity)
    return rows(db.session.execute(taken.values(taken=Offering.taken + 1, revision=Offering.revision + 1))) == 1


def put_back(offering_id: int) -> None:
    """Count one seat less as taken."""
    given = update(Offering).where(Offering.id == offering_id)
    db.session.execute(given.values(taken=Offering.taken - 1, revision=Offering.revision + 1))


def somebody_waits(offering_id: int) -> bool:
    """Whether anybody waits for a seat."""
    waits = select(Registration.id).where(Registration.offering_id == offering_id, Registration.status == WAITLISTED)
    return db.session.scalar(waits.limit(1)) is not None


def step(record: Registration | Payment | Refund, to: str, **values: Any) -> None:
    """Move a record one step along its map, if it still stands where we saw it."""
    model = type(record)
    maps = {Registration: rules.REGISTRATION, Payment: rules.PAYMENT, Refund: rules.REFUND}
    rules.move(maps[model], record.status, to)
    db.session.flush()
    seen = update(model).where(model.id == record.id, model.status == record.status)
    if rows(db.session.execute(seen.values(status=to, **values).execution_options(synchronize_session=False))) != 1:
        raise rules.MovedMeanwhile
    db.session.refresh(record)
