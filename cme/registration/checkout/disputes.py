"""Money a bank questions: mirrored as Stripe has it; what becomes of the seat is left to staff."""

from datetime import datetime

import stripe
from flask import current_app
from sqlalchemy import select

from cme import audit
from cme.database import db, lock, retried, transaction
from cme.registration import funds
from cme.registration.checkout import conversation, refunds
from cme.registration.checkout.conversation import Heard, moment
from cme.registration.checkout.refunds import LOST_NOTHING, enter
from cme.registration.models import Dispute, Payment, Registration

DECIDED = (*LOST_NOTHING, "lost")
NO_MONEY = ("warning", "prevented")  # what has not moved any


@retried
def mirror_dispute(payment_id: int, told: stripe.Dispute, *, now: datetime, event: Heard | None = None) -> str:
    """Write down a dispute as Stripe has it, and mark the registration; an inquiry moves no money."""
    with transaction():
        payment, places = _held(payment_id)
        if event is not None and not conversation.is_news(event, now=now):
            return "duplicate"
        conversation.note(event, "dispute")
        dispute = db.session.scalar(select(Dispute).where(Dispute.stripe_id == told.id)) or _new(payment, told)
        if dispute.status == told.status or dispute.status in DECIDED:
            return "nothing"
        dispute.status = told.status
        dispute.closed_at = now if told.status in DECIDED else None
        if not told.status.startswith(NO_MONEY):
            enter(payment, "dispute", -told.amount, told.id, at=moment(told.created), now=now)
        if told.status == "won":
            enter(payment, "dispute", told.amount, f"{told.id}:won", at=now, now=now)
        _mark(places, now)
        audit.record(None, f"dispute {told.status}", payment, at=now, amount_minor=told.amount, due=_due(told))
        current_app.logger.error("payment %s is disputed: %s", payment.id, told.status)
        return "dispute"


def _held(payment_id: int) -> tuple[Payment, list[Registration]]:
    """A payment with the places its money went along, the first first, locked in the order everybody locks."""
    number = db.session.execute(select(Payment.registration_id).where(Payment.id == payment_id)).scalar_one()
    places = [lock(Registration, number)]
    # A place is left for a younger one, so this goes upward; while the last is locked nobody leaves it.
    while (after := funds.moved_to(places[-1])) is not None:
        places.append(lock(Registration, after.id))
    return lock(Payment, payment_id), places


def _due(told: stripe.Dispute) -> str | None:
    """Until when the bank waits for our side, as far as Stripe says."""
    due_by = told.evidence_details.due_by
    return moment(due_by).isoformat() if due_by else None


def _new(payment: Payment, told: stripe.Dispute) -> Dispute:
    dispute = Dispute(
        payment_id=payment.id,
        stripe_id=told.id,
        amount_minor=told.amount,
        currency=told.currency.upper(),
        status="",
        reason=told.reason[:60],
        created_at=moment(told.created),
    )
    db.session.add(dispute)
    return dispute


def _mark(places: list[Registration], now: datetime) -> None:
    """Mark the place this money pays for while the bank decides, and after a loss until staff have."""
    db.session.flush()
    for place in (places[0], places[-1]):
        is_disputed = any(refunds.is_disputed(each) for each in funds.payments_behind(place))
        place.disputed_at = (place.disputed_at or now) if is_disputed else None
