"""Payments in review: nothing happens to them by itself until staff say what it shall be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe
from sqlalchemy import select

from cme import audit
from cme.catalog.models import Offering
from cme.database import db, retried, transaction
from cme.registration import codes, funds, queries, rules, seats
from cme.registration.checkout import conversation, moves, refunds
from cme.registration.checkout.outcomes import close
from cme.registration.models import CONFIRMED, EXPIRED, HELD, PAID, PAYABLE, Payment, Registration
from cme.registration.rules import staffing
from cme.registration.rules.codes import CodeUsedUp
from cme.registration.services.desk import was_done

SEAT, KEEP, REFUND, OUTSIDE = DECISIONS = ("seat", "keep", "refund", "outside")
# Where an attempt ends that never took effect, and was settled at Stripe or by hand.
ENDS = {rules.CREATING: rules.ABANDONED, rules.OPEN: rules.EXPIRED, rules.PROCESSING: rules.FAILED}


@dataclass(frozen=True)
class Decision:
    """What staff decided about a payment, in their words, and what they paid back outside Stripe."""

    what: str
    note: str
    paid_back_minor: int = 0


def decide(
    payment_id: int,
    decision: Decision,
    *,
    form_id: str,
    by: Any,
    payments: stripe.StripeClient | None,
    now: datetime,
) -> list[int]:
    """Let a payment go on as staff decided; answers the refunds that `send_refund` then sends."""
    if decision.what == OUTSIDE:
        _close_first(payment_id, payments=payments)
    return _decide(payment_id, decision, form_id=form_id, by=by, now=now)


def _close_first(payment_id: int, *, payments: stripe.StripeClient | None) -> None:
    """Let nobody pay through a session that is being settled."""
    payment = db.session.get_one(Payment, payment_id)
    if payment.status not in PAYABLE or payment.session_id is None:
        return
    if payments is None or payment.mode != conversation.mode():
        raise rules.PaymentsOff
    try:
        close(payment.session_id, payments=payments)
    except conversation.UNCERTAIN as error:
        raise rules.PaymentDelayed from error


@retried
def _decide(payment_id: int, decision: Decision, *, form_id: str, by: Any, now: datetime) -> list[int]:
    with transaction():
        offering, registration, payment = conversation.locked(payment_id)
        if was_done(payment, form_id):
            return []
        if payment.review_since is None:
            raise staffing.NothingToDecide
        payment.review_since = None
        if decision.what == OUTSIDE:
            made = _settle(payment, decision, by=by, now=now)
        elif payment.status != PAID:
            raise staffing.NotDecidable
        elif decision.what == REFUND:
            made = [refunds.request_part(payment, funds.refundable(payment), reason=decision.note, by=by, now=now)]
            _leave_seated(registration, by)
        elif decision.what == KEEP:
            made = _keep(registration, by)
        else:
            made = _seat(offering, registration, payment, now)
        facts = {"form": form_id, "decision": decision.what, "paid_back_minor": decision.paid_back_minor}
        audit.record(by, "decided", payment, at=now, personal={"note": decision.note}, **facts)
        return made


def _settle(payment: Payment, decision: Decision, *, by: Any, now: datetime) -> list[int]:
    payment.settled_at, payment.settled_note = now, decision.note
    if payment.status in PAYABLE:
        seats.step(payment, ENDS[payment.status])
    if decision.paid_back_minor:
        refunds.pay_back_by_hand(payment, decision.paid_back_minor, reason=decision.note, by=by, now=now)
    return []


def _leave_seated(registration: Registration, by: Any) -> None:
    """Say in whose name somebody keeps a seat whose money all goes back: only cancelling ends it."""
    holder = funds.holder(registration)
    if holder.status == CONFIRMED and not funds.value(holder).minor:
        holder.waived_by = by.id


def _keep(registration: Registration, by: Any) -> list[int]:
    holder = funds.holder(registration)
    if holder.status != CONFIRMED:
        raise staffing.ChangedMeanwhile("Nobody has this seat any more.")
    if funds.value(holder).minor < holder.amount_due_minor:
        holder.waived_by = by.id
    return []


def _seat(offering: Offering, registration: Registration, payment: Payment, now: datetime) -> list[int]:
    """Give the seat that the money was meant for, where there is one."""
    if registration.status not in (HELD, EXPIRED):
        raise staffing.ChangedMeanwhile("This registration cannot be confirmed any more: refund it instead.")
    if funds.refundable(payment) != payment.amount_minor or payment.amount != registration.to_pay:
        raise staffing.ChangedMeanwhile("This payment is not what the seat costs: refund it instead.")
    if not moves.stands(registration):
        raise rules.MovedMeanwhile
    if registration.status == EXPIRED:
        _take_again(offering, registration, now)
    return moves.confirm(registration, payment, now=now)


def _take_again(offering: Offering, registration: Registration, now: datetime) -> None:
    queries.check_on_sale(offering, now=now)
    other = queries.registration_for(registration.account_id, registration.seminar_id)
    if other and other.id != registration.moved_from_id:
        raise rules.AlreadyRegistered("This person has another registration for this seminar: refund it instead.")
    if not codes.take_again(registration):
        raise CodeUsedUp
    if not seats.take(offering.id):
        raise rules.SeminarFull("No seat is free, or somebody waits for it: refund it instead.")


def in_review(ref: str, attempt_no: int) -> Payment | None:
    """An attempt of a registration, by the names staff see."""
    found = select(Payment).join(Payment.registration)
    return db.session.scalar(found.where(Registration.ref == ref, Payment.attempt_no == attempt_no))
