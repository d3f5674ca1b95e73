"""What is known of registrations, payments and attendance."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, func, not_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from cme.accounts.models import Account
from cme.accounts.queries import hash_of
from cme.catalog import tuition
from cme.catalog.models import AgendaSession, Offering, Seminar
from cme.database import db
from cme.registration import rules
from cme.registration.models import ACTIVE, HELD, SEATED, Attendance, Payment, Registration, Substitution
from cme.values import Money

REF = re.compile(r"[0-9A-Z]{26}", re.ASCII)  # asked before the database, which takes no NUL
Item = TypeVar("Item")
PER_PAGE = 50


@dataclass(frozen=True)
class Part(Generic[Item]):
    """One page of a long list."""

    items: list[Item]
    total: int
    number: int
    per: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list still has one."""
        return max(1, -(-self.total // self.per))


@dataclass(frozen=True)
class Quote:
    """What a seat costs one person today, and what it is measured by."""

    tier: str
    price: Money
    is_early: bool


def quote(offering: Offering, certification_type: str | None, *, now: datetime) -> Quote:
    """The tuition for a certification type on this day of the seminar's calendar; refused where there is none."""
    tiers = {tier.tier: tier for tier in offering.tiers}
    tier = tiers[rules.tier_for(certification_type, tiers)]
    price = tier.price_on(now.astimezone(ZoneInfo(offering.seminar.time_zone)).date())
    return Quote(tier.tier, price, is_early=price.minor != tier.amount_minor)


def closes_at(offering: Offering) -> datetime | None:
    """When the last person can register for this offering."""
    seminar = offering.seminar
    return rules.closes_at(
        offering.mode, starts_at=seminar.starts_at, terminates_on=seminar.terminates_on, zone=seminar.time_zone
    )


def access_until(offering: Offering, registered_at: datetime) -> date | None:
    """The last day, in the seminar's zone, to watch what was bought on demand then; None where nothing limits it."""
    return tuition.access_until(offering, registered_at.astimezone(ZoneInfo(offering.seminar.time_zone)).date())


def check_on_sale(offering: Offering, *, now: datetime) -> None:
    """Let somebody take a seat that is free, or say why it is no longer given."""
    rules.check_on(offering.seminar.status, closes=closes_at(offering), mode=offering.mode, now=now)


def registration_of(account_id: int, ref: str) -> Registration | None:
    """One person's registration by its ref; somebody else's is not there."""
    return db.session.scalar(select(Registration).where(Registration.account_id == account_id, Registration.ref == ref))


# Written once, for every visit of somebody who is signed in to the page of a seminar asks it.
GOING = select(Registration).where(
    Registration.account_id == bindparam("account_id"),
    Registration.seminar_id == bindparam("seminar_id"),
    Registration.status.in_(ACTIVE),
    # A switch to another way to attend stands beside the place it replaces until it is paid.
    not_(and_(Registration.is_switch, Registration.status == HELD)),
)


def registration_for(account_id: int, seminar_id: int) -> Registration | None:
    """The registration with which a person attends a seminar, or is about to."""
    return db.session.scalar(GOING, {"account_id": account_id, "seminar_id": seminar_id})


def pending_move(registration_id: int) -> Registration | None:
    """The place that is to replace this one, while it is held and not paid yet."""
    begun = select(Registration).where(Registration.moved_from_id == registration_id, Registration.status.in_(ACTIVE))
    return db.session.scalar(begun)


def open_substitution(registration_id: int) -> Substitution | None:
    """What a colleague was offered and has not answered."""
    mine = select(Substitution).where(Substitution.registration_id == registration_id)
    return db.session.scalar(mine.where(Substitution.ended_at.is_(None)))


def substitution_by_token(token: str) -> Substitution | None:
    """The offer a letter's link leads to."""
    return db.session.scalar(select(Substitution).where(Substitution.token_hash == hash_of(token)))


def registrations_of(account_id: int) -> list[Registration]:
    """Everything a person registered for, the latest seminar first."""
    found = (
        select(Registration)
        .join(Registration.seminar)
        .where(Registration.account_id == account_id)
        .options(joinedload(Registration.seminar), joinedload(Registration.offering))
        .order_by(Seminar.starts_at.desc(), Registration.id.desc())
    )
    return list(db.session.scalars(found))


def roster(seminar_id: int) -> list[Registration]:
    """Everybody with a seat at a seminar, by name, with what they attended."""
    found = (
        select(Registration)
        .join(Registration.account)
        .where(Registration.seminar_id == seminar_id, Registration.status.in_(SEATED))
        .options(
            joinedload(Registration.account), joinedload(Registration.offering), selectinload(Registration.attendance)
        )
        .order_by(func.lower(func.coalesce(Account.professional_name, Account.email)), Registration.id)
    )
    return list(db.session.scalars(found))


def attended_by_session(registration_id: int) -> dict[int, int]:
    """How many minutes of which session were attended."""
    found = select(Attendance.session_id, Attendance.minutes).where(Attendance.registration_id == registration_id)
    return {session: minutes for session, minutes in db.session.execute(found)}


def attended_minutes(registration_id: int) -> int:
    """How many minutes of instruction were attended: breaks and meals earn nothing."""
    minutes = (
        select(func.coalesce(func.sum(Attendance.minutes), 0))
        .join(Attendance.session)
        .where(Attendance.registration_id == registration_id, AgendaSession.kind == "instruction")
    )
    return int(db.session.scalar(minutes) or 0)


def payable_payment(registration_id: int) -> Payment | None:
    """The attempt that can still bring money, if there is one."""
    return db.session.scalar(
        select(Payment).where(Payment.registration_id == registration_id, Payment.status.in_(rules.PAYABLE))
    )


def registrations_page(*, q: str = "", status: str = "", number: int = 1) -> Part[Registration]:
    """Registrations for staff, newest first; `q` looks for name, e-mail, ref and seminar."""
    found = select(Registration).join(Registration.account).join(Registration.seminar)
    found = found.options(
        joinedload(Registration.account), joinedload(Registration.seminar), joinedload(Registration.offering)
    )
    if status:
        found = found.where(Registration.status == status)
    return _part(_matching(found, q).order_by(Registration.id.desc()), number)


def payments_page(*, q: str = "", status: str = "", number: int = 1) -> Part[Payment]:
    """Payments for staff, newest first; the status "review" finds those that wait for a decision."""
    found = select(Payment).join(Payment.registration).join(Registration.account).join(Registration.seminar)
    registration = joinedload(Payment.registration)
    found = found.options(
        registration.joinedload(Registration.account),
        registration.joinedload(Registration.seminar),
        selectinload(Payment.refunds),
    )
    if status == "review":
        found = found.where(Payment.review_since.is_not(None))
    elif status:
        found = found.where(Payment.status == status)
    return _part(_matching(found, q).order_by(Payment.id.desc()), number)


def _matching(found: Select[Any], q: str) -> Select[Any]:
    for word in q.split():
        columns = (Account.professional_name, Account.email, Registration.ref, Seminar.title)
        found = found.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return found


def _part(found: Select[Any], number: int) -> Part[Any]:
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    number = max(1, min(number, -(-total // PER_PAGE) or 1))
    items = db.session.scalars(found.limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Part(list(items), total, number)
