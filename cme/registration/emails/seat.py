"""The letters of this room: a seat confirmed, a hold ended, money returned."""

from datetime import date, datetime

from cme.mail import Letter
from cme.registration.emails.letter import write
from cme.registration.models import Payment, Registration
from cme.values import Money


def confirmed(
    registration: Registration, payment: Payment | None, *, access_until: date | None, at: datetime
) -> Letter:
    """Say that the seat is theirs, what it is, and what was paid."""
    key = f"confirmed:{registration.id}:{payment.id if payment else 0}"
    subject = f"Your seat is confirmed: {registration.seminar.title}"
    words = {"payment": payment, "paid_at": at, "access_until": access_until}
    return write("confirmed", registration, key, subject, at=at, **words)


def expired(registration: Registration, payment: Payment | None, *, at: datetime) -> Letter:
    """Say that the seat was given back, and that nothing was charged."""
    key = f"expired:{registration.id}:{payment.id if payment else 0}"
    subject = f"Your seat was released: {registration.seminar.title}"
    return write("expired", registration, key, subject, at=at, payment=payment)


def payment_returned(
    registration: Registration, payment: Payment, amount: Money, reason: str, *, at: datetime
) -> Letter:
    """Say that money came without a seat to give for it, and goes back in full."""
    key = f"returned:{registration.id}:{payment.id}"
    subject = f"Your payment is on its way back: {registration.seminar.title}"
    return write("payment_returned", registration, key, subject, at=at, payment=payment, amount=amount, reason=reason)
