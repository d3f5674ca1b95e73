"""Moves: a new place becomes somebody's, and in the same moment the one it replaces is given up."""

from datetime import datetime

from cme import audit
from cme.database import lock
from cme.registration import funds, rules, seats
from cme.registration.checkout.refunds import request_shares
from cme.registration.models import CANCELLED, CONFIRMED, Payment, Registration
from cme.values import Money

MOVED = "moved"


def stands(registration: Registration) -> bool:
    """Whether the place that a new one replaces is still theirs, and its money there to be carried on."""
    old = registration.moved_from
    if old is None:
        return True
    is_theirs = old.status == CONFIRMED or (old.status == CANCELLED and old.credit_until is not None)
    return is_theirs and funds.value(old).minor >= registration.carried_minor


def confirm(registration: Registration, payment: Payment | None, *, now: datetime) -> list[int]:
    """Make a seat theirs and give up the place it replaces; answers the refunds of what was paid too much."""
    refunds = _leave(registration, now) if registration.moved_from_id else []
    seats.confirm(registration, payment, now=now)
    return refunds


def _leave(registration: Registration, now: datetime) -> list[int]:
    if not stands(registration):
        raise rules.MovedMeanwhile
    old = lock(Registration, registration.moved_from_id)
    left = Money(funds.value(old).minor - registration.carried_minor, registration.currency)
    refunds = request_shares(old, left, reason=MOVED, by=None, now=now) if left.minor else []
    if old.status == CONFIRMED:
        seats.step(old, CANCELLED, ended_at=now, end_reason=MOVED)
        seats.give_back(old.offering_id)
    else:
        old.credit_until, old.end_reason = None, MOVED
    audit.record(None, "moved", old, at=now, to=registration.id, carried=registration.carried_minor)
    return refunds
