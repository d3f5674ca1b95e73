"""The sweep: whatever was cut off is taken up again; whatever was missed is found."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

import stripe
from flask import current_app
from sqlalchemy import and_, func, or_, select
from sqlalchemy.exc import OperationalError

from cme.database import db, insert, retried, transaction
from cme.errors import Refusal
from cme.queue import Schedule
from cme.registration import invariants, rules
from cme.registration.checkout import attempts, calling_off, conversation, disputes, events, lines, refunds
from cme.registration.checkout.conversation import outside
from cme.registration.checkout.holds import expire_holds
from cme.registration.checkout.outcomes import DUPLICATE, NOTHING, apply, close
from cme.registration.models import (
    CREATING,
    HELD,
    OPEN,
    PAID,
    PAYABLE,
    PROCESSING,
    Payment,
    Refund,
    Registration,
    StripeEvent,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALIVE: ContextVar[Callable[[], None]] = ContextVar("alive", default=lambda: None)
REPEAT_AFTER, LOOK_AFTER = timedelta(minutes=2), timedelta(minutes=5)


def sweep(
    *, payments: stripe.StripeClient | None, now: datetime, go_on: Callable[[], None] = lambda: None
) -> dict[str, int]:
    """Repeat, look, give back, reconcile; safe to cut off anywhere and to run twice. Answers counts.

    `go_on` is called between one thing and the next, so that others know that this round is still alive.
    """
    with _said_by(go_on):
        return _round(payments, now)


@contextmanager
def _said_by(go_on: Callable[[], None]) -> Iterator[None]:
    token = ALIVE.set(go_on)
    try:
        yield
    finally:
        ALIVE.reset(token)


def _round(payments: stripe.StripeClient | None, now: datetime) -> dict[str, int]:
    counts: dict[str, int] = {}
    if payments is not None:
        counts["attempts repeated"] = _each(
            _created_before(now - REPEAT_AFTER), lambda one: attempts.repeat(one, payments=payments, now=now)
        )
        counts["sessions applied"] = _each(
            _to_look_at(now), lambda one: apply(one, payments=payments, now=now) != NOTHING
        )
    counts["places called off"] = _each(
        calling_off.concerned(now=now), lambda one: calling_off.settle(one, payments=payments, now=now)
    )
    counts["holds ended"] = expire_holds(payments=payments, now=now)
    counts |= lines.look_after(now=now)
    if payments is not None:
        _each(_nobodys(), lambda one: _close(one, payments, now))
        counts["refunds sent"] = _each(
            _refunds(rules.REQUESTED), lambda one: refunds.send_refund(one, payments=payments, now=now)
        )
        counts["refunds settled"] = _each(_pending_refunds(), lambda one: _look_at_refund(one, payments, now))
        counts |= _when_due("money:hourly", HOUR, _hourly, payments, now)
        counts |= _when_due("money:daily", DAY, _reconcile, payments, now)
    counts["oldest unsettled, minutes"] = _age_of_oldest(now)
    return counts


def take_up(payment: Payment, *, payments: stripe.StripeClient, now: datetime) -> bool:
    """Do at once what the next round would do with one attempt; True when that came to something."""
    number, session_id, status = payment.id, payment.session_id, payment.status
    if status == CREATING:
        return attempts.repeat(number, payments=payments, now=now)
    if session_id is None:
        return False
    if status == OPEN and payment.registration.status != HELD:
        return _close(session_id, payments, now)
    return apply(session_id, payments=payments, now=now) != NOTHING


def take_up_refund(refund: Refund, *, payments: stripe.StripeClient, now: datetime) -> bool:
    """Do at once what the next round would do with one refund."""
    if refund.status == rules.PENDING and refund.stripe_id:
        return _look_at_refund((refund.payment_id, refund.stripe_id), payments, now)
    return refunds.send_refund(refund.id, payments=payments, now=now)


def _each(things: Iterable[Any], act: Callable[[Any], bool]) -> int:
    """Act on each, so that one that fails does not stop the others; counts those that came to something."""
    done = 0
    for thing in things:
        ALIVE.get()()
        try:
            done += bool(act(thing))
        except (stripe.StripeError, Refusal, OperationalError) as error:
            db.session.rollback()
            current_app.logger.warning("sweep leaves %s for later: %s", thing, type(error).__name__)
    return done


def _created_before(moment: datetime) -> list[int]:
    waiting = select(Payment.id).where(
        Payment.status == CREATING, Payment.created_at <= moment, Payment.mode == conversation.mode()
    )
    return list(db.session.scalars(waiting.order_by(Payment.id)))


def _to_look_at(now: datetime) -> list[str]:
    is_open = and_(Payment.status == OPEN, or_(Payment.created_at <= now - LOOK_AFTER, Payment.expires_at <= now))
    hourly = or_(Payment.checked_at.is_(None), Payment.checked_at <= now - HOUR)
    found = select(Payment.session_id).where(
        or_(is_open, and_(Payment.status == PROCESSING, hourly)),
        Payment.session_id.is_not(None),
        Payment.review_since.is_(None),
        Payment.mode == conversation.mode(),
    )
    return [session_id for session_id in db.session.scalars(found.order_by(Payment.id)) if session_id]


def _nobodys() -> list[str]:
    """Sessions somebody could still pay through although their registration waits for no money."""
    found = select(Payment.session_id).join(Payment.registration)
    found = found.where(Payment.status == OPEN, Registration.status != HELD, Payment.mode == conversation.mode())
    return [session_id for session_id in db.session.scalars(found) if session_id]


def _close(session_id: str, payments: stripe.StripeClient, now: datetime) -> bool:
    close(session_id, payments=payments)
    return apply(session_id, payments=payments, now=now) != NOTHING


def _refunds(status: str) -> list[int]:
    found = select(Refund.id).join(Refund.payment).where(Refund.status == status, Payment.mode == conversation.mode())
    return list(db.session.scalars(found.order_by(Refund.id)))


def _pending_refunds() -> list[tuple[int, str]]:
    found = select(Refund.payment_id, Refund.stripe_id).join(Refund.payment)
    found = found.where(Refund.status == rules.PENDING, Payment.mode == conversation.mode())
    return [(payment_id, stripe_id) for payment_id, stripe_id in db.session.execute(found) if stripe_id]


def _look_at_refund(refund: tuple[int, str], payments: stripe.StripeClient, now: datetime) -> bool:
    payment_id, stripe_id = refund
    told = outside(payments).v1.refunds.retrieve(stripe_id)
    return refunds.mirror(payment_id, [told], now=now) != NOTHING


Act = Callable[[stripe.StripeClient, datetime], dict[str, int]]


def _when_due(name: str, every: timedelta, act: Act, payments: stripe.StripeClient, now: datetime) -> dict[str, int]:
    """Do what is due seldom; what was cut off is due again in the next round."""
    row = db.session.get(Schedule, name, populate_existing=True)
    if row is not None and row.next_run_at > now:
        return {}
    try:
        counts = act(payments, now)
    except stripe.StripeError as error:
        current_app.logger.warning("%s waits for Stripe: %s", name, type(error).__name__)
        return {}
    _done(name, every, now)
    return counts


@retried
def _done(name: str, every: timedelta, now: datetime) -> None:
    times = {"last_run_at": now, "next_run_at": now + every}
    with transaction() as session:
        row = insert(Schedule).values(name=name, **times)
        session.execute(row.on_conflict_do_update(index_elements=[Schedule.name], set_=times))


def _hourly(payments: stripe.StripeClient, now: datetime) -> dict[str, int]:
    """Hear the events that never reached us, check every promise, and notice a webhook gone silent."""
    asked: Any = {
        "delivery_success": False,
        "types": list(events.SUBSCRIBED),
        "created": {"gte": int((now - 3 * DAY).timestamp())},
        "limit": 100,
    }
    silent = _is_silent(now)  # asked before we catch up, which counts as hearing
    missed = [events.heard(event) for event in outside(payments).v1.events.list(asked).auto_paging_iter()]
    caught_up = _each(reversed(missed), lambda one: events.hear(one, payments=payments, now=now) != DUPLICATE)
    broken = list(invariants.breaches(now=now))
    for breach in broken:
        current_app.logger.critical("promise broken: %s", breach)
    return {"events caught up": caught_up, "promises broken": len(broken), "webhook silent": int(silent)}


def _is_silent(now: datetime) -> bool:
    """Whether payments were made in the last hour of which nobody told us."""
    paid = select(func.count()).where(
        Payment.paid_at > now - HOUR, Payment.paid_at <= now - LOOK_AFTER, Payment.mode == conversation.mode()
    )
    told = select(func.count()).select_from(StripeEvent).where(StripeEvent.received_at > now - HOUR)
    silent = bool(db.session.scalar(paid)) and not db.session.scalar(told)
    if silent:
        current_app.logger.critical("payments were made, but the webhook was silent")
    return silent


def _reconcile(payments: stripe.StripeClient, now: datetime) -> dict[str, int]:
    """Hold a week of Stripe's books against ours; what differs takes effect now."""
    since: Any = {"created": {"gte": int((now - 7 * DAY).timestamp())}, "limit": 100}
    sessions = [each for each in outside(payments).v1.checkout.sessions.list(since).auto_paging_iter()]
    found = _each(
        [each.id for each in reversed(sessions) if conversation.is_ours(each) and _differs(each)],
        lambda one: apply(one, payments=payments, now=now) != NOTHING,
    )
    made = [each for each in outside(payments).v1.refunds.list(since).auto_paging_iter()]
    found += _each(
        [each for each in reversed(made) if isinstance(each.payment_intent, str)],
        lambda one: _reconcile_refund(one, now),
    )
    questioned = [each for each in outside(payments).v1.disputes.list(since).auto_paging_iter()]
    found += _each(reversed(questioned), lambda one: _reconcile_dispute(one, now))
    return {"reconciled": found}


def _differs(session: stripe.checkout.Session) -> bool:
    status = db.session.scalar(select(Payment.status).where(Payment.session_id == session.id))
    if session.payment_status == "paid":
        return status != PAID
    return (session.status == "open") != (status == OPEN) or (session.status == "expired" and status in PAYABLE)


def _reconcile_refund(told: stripe.Refund, now: datetime) -> bool:
    payment_id = db.session.scalar(select(Payment.id).where(Payment.intent_id == str(told.payment_intent)))
    return payment_id is not None and refunds.mirror(payment_id, [told], now=now) != NOTHING


def _reconcile_dispute(told: stripe.Dispute, now: datetime) -> bool:
    payment_id = db.session.scalar(select(Payment.id).where(Payment.intent_id == str(told.payment_intent)))
    return payment_id is not None and disputes.mirror_dispute(payment_id, told, now=now) != NOTHING


def _age_of_oldest(now: datetime) -> int:
    oldest = db.session.scalar(select(func.min(Payment.created_at)).where(Payment.status.in_((CREATING, OPEN))))
    return int((now - oldest).total_seconds()) // 60 if oldest else 0
