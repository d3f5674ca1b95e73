"""The promises about seats and money, as far as the database can tell; `audit-check` and the sweep look here."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, case, cast, func, literal, not_, or_, select

from cme.audit import AuditEntry
from cme.catalog.models import Offering
from cme.database import db
from cme.mail import Letter
from cme.registration import chains, presence, rules
from cme.registration.models import (
    ACTIVE,
    CONFIRMED,
    HELD,
    PAID,
    PAYABLE,
    SEATED,
    LedgerEntry,
    Payment,
    PromoCode,
    Refund,
    Registration,
)
from cme.registration.papers import promises as papers

OVERDUE = timedelta(days=1)
LOWERED = ("lowered capacity", "overrode capacity")


def breaches(*, now: datetime) -> Iterator[str]:
    """Say where a promise is broken."""
    yield from _seats()
    yield from _one_each()
    yield from _confirmed_means_paid()
    yield from _paid_means_seated()
    yield from _refunds()
    yield from _codes()
    yield from chains.breaches()
    yield from _ledger()
    yield from _letters()
    yield from _requests()
    yield from _overdue(now)
    yield from papers.breaches()
    yield from presence.breaches(now=now)


def _rows(query: Any) -> Any:
    return db.session.execute(query).all()


def _seats() -> Iterator[str]:
    """I1: the counter is the number of seats in use, and never more than there are."""
    used = select(func.count()).where(Registration.offering_id == Offering.id, Registration.status.in_(SEATED))
    counted = select(Offering.id, Offering.taken, Offering.capacity, used.scalar_subquery())
    for offering, taken, capacity, used_seats in _rows(counted):
        if taken != used_seats:
            yield f"I1 offering {offering} counts {taken} seats and {used_seats} are in use"
        if used_seats > capacity and not _was_lowered(offering):
            yield f"I1 offering {offering} has {capacity} seats and {used_seats} are in use"


def _was_lowered(offering: int) -> bool:
    known = select(AuditEntry.id).where(AuditEntry.subject == f"offering:{offering}", AuditEntry.action.in_(LOWERED))
    return db.session.scalar(known.limit(1)) is not None


def _one_each() -> Iterator[str]:
    """I2 and I3: one active registration per person and seminar, one payable attempt per registration."""
    seats = select(Registration.account_id, Registration.seminar_id)
    seats = seats.where(
        Registration.status.in_(ACTIVE), not_(and_(Registration.is_switch, Registration.status == HELD))
    )
    several = func.count() > 1
    for account, seminar in _rows(seats.group_by(Registration.account_id, Registration.seminar_id).having(several)):
        yield f"I2 account {account} has several active registrations for seminar {seminar}"
    attempts = select(Payment.registration_id).where(Payment.status.in_(PAYABLE))
    for (registration,) in _rows(attempts.group_by(Payment.registration_id).having(several)):
        yield f"I3 registration {registration} has several payable attempts"


def _given(payment: Any = Payment) -> Any:
    """What was given back of a payment, or is about to be."""
    counted = Refund.status.not_in((rules.FAILED, rules.REFUSED))
    given = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(Refund.payment_id == payment.id, counted)
    return given.correlate(payment).scalar_subquery()


def _confirmed_means_paid() -> Iterator[str]:
    """I4: confirmed means free, waived, or paid by exactly one payment of the same amount, currency and mode."""
    arrived = and_(Payment.registration_id == Registration.id, Payment.status == PAID)
    price = Registration.amount_due_minor - Registration.carried_minor
    fits = and_(Payment.amount_minor == price, Payment.currency == Registration.currency)
    # What arrived twice has gone back, or waits for staff. Of the one that counts, staff may give back all: that alone
    # ends no seat.
    keeps = and_(_given() < Payment.amount_minor, Payment.review_since.is_(None), Payment.settled_at.is_(None))
    counts = (func.count(case((each, 1))) for each in (keeps, fits, and_(keeps, fits)))
    counted = select(Registration.id, *counts).outerjoin(Payment, arrived)
    owed = and_(Registration.status == CONFIRMED, price > 0, Registration.waived_by.is_(None))
    for registration, kept, fitting, both in _rows(counted.where(owed).group_by(Registration.id)):
        if not fitting or kept > 1 or kept != both:
            yield f"I4 registration {registration} is confirmed with {kept} payments kept, {fitting} of them fitting"


def _paid_means_seated() -> Iterator[str]:
    """I6: money is never silently kept."""
    kept = select(Payment.id).join(Payment.registration)
    kept = kept.where(Payment.status == PAID, Payment.review_since.is_(None), Payment.settled_at.is_(None))
    kept = kept.where(Registration.disputed_at.is_(None))
    # A seat once confirmed and then cancelled may keep a fee; one that never was keeps nothing.
    gave_up = and_(Registration.status == rules.CANCELLED, Registration.confirmed_at.is_not(None))
    kept = kept.where(not_(or_(Registration.status == CONFIRMED, gave_up)), _given() < Payment.amount_minor)
    for (payment,) in _rows(kept):
        yield f"I6 payment {payment} is kept although nobody has a seat for it"


def _refunds() -> Iterator[str]:
    """I5: never more goes back than came."""
    returned = select(Payment.id).join(Payment.refunds).where(Refund.status.not_in((rules.FAILED, rules.REFUSED)))
    returned = returned.group_by(Payment.id, Payment.amount_minor)
    for (payment,) in _rows(returned.having(func.sum(Refund.amount_minor) > Payment.amount_minor)):
        yield f"I5 payment {payment} gave back more than was paid"
    unpaid = select(Refund.id).join(Refund.payment).where(Payment.status != PAID)
    for (refund,) in _rows(unpaid):
        yield f"I5 refund {refund} gives back money that never came"


def _codes() -> Iterator[str]:
    """I7: a code counts as many uses as seats hold it, and never more than it has."""
    held = select(func.count()).where(Registration.promo_id == PromoCode.id, Registration.status.in_(SEATED))
    counted = select(PromoCode.code, PromoCode.used, PromoCode.most_uses, held.scalar_subquery())
    for code, used, most, uses in _rows(counted):
        if used != uses:
            yield f"I7 promo code {code} counts {used} uses and {uses} seats hold it"
        if most is not None and uses > most:
            yield f"I7 promo code {code} can be used {most} times and {uses} seats hold it"


def _ledger() -> Iterator[str]:
    """The ledger says what payments and refunds say."""
    for kind, rows in (("charge", _charges()), ("refund", _returns())):
        for name, expected, entered in _rows(rows):
            if expected != (entered or 0):
                yield f"ledger: {kind} {name} is {expected} and the entries say {entered or 0}"
    astray = select(LedgerEntry.id).join(Payment, LedgerEntry.payment_id == Payment.id)
    for (entry,) in _rows(
        astray.where((LedgerEntry.mode != Payment.mode) | (LedgerEntry.currency != Payment.currency))
    ):
        yield f"ledger: entry {entry} is in another currency or mode than its payment"


def _charges() -> Any:
    entries = and_(LedgerEntry.payment_id == Payment.id, LedgerEntry.kind == "charge")
    due = case((Payment.status == PAID, Payment.amount_minor), else_=0)
    return (
        select(Payment.id, due, func.sum(LedgerEntry.amount_minor)).outerjoin(LedgerEntry, entries).group_by(Payment.id)
    )


def _returns() -> Any:
    entries = and_(LedgerEntry.refund_id == Refund.id, LedgerEntry.kind == "refund")
    due = case((Refund.status == rules.SUCCEEDED, -Refund.amount_minor), else_=0)
    return (
        select(Refund.id, due, func.sum(LedgerEntry.amount_minor)).outerjoin(LedgerEntry, entries).group_by(Refund.id)
    )


def _letters() -> Iterator[str]:
    """I8: a seat is confirmed by one letter, and one that was paid for never without."""
    key = literal("confirmed:") + cast(Registration.id, String) + ":%"
    written = select(func.count(Letter.id)).where(Letter.kind == "registration/confirmed", Letter.key.like(key))
    paid = select(Payment.id).where(Payment.registration_id == Registration.id, Payment.status == PAID).exists()
    confirmed = select(Registration.id, written.scalar_subquery(), paid)
    for registration, letters, is_paid in _rows(confirmed.where(Registration.status == CONFIRMED)):
        if letters > 1 or (is_paid and not letters):
            yield f"I8 registration {registration} was confirmed by {letters} letters"


def _requests() -> Iterator[str]:
    """I10: an attempt asks for what it was written down with."""
    for payment in db.session.scalars(select(Payment).execution_options(yield_per=500)):
        if payment.request is None:
            continue
        price = payment.request["line_items"][0]["price_data"]
        if (price["unit_amount"], price["currency"].upper()) != (payment.amount_minor, payment.currency):
            yield f"I10 payment {payment.id} asked for another amount than it says"


def _overdue(now: datetime) -> Iterator[str]:
    """What the sweep should have ended long ago, so that no seat is kept from others for ever."""
    late = select(Registration.id).where(Registration.status == HELD, Registration.hold_until < now - OVERDUE)
    processing = select(Payment.registration_id).where(Payment.status == rules.PROCESSING)
    for (registration,) in _rows(late.where(Registration.id.not_in(processing))):
        yield f"registration {registration} is held long after its time"
