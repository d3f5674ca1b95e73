"""How registrations, payments and refunds move from one state to the next, and how long each may take."""

from collections.abc import Mapping
from datetime import timedelta

from cme.registration.rules.refusals import MovedMeanwhile

HELD, CONFIRMED, WAITLISTED, OFFERED = ACTIVE = ("held", "confirmed", "waitlisted", "offered")
EXPIRED, CANCELLED = ENDED = ("expired", "cancelled")
SEATED = (HELD, CONFIRMED, OFFERED)
CREATING, OPEN, PROCESSING = PAYABLE = ("creating", "open", "processing")
PAID, FAILED, ABANDONED = ("paid", "failed", "abandoned")
REQUESTED, PENDING, SUCCEEDED, REFUSED = ("requested", "pending", "succeeded", "refused")

Map = Mapping[str, frozenset[str]]

REGISTRATION: Map = {
    HELD: frozenset({CONFIRMED, EXPIRED, CANCELLED}),
    CONFIRMED: frozenset({CANCELLED}),
    WAITLISTED: frozenset({OFFERED, EXPIRED, CANCELLED}),
    OFFERED: frozenset({HELD, EXPIRED, CANCELLED}),
    EXPIRED: frozenset({CONFIRMED}),  # a late payment, while a seat is free
    CANCELLED: frozenset(),
}
PAYMENT: Map = {
    CREATING: frozenset({OPEN, ABANDONED}),
    OPEN: frozenset({PAID, PROCESSING, EXPIRED}),
    PROCESSING: frozenset({PAID, FAILED}),
    PAID: frozenset(),
    EXPIRED: frozenset({PAID}),  # late payments, only through a session fetched and checked
    FAILED: frozenset({PAID}),
    ABANDONED: frozenset({PAID}),
}
REFUND: Map = {
    REQUESTED: frozenset({PENDING, SUCCEEDED, FAILED, REFUSED}),
    PENDING: frozenset({SUCCEEDED, FAILED}),
    SUCCEEDED: frozenset({FAILED}),  # banks send money back, even weeks later
    FAILED: frozenset(),
    REFUSED: frozenset({PENDING, SUCCEEDED, FAILED}),  # Stripe's list knew better
}

HOLD = timedelta(minutes=15)
SESSION = timedelta(minutes=31)  # Stripe wants at least 30; clocks differ
AFTER_SESSION = timedelta(minutes=10)
LEAST_SESSION = timedelta(minutes=30)
KEY_LIFE = timedelta(hours=23)  # Stripe forgets an idempotency key after 24 hours
SETTLEMENT = timedelta(days=14)  # a bank debit may take this long to arrive


def move(along: Map, status: str, to: str) -> str:
    """Take one step along a map, or refuse."""
    if to not in along[status]:
        raise MovedMeanwhile
    return to
