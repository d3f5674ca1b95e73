"""The letters of this room."""

from cme.registration.emails.ahead import changed, join_link, week_before
from cme.registration.emails.changing import (
    called_off,
    cancelled,
    credit_ending,
    moved,
    put_on_hold,
    substitute_asked,
    substituted,
)
from cme.registration.emails.letter import write
from cme.registration.emails.money import invoice, payment_returned, refund_sent
from cme.registration.emails.seat import confirmed, expired, hold_ending
from cme.registration.emails.told import changes_in, facts_of
from cme.registration.emails.waiting import no_seat_came, offer_lapsed, seat_offered, waitlisted

__all__ = [
    "called_off",
    "cancelled",
    "changed",
    "changes_in",
    "confirmed",
    "credit_ending",
    "expired",
    "facts_of",
    "hold_ending",
    "invoice",
    "join_link",
    "moved",
    "no_seat_came",
    "offer_lapsed",
    "payment_returned",
    "put_on_hold",
    "refund_sent",
    "seat_offered",
    "substitute_asked",
    "substituted",
    "waitlisted",
    "week_before",
    "write",
]
