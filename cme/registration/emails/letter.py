"""How every letter about a registration is written: to whom, with which facts, with what in the envelope."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cme.catalog import tuition
from cme.database import db
from cme.mail import Letter, is_rehearsal, write_letter
from cme.pages import date_range, long_date, moment
from cme.registration import funds
from cme.registration.models import Paper, Registration
from cme.values import MODE_LABELS, Mode, Money

Row = tuple[str, str]
Enclosed = tuple[dict[str, Any], ...]  # each by kind and number, with the name of its file
ONLINE = "Online"


def write(
    name: str,
    registration: Registration,
    key: str,
    subject: str,
    *,
    at: datetime,
    to: str | None = None,
    attachments: Enclosed = (),
    **words: Any,
) -> Letter:
    """Write one letter to the person who goes, or to somebody they name; the key makes it one."""
    account = registration.account
    back, by_card = way_back(registration)
    return write_letter(
        f"registration/{name}",
        key=key,
        to=to or account.email,
        subject=f"{subject}: {registration.seminar.title}",
        at=at,
        account_id=None if to else account.id,
        attachments=attachments,
        registration=registration,
        seminar=registration.seminar,
        offering=registration.offering,
        account=account,
        back=back,
        by_card=by_card,
        page=f"/registrations/{registration.ref}",
        **words,
    )


def facts(registration: Registration, *, at: datetime) -> list[Row]:
    """What, when, how and where: the same lines in both forms of every letter."""
    seminar, mode = registration.seminar, Mode(registration.offering.mode)
    lines = [("Seminar", seminar.title), *times(registration, at=at), ("Attend", MODE_LABELS[mode])]
    return [*lines, ("Where", where(registration))] if mode is Mode.IN_PERSON else lines


def times(registration: Registration, *, at: datetime) -> list[Row]:
    """The days and the hour it begins, in the seminar's zone; on demand, how long it can be watched."""
    seminar = registration.seminar
    if registration.offering.mode == Mode.ON_DEMAND:
        until = access_until(registration, at=at)
        return [("Watch", f"Until {long_date(until)}" if until else "Whenever it suits you")]
    return [("When", date_range(seminar.starts_on, seminar.ends_on)), ("Begins", begins(registration))]


def begins(registration: Registration) -> str:
    """When it begins there: March 15, 2027, 7:30 am EDT."""
    return moment(registration.seminar.starts_at, registration.seminar.time_zone)


def where(registration: Registration) -> str:
    """The way to the room; online where nobody has to go anywhere."""
    seminar = registration.seminar
    if registration.offering.mode != Mode.IN_PERSON:
        return ONLINE
    return ", ".join(part for part in (seminar.venue, seminar.address, seminar.place) if part)


def access_until(registration: Registration, *, at: datetime) -> date | None:
    """The last day to watch what was bought on demand; None where nothing limits it."""
    bought = (registration.confirmed_at or at).astimezone(ZoneInfo(registration.seminar.time_zone)).date()
    return tuition.access_until(registration.offering, bought)


def until(deadline: date, registration: Registration) -> str:
    """A deadline as a reader needs it: a day, or a moment in the seminar's zone."""
    zone = registration.seminar.time_zone
    return moment(deadline, zone) if isinstance(deadline, datetime) else long_date(deadline)


def way_back(registration: Registration) -> tuple[str, bool]:
    """To where money goes back, and whether a card or a bank does it, which takes its time."""
    payments = funds.payments_behind(registration)
    by_card = all(payment.means == "card" for payment in payments)
    if any(payment.registration.account_id != registration.account_id for payment in payments):
        return ("to the card or account it was paid with" if by_card else "the way it was paid"), by_card
    return ("to the card or account you paid with" if by_card else "to you the way you paid"), by_card


def calendar(registration: Registration) -> Enclosed:
    """The calendar file of a place with dates, as the place stands when the letter leaves."""
    if registration.offering.mode == Mode.ON_DEMAND:
        return ()
    return ({"kind": "calendar", "registration": registration.id, "name": f"{registration.seminar.slug}.ics"},)


def paper_about(kind: str, about: str) -> Paper | None:
    """The numbered paper of a kind about a payment, a refund or a registration, where it was issued."""
    if is_rehearsal():
        return Paper(id=0, kind=kind, year=2027, seq=123)
    return db.session.scalar(select(Paper).where(Paper.kind == kind, Paper.about == about))


def worth(registration: Registration) -> Money:
    """What is left of the money behind a place; in a rehearsal its price, for nobody paid."""
    return registration.amount_due if is_rehearsal() else funds.value(registration)


def enclosed(paper: Paper | None) -> Enclosed:
    """A paper, printed when the letter leaves; nothing where there is none."""
    if paper is None:
        return ()
    return ({"kind": "paper", "paper": paper.id, "name": f"{paper.kind}-{paper.number}.pdf"},)
