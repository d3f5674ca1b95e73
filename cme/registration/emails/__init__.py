"""The letters of this room."""

from cme.registration.emails.letter import write
from cme.registration.emails.seat import confirmed, expired, payment_returned

__all__ = ["confirmed", "expired", "payment_returned", "write"]
