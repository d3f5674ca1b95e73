"""Events: each says only that something happened to an object, which is then fetched."""

from datetime import datetime
from typing import Any

import stripe
from sqlalchemy import select

from cme.database import db, retried, transaction
from cme.registration import rules
from cme.registration.checkout import conversation, disputes, refunds
from cme.registration.checkout.conversation import Heard, moment, outside
from cme.registration.checkout.outcomes import DUPLICATE, FOREIGN, apply
from cme.registration.models import PAID, Payment, StripeEvent

SESSIONS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
)
REFUNDS = ("refund.created", "refund.updated", "refund.failed")
CHARGES = ("charge.refunded",)
DISPUTES = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
SUBSCRIBED = (*SESSIONS, *REFUNDS, *CHARGES, *DISPUTES)
IGNORED = "ignored"


def heard(event: stripe.Event) -> Heard:
    """Take from an event what we need."""
    thing: Any = event.data.object
    return Heard(event.id, event.type, thing.id if "id" in thing else "", event.livemode, moment(event.created))


def hear(event: Heard, *, payments: stripe.StripeClient, now: datetime) -> str:
    """Let an event take effect, once; answers what that was."""
    known = db.session.get(StripeEvent, event.id)
    if known is not None and known.processed_at is not None:
        return DUPLICATE
    if event.type in SESSIONS:
        return apply(event.object_id, payments=payments, now=now, event=event)
    if event.type in REFUNDS:
        refund = outside(payments).v1.refunds.retrieve(event.object_id)
        payment_id = _payment_behind(refund, payments=payments, now=now)
        return refunds.mirror(payment_id, [refund], now=now, event=event) if payment_id else FOREIGN
    if event.type in CHARGES:
        charge = outside(payments).v1.charges.retrieve(event.object_id)
        payment_id = _payment_behind(charge, payments=payments, now=now)
        made = outside(payments).v1.refunds.list({"charge": charge.id, "limit": 100})
        every = list(made.auto_paging_iter())
        return refunds.mirror(payment_id, every, now=now, event=event) if payment_id else FOREIGN
    if event.type in DISPUTES:
        dispute = outside(payments).v1.disputes.retrieve(event.object_id)
        payment_id = _payment_behind(dispute, payments=payments, now=now)
        return disputes.mirror_dispute(payment_id, dispute, now=now, event=event) if payment_id else FOREIGN
    return _ignore(event, now=now)


@retried
def _ignore(event: Heard, *, now: datetime) -> str:
    with transaction():
        if conversation.is_news(event, now=now):
            conversation.note(event, IGNORED)
    return IGNORED


def _payment_behind(thing: Any, *, payments: stripe.StripeClient, now: datetime) -> int | None:
    """The payment a refund, charge or dispute belongs to; None when it is not ours."""
    intent_id = thing.payment_intent
    if not isinstance(intent_id, str):
        return None
    if known := _with_intent(intent_id, Payment.status == PAID):
        return known
    intent = outside(payments).v1.payment_intents.retrieve(intent_id)
    if not conversation.is_ours(intent):
        return None
    number = conversation.number_in(conversation.marks_of(intent), "payment_id")
    session_id = db.session.scalar(select(Payment.session_id).where(Payment.id == number))
    if session_id is not None:  # the news of the payment itself has not come yet
        apply(session_id, payments=payments, now=now)
    if known := _with_intent(intent_id):
        return known
    raise rules.NotYetKnown


def _with_intent(intent_id: str, *more: Any) -> int | None:
    return db.session.scalar(select(Payment.id).where(Payment.intent_id == intent_id, *more))
