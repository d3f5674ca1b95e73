"""What time does to the lines for full seminars: offers lapse, lines close, seats that staff added are offered."""

from datetime import datetime

from sqlalchemy import select

from cme.catalog.models import CANCELLED as OFF
from cme.catalog.models import PUBLISHED, Offering, Seminar
from cme.database import db, lock, retried, transaction
from cme.registration import queries, seats, waitlist
from cme.registration.models import EXPIRED, OFFERED, WAITLISTED, Registration

LAPSED, BEGUN = "offer lapsed", "no seat came"


def look_after(*, now: datetime) -> dict[str, int]:
    """Pass on what was not accepted in time, close the lines for what has begun, offer what is free."""
    return {
        "offers lapsed": _lapse(now),
        "lines closed": _close(now),
        "seats offered": sum(_offer_free(offering_id, now=now) for offering_id in _with_free_seats()),
    }


def _lapse(now: datetime) -> int:
    over = select(Registration.id).where(Registration.status == OFFERED, Registration.offer_until <= now)
    # Whoever was offered a seat first lets it go first, so that it reaches the next in line.
    in_order = over.order_by(Registration.offer_until, Registration.id)
    return sum(_end(number, OFFERED, LAPSED, now=now) for number in db.session.scalars(in_order).all())


def _close(now: datetime) -> int:
    waits = select(Registration).join(Registration.seminar).where(Registration.status == WAITLISTED)
    # Whoever waits for a seminar that we called off is told about that instead.
    waits = waits.where(Seminar.status != OFF).order_by(Registration.id)
    begun = [each.id for each in db.session.scalars(waits) if _has_closed(each, now)]
    return sum(_end(number, WAITLISTED, BEGUN, now=now) for number in begun)


def _has_closed(registration: Registration, now: datetime) -> bool:
    """Whether nobody gets a seat any more: it has begun, or was withdrawn while nobody had one."""
    closes = queries.closes_at(registration.offering)
    return registration.seminar.status != PUBLISHED or (closes is not None and closes <= now)


@retried
def _end(registration_id: int, status: str, reason: str, *, now: datetime) -> bool:
    offering_id = db.session.scalar(select(Registration.offering_id).where(Registration.id == registration_id))
    with transaction():
        lock(Offering, offering_id)
        registration = lock(Registration, registration_id)
        is_over = registration.offer_until is not None and registration.offer_until <= now
        if registration.status != status or not (is_over or _has_closed(registration, now)):
            return False  # accepted, declined or offered while we came
        seats.end(registration, EXPIRED, payment=None, by=None, now=now, reason=reason)
        return True


def _with_free_seats() -> list[int]:
    waits = select(Registration.offering_id).where(Registration.status == WAITLISTED)
    found = select(Offering.id).where(Offering.taken < Offering.capacity, Offering.id.in_(waits))
    return list(db.session.scalars(found.order_by(Offering.id)))


@retried
def _offer_free(offering_id: int, *, now: datetime) -> int:
    with transaction():
        lock(Offering, offering_id)
        return waitlist.offer_next(offering_id, now=now)
