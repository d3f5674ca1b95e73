"""Seats: taken by one conditional update, given back only with the state change that ends their use."""

from datetime import datetime
from typing import Any

from cme import audit
from cme.registration import codes, emails, queries, waitlist
from cme.registration.models import CONFIRMED, EXPIRED, HELD, OFFERED, PAID, SEATED, Payment, Registration
from cme.registration.steps import put_back, somebody_waits, step
from cme.registration.steps import take as take_any

__all__ = ["confirm", "end", "give_back", "step", "take"]


def take(offering_id: int) -> bool:
    """Take one seat if one is free and nobody waits for it: whoever came first is offered it."""
    return not somebody_waits(offering_id) and take_any(offering_id)


def give_back(offering_id: int, *, now: datetime) -> None:
    """Put a seat back, or rather offer it to the first in line: nobody comes between."""
    put_back(offering_id)
    waitlist.offer_next(offering_id, now=now)


def confirm(registration: Registration, payment: Payment | None, *, now: datetime) -> None:
    """Make the seat theirs and write the letter that says so; the seat is counted already."""
    step(registration, CONFIRMED, confirmed_at=now, ended_at=None)
    until = queries.access_until(registration.offering, now)
    emails.confirmed(registration, payment, access_until=until, at=now)
    audit.record(None, "confirmed", registration, at=now, payment=payment.id if payment else None)


def end(
    registration: Registration, to: str, *, payment: Payment | None, by: Any, now: datetime, reason: str = ""
) -> None:
    """End a registration and give its seat back; whoever let the time run out is told, unless money came and went."""
    before = registration.status
    step(registration, to, ended_at=now, hold_until=None, end_reason=reason)
    if before in SEATED:
        codes.give_back(registration)
        give_back(registration.offering_id, now=now)
    if to == EXPIRED and not (payment and payment.status == PAID):
        _say_that_it_ended(registration, before, payment, now)
    audit.record(by, to, registration, at=now)


def _say_that_it_ended(registration: Registration, before: str, payment: Payment | None, now: datetime) -> None:
    if before == HELD:
        emails.expired(registration, payment, at=now)
    elif before == OFFERED:
        emails.offer_lapsed(registration, at=now)
    else:
        emails.no_seat_came(registration, at=now)
