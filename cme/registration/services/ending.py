"""Cancelling for somebody: with what the policy gives back, all of it, nothing, or the tuition kept for later."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import stripe
from sqlalchemy import select, update

from cme import audit
from cme.database import db, retried, transaction
from cme.registration import emails, funds, rules, seats
from cme.registration.changes import Changes
from cme.registration.checkout import conversation, holds, refunds
from cme.registration.models import ACTIVE, CANCELLED, CONFIRMED, Dispute, Registration, Substitution
from cme.registration.rules import staffing
from cme.registration.services import desk
from cme.values import Money

BY_POLICY, IN_FULL, NOTHING, ON_HOLD = WAYS = ("policy", "full", "none", "hold")
BY_STAFF, HELD_OVER = "cancelled by us", "on hold"


@dataclass(frozen=True)
class Ending:
    """How staff end a place: what goes back, as the page showed it, or until when it is kept."""

    way: str
    left_minor: int
    policy_minor: int
    keep_until: date | None = None


def cancel_place(
    registration_id: int,
    ending: Ending,
    *,
    reason: str,
    form_id: str,
    by: Any,
    payments: stripe.StripeClient | None,
    now: datetime,
) -> list[int]:
    """End a place, also one that was attended; answers the refunds that `send_refund` then sends."""
    holds.let_nobody_pay(registration_id, payments=payments, now=now)
    return _cancel(registration_id, ending, reason=reason, form_id=form_id, by=by, now=now)


@retried
def _cancel(registration_id: int, ending: Ending, *, reason: str, form_id: str, by: Any, now: datetime) -> list[int]:
    with transaction():
        _, registration = conversation.place(registration_id)
        if desk.was_done(registration, form_id):
            return []
        if registration.status not in ACTIVE:
            raise rules.MovedMeanwhile
        holds.check_nobody_pays(registration)
        funds.hold(registration)
        amount = _amount(registration, ending, now)
        made = desk.give_back(registration, amount.minor, reason=reason, by=by, now=now) if amount.minor else []
        _let_go(registration, now)
        keep_until = _keep(registration, ending, now) if ending.way == ON_HOLD else None
        end_reason = HELD_OVER if keep_until else BY_STAFF
        seats.end(registration, CANCELLED, payment=None, by=by, now=now, reason=end_reason)
        emails.cancelled(registration, amount, at=now, on_hold_until=keep_until)
        facts = {"form": form_id, "way": ending.way, "amount_minor": amount.minor}
        audit.record(by, "cancelled for them", registration, at=now, personal={"reason": reason}, **facts)
        return made


def _amount(registration: Registration, ending: Ending, now: datetime) -> Money:
    """What goes back, if it still is what the page showed."""
    nothing = Money(0, registration.currency)
    if registration.status != CONFIRMED:
        return nothing
    left, by_policy = desk.left_of(registration), Changes(registration, now).refund.amount
    if (left.minor, by_policy.minor) != (ending.left_minor, ending.policy_minor):
        raise staffing.ChangedMeanwhile
    return {BY_POLICY: by_policy, IN_FULL: left}.get(ending.way, nothing)


def _keep(registration: Registration, ending: Ending, now: datetime) -> date:
    """Until when the tuition is kept for another seminar."""
    today = Changes(registration, now).today
    if not desk.left_of(registration).minor:
        raise staffing.ChangedMeanwhile("Nothing that was paid is left, so there is nothing to keep.")
    until = ending.keep_until or today
    staffing.check_credit(until, before=today, today=today)
    registration.credit_until = until
    return until


def _let_go(registration: Registration, now: datetime) -> None:
    """End what hangs on a place: the colleague who was asked, the decisions that staff make with this."""
    asked = update(Substitution).where(Substitution.registration_id == registration.id, Substitution.ended_at.is_(None))
    db.session.execute(asked.values(ended_at=now, outcome="withdrawn"))
    for payment in funds.payments_behind(registration):
        if payment.review_reason == refunds.STILL_SEATED:
            payment.review_since = None
    behind = [payment.id for payment in funds.payments_behind(registration)]
    open_ones = select(Dispute.id).where(Dispute.payment_id.in_(behind), Dispute.closed_at.is_(None))
    if db.session.scalar(open_ones.limit(1)) is None:
        registration.disputed_at = None
