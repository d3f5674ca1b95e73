"""What a webinar's log would write down: who of the registered was there, for how long, and who is not known."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cme.accounts.rules import email_key
from cme.catalog.models import AgendaSession
from cme.database import db
from cme.registration.models import CONFIRMED, SEATED, Attendance, AttendanceImport, Registration
from cme.registration.rules.attendance import Span, merged, minutes_in, minutes_within
from cme.values import Mode


@dataclass(frozen=True)
class Person:
    """Somebody registered whom the log names."""

    registration: Registration
    minutes: Mapping[int, int]
    before: Mapping[int, int]
    is_by_name: bool = False

    @property
    def name(self) -> str:
        """The name, or the address while there is none."""
        return self.registration.account.professional_name or self.registration.account.email

    @property
    def gains(self) -> dict[int, int]:
        """The sessions of which the log knows more than is on file; it never takes anything away."""
        return {each: given for each, given in self.minutes.items() if given > self.before.get(each, 0)}


@dataclass(frozen=True)
class Stranger:
    """Somebody whom the log names and the roster does not, or not as somebody who can attend."""

    name: str
    email: str
    minutes: int
    why: str


@dataclass
class Reckoning:
    """A log held against the roster."""

    sessions: list[AgendaSession]
    people: list[Person] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)

    @property
    def news(self) -> list[Person]:
        """Those for whom something would be written down."""
        return [person for person in self.people if person.gains]

    @property
    def known(self) -> int:
        """How many registered people the log names."""
        return len({person.registration.id for person in self.people})

    @property
    def mark(self) -> str:
        """What all of it comes to, so that nothing else counts than was looked at."""
        told = [
            [each.registration.id, each.is_by_name, sorted(each.minutes.items()), sorted(each.before.items())]
            for each in self.people
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]


def import_by_ref(seminar_id: int, ref: str) -> AttendanceImport | None:
    """A log of one seminar by its ref."""
    mine = select(AttendanceImport).where(AttendanceImport.seminar_id == seminar_id, AttendanceImport.ref == ref)
    return db.session.scalar(mine)


def imports_of(seminar_id: int) -> list[AttendanceImport]:
    """The logs that were read, the latest first."""
    mine = select(AttendanceImport).where(AttendanceImport.seminar_id == seminar_id)
    return list(db.session.scalars(mine.order_by(AttendanceImport.id.desc()).limit(20)))


def reckon(found: AttendanceImport) -> Reckoning:
    """Hold a log against the roster as it stands now."""
    sessions = _sessions(found.seminar_id)
    roster = _roster(found.seminar_id)
    by_email = {each.account.email_key: each for each in roster}
    by_name = _by_name(roster)
    result, spans = Reckoning(sessions), _spans(found.spans)
    on_file = _on_file(found.seminar_id)
    surely: dict[int, list[Span]] = defaultdict(list)
    by_name_only: dict[int, list[Span]] = defaultdict(list)
    for (email, name), stayed in spans.items():
        registration = by_email.get(email_key(email)) if email else None
        named = by_name.get(_plain(name)) if registration is None else None
        who = registration or named
        if who is None or who.status != CONFIRMED or who.offering.mode == Mode.ON_DEMAND:
            result.strangers.append(Stranger(name, email, _together(stayed), _why(who)))
        else:
            (surely if registration else by_name_only)[who.id].extend(stayed)
    for each in roster:
        mine = [one for one in sessions if one.mode in ("both", each.offering.mode)]
        minutes, before = _within(mine, surely[each.id]), on_file.get(each.id, {})
        if surely[each.id]:
            result.people.append(Person(each, minutes, before))
        if by_name_only[each.id]:
            # What only bears the name is never mixed into what the address proves: staff decide about it alone.
            before = {one: max(before.get(one, 0), minutes.get(one, 0)) for one in before.keys() | minutes.keys()}
            minutes = _within(mine, [*surely[each.id], *by_name_only[each.id]])
            result.people.append(Person(each, minutes, before, is_by_name=True))
    return result


def _within(sessions: Iterable[AgendaSession], stayed: list[Span]) -> dict[int, int]:
    minutes = {each.id: minutes_within(stayed, each.starts_at, each.ends_at) for each in sessions}
    return {each: given for each, given in minutes.items() if given}


def _why(registration: Registration | None) -> str:
    if registration is None:
        return "Not registered with this address or name"
    return "Registered on demand" if registration.status == CONFIRMED else "The registration is not confirmed"


def _together(stayed: Iterable[Span]) -> int:
    return sum(minutes_in(left - joined) for joined, left in merged(stayed))


def _spans(kept: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], list[Span]]:
    """The spans of each person; an address says who it is, whatever name stands beside it."""
    found: dict[tuple[str, str], list[Span]] = defaultdict(list)
    names: dict[str, str] = {}
    for each in kept:
        email, name = str(each["email"]), str(each["name"])
        name = names.setdefault(email_key(email), name) if email else name
        span = datetime.fromisoformat(each["joined"]), datetime.fromisoformat(each["left"])
        found[email_key(email) if email else "", name].append(span)
    return found


def _sessions(seminar_id: int) -> list[AgendaSession]:
    found = select(AgendaSession).where(AgendaSession.seminar_id == seminar_id, AgendaSession.kind == "instruction")
    return list(db.session.scalars(found.order_by(AgendaSession.starts_at, AgendaSession.position)))


def _roster(seminar_id: int) -> list[Registration]:
    found = select(Registration).where(Registration.seminar_id == seminar_id, Registration.status.in_(SEATED))
    found = found.options(joinedload(Registration.account), joinedload(Registration.offering))
    return list(db.session.scalars(found.order_by(Registration.id)))


def _on_file(seminar_id: int) -> dict[int, dict[int, int]]:
    found = select(Attendance.registration_id, Attendance.session_id, Attendance.minutes)
    found = found.join(Attendance.registration).where(Registration.seminar_id == seminar_id)
    kept: dict[int, dict[int, int]] = defaultdict(dict)
    for registration, session, minutes in db.session.execute(found):
        kept[registration][session] = minutes
    return kept


def _plain(name: str) -> str:
    """A name without degrees, in one case."""
    return " ".join(name.split(",")[0].split()).casefold()


def _by_name(roster: Iterable[Registration]) -> dict[str, Registration]:
    """Those whom a name alone tells apart."""
    found: dict[str, list[Registration]] = defaultdict(list)
    for each in roster:
        found[_plain(each.account.professional_name or "")].append(each)
    return {name: those[0] for name, those in found.items() if name and len(those) == 1}
