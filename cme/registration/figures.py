"""Figures of the registration room for the administration's first page: who comes, what came in, what waits."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from cme.catalog.models import PUBLISHED, Offering, Seminar
from cme.database import db
from cme.registration.models import LedgerEntry, Payment, Registration
from cme.values import Money


def registered_between(first: datetime, last: datetime) -> int:
    """How many registrations were confirmed from one moment until before another."""
    confirmed = select(func.count(Registration.id))
    confirmed = confirmed.where(Registration.confirmed_at >= first, Registration.confirmed_at < last)
    return db.session.scalar(confirmed) or 0


def confirmed_at_since(first: datetime) -> list[datetime]:
    """The moments at which registrations were confirmed, to be counted by month."""
    found = select(Registration.confirmed_at).where(Registration.confirmed_at >= first)
    return [moment for moment in db.session.scalars(found) if moment is not None]


def money_between(first: datetime, last: datetime, *kinds: str, mode: str) -> list[Money]:
    """What the ledger moved in one mode of payment, a sum for each currency; of some kinds or of all."""
    moved = select(LedgerEntry.currency, func.sum(LedgerEntry.amount_minor))
    moved = moved.where(LedgerEntry.at >= first, LedgerEntry.at < last, LedgerEntry.mode == mode)
    if kinds:
        moved = moved.where(LedgerEntry.kind.in_(kinds))
    rows = db.session.execute(moved.group_by(LedgerEntry.currency).order_by(LedgerEntry.currency))
    return [Money(int(amount), currency) for currency, amount in rows]


def money_by_seminar(seminar_ids: Iterable[int], *, mode: str) -> dict[int, list[Money]]:
    """What each seminar has brought in one mode of payment, after refunds, a sum for each currency."""
    brought = (
        select(Registration.seminar_id, LedgerEntry.currency, func.sum(LedgerEntry.amount_minor))
        .join(Payment, Payment.id == LedgerEntry.payment_id)
        .join(Registration, Registration.id == Payment.registration_id)
        .where(Registration.seminar_id.in_(list(seminar_ids)), LedgerEntry.mode == mode)
        .group_by(Registration.seminar_id, LedgerEntry.currency)
    )
    found: dict[int, list[Money]] = {}
    for seminar_id, currency, amount in db.session.execute(brought):
        found.setdefault(seminar_id, []).append(Money(int(amount), currency))
    return found


def seats_ahead(now: datetime) -> tuple[int, int, int]:
    """How many seminars are ahead, with how many seats taken of how many."""
    found = (
        select(
            func.count(func.distinct(Seminar.id)),
            func.coalesce(func.sum(Offering.taken), 0),
            func.coalesce(func.sum(Offering.capacity), 0),
        )
        .join(Offering, Offering.seminar_id == Seminar.id)
        .where(Seminar.status == PUBLISHED, Seminar.ends_at > now)
    )
    seminars, taken, capacity = db.session.execute(found).one()
    return int(seminars), int(taken), int(capacity)
