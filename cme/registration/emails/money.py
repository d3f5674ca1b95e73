"""Letters about money: on its way back, or asked for with an invoice."""

from datetime import datetime

from cme import audit
from cme.mail import Letter
from cme.pages import moment
from cme.registration.emails.letter import enclosed, facts, paper_about, write
from cme.registration.models import CREDIT_NOTE, Paper, Payment, Refund, Registration
from cme.values import Money


def payment_returned(
    registration: Registration, payment: Payment, amount: Money, reason: str, *, at: datetime
) -> Letter:
    """Say that money came without a seat to give for it, and goes back in full."""
    key = f"returned:{registration.id}:{payment.id}"
    subject = "Your payment is on its way back"
    lines = [("Seminar", registration.seminar.title), ("Returned", f"{amount} {amount.currency}"), *_number(payment)]
    return write("payment_returned", registration, key, subject, at=at, reason=reason, facts=lines)


def refund_sent(refund: Refund, *, at: datetime) -> Letter:
    """Say that money is on its way back, how much, and where to."""
    payment, registration = refund.payment, refund.payment.registration
    note = paper_about(CREDIT_NOTE, audit.name_of(refund))
    lines = [
        ("Seminar", registration.seminar.title),
        ("On its way to you", f"{refund.amount} {refund.currency}"),
        ("You had paid", f"{payment.amount} {payment.currency}"),
        *_number(payment),
    ]
    return write(
        "refund_sent",
        registration,
        f"refund-sent:{refund.id}",
        "Your refund is on its way",
        at=at,
        attachments=enclosed(note),
        facts=lines,
        refund=refund.amount,
        note=note,
    )


def invoice(registration: Registration, paper: Paper, *, at: datetime) -> Letter:
    """Send the invoice, and say until when the seat is held for it."""
    due = moment(registration.hold_until, registration.seminar.time_zone)
    amount = f"{registration.to_pay} {registration.currency}"
    return write(
        "invoice",
        registration,
        f"invoice:{paper.id}",
        "Your invoice",
        at=at,
        attachments=enclosed(paper),
        facts=[*facts(registration, at=at), ("Invoice", paper.number), ("To pay", amount), ("Held until", due)],
        paper=paper,
        amount=amount,
        due=due,
    )


def _number(payment: Payment) -> list[tuple[str, str]]:
    number = payment.intent_id or payment.session_id or payment.reference
    return [("Payment", number)] if number else []
