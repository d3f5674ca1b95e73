"""Money on its way back: asked for, sent once, and mirrored from Stripe; or sent by staff, who say so."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import stripe
from flask import current_app
from sqlalchemy import func, select

from cme import audit
from cme.database import db, insert, lock, retried, transaction
from cme.mail import Letter
from cme.registration import emails, funds, papers, rules, seats
from cme.registration.checkout import conversation
from cme.registration.checkout.conversation import UNCERTAIN, Heard, flag, locked, moment, outside
from cme.registration.funds import refundable
from cme.registration.models import PAID, Dispute, LedgerEntry, Payment, Refund, Registration
from cme.registration.rules.staffing import SentByStripe
from cme.values import Money

STATUS = {"succeeded": rules.SUCCEEDED, "failed": rules.FAILED, "canceled": rules.FAILED}
LOST_NOTHING = ("won", "warning_closed", "prevented")
KEPT_BACK = (rules.PENDING, rules.SUCCEEDED)
MANUAL = "manual"  # money that staff wrote down: Stripe knows nothing of it
STILL_SEATED = "refunded at Stripe, still holds a seat"


@retried
def request_refund(payment_id: int, amount_minor: int, *, reason: str, by: Any, now: datetime) -> int:
    """Write down that money goes back; answers the refund's number, for `send_refund`."""
    with transaction():
        _, _, payment = locked(payment_id)
        return _request(payment, amount_minor, reason, by, now)


def request_in_full(payment: Payment, *, reason: str, now: datetime) -> int:
    """Write down, inside the caller's transaction, that all of a payment goes back."""
    return _request(payment, refundable(payment), reason, None, now)


def request_shares(registration: Registration, amount: Money, *, reason: str, by: Any, now: datetime) -> list[int]:
    """Write down, inside the caller's transaction, that an amount goes back, from whichever payments it came."""
    return [
        _request(lock(Payment, payment.id), part, reason, by, now)
        for payment, part in funds.shares(registration, amount)
    ]


def request_part(payment: Payment, amount_minor: int, *, reason: str, by: Any, now: datetime) -> int:
    """Write down, inside the caller's transaction, that a part of one payment goes back."""
    return _request(lock(Payment, payment.id), amount_minor, reason, by, now)


def _request(payment: Payment, amount_minor: int, reason: str, by: Any, now: datetime) -> int:
    if is_disputed(payment):
        raise rules.Disputed
    if not 0 < amount_minor <= refundable(payment):
        raise rules.NotRefundable
    refund = Refund(
        payment_id=payment.id,
        seq=_next_seq(payment.id),
        amount_minor=amount_minor,
        currency=payment.currency,
        reason=reason[:60],
        requested_by=by.id if by else None,
        created_at=now,
    )
    db.session.add(refund)
    db.session.flush()
    refund.idem_key = conversation.key("refund", refund.id)
    audit.record(by, "requested refund", payment, at=now, refund=refund.id, amount_minor=amount_minor)
    return refund.id


def is_disputed(payment: Payment) -> bool:
    """Whether a bank looks at a payment, or took it back: nothing of it is refunded by itself."""
    open_ones = select(Dispute.id).where(Dispute.payment_id == payment.id, Dispute.status.not_in(LOST_NOTHING))
    return db.session.scalar(open_ones.limit(1)) is not None


def _next_seq(payment_id: int) -> int:
    return (db.session.scalar(select(func.max(Refund.seq)).where(Refund.payment_id == payment_id)) or 0) + 1


def send_refund(refund_id: int, *, payments: stripe.StripeClient, now: datetime) -> bool:
    """Ask Stripe to give money back, once under one key; False when it has to be asked again."""
    refund = db.session.get_one(Refund, refund_id)
    payment = refund.payment
    if refund.status != rules.REQUESTED or payment.mode != conversation.mode():
        return True
    payment_id, intent_id, since = payment.id, str(payment.intent_id), refund.created_at
    request: Any = {
        "payment_intent": intent_id,
        "amount": refund.amount_minor,
        "reason": "requested_by_customer",
        "metadata": conversation.marks(refund_id=refund_id, payment_id=payment_id),
    }
    options: Any = {"idempotency_key": refund.idem_key}
    try:
        if now - since > rules.KEY_LIFE and _is_known(refund_id, payment_id, intent_id, payments, now):
            return True  # the key is forgotten, so Stripe would do it a second time
        made = outside(payments).v1.refunds.create(request, options)
    except UNCERTAIN as error:
        current_app.logger.warning("refund %s waits for Stripe: %s", refund_id, type(error).__name__)
        return conversation.will_never_change(error) and _looked_up(refund_id, payment_id, intent_id, payments, now)
    except stripe.StripeError as error:
        return _told_no(refund_id, payment_id, intent_id, str(error.code or type(error).__name__), payments, now)
    mirror(payment_id, [made], now=now)
    return True


