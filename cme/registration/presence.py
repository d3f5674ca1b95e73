"""Who is present at which session, as the pages of the door and of corrections show it; and its promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from cme.accounts.models import Account
from cme.catalog.models import AgendaSession, Seminar
from cme.catalog.models.seminar import PUBLISHED
from cme.database import db
from cme.registration.models import CONFIRMED, Attendance, AttendanceChange, Registration
from cme.registration.queries import attended_by_session
from cme.registration.rules.attendance import LATE, OPENS, SOURCES, is_open, minutes_from
from cme.registration.services.attendance import sessions_for

DOORS_AHEAD, DOORS_AFTER = timedelta(hours=14), timedelta(days=3)
EDITING = timedelta(hours=1)  # the sweep cuts what no longer fits a session that was just shortened
Numbered = tuple[int, AgendaSession]


def numbered(seminar: Seminar) -> list[Numbered]:
    """The sessions of instruction that have a place and a time, counted from 1."""
    return list(enumerate((each for each in seminar.sessions if each.counts), 1))


def session_numbered(seminar: Seminar, number: str) -> Numbered | None:
    """A session by the number in an address."""
    return next((pair for pair in numbered(seminar) if str(pair[0]) == number), None)


def current_session(seminar: Seminar, *, now: datetime) -> Numbered | None:
    """The session people come to now: the last one whose check-in is open, else the next, else the last."""
    sessions = numbered(seminar)
    running = [pair for pair in sessions if is_open(pair[1].starts_at, pair[1].ends_at, now)]
    ahead = [pair for pair in sessions if pair[1].starts_at > now]
    return next(iter(running[-1:] or ahead[:1] or sessions[-1:]), None)


@dataclass(frozen=True)
class Guest:
    """Somebody who may come to a session, and whether they have."""

    registration: Registration
    attendance: Attendance | None

    @property
    def name(self) -> str:
        """The name, or the address while there is none."""
        return self.registration.account.professional_name or self.registration.account.email

    @property
    def how(self) -> str:
        """How we know."""
        return SOURCES[self.attendance.source] if self.attendance else ""


@dataclass(frozen=True)
class Door:
    """One session's door: who may come, who has, and what coming now would count."""

    seminar: Seminar
    number: int
    session: AgendaSession
    now: datetime

    @cached_property
    def guests(self) -> list[Guest]:
        """Everybody who may come, by name."""
        here = select(Attendance).where(Attendance.session_id == self.session.id)
        came = {each.registration_id: each for each in db.session.scalars(here)}
        people = select(Registration).join(Registration.account)
        people = people.where(Registration.seminar_id == self.seminar.id, Registration.status == CONFIRMED)
        people = people.options(joinedload(Registration.account), joinedload(Registration.offering))
        name = func.lower(func.coalesce(Account.professional_name, Account.email))
        found = db.session.scalars(people.order_by(name, Registration.id))
        return [Guest(each, came.get(each.id)) for each in found if self.session in sessions_for(each)]

    def matching(self, q: str) -> list[Guest]:
        """Those whom all these words fit."""
        words = q.casefold().split()
        return [each for each in self.guests if all(word in _told(each.registration) for word in words)]

    @property
    def came(self) -> int:
        """How many are checked in."""
        return sum(each.attendance is not None for each in self.guests)

    @property
    def is_ahead(self) -> bool:
        """Whether nobody can be there yet."""
        return self.now < self.session.starts_at - OPENS

    @property
    def opens_at(self) -> datetime:
        """When check-in opens."""
        return self.session.starts_at - OPENS

    @property
    def minutes_now(self) -> int:
        """What somebody who comes now is given."""
        return minutes_from(self.session.starts_at, self.session.ends_at, self.now)

    @property
    def is_late(self) -> bool:
        """Whether whoever comes now has missed some of it."""
        return self.session.starts_at + LATE < self.now < self.session.ends_at


def _told(registration: Registration) -> str:
    account = registration.account
    return f"{account.professional_name or ''} {account.email} {registration.ref}".casefold()


