"""What follows when we call a seminar off: nobody can pay any more, every place ends, and all money goes back.

Each place is settled by itself, so the work can be cut off anywhere and goes on where it stopped.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import stripe
from sqlalchemy import String, and_, cast, func, literal, select

from cme.catalog.models import CANCELLED as OFF
from cme.catalog.models import Seminar
from cme.database import db, retried, transaction
from cme.mail import Letter
from cme.registration import emails, funds, queries, rules, seats
from cme.registration.checkout import conversation, holds
from cme.registration.checkout.refunds import is_disputed, request_part, send_refund
from cme.registration.models import ACTIVE, CANCELLED, CONFIRMED, HELD, Registration
from cme.registration.rules import waiting
from cme.values import Money

DISPUTED = "the seminar was called off while the bank looks at the payment"


def concerned(*, now: datetime) -> list[int]:
    """Every place at a seminar we called off that has to be ended, refunded or told about."""
    told = select(Letter.id).where(Letter.key == literal("called-off:") + cast(Registration.id, String)).exists()
    can_choose = and_(Registration.status == CONFIRMED, told, Seminar.cancelled_at > now - waiting.CHOICE)
    found = select(Registration.id).join(Registration.seminar)
    found = found.where(Seminar.status == OFF, Registration.status.in_(ACTIVE), ~can_choose)
    return list(db.session.scalars(found.order_by(Registration.id)))


def settle(registration_id: int, *, payments: stripe.StripeClient | None, now: datetime) -> bool:
    """Do what is due about one place; True when something was done."""
    status = db.session.scalar(select(Registration.status).where(Registration.id == registration_id))
    if status == HELD:
        return _let_go(registration_id, payments=payments, now=now)
    settled, refunds = _settle(registration_id, now=now)
    if payments is not None:
        for refund_id in refunds:
            send_refund(refund_id, payments=payments, now=now)
    return settled


def choose_until(seminar: Seminar) -> date:
    """The last day, where the seminar was to be held, to choose another seminar instead of the money."""
    if seminar.cancelled_at is None:
        raise ValueError("A seminar that takes place leaves nothing to choose.")
    return waiting.choose_until(seminar.cancelled_at.astimezone(ZoneInfo(seminar.time_zone)).date())


def _let_go(registration_id: int, *, payments: stripe.StripeClient | None, now: datetime) -> bool:
    """End a hold after nobody can pay for it; what was paid in the same moment goes back."""
    pending = queries.payable_payment(registration_id)
    if pending is not None and pending.status == rules.PROCESSING:
        return False  # the bank has not decided; should the money come, all of it goes back
    status = holds.give_up(registration_id, payments=payments, by=None, now=now, reason=holds.CALLED_OFF)
    return status in rules.ENDED


@retried
def _settle(registration_id: int, *, now: datetime) -> tuple[bool, list[int]]:
    with transaction():
        _, registration = conversation.place(registration_id)
        if registration.seminar.status != OFF or registration.status not in ACTIVE or registration.status == HELD:
            return False, []
        worth = funds.value(registration) if registration.status == CONFIRMED else None
        if worth is None or not worth.minor:
            seats.end(registration, CANCELLED, payment=None, by=None, now=now, reason=holds.CALLED_OFF)
            emails.called_off(registration, None, at=now)
            return True, []
        if _can_choose(registration, now):
            return emails.called_off(registration, choose_until(registration.seminar), at=now).created_at == now, []
        return _send_back(registration, now)


def _can_choose(registration: Registration, now: datetime) -> bool:
    """Whether there is time left, or a move to another seminar under way, which takes the money along."""
    seminar = registration.seminar
    if now.astimezone(ZoneInfo(seminar.time_zone)).date() <= choose_until(seminar):
        return True
    moving = select(func.count(Registration.id)).where(
        Registration.moved_from_id == registration.id, Registration.status == HELD
    )
    return bool(db.session.scalar(moving))


def _send_back(registration: Registration, now: datetime) -> tuple[bool, list[int]]:
    """End the place of somebody who made no choice; all that was paid goes back, the fee included."""
    funds.hold(registration)
    refunds, back = [], 0
    for payment in funds.payments_behind(registration):
        left = funds.refundable(payment)
        if left and is_disputed(payment):
            conversation.flag(payment, DISPUTED, now=now)
        elif left:
            refunds.append(request_part(payment, left, reason=holds.CALLED_OFF, by=None, now=now))
            back += left
    seats.end(registration, CANCELLED, payment=None, by=None, now=now, reason=holds.CALLED_OFF)
    if refunds:
        emails.cancelled(registration, Money(back, registration.currency), at=now)
    return True, refunds