def _is_known(refund_id: int, payment_id: int, intent_id: str, payments: stripe.StripeClient, now: datetime) -> bool:
    """Mirror what Stripe lists for a payment; True when our refund was among it."""
    found: Any = outside(payments).v1.refunds.list({"payment_intent": intent_id, "limit": 100})
    mirror(payment_id, list(found.auto_paging_iter()), now=now)
    return db.session.get_one(Refund, refund_id, populate_existing=True).status != rules.REQUESTED


def _looked_up(refund_id: int, payment_id: int, intent_id: str, payments: stripe.StripeClient, now: datetime) -> bool:
    """The same where Stripe may not answer at all; then nothing is known, and it is asked again later."""
    try:
        return _is_known(refund_id, payment_id, intent_id, payments, now)
    except UNCERTAIN:
        return False


def _told_no(
    refund_id: int, payment_id: int, intent_id: str, why: str, payments: stripe.StripeClient, now: datetime
) -> bool:
    """Stripe will not do it: perhaps because it is done. Only a list that answers and lacks it makes it a no."""
    try:
        if not _is_known(refund_id, payment_id, intent_id, payments, now):
            _refuse(payment_id, refund_id, why, now=now)
    except UNCERTAIN:
        return False
    return True


@retried
def _refuse(payment_id: int, refund_id: int, why: str, *, now: datetime) -> None:
    with transaction():
        _, _, payment = locked(payment_id)
        refund = db.session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
        if refund.status == rules.REQUESTED:
            _end(payment, refund, why, now)


def _end(payment: Payment, refund: Refund, why: str, now: datetime) -> None:
    """Note that a refund will not be sent; what is left of the payment is for staff to look at."""
    seats.step(refund, rules.REFUSED, settled_at=now)
    if refundable(payment):
        flag(payment, f"refund refused: {why}", now=now)
    audit.record(None, "refund refused", payment, at=now, refund=refund.id, why=why)


def _give_way(payment: Payment, now: datetime) -> None:
    """Ask for nothing that Stripe would refuse: what was given back at Stripe comes before what only we asked for."""
    refunds = _refunds_of(payment)
    left = payment.amount_minor - sum(each.amount_minor for each in refunds if each.status in KEPT_BACK)
    for refund in refunds:
        if refund.status == rules.REQUESTED and refund.amount_minor > left:
            _end(payment, lock(Refund, refund.id), "given back at Stripe meanwhile", now)
        elif refund.status == rules.REQUESTED:
            left -= refund.amount_minor


@retried
def mirror(payment_id: int, refunds: Iterable[stripe.Refund], *, now: datetime, event: Heard | None = None) -> str:
    """Write down refunds as Stripe has them; those we never asked for were made in its dashboard."""
    refunds = list(refunds)
    with transaction():
        _, _, payment = locked(payment_id)
        if event is not None and not conversation.is_news(event, now=now):
            return "duplicate"
        if payment.status != PAID:  # it never took effect here, and staff settle it with a note
            return "nothing"
        changed = [_mirror_one(payment, each, now) for each in refunds]
        _give_way(payment, now)
        _notice_empty_seat(payment, now)
        outcome = "refund" if any(changed) else "nothing"
        conversation.note(event, outcome)
        return outcome


def _mirror_one(payment: Payment, told: stripe.Refund, now: datetime) -> bool:
    refund = db.session.scalar(select(Refund).where(Refund.stripe_id == told.id))
    if refund is None and conversation.is_ours(told):
        number = conversation.number_in(conversation.marks_of(told), "refund_id")
        refund = db.session.scalar(
            select(Refund).where(Refund.id == number, Refund.payment_id == payment.id, Refund.stripe_id.is_(None))
        )
    if refund is None:
        refund = Refund(
            payment_id=payment.id,
            seq=_next_seq(payment.id),
            amount_minor=told.amount,
            currency=told.currency.upper(),
            reason="made at Stripe",
            origin="dashboard",
            created_at=moment(told.created),
        )
        db.session.add(refund)
        db.session.flush()
    if refund.amount_minor != told.amount:
        flag(payment, f"refund {told.id} differs in amount", now=now)
    return _follow(payment, refund, told, now)