def doors(*, now: datetime) -> list[Seminar]:
    """The seminars with something to check in to about now, and those just over whose sheets are still keyed."""
    held = select(AgendaSession.seminar_id).where(
        AgendaSession.kind == "instruction",
        AgendaSession.starts_at <= now + DOORS_AHEAD,
        AgendaSession.ends_at >= now - DOORS_AFTER,
    )
    found = select(Seminar).where(Seminar.id.in_(held), Seminar.status == PUBLISHED)
    return list(db.session.scalars(found.order_by(Seminar.starts_at, Seminar.id)))


@dataclass(frozen=True)
class Line:
    """One session on the page of corrections."""

    number: int
    session: AgendaSession
    attendance: Attendance | None
    who: str

    @property
    def minutes(self) -> int:
        """The minutes on file."""
        return self.attendance.minutes if self.attendance else 0

    @property
    def how(self) -> str:
        """How we know."""
        return SOURCES[self.attendance.source] if self.attendance else ""


def lines_of(registration: Registration) -> list[Line]:
    """What one person attended, session by session; sessions on file come along even if they are no longer theirs."""
    mine = select(Attendance).where(Attendance.registration_id == registration.id)
    on_file = {each.session_id: each for each in db.session.scalars(mine)}
    theirs = {each.id for each in sessions_for(registration)}
    names = names_of({each.recorded_by for each in on_file.values() if each.recorded_by})
    sessions = enumerate((each for each in registration.seminar.sessions if each.counts or each.id in on_file), 1)
    return [
        Line(number, each, found := on_file.get(each.id), names.get(found.recorded_by or 0, "") if found else "")
        for number, each in sessions
        if each.id in theirs or each.id in on_file
    ]


def changes_of(registration_id: int) -> list[AttendanceChange]:
    """What was corrected, the latest first."""
    mine = select(AttendanceChange).where(AttendanceChange.registration_id == registration_id)
    mine = mine.options(joinedload(AttendanceChange.session)).order_by(AttendanceChange.id.desc())
    return list(db.session.scalars(mine))


def names_of(accounts: set[int]) -> dict[int, str]:
    """The names of those who wrote something down."""
    found = db.session.scalars(select(Account).where(Account.id.in_(accounts)))
    return {each.id: each.professional_name or each.email for each in found}


def can_check_in(registration: Registration, *, now: datetime) -> bool:
    """Whether somebody has a session to check in to now, and has not yet."""
    if registration.status != CONFIRMED:
        return False
    running = {each.id for each in sessions_for(registration) if is_open(each.starts_at, each.ends_at, now)}
    return bool(running and running - attended_by_session(registration.id).keys())


def breaches(*, now: datetime) -> Iterator[str]:
    """Nobody attended longer than a session lasts, or one of another seminar; what was corrected is what stands."""
    found = select(Attendance, AgendaSession, Registration.seminar_id, Seminar.updated_at)
    found = found.join(AgendaSession, Attendance.session_id == AgendaSession.id)
    found = found.join(Registration, Attendance.registration_id == Registration.id)
    found = found.join(Seminar, AgendaSession.seminar_id == Seminar.id).execution_options(yield_per=500)
    for row, session, seminar, updated in db.session.execute(found):
        if session.seminar_id != seminar:
            yield f"attendance {row.id} is of a session of another seminar"
        if row.minutes > session.minutes and updated < now - EDITING:
            yield f"attendance {row.id} is {row.minutes} minutes of a session of {session.minutes}"
    yield from _corrections()


def _corrections() -> Iterator[str]:
    each = (AttendanceChange.registration_id, AttendanceChange.session_id)
    latest = select(func.max(AttendanceChange.id)).group_by(*each)
    here = (Attendance.registration_id == AttendanceChange.registration_id) & (
        Attendance.session_id == AttendanceChange.session_id
    )
    found = select(AttendanceChange, Attendance).outerjoin(Attendance, here).where(AttendanceChange.id.in_(latest))
    for change, row in db.session.execute(found):
        stands = row.minutes if row is not None else 0
        # Somebody whose mark was taken back may be checked in again later.
        is_later = row is not None and change.after == 0 and row.recorded_at >= change.changed_at
        if stands != change.after and not is_later:
            yield f"attendance correction {change.id} says {change.after} minutes where {stands} stand"
