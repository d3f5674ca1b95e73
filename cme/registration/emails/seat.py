"""Letters about a seat: confirmed, about to be released, released."""

from datetime import date, datetime
from typing import Any

from cme import audit, settings
from cme.catalog import rules as catalog
from cme.mail import Letter
from cme.pages import moment
from cme.registration.emails.letter import calendar, enclosed, facts, paper_about, write
from cme.registration.emails.told import facts_of
from cme.registration.kept import what_stays
from cme.registration.models import COMP, FACULTY, RECEIPT, Payment, Registration
from cme.values import Mode

FREE = {COMP: "Nothing: you are our guest", FACULTY: "Nothing: you teach this seminar"}


def confirmed(
    registration: Registration, payment: Payment | None, *, access_until: date | None, at: datetime
) -> Letter:
    """Say that the seat is theirs, what it is, what was paid and what credit it is designated for."""
    is_live = registration.offering.mode != Mode.ON_DEMAND
    receipt = paper_about(RECEIPT, audit.name_of(payment or registration))
    named = ("Name", registration.account.professional_name or registration.account.email)
    # From here on we know what this person plans by; whatever changes afterwards is told as a change.
    registration.told = facts_of(registration)
    return write(
        "confirmed",
        registration,
        f"confirmed:{registration.id}:{payment.id if payment else 0}",
        "Your seat is confirmed" if is_live else "Your registration is confirmed",
        at=at,
        attachments=calendar(registration) + enclosed(receipt),
        payment=payment,
        receipt=receipt,
        facts=[*facts(registration, at=at), named, *_paid(registration, payment, at), _ref(registration)],
        credit=[each.text for each in catalog.statements(registration.seminar, settings.provider())[1:]],
        is_live=is_live,
    )


def _paid(registration: Registration, payment: Payment | None, at: datetime) -> list[tuple[str, str]]:
    if payment is None:
        if registration.carried_minor:
            return [("Paid", "With what you had paid before")]
        return [("Paid", FREE.get(registration.place, "Nothing: this seminar is free for you"))]
    day = moment(payment.paid_at or at, registration.seminar.time_zone)
    paid = f"{payment.amount} {payment.currency} on {day}"
    number = payment.intent_id or payment.session_id or payment.reference
    return [("Paid", paid), *([("Payment", number)] if number else [])]


def _ref(registration: Registration) -> tuple[str, str]:
    return "Registration", registration.ref


def expired(registration: Registration, payment: Payment | None, *, at: datetime) -> Letter:
    """Say that the seat was given back, that nothing was charged, and what they still have if it was a move."""
    key = f"expired:{registration.id}:{payment.id if payment else 0}"
    lines, stays = facts(registration, at=at), what_stays(registration)
    before = f"/registrations/{registration.moved_from.ref}" if registration.moved_from and stays else ""
    subject = "The seat held for your change was released" if stays else "Your seat was released"
    words: dict[str, Any] = {"payment": payment, "facts": lines, "stays": stays, "before": before}
    return write("expired", registration, key, subject, at=at, **words)


def hold_ending(registration: Registration, *, at: datetime) -> Letter:
    """Say until when the seat is held, and what there is to pay; by card, or as the invoice asks."""
    by_invoice = registration.invoiced_at is not None
    due = moment(registration.hold_until, registration.seminar.time_zone)
    amount = f"{registration.to_pay} {registration.currency}"
    return write(
        "hold_ending",
        registration,
        f"{'invoice' if by_invoice else 'hold'}-ending:{registration.id}",
        "Your payment has not reached us" if by_invoice else "Your seat is held a little longer",
        at=at,
        by_invoice=by_invoice,
        due=due,
        amount=amount,
        facts=[*facts(registration, at=at), ("To pay", amount), ("Held until", due), _ref(registration)],
    )