def _follow(payment: Payment, refund: Refund, told: stripe.Refund, now: datetime) -> bool:
    status, before = STATUS.get(told.status or "", rules.PENDING), refund.status
    if status == before or status not in rules.REFUND[before]:
        return False
    seats.step(refund, status, stripe_id=told.id, settled_at=None if status == rules.PENDING else now)
    if status == rules.SUCCEEDED:
        _arrived(payment, refund, told.id, at=moment(told.created), now=now)
    if status == rules.FAILED:
        if before == rules.SUCCEEDED:
            returned = f"{told.id}:returned"
            enter(payment, "refund", refund.amount_minor, returned, at=now, now=now, refund_id=refund.id)
        flag(payment, "a refund failed: pay it back another way", now=now)
    audit.record(None, f"refund {status}", payment, at=now, refund=refund.id, amount_minor=refund.amount_minor)
    return True


def _arrived(payment: Payment, refund: Refund, name: str, *, at: datetime, now: datetime) -> None:
    """Enter a refund that was sent, give it its credit note, and tell the person, unless a letter said so before."""
    enter(payment, "refund", -refund.amount_minor, name, at=at, now=now, refund_id=refund.id)
    papers.issue_credit_note(payment.registration, refund, now=now)
    returned = select(Letter.id).where(Letter.key == f"returned:{payment.registration_id}:{payment.id}")
    if db.session.scalar(returned) is None:
        emails.refund_sent(refund, at=now)


def _notice_empty_seat(payment: Payment, now: datetime) -> None:
    """Leave to staff a seat whose money all went back in Stripe's dashboard: nothing is cancelled by itself."""
    holder = funds.holder(payment.registration)
    if holder.status != rules.CONFIRMED or holder.waived_by is not None or funds.value(holder).minor > 0:
        return
    if any(each.origin == "dashboard" and each.status in KEPT_BACK for each in _refunds_of(payment)):
        flag(payment, STILL_SEATED, now=now)


def _refunds_of(payment: Payment) -> list[Refund]:
    return list(db.session.scalars(select(Refund).where(Refund.payment_id == payment.id).order_by(Refund.id)))


@retried
def settle_by_hand(refund_id: int, *, was_sent: bool, by: Any, now: datetime) -> None:
    """Write down whether staff could send a refund of money that never went through Stripe; once."""
    payment_id = db.session.execute(select(Refund.payment_id).where(Refund.id == refund_id)).scalar_one()
    with transaction():
        _, _, payment = locked(payment_id)
        refund = lock(Refund, refund_id)
        if payment.mode != MANUAL:
            raise SentByStripe
        to = rules.SUCCEEDED if was_sent else rules.FAILED
        if refund.status == to:
            return
        before, name = refund.status, f"{MANUAL}:refund:{refund.id}"
        seats.step(refund, to, settled_at=now, stripe_id=name)
        if was_sent:
            _arrived(payment, refund, name, at=now, now=now)
        else:
            if before == rules.SUCCEEDED:  # a check that came back after all
                returned = f"{name}:returned"
                enter(payment, "refund", refund.amount_minor, returned, at=now, now=now, refund_id=refund.id)
            flag(payment, "a refund could not be sent: pay it back another way", now=now)
        audit.record(by, f"refund {to}", payment, at=now, refund=refund.id, amount_minor=refund.amount_minor)


def pay_back_by_hand(payment: Payment, amount_minor: int, *, reason: str, by: Any, now: datetime) -> Refund:
    """Write down, inside the caller's transaction, that staff paid money back outside Stripe."""
    refund = db.session.get_one(Refund, _request(payment, amount_minor, reason, by, now))
    name = f"{MANUAL}:refund:{refund.id}"
    seats.step(refund, rules.SUCCEEDED, settled_at=now, stripe_id=name)
    _arrived(payment, refund, name, at=now, now=now)
    return refund


def enter(
    payment: Payment,
    kind: str,
    amount_minor: int,
    stripe_id: str,
    *,
    at: datetime,
    now: datetime,
    refund_id: int | None = None,
) -> None:
    """Write one movement of money into the ledger, once."""
    entry = insert(LedgerEntry).values(
        payment_id=payment.id,
        refund_id=refund_id,
        kind=kind,
        amount_minor=amount_minor,
        currency=payment.currency,
        mode=payment.mode,
        stripe_id=stripe_id,
        at=at,
        recorded_at=now,
    )
    db.session.execute(entry.on_conflict_do_nothing())
