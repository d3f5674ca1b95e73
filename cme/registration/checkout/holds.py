"""Seats given back: first nobody can pay any more, then the seat is free."""

from datetime import datetime
from typing import Any

import stripe
from flask import current_app
from sqlalchemy import select

from cme.database import db, retried, transaction
from cme.registration import emails, queries, rules, seats
from cme.registration.checkout import attempts, conversation
from cme.registration.checkout.outcomes import apply, close
from cme.registration.models import CANCELLED, CREATING, EXPIRED, HELD, PROCESSING, Registration

CALLED_OFF = "called off"


def give_up(
    registration_id: int, *, payments: stripe.StripeClient | None, by: Any, now: datetime, reason: str = ""
) -> str:
    """Give a held seat back; answers the registration's status, which is "confirmed" if it turned out to be paid."""
    _get_answer(registration_id, payments=payments, now=now)
    return _end(registration_id, CANCELLED, payments=payments, by=by, now=now, reason=reason)


def expire_holds(*, payments: stripe.StripeClient | None, now: datetime) -> int:
    """Give back every seat that was not paid in time; answers how many."""
    over = select(Registration.id).where(Registration.status == HELD, Registration.hold_until <= now)
    given_back = 0
    for registration_id in db.session.scalars(over.order_by(Registration.id)).all():
        try:
            given_back += end_hold(registration_id, payments=payments, now=now)
        except (rules.PaymentDelayed, rules.PaymentOnItsWay, rules.PaymentsOff):
            continue  # a seat is never given back while somebody can still pay for it
        except stripe.StripeError as error:
            current_app.logger.warning("hold %s waits for Stripe: %s", registration_id, type(error).__name__)
    return given_back


def let_nobody_pay(registration_id: int, *, payments: stripe.StripeClient | None, now: datetime) -> None:
    """Close what somebody could still pay through; what turns out to be paid takes effect, what is unknown is a no."""
    _get_answer(registration_id, payments=payments, now=now)
    _close(registration_id, payments=payments, now=now)


def check_nobody_pays(registration: Registration) -> None:
    """Let a change through while no attempt of a registration can still bring money; ask under its lock."""
    if queries.payable_payment(registration.id) is not None:
        raise rules.PaymentOnItsWay


def _get_answer(registration_id: int, *, payments: stripe.StripeClient | None, now: datetime) -> None:
    """Learn which session an attempt became: only when we know it can we close it."""
    pending = queries.payable_payment(registration_id)
    is_unanswered = pending is not None and pending.status == CREATING
    if pending and is_unanswered and payments and not attempts.repeat(pending.id, payments=payments, now=now):
        raise rules.PaymentDelayed


def _close(registration_id: int, *, payments: stripe.StripeClient | None, now: datetime) -> None:
    pending = queries.payable_payment(registration_id)
    if pending is None:
        return
    if pending.status == PROCESSING:
        raise rules.PaymentOnItsWay
    if payments is None or pending.mode != conversation.mode():
        raise rules.PaymentsOff
    if pending.session_id is None:
        raise rules.PaymentDelayed
    session_id = pending.session_id
    try:
        close(session_id, payments=payments)
        apply(session_id, payments=payments, now=now)
    except conversation.UNCERTAIN as error:
        raise rules.PaymentDelayed from error


def end_hold(registration_id: int, *, payments: stripe.StripeClient | None, now: datetime) -> bool:
    """Give back one seat that was not paid in time; False when it was paid, or has time left."""
    return _end(registration_id, EXPIRED, payments=payments, by=None, now=now) == EXPIRED


def _end(
    registration_id: int,
    to: str,
    *,
    payments: stripe.StripeClient | None,
    by: Any,
    now: datetime,
    reason: str = "",
) -> str:
    _close(registration_id, payments=payments, now=now)
    return _release(registration_id, to, by=by, now=now, reason=reason)


@retried
def _release(registration_id: int, to: str, *, by: Any, now: datetime, reason: str) -> str:
    with transaction():
        _, registration = conversation.place(registration_id)
        if registration.status != HELD:
            return registration.status
        check_nobody_pays(registration)
        if to == EXPIRED and (registration.hold_until is None or registration.hold_until > now):
            return registration.status
        last = registration.payments[-1] if registration.payments else None
        seats.end(registration, to, payment=last, by=by, now=now, reason=reason)
        if reason == CALLED_OFF:
            emails.called_off(registration, None, at=now)
        return to
