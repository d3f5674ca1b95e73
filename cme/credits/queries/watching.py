"""What is known of recordings and of who watched them how far."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from cme.catalog.cards import day_in
from cme.catalog.models import AgendaSession, Seminar
from cme.credits import rules
from cme.credits.models import Recording, Viewing
from cme.credits.rules import watching
from cme.database import db
from cme.registration.models import CONFIRMED, Registration
from cme.registration.queries import access_until
from cme.values import Mode


@dataclass(frozen=True)
class Watched:
    """A recording, and how far one person has watched it."""

    number: int
    recording: Recording
    viewing: Viewing | None
    wanted: int

    @property
    def session(self) -> AgendaSession:
        """What was recorded."""
        return self.recording.session

    @property
    def percent(self) -> int:
        """How much of it was played."""
        if self.viewing is None:
            return 0
        if self.is_stream:
            return 100 if self.is_done else 0
        return watching.percent_of(self.viewing.played, self.recording.seconds)

    @property
    def is_done(self) -> bool:
        """Whether enough of it was watched."""
        return self.viewing is not None and self.viewing.completed_at is not None

    @property
    def is_stream(self) -> bool:
        """Whether it is played elsewhere."""
        return self.recording.kind != "file"

    @property
    def position(self) -> int:
        """Where to go on; from the start again once the end is reached."""
        at = self.viewing.position if self.viewing else 0
        return 0 if at >= self.recording.seconds - 5 else at

    @property
    def length(self) -> str:
        """How long it is."""
        return watching.clock_of(self.recording.seconds)


def recordings_of(seminar_id: int) -> dict[int, Recording]:
    """The recordings of a seminar by session."""
    chosen = select(Recording).join(AgendaSession).where(AgendaSession.seminar_id == seminar_id)
    return {each.session_id: each for each in db.session.scalars(chosen)}


def sessions_to_record(seminar: Seminar) -> list[AgendaSession]:
    """The instruction of a seminar that can be watched on demand."""
    return [each for each in seminar.sessions if each.counts and each.mode in ("both", Mode.ON_DEMAND)]


def watched_by(registration: Registration) -> list[Watched]:
    """What there is to watch for somebody on demand, in the order of the agenda, and how far they are."""
    if registration.offering.mode != Mode.ON_DEMAND:
        return []
    seminar = registration.seminar
    known = recordings_of(seminar.id)
    seen = {
        each.session_id: each
        for each in db.session.scalars(select(Viewing).where(Viewing.registration_id == registration.id))
    }
    here = [known[each.id] for each in sessions_to_record(seminar) if each.id in known]
    wanted = seminar.watch_percent
    return [Watched(number, each, seen.get(each.session_id), wanted) for number, each in enumerate(here, 1)]


def has_watched(registration: Registration) -> bool:
    """Whether enough of every recording was watched; of none where there is none."""
    return all(each.is_done for each in watched_by(registration))


def last_report(account_id: int) -> datetime | None:
    """When we last heard that this person watches anything."""
    chosen = select(func.max(Viewing.updated_at)).join(Registration, Registration.id == Viewing.registration_id)
    return db.session.scalar(chosen.where(Registration.account_id == account_id))


def watched_since(account_id: int) -> dict[int, tuple[datetime, float]]:
    """What this person has watched of anything: when it was begun, and how many seconds of it were wanted."""
    chosen = (
        select(Viewing.id, Viewing.started_at, Recording.seconds, Seminar.watch_percent)
        .join(Recording, Recording.session_id == Viewing.session_id)
        .join(Registration, Registration.id == Viewing.registration_id)
        .join(Seminar, Seminar.id == Registration.seminar_id)
        .where(Registration.account_id == account_id, Viewing.completed_at.is_not(None))
    )
    return {key: (begun, seconds * wanted / 100) for key, begun, seconds, wanted in db.session.execute(chosen)}


def access_ends(registration: Registration) -> date | None:
    """The last day to watch and to answer what was bought on demand."""
    return access_until(registration.offering, registration.confirmed_at or registration.created_at)


def check_access(registration: Registration, *, now: datetime) -> None:
    """Let in who bought an activity on demand, from its release until their access ends."""
    if registration.status != CONFIRMED:
        raise rules.NotRegistered
    seminar = registration.seminar
    today = day_in(seminar.time_zone, now)
    if seminar.released_on is None or today < seminar.released_on:
        raise rules.NotReleased
    until = access_ends(registration)
    if until is not None and today > until:
        raise watching.AccessOver
