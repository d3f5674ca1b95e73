"""Tuition that comes by check or transfer: asked for by invoice, and written down by staff when it is there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe
from sqlalchemy import func, select

from cme import audit, settings
from cme.catalog.models import Offering
from cme.database import db, refusing, retried, transaction
from cme.registration import codes, emails, funds, papers, queries, rules, seats
from cme.registration.checkout import conversation, holds, moves
from cme.registration.checkout.conversation import flag
from cme.registration.checkout.refunds import MANUAL, enter
from cme.registration.models import CONFIRMED, EXPIRED, HELD, PAID, Payment, Registration
from cme.registration.rules import staffing
from cme.values import Money

MEANS = ("check", "transfer", "cash")
NO_SEAT = "came by check or transfer, and no seat is there for it"


def due_at(registration: Registration, *, now: datetime) -> datetime | None:
    """When an invoice written now would be due; None where tuition cannot come by check or transfer."""
    if registration.status != HELD or not registration.to_pay.minor or registration.invoiced_at:
        return None
    try:
        return _due(registration, now)
    except staffing.InvoiceImpossible:
        return None


def _due(registration: Registration, now: datetime) -> datetime:
    # The place it replaces must not begin meanwhile: who does not come there has nothing left to carry on.
    places = [registration, *([registration.moved_from] if registration.moved_from else [])]
    closes = min((at for at in map(_closes, places) if at), default=None)
    return staffing.check_invoice(settings.provider().invoice_days, closes=closes, now=now)


def _closes(place: Registration) -> datetime | None:
    return queries.closes_at(place.offering) if place.status in rules.SEATED else None


def by_invoice(
    registration_id: int, *, shown_minor: int, payments: stripe.StripeClient | None, by: Any, now: datetime
) -> str:
    """Hold the seat until an invoice is due; answers the registration's status, "confirmed" if it is paid already."""
    holds.let_nobody_pay(registration_id, payments=payments, now=now)
    return _by_invoice(registration_id, shown_minor=shown_minor, by=by, now=now)


@retried
def _by_invoice(registration_id: int, *, shown_minor: int, by: Any, now: datetime) -> str:
    with transaction():
        offering, registration = conversation.place(registration_id)
        if registration.status == CONFIRMED or registration.invoiced_at is not None:
            return registration.status
        if registration.status != HELD or registration.hold_until is None or registration.hold_until <= now:
            raise rules.HoldEnded
        holds.check_nobody_pays(registration)
        queries.check_on_sale(offering, now=now)
        if not moves.stands(registration):
            raise rules.MovedMeanwhile
        with db.session.no_autoflush:
            codes.price_again(registration, offering, now=now)
            moves.carry(registration)
        if registration.to_pay.minor != shown_minor or not shown_minor:
            raise rules.PriceChanged(f"The tuition is {registration.to_pay} now. Check the amount, then ask again.")
        registration.hold_until, registration.invoiced_at = _due(registration, now), now
        paper = papers.issue_invoice(registration, now=now)
        emails.invoice(registration, paper, at=now)
        audit.record(by, "asked for an invoice", registration, at=now, amount_minor=shown_minor)
        return registration.status


@dataclass(frozen=True)
class Received:
    """Money that came outside Stripe: how, how much, and the number under which the bank knows it."""

    means: str
    amount: Money
    reference: str


def record_payment(
    registration_id: int,
    received: Received,
    *,
    form_id: str,
    payments: stripe.StripeClient | None,
    by: Any,
    now: datetime,
) -> list[int]:
    """Write down money that came, and give the seat for it; answers refunds, as a move may set money free."""
    holds.let_nobody_pay(registration_id, payments=payments, now=now)
    return _record(registration_id, received, form_id=form_id, by=by, now=now)


@retried
def _record(registration_id: int, received: Received, *, form_id: str, by: Any, now: datetime) -> list[int]:
    with transaction():
        offering, registration = conversation.place(registration_id)
        if db.session.scalar(select(Payment.id).where(Payment.form_id == form_id)):
            return []
        if registration.status in (rules.WAITLISTED, rules.OFFERED):
            raise rules.MovedMeanwhile
        if registration.status == CONFIRMED:
            raise rules.AlreadyPaid("This seat is confirmed: there is nothing more to pay. Send the money back.")
        holds.check_nobody_pays(registration)
        staffing.check_received(received.amount, registration.to_pay)
        if registration.moved_from is not None:
            funds.hold(registration.moved_from)  # before the audit log, which everybody takes last
        payment = _payment(registration, received, form_id, by, now)
        facts = {"payment": payment.id, "amount_minor": payment.amount_minor, "means": received.means}
        audit.record(by, "recorded money", registration, at=now, personal={"reference": received.reference}, **facts)
        if not _has_seat(offering, registration, now):
            papers.issue_receipt(registration, payment, now=now)
            flag(payment, NO_SEAT, now=now)
            return []
        return moves.confirm(registration, payment, now=now)


def _payment(registration: Registration, received: Received, form_id: str, by: Any, now: datetime) -> Payment:
    last = db.session.scalar(select(func.max(Payment.attempt_no)).where(Payment.registration_id == registration.id))
    payment = Payment(
        registration_id=registration.id,
        attempt_no=(last or 0) + 1,
        status=PAID,
        amount_minor=received.amount.minor,
        currency=received.amount.currency,
        mode=MANUAL,
        means=received.means,
        reference=received.reference,
        recorded_by=by.id,
        form_id=form_id,
        created_at=now,
        paid_at=now,
    )
    db.session.add(payment)
    with refusing(uq_payment_form_id=rules.FormUsed):
        db.session.flush()
    enter(payment, "charge", payment.amount_minor, f"{MANUAL}:payment:{payment.id}", at=now, now=now)
    return payment


def _has_seat(offering: Offering, registration: Registration, now: datetime) -> bool:
    """Whether there is a seat for this money: the one held, or a free one for a hold that had ended."""
    if not moves.stands(registration):
        return False
    if registration.status == HELD:
        return True
    if registration.status != EXPIRED:
        return False
    other = queries.registration_for(registration.account_id, registration.seminar_id)
    if other and other.id != registration.moved_from_id:
        return False
    try:
        queries.check_on_sale(offering, now=now)
    except rules.RegistrationClosed:
        return False
    if not codes.take_again(registration):
        return False
    if seats.take(offering.id):
        return True
    codes.give_back(registration)
    return False
