"""The promises about places that replaced one another: one stands at the end, with no more money than was left."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from cme.database import db
from cme.registration import funds, rules
from cme.registration.models import CONFIRMED, PAID, Payment, Refund, Registration

Money = Mapping[int, list[tuple[int, datetime | None]]]


def breaches() -> Iterator[str]:
    """Say where a place replaced another that still stands, or carries money that was not there."""
    places = _places()
    money = _money()
    bearers: dict[int, int] = {}
    for place in places.values():
        if place.status != CONFIRMED or place.moved_from_id is None:
            continue
        before = _before(place, places)
        left = 0
        for old in before:
            left += sum(minor for minor, at in money.get(old.id, []) if at is None or at <= place.confirmed_at)
            if old.status != rules.CANCELLED or old.credit_until is not None:
                yield f"moves: registration {old.id} stands although {place.id} replaced it"
            if bearers.setdefault(old.id, place.id) != place.id:
                yield f"moves: registrations {bearers[old.id]} and {place.id} carry the same money"
        if place.carried_minor > left:
            yield f"moves: registration {place.id} carries {place.carried_minor} and {left} was left"
    yield from _emptied()


def _emptied() -> Iterator[str]:
    """I4 where money was carried on: nobody keeps a seat whose money all went back, unless staff said so."""
    given = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == Payment.id, Refund.status.not_in((rules.FAILED, rules.REFUSED))
    )
    # A payment staff look at or have settled is theirs to answer for.
    gone = select(Payment).where(Payment.status == PAID, given.scalar_subquery() >= Payment.amount_minor)
    holders = {holder.id: holder for holder in (funds.holder(each.registration) for each in db.session.scalars(gone))}
    for holder in holders.values():
        is_owed = holder.status == CONFIRMED and holder.amount_due_minor and holder.waived_by is None
        behind = funds.payments_behind(holder)
        is_known = holder.disputed_at or any(each.review_since or each.settled_at for each in behind)
        if is_owed and not is_known and not funds.value(holder).minor:
            yield f"I4 registration {holder.id} is confirmed and all its money went back"


def _places() -> dict[int, Any]:
    """Every place that was moved from or to."""
    columns = (
        Registration.id,
        Registration.moved_from_id,
        Registration.status,
        Registration.credit_until,
        Registration.carried_minor,
        Registration.confirmed_at,
    )
    left = select(Registration.moved_from_id).where(Registration.moved_from_id.is_not(None))
    found = select(*columns).where(or_(Registration.moved_from_id.is_not(None), Registration.id.in_(left)))
    return {row.id: row for row in db.session.execute(found.order_by(Registration.id))}


def _before(place: Any, places: Mapping[int, Any]) -> list[Any]:
    """The places it was moved from, the nearest first."""
    found = []
    while place.moved_from_id is not None:
        place = places[place.moved_from_id]
        found.append(place)
    return found


def _money() -> Money:
    """What came for places that were left, and what we gave back of it, with the moment."""
    # What staff gave back at Stripe is theirs to answer for.
    left = select(Registration.moved_from_id).where(Registration.moved_from_id.is_not(None))
    theirs = (Payment.status == PAID, Payment.registration_id.in_(left))
    found: dict[int, list[tuple[int, datetime | None]]] = defaultdict(list)
    for place, minor in db.session.execute(select(Payment.registration_id, Payment.amount_minor).where(*theirs)):
        found[place].append((minor, None))
    gone = Refund.status.not_in((rules.FAILED, rules.REFUSED))
    returned = select(Payment.registration_id, Refund.amount_minor, Refund.created_at).join(Refund.payment)
    for place, minor, at in db.session.execute(returned.where(*theirs, gone, Refund.origin == "app")):
        found[place].append((-minor, at))
    return found
