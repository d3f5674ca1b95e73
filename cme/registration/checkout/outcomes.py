"""What came of a session: one function for webhook, return page, sweep and staff."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import stripe
from flask import current_app
from sqlalchemy import select

from cme import audit
from cme.catalog.models import CANCELLED, Offering
from cme.database import db, retried, transaction
from cme.registration import codes, emails, papers, queries, rules, seats
from cme.registration.checkout import conversation, moves
from cme.registration.checkout.conversation import Heard, bind, flag, locked, moment, names_of, outside
from cme.registration.checkout.refunds import enter, request_in_full, send_refund
from cme.registration.models import Payment, Registration
from cme.values import Mode

NOTHING, FOREIGN, DUPLICATE, REVIEW, REFUNDED = "nothing", "foreign", "duplicate", "review", "refunded"


@dataclass
class _Result:
    outcome: str
    refunds: list[int] = field(default_factory=list)
    close: bool = False  # the session is open, and nobody should pay through it


def apply(session_id: str, *, payments: stripe.StripeClient, now: datetime, event: Heard | None = None) -> str:
    """Fetch a session and let its state take effect, once; answers what that was."""
    expand: Any = {"expand": ["payment_intent.latest_charge"]}
    session = outside(payments).v1.checkout.sessions.retrieve(session_id, expand)
    result = _apply(session, event=event, now=now)
    for refund_id in result.refunds:
        send_refund(refund_id, payments=payments, now=now)
    if result.close:
        close(session_id, payments=payments)
    return result.outcome


def close(session_id: str, *, payments: stripe.StripeClient) -> None:
    """Let nobody pay through a session any more; one that is no longer open tells its own story to `apply`."""
    try:
        outside(payments).v1.checkout.sessions.expire(session_id)
    except stripe.InvalidRequestError as error:
        current_app.logger.info("session %s was not open any more: %s", session_id, error.code)


@retried
def _apply(session: stripe.checkout.Session, *, event: Heard | None, now: datetime) -> _Result:
    payment_id = _payment_of(session)
    if payment_id is None:
        return _unknown(session)
    with transaction():
        offering, registration, payment = locked(payment_id)
        if event is not None and not conversation.is_news(event, now=now):
            return _Result(DUPLICATE)
        payment.checked_at = now
        result = _settle(session, offering, registration, payment, now)
        conversation.note(event, result.outcome)
        return result


def _settle(
    session: stripe.checkout.Session, offering: Offering, registration: Registration, payment: Payment, now: datetime
) -> _Result:
    if payment.review_since is not None and payment.status != rules.PAID:
        return _Result(REVIEW)
    if payment.settled_at is not None:
        return _Result(NOTHING)  # staff settled it, and have seen what differs
    if wrong := _differences(session, payment):
        flag(payment, f"session differs in {wrong}", now=now)
        return _Result(REVIEW)
    if payment.session_id is None:
        _know_again(registration, payment, session)
    if payment.session_id != session.id:
        return _another(session, payment, now)
    return _take_effect(session, offering, registration, payment, now)


def _payment_of(session: stripe.checkout.Session) -> int | None:
    """Find our attempt by the session, else by what we wrote into it and the reference beside it."""
    known = db.session.scalar(select(Payment.id).where(Payment.session_id == session.id))
    if known is not None or not conversation.is_ours(session):
        return known
    number = conversation.number_in(conversation.marks_of(session), "payment_id")
    if number is None or session.client_reference_id != str(number):
        return None
    return db.session.scalar(select(Payment.id).where(Payment.id == number))


def _unknown(session: stripe.checkout.Session) -> _Result:
    if conversation.is_ours(session):
        raise rules.NotYetKnown
    return _Result(FOREIGN)


def _differences(session: stripe.checkout.Session, payment: Payment) -> str:
    same = {
        "livemode": session.livemode == (payment.mode == "live"),
        "payments mode": payment.mode == conversation.mode(),
        "mode": session.mode == "payment",
        "currency": (session.currency or "").upper() == payment.currency,
        "amount": session.amount_total == payment.amount_minor,
        "installation": conversation.is_ours(session),
    }
    return ", ".join(name for name, holds in same.items() if not holds)


def _know_again(registration: Registration, payment: Payment, session: stripe.checkout.Session) -> None:
    """Take a session for ours although its answer never reached us."""
    if payment.status == rules.CREATING:
        bind(registration, payment, session)
    else:
        for name, value in names_of(session).items():
            setattr(payment, name, value)


def _another(session: stripe.checkout.Session, payment: Payment, now: datetime) -> _Result:
    if session.payment_status == "paid":
        flag(payment, f"a second session was paid: {session.id}", now=now)
        return _Result(REVIEW)
    return _Result(NOTHING, close=session.status == "open")


def _take_effect(
    session: stripe.checkout.Session, offering: Offering, registration: Registration, payment: Payment, now: datetime
) -> _Result:
    is_payable = payment.status in rules.PAYABLE
    intent: Any = session.payment_intent
    if session.status == "open":
        return _Result(NOTHING, close=not is_payable or registration.status != rules.HELD)
    if payment.status == rules.PAID:
        return _Result(NOTHING)
    if session.status == "complete" and session.payment_status == "paid":
        return _paid(intent, offering, registration, payment, now)
    if session.status == "complete" and session.payment_status == "no_payment_required":
        flag(payment, "session asked for no payment", now=now)
        return _Result(REVIEW)
    if not is_payable:
        return _Result(NOTHING)
    if session.status == "complete":
        return _promised(intent, registration, payment, now)
    if payment.status == rules.OPEN:
        return _came_to_nothing(registration, payment, rules.EXPIRED, now)
    return _Result(NOTHING)


def _promised(intent: Any, registration: Registration, payment: Payment, now: datetime) -> _Result:
    payment.intent_id = intent.id
    if intent.status in {"processing", "requires_payment_method", "canceled"} and payment.status == rules.OPEN:
        seats.step(payment, rules.PROCESSING)
    if intent.status in {"requires_payment_method", "canceled"}:
        return _came_to_nothing(registration, payment, rules.FAILED, now)
    return _Result(payment.status)


def _came_to_nothing(registration: Registration, payment: Payment, status: str, now: datetime) -> _Result:
    """The attempt is over; the seat stays held while there is time for another."""
    seats.step(payment, status)
    is_over = registration.hold_until is None or registration.hold_until <= now
    if registration.status == rules.HELD and is_over:
        seats.end(registration, rules.EXPIRED, payment=payment, by=None, now=now)
    return _Result(status)


def _paid(intent: Any, offering: Offering, registration: Registration, payment: Payment, now: datetime) -> _Result:
    charge = intent.latest_charge
    paid_at = moment(charge.created) if charge else now
    seats.step(payment, rules.PAID, intent_id=intent.id, charge_id=charge.id if charge else None, paid_at=paid_at)
    payment.reference = _paid_from(charge)
    name = charge.id if charge else intent.id
    enter(payment, "charge", payment.amount_minor, name, at=paid_at, now=now)
    if reason := _why_no_seat(offering, registration, payment, now):
        papers.issue_receipt(registration, payment, now=now)
        refund = request_in_full(payment, reason=reason, now=now)
        emails.payment_returned(registration, payment, payment.amount, reason, at=now)
        if registration.status == rules.HELD and _is_over(offering, now):
            seats.end(registration, rules.EXPIRED, payment=payment, by=None, now=now)
        audit.record(None, "returned late payment", registration, at=now, payment=payment.id, reason=reason)
        return _Result(REFUNDED, refunds=[refund])
    return _Result(rules.PAID, refunds=moves.confirm(registration, payment, now=now))


def _paid_from(charge: Any) -> str:
    """Visa ending in 4242, for the receipt; of a card or an account nothing else is ever kept."""
    details = charge.payment_method_details if charge else None
    source = details[details.type] if details and details.type in details else None
    if not source or "last4" not in source or not source.last4:
        return ""
    kind = source.brand if "brand" in source else "account"
    return f"{str(kind).capitalize()} ending in {source.last4}"[:80]


def _why_no_seat(offering: Offering, registration: Registration, payment: Payment, now: datetime) -> str | None:
    """Why this money buys no seat; for a hold that had ended, a free seat is taken again."""
    if registration.status == rules.CONFIRMED:
        return "the seat was already paid for"
    if payment.amount_minor != registration.to_pay.minor:
        return "the tuition had changed"
    if why_not := moves.why_not(registration):
        return why_not
    if registration.status == rules.HELD:
        return _is_over(offering, now)
    if registration.status != rules.EXPIRED:
        return "the seat had been given up"
    other = queries.registration_for(registration.account_id, registration.seminar_id)
    if other and other.id != registration.moved_from_id:
        return "you have another registration for this seminar"
    try:
        queries.check_on_sale(offering, now=now)
    except rules.RegistrationClosed:
        return "registration for the seminar has closed"
    if not codes.take_again(registration):
        return "the promo code has been used up"
    if not seats.take(offering.id):
        codes.give_back(registration)
        return "the seminar is full"
    return None


def _is_over(offering: Offering, now: datetime) -> str | None:
    """Why even a held seat is worth nothing any more; a live seminar may be paid for after it began."""
    if offering.seminar.status == CANCELLED:
        return "the seminar was cancelled"
    ends = queries.closes_at(offering) if offering.mode == Mode.ON_DEMAND else None
    return "the activity had ended when the payment arrived" if ends is not None and now >= ends else None
