"""The line for a full way to attend: first come, first offered; a freed seat never waits for somebody to look."""

from datetime import datetime

from sqlalchemy import func, select

from cme import audit
from cme.catalog.models import PUBLISHED, Offering
from cme.database import db, lock
from cme.errors import Refusal
from cme.registration import emails, queries, rules
from cme.registration.models import OFFERED, WAITLISTED, Registration
from cme.registration.rules import waiting
from cme.registration.steps import somebody_waits, step, take


def offer_next(offering_id: int, *, now: datetime) -> int:
    """Offer every free seat to whoever has waited longest; answers how many. The caller holds the offering."""
    offered = 0
    while (number := _first_in_line(offering_id)) is not None:
        offering = db.session.get_one(Offering, offering_id)
        if not _is_on_sale(offering, now=now) or not take(offering_id):
            break
        _offer(lock(Registration, number), now=now)
        offered += 1
    return offered


def _first_in_line(offering_id: int) -> int | None:
    # Rows are numbered under the lock of the offering, so their numbers are the order in which people came.
    line = select(Registration.id).where(Registration.offering_id == offering_id, Registration.status == WAITLISTED)
    return db.session.scalar(line.order_by(Registration.id).limit(1))


def _is_on_sale(offering: Offering, *, now: datetime) -> bool:
    seminar = offering.seminar
    db.session.refresh(seminar)
    closes = queries.closes_at(offering)
    return seminar.status == PUBLISHED and offering.status == "open" and (closes is None or now < closes)


def _offer(registration: Registration, *, now: datetime) -> None:
    """Offer the seat just counted, at the price of this day."""
    price(registration, now=now)
    until = waiting.offer_until(now, queries.closes_at(registration.offering))
    step(registration, OFFERED, offer_until=until)
    emails.seat_offered(registration, at=now)
    audit.record(None, "offered", registration, at=now, amount=registration.amount_due_minor)


def price(registration: Registration, *, now: datetime) -> None:
    """Write down what the seat costs this person today; where that cannot be told, it stays what it was."""
    try:
        asked = queries.quote(registration.offering, registration.account.certification_type, now=now)
    except Refusal:
        return
    registration.tier = asked.tier
    registration.list_minor = registration.amount_due_minor = asked.price.minor
    registration.currency = asked.price.currency


def full(offering_id: int) -> Refusal:
    """Why no seat could be taken: none is free, or the free one belongs to those who wait."""
    return waiting.OthersWait() if somebody_waits(offering_id) else rules.SeminarFull()


def position(registration: Registration) -> int:
    """The place in the line of somebody who waits: one more than wait ahead of them."""
    ahead = select(func.count(Registration.id)).where(
        Registration.offering_id == registration.offering_id,
        Registration.status == WAITLISTED,
        Registration.id < registration.id,
    )
    return int(db.session.scalar(ahead) or 0) + 1


def in_line(registration: Registration) -> str:
    """3rd in line."""
    return f"{waiting.ordinal(position(registration))} in line"


def line_of(seminar_id: int) -> list[Registration]:
    """Everybody who waits for a seat at a seminar or was offered one, in the order they came."""
    found = select(Registration).where(
        Registration.seminar_id == seminar_id, Registration.status.in_((WAITLISTED, OFFERED))
    )
    return list(db.session.scalars(found.order_by(Registration.offering_id, Registration.id)))
