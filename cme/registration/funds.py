"""The money behind a place: what was paid for it, for the places it was moved from, and how much of that is left."""

from collections.abc import Iterator

from sqlalchemy import func, select

from cme.database import db
from cme.registration import rules
from cme.registration.models import PAID, Dispute, Payment, Refund, Registration
from cme.values import Money


def refundable(payment: Payment) -> int:
    """What can still be given back, in minor units: refunds that wait count as given, what a bank took is gone."""
    if payment.status != PAID:
        return 0
    given = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == payment.id, Refund.status.not_in((rules.FAILED, rules.REFUSED))
    )
    lost = select(func.coalesce(func.sum(Dispute.amount_minor), 0)).where(
        Dispute.payment_id == payment.id, Dispute.status == "lost"
    )
    return max(0, payment.amount_minor - int(db.session.scalar(given) or 0) - int(db.session.scalar(lost) or 0))


def places(registration: Registration) -> Iterator[Registration]:
    """A place, the one it was moved from, and so on back to the first."""
    place: Registration | None = registration
    while place is not None:
        yield place
        place = place.moved_from


def moved_to(registration: Registration) -> Registration | None:
    """The place that replaced this one."""
    # Of all that was to replace a place, one was confirmed; it may have been left for another since.
    found = select(Registration).where(
        Registration.moved_from_id == registration.id, Registration.confirmed_at.is_not(None)
    )
    return db.session.scalar(found)


def holder(registration: Registration) -> Registration:
    """The place that the money of this one pays for now: itself, or the one it was moved to in the end."""
    while (after := moved_to(registration)) is not None:
        registration = after
    return registration


def payments_behind(registration: Registration) -> list[Payment]:
    """The payments that arrived for a place and for those it was moved from, the latest first."""
    numbers = [place.id for place in places(registration)]
    found = select(Payment).where(Payment.registration_id.in_(numbers), Payment.status == PAID)
    return list(db.session.scalars(found.order_by(Payment.id.desc())))


def hold(registration: Registration) -> None:
    """Lock the payments behind a place: until the transaction ends nothing of them goes elsewhere."""
    numbers = [payment.id for payment in payments_behind(registration)]
    held = select(Payment).where(Payment.id.in_(numbers)).order_by(Payment.id.desc()).with_for_update()
    db.session.scalars(held.execution_options(populate_existing=True)).all()


def value(registration: Registration) -> Money:
    """What is left of all that was paid: what could be given back, or carried on to another place."""
    return Money(sum(refundable(payment) for payment in payments_behind(registration)), registration.currency)


def shares(registration: Registration, amount: Money) -> list[tuple[Payment, int]]:
    """From which payments an amount goes back, the latest first, with each one's part in minor units."""
    found, left = [], amount.minor
    for payment in payments_behind(registration):
        part = min(left, refundable(payment))
        if part > 0:
            found.append((payment, part))
            left -= part
    if left:
        raise rules.NotRefundable
    return found
