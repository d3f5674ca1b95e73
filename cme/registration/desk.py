"""What staff see at the desk: who came on which day, and what was taken in."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from cme.catalog.models import Seminar
from cme.catalog.queries import seminar_by_slug
from cme.database import db
from cme.registration import queries, rules
from cme.registration.models import CONFIRMED, PAID, Payment, Refund, Registration
from cme.registration.rules.attendance import SOURCES
from cme.registration.standing import BACK, Standing
from cme.values import Mode, Money


@dataclass(frozen=True)
class Line:
    """One person of a roster."""

    registration: Registration
    standing: Standing
    present: frozenset[date]
    minutes: int = 0
    sources: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name, or the address while there is none."""
        return self.registration.account.professional_name or self.registration.account.email

    @property
    def is_confirmed(self) -> bool:
        """Whether attendance can be marked."""
        return self.registration.status == CONFIRMED

    def matches(self, words: Iterable[str]) -> bool:
        """Whether all these words stand in name, address or ref."""
        account = self.registration.account
        text = f"{account.professional_name or ''} {account.email} {self.registration.ref}".casefold()
        return all(word.casefold() in text for word in words)


@dataclass(frozen=True)
class Roster:
    """Everybody with a seat, the days of instruction, and the day it is there."""

    seminar: Seminar
    today: date
    days: list[date]
    lines: list[Line] = field(default_factory=list)

    def confirmed(self, mode: str | None = None) -> list[Line]:
        """Those whose seat is theirs, by way of attending."""
        return [line for line in self.lines if line.is_confirmed and mode in (None, line.registration.offering.mode)]

    def present_on(self, day: date) -> int:
        """How many attended on a day."""
        return sum(day in line.present for line in self.lines)

    @property
    def latest(self) -> date | None:
        """The last day that has begun."""
        return max((day for day in self.days if day <= self.today), default=None)

    @property
    def capacity(self) -> int:
        """The seats in the room."""
        return sum(each.capacity for each in self.seminar.offerings if each.mode == Mode.IN_PERSON)

    @property
    def without_details(self) -> int:
        """How many cannot claim yet because their Account Details are not complete."""
        return sum(bool(line.registration.account.details_missing()) for line in self.confirmed())


def roster_of(slug: str, *, now: datetime) -> Roster | None:
    """The roster of a seminar, whatever its status."""
    seminar = seminar_by_slug(slug, preview=True)
    if seminar is None:
        return None
    today = now.astimezone(ZoneInfo(seminar.time_zone)).date()
    people = queries.roster(seminar.id)
    _with_money(seminar.id)
    days_of = {session.id: session.on for session in seminar.sessions if session.counts}
    lines = [_line(each, days_of, now) for each in people]
    return Roster(seminar, today, sorted(set(days_of.values())), lines)


def _line(registration: Registration, days_of: dict[int, date], now: datetime) -> Line:
    kept = [each for each in registration.attendance if each.minutes and each.session_id in days_of]
    sources = tuple(dict.fromkeys(SOURCES[each.source] for each in kept))
    days, minutes = frozenset(days_of[each.session_id] for each in kept), sum(each.minutes for each in kept)
    return Line(registration, Standing(registration, now), days, minutes, sources)


def _with_money(seminar_id: int) -> None:
    """Load the payments of everybody at once; the session keeps them for those it knows already."""
    paid = selectinload(Registration.payments).selectinload(Payment.refunds)
    db.session.scalars(select(Registration).where(Registration.seminar_id == seminar_id).options(paid)).all()


def person_on(roster: Roster, ref: str) -> Line | None:
    """One person of a roster by their ref."""
    return next((line for line in roster.lines if line.registration.ref == ref), None)


def check_day(roster: Roster, day: date) -> None:
    """Let attendance be marked on a day of instruction that has come."""
    if day not in roster.days:
        raise rules.AttendanceImpossible("The seminar has no instruction on that day.")
    if day > roster.today:
        raise rules.AttendanceImpossible(
            f"Attendance for {day:%B} {day.day} can be marked from that day on: nobody has attended it yet."
        )


@dataclass(frozen=True)
class Takings:
    """What one mode of payment brought in one currency."""

    mode: str
    count: int
    received: Money
    returned: Money

    @property
    def net(self) -> Money:
        """What is left."""
        return Money(self.received.minor - self.returned.minor, self.received.currency)


def takings() -> list[Takings]:
    """What was taken in and given back, by mode: money of a demonstration is never counted with real money."""
    by = (Payment.mode, Payment.currency)
    paid = select(*by, func.count(), func.sum(Payment.amount_minor)).where(Payment.status == PAID).group_by(*by)
    back = select(*by, func.sum(Refund.amount_minor)).join(Refund.payment).where(Refund.status.in_(BACK)).group_by(*by)
    returned: dict[tuple[str, str], int] = defaultdict(int)
    for mode, currency, amount in db.session.execute(back):
        returned[mode, currency] = int(amount)
    return [
        Takings(mode, count, Money(int(amount), currency), Money(returned[mode, currency], currency))
        for mode, currency, count, amount in db.session.execute(paid.order_by(*by))
    ]


def in_review() -> int:
    """How many payments wait for a decision of staff."""
    return int(db.session.scalar(select(func.count(Payment.id)).where(Payment.review_since.is_not(None))) or 0)
