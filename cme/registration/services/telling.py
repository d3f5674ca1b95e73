"""Letters the clock asks for: found by how things stand, written once each; safe to cut off and to run twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, exists, literal, or_, select

from cme.catalog.models import PUBLISHED, Offering, Seminar
from cme.database import db, lock, retried, transaction
from cme.mail import Letter
from cme.registration import emails
from cme.registration.models import CANCELLED, CONFIRMED, HELD, OPEN, Payment, Registration
from cme.values import Mode

MOST = 1000  # of a kind in one round; the next round goes on
PAYING_ENDS = timedelta(minutes=20)  # Stripe's page closes ten minutes before the hold ends
INVOICE_ENDS, SINCE_INVOICE = timedelta(days=3), timedelta(days=1)
LOGISTICS, SINCE_CONFIRMED = timedelta(days=7), timedelta(hours=1)
JOINING = timedelta(days=1)
CREDIT_ENDS = timedelta(days=30)
STILL_EDITING = timedelta(minutes=15)

Due = Select[int]


@dataclass(frozen=True)
class Round:
    """One kind of letter: to whom it is due, and how it is written."""

    name: str
    due: Callable[[datetime], Due]
    write: Callable[..., Letter | None]


def tell(*, now: datetime) -> dict[str, int]:
    """Write every letter that is due; answers how many of each kind."""
    return {each.name: sum(_tell(each, number, now) for number in _numbers(each, now)) for each in ROUNDS}


def _numbers(one: Round, now: datetime) -> list[int]:
    return list(db.session.scalars(one.due(now).order_by(Registration.id).limit(MOST)))


@retried
def _tell(one: Round, number: int, now: datetime) -> bool:
    with transaction():
        registration = lock(Registration, number)
        if db.session.scalar(one.due(now).where(Registration.id == number)) is None:
            return False  # another runner was quicker, or it is true no longer
        return one.write(registration, at=now) is not None


def _without(letter: str, *more: Any) -> Due:
    """The registrations about which a letter is still unwritten; its key has their number, and what else counts."""
    key = literal(f"{letter}:") + cast(Registration.id, String)
    for each in more:
        key = key + literal(":") + cast(each, String)
    return select(Registration.id).where(~exists().where(Letter.key == key))


def _holds_ending(now: datetime) -> Due:
    """Somebody has the payment page open, and both that and their seat are soon gone."""
    paying = exists().where(Payment.registration_id == Registration.id, Payment.status == OPEN)
    held = Registration.status == HELD, Registration.invoiced_at.is_(None)
    return _without("hold-ending").where(*held, Registration.hold_until.between(now, now + PAYING_ENDS), paying)


def _invoices_ending(now: datetime) -> Due:
    """A check or a transfer has not come, and the seat is held for a few days only."""
    held = Registration.status == HELD, Registration.invoiced_at <= now - SINCE_INVOICE
    return _without("invoice-ending").where(*held, Registration.hold_until.between(now, now + INVOICE_ENDS))


def _coming(letter: str) -> Due:
    """Those with a seat at a seminar that is on, wherever they attend."""
    coming = _without(letter).join(Registration.seminar).join(Registration.offering)
    is_live = Offering.mode != Mode.ON_DEMAND
    return coming.where(Registration.status == CONFIRMED, Seminar.status == PUBLISHED, is_live)


def _weeks_before(now: datetime) -> Due:
    """Whoever comes within a week, but nobody in the hour of their confirmation."""
    soon = Seminar.starts_at > now, Seminar.starts_at <= now + LOGISTICS
    return _coming("week-before").where(*soon, Registration.confirmed_at <= now - SINCE_CONFIRMED)


def _joining(now: datetime) -> Due:
    """Whoever watches the livestream that begins within a day or has begun, once there is a link."""
    soon = Seminar.starts_at <= now + JOINING, Seminar.ends_at > now
    return _coming("join-link").where(*soon, Offering.mode == Mode.LIVESTREAM, Offering.webcast_url != "")


def _credits_ending(now: datetime) -> Due:
    """Tuition on hold that can be used for a few weeks only."""
    today = now.date()
    last = Registration.credit_until.between(today, today + CREDIT_ENDS)
    return _without("credit-ending", Registration.credit_until).where(Registration.status == CANCELLED, last)


def _changed(now: datetime) -> Due:
    """Those who were told of an earlier version of a seminar ahead that nobody is editing any more."""
    told = Registration.told["version"].as_integer()
    found = select(Registration.id).join(Registration.seminar).join(Registration.offering)
    found = found.where(Seminar.status == PUBLISHED, Seminar.starts_at > now, Seminar.updated_at <= now - STILL_EDITING)
    found = found.where(Registration.status == CONFIRMED, Offering.mode != Mode.ON_DEMAND)
    return found.where(or_(told.is_(None), told != Seminar.version))


def _tell_changes(registration: Registration, *, at: datetime) -> Letter | None:
    """Tell what changed, if it is anything a person plans by, and remember what was told."""
    today = emails.facts_of(registration)
    changes = emails.changes_in(registration.told, today)
    letter = emails.changed(registration, changes, at=at) if changes else None
    registration.told = today
    return letter


ROUNDS = (
    Round("holds about to end", _holds_ending, emails.hold_ending),
    Round("invoices about to end", _invoices_ending, emails.hold_ending),
    Round("weeks before", _weeks_before, emails.week_before),
    Round("links to join", _joining, emails.join_link),
    Round("tuition on hold about to end", _credits_ending, emails.credit_ending),
    Round("changed seminars", _changed, _tell_changes),
)
