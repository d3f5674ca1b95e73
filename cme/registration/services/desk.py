"""What staff do about one registration: money back, tuition waived, a hold made longer, a note; each once."""

from datetime import date, datetime
from typing import Any

import stripe
from sqlalchemy import select

from cme import audit
from cme.audit import AuditEntry
from cme.database import db, retried, transaction
from cme.registration import funds, rules
from cme.registration.checkout import conversation, holds, moves, refunds
from cme.registration.models import CANCELLED, CONFIRMED, HELD, PAID, Dispute, Payment, Registration
from cme.registration.rules import staffing
from cme.values import Money


def was_done(subject: Any, form_id: str) -> bool:
    """Whether this very form was sent before; ask under the lock of what it changes."""
    known = select(AuditEntry.id).where(
        AuditEntry.subject == audit.name_of(subject),
        AuditEntry.payload.contains(f'"form":"{form_id}"', autoescape=True),
    )
    return db.session.scalar(known.limit(1)) is not None


def money_of(registration: Registration) -> list[Payment]:
    """The payments that are this place's to give back: with a move, those of earlier places once it is theirs."""
    if registration.confirmed_at is not None:
        return funds.payments_behind(registration)
    return [payment for payment in reversed(registration.payments) if payment.status == PAID]


def left_of(registration: Registration) -> Money:
    """What can still be given back for a place; nothing where its money was carried on to another."""
    if funds.holder(registration).id != registration.id:
        return Money(0, registration.currency)
    return Money(sum(funds.refundable(payment) for payment in money_of(registration)), registration.currency)


@retried
def refund(
    registration_id: int, amount_minor: int, *, left_minor: int, reason: str, form_id: str, by: Any, now: datetime
) -> list[int]:
    """Write down that money goes back, of what the page showed; answers the refunds that `send_refund` then sends.

    A seat whose money all goes back stays theirs, as one that staff gave: only cancelling ends it.
    """
    with transaction():
        _, registration = conversation.place(registration_id)
        if was_done(registration, form_id):
            return []
        funds.hold(registration)
        left = left_of(registration)
        if left.minor != left_minor:
            raise staffing.ChangedMeanwhile(f"{left} can be given back now, not what the page showed. Look again.")
        made = give_back(registration, amount_minor, reason=reason, by=by, now=now)
        if amount_minor == left_minor and registration.status == CONFIRMED:
            registration.waived_by = by.id
        if not left_of(registration).minor:
            registration.credit_until = None
        facts = {"form": form_id, "amount_minor": amount_minor}
        audit.record(by, "gave money back", registration, at=now, personal={"reason": reason}, **facts)
        return made


def give_back(registration: Registration, amount_minor: int, *, reason: str, by: Any, now: datetime) -> list[int]:
    """Write down refunds of an amount inside the caller's transaction, from the latest payment backwards."""
    if not 0 < amount_minor <= left_of(registration).minor:
        raise rules.NotRefundable
    made, left = [], amount_minor
    for payment in money_of(registration):
        if part := min(left, funds.refundable(payment)):
            made.append(refunds.request_part(payment, part, reason=reason, by=by, now=now))
            left -= part
    return made


def waive(
    registration_id: int,
    *,
    reason: str,
    form_id: str,
    by: Any,
    payments: stripe.StripeClient | None,
    now: datetime,
) -> list[int]:
    """Give somebody the seat they hold without payment; answers refunds, as a move may set money free."""
    holds.let_nobody_pay(registration_id, payments=payments, now=now)
    return _waive(registration_id, reason=reason, form_id=form_id, by=by, now=now)


@retried
def _waive(registration_id: int, *, reason: str, form_id: str, by: Any, now: datetime) -> list[int]:
    with transaction():
        _, registration = conversation.place(registration_id)
        if was_done(registration, form_id):
            return []
        if registration.status == CONFIRMED:
            raise rules.AlreadyPaid
        if registration.status != HELD:
            raise rules.HoldEnded
        holds.check_nobody_pays(registration)
        registration.waived_by = by.id
        made = moves.confirm(registration, None, now=now)
        facts = {"form": form_id, "amount_minor": registration.to_pay.minor}
        audit.record(by, "waived", registration, at=now, personal={"reason": reason}, **facts)
        return made


@retried
def extend_credit(registration_id: int, until: date, *, today: date, form_id: str, by: Any, now: datetime) -> None:
    """Let tuition on hold pay for another seminar for longer than promised."""
    with transaction():
        _, registration = conversation.place(registration_id)
        if was_done(registration, form_id):
            return
        before = registration.credit_until
        if registration.status != CANCELLED or before is None:
            raise staffing.ChangedMeanwhile("No tuition is on hold here any more.")
        staffing.check_credit(until, before=before, today=today)
        registration.credit_until = until
        audit.record(by, "extended hold", registration, at=now, form=form_id, before=before, until=until)


@retried
def note(registration_id: int, text: str, *, form_id: str, by: Any, now: datetime) -> None:
    """Keep a note about a registration, for staff alone."""
    with transaction():
        _, registration = conversation.place(registration_id)
        if not was_done(registration, form_id):
            audit.record(by, "noted", registration, at=now, personal={"note": text}, form=form_id)


@retried
def keep_seat(registration_id: int, *, note: str, form_id: str, by: Any, now: datetime) -> None:
    """Let somebody keep a seat whose money the bank took back."""
    with transaction():
        _, registration = conversation.place(registration_id)
        if was_done(registration, form_id):
            return
        check_decided(registration)
        if registration.status != CONFIRMED or registration.disputed_at is None:
            raise staffing.ChangedMeanwhile("This seat does not wait for a decision any more.")
        registration.disputed_at, registration.waived_by = None, by.id
        audit.record(by, "kept the seat", registration, at=now, personal={"note": note}, form=form_id)


def check_decided(registration: Registration) -> None:
    """Let staff decide about a disputed place once the bank has."""
    behind = [payment.id for payment in funds.payments_behind(registration)]
    open_ones = select(Dispute.id).where(Dispute.payment_id.in_(behind), Dispute.closed_at.is_(None))
    if db.session.scalar(open_ones.limit(1)) is not None:
        raise rules.Disputed("The bank has not decided about this payment. Decide when it has.")
