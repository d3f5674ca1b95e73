"""Seats: taken by one conditional update, given back only with the state change that ends their use."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from cme import audit
from cme.catalog.models import Offering
from cme.database import db, rows
from cme.registration import emails, queries, rules
from cme.registration.models import CONFIRMED, EXPIRED, PAID, SEATED, Payment, Refund, Registration


def take(offering_id: int) -> bool:
    """Take one seat if one is free; the database counts, so two people never get the last one."""
    taken = update(Offering).where(Offering.id == offering_id, Offering.taken < Offering.capacity)
    return rows(db.session.execute(taken.values(taken=Offering.taken + 1, revision=Offering.revision + 1))) == 1


def give_back(offering_id: int) -> None:
    """Put a seat back."""
    given = update(Offering).where(Offering.id == offering_id)
    db.session.execute(given.values(taken=Offering.taken - 1, revision=Offering.revision + 1))


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


def confirm(registration: Registration, payment: Payment | None, *, now: datetime) -> None:
    """Make the seat theirs and write the letter that says so; the seat is counted already."""
    step(registration, CONFIRMED, confirmed_at=now, ended_at=None)
    until = queries.access_until(registration.offering, now)
    emails.confirmed(registration, payment, access_until=until, at=now)
    audit.record(None, "confirmed", registration, at=now, payment=payment.id if payment else None)


def end(
    registration: Registration, to: str, *, payment: Payment | None, by: Any, now: datetime, reason: str = ""
) -> None:
    """End a registration and give its seat back; whoever let the hold run out is told, unless money came and went."""
    had_seat = registration.status in SEATED
    step(registration, to, ended_at=now, hold_until=None, end_reason=reason)
    if had_seat:
        give_back(registration.offering_id)
    if to == EXPIRED and not (payment and payment.status == PAID):
        emails.expired(registration, payment, at=now)
    audit.record(by, to, registration, at=now)
