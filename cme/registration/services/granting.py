"""Places that staff give: to guests, and to those who teach."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from cme import audit
from cme.accounts import queries as accounts
from cme.catalog.models import Offering
from cme.database import db, lock, retried, transaction
from cme.registration import queries, rules, seats
from cme.registration.models import HELD, PLACES, Registration
from cme.registration.queries import Quote
from cme.registration.rules import staffing
from cme.registration.services.placing import write_down
from cme.registration.steps import take
from cme.values import Money

GIVEN = PLACES[1:]
OVERRODE = "overrode capacity"


@dataclass(frozen=True)
class Grant:
    """Who gets a place without tuition, as what, why, and whether it may go over the capacity."""

    email: str
    place: str
    reason: str
    is_over_capacity: bool = False


@retried
def give_place(offering_id: int, grant: Grant, *, form_id: str, by: Any, now: datetime) -> str:
    """Give somebody a confirmed seat, its tuition taken off; answers the registration's ref."""
    with transaction() as session:
        offering = lock(Offering, offering_id)
        if ref := session.scalar(select(Registration.ref).where(Registration.form_id == form_id)):
            return ref
        account = accounts.account_by_email(grant.email)
        if account is None or account.status != "active":
            raise staffing.NobodyThere
        if queries.registration_for(account.id, offering.seminar_id):
            raise rules.AlreadyRegistered("This person is already registered for this seminar.")
        session.refresh(offering.seminar)
        queries.check_on_sale(offering, now=now)
        _take(offering, grant, by=by, now=now)
        asked = _price(offering, account.certification_type, now=now)
        given: dict[str, Any] = {
            "status": HELD,
            "hold_until": now,
            "discount_minor": asked.price.minor,
            "amount_due_minor": 0,
            "terms_version": 0,  # they accepted none yet
            "place": grant.place,
        }
        registration = write_down(account.id, offering, asked, form_id=form_id, now=now, **given)
        seats.confirm(registration, None, now=now)
        facts = {"form": form_id, "place": grant.place, "list_minor": asked.price.minor}
        audit.record(by, "gave a place", registration, at=now, personal={"reason": grant.reason}, **facts)
        return registration.ref


def _take(offering: Offering, grant: Grant, *, by: Any, now: datetime) -> None:
    """Count a seat; over the capacity only where staff said so, and then for all to read in the log."""
    if take(offering.id):
        return
    if not grant.is_over_capacity:
        raise staffing.SeatsAllTaken
    more = update(Offering).where(Offering.id == offering.id)
    db.session.execute(more.values(taken=Offering.taken + 1, revision=Offering.revision + 1))
    audit.record(by, OVERRODE, offering, at=now, capacity=offering.capacity)


def _price(offering: Offering, certification_type: str | None, *, now: datetime) -> Quote:
    """What the seat would cost them; for somebody whose group has no price, the first there is."""
    try:
        return queries.quote(offering, certification_type, now=now)
    except (rules.DetailsFirst, rules.NotForSale):
        first = offering.tiers[0] if offering.tiers else None
        price = Money(first.amount_minor if first else 0, offering.currency)
        return Quote(first.tier if first else "physician", price, is_early=False)
