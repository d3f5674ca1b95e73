"""Writing down who came, and correcting it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from cme import audit
from cme.catalog.models import AgendaSession, Seminar
from cme.database import db, insert, lock, retried, transaction
from cme.registration import earned, queries, rules
from cme.registration.models import CONFIRMED, Attendance, AttendanceChange, Registration
from cme.registration.rules.attendance import (
    SCAN,
    SHEET,
    STAFF,
    AttendanceChanged,
    NotInThisSession,
    ReasonMissing,
    check_begun,
)
from cme.values import Mode

AT_THE_DESK = "Marked again at the desk"
SHORTENED = "The session was shortened"
DESK = {STAFF, SCAN}  # what staff did with their own hands
LATELY = timedelta(days=2)


@retried
def mark_attendance(
    registration_id: int, minutes_by_session: Mapping[int, int], *, by: Any, now: datetime
) -> dict[int, int]:
    """Write down all that a person attended; a session with no minutes, or left out, was not attended."""
    with transaction():
        registration = lock(Registration, registration_id)
        on_file = queries.attended_by_session(registration.id)
        wanted = {**dict.fromkeys(on_file, 0), **minutes_by_session}
        put_down(registration, wanted, source=STAFF, by=by, now=now)
        return queries.attended_by_session(registration.id)


@retried
def mark_day(registration_ids: Iterable[int], on: date, *, by: Any, now: datetime) -> int:
    """Write down that these people attended every minute of instruction on one day; answers how many they are.

    What is on file already stays as it is.
    """
    with transaction():
        locked = [lock(Registration, each) for each in sorted(set(registration_ids))]
        for registration in locked:
            day = (each for each in sessions_for(registration) if each.on == on)
            put_down(registration, missing(registration, day), source=STAFF, by=by, now=now)
        return len(locked)


@retried
def mark_one(registration_id: int, on: date, *, present: bool, by: Any, now: datetime) -> None:
    """Write down that somebody attended all instruction of one day, or none of it; other days stay as they are."""
    with transaction():
        registration = lock(Registration, registration_id)
        day = [each for each in sessions_for(registration) if each.on == on]
        if not day:
            raise NotInThisSession
        minutes = missing(registration, day) if present else {each.id: 0 for each in day}
        put_down(registration, minutes, source=STAFF, by=by, now=now)


@retried
def key_sheet(session_id: int, registration_ids: Iterable[int], *, by: Any, now: datetime) -> int:
    """Write down who signed the sheet of a session; answers how many were new."""
    with transaction() as session:
        sheet = session.get_one(AgendaSession, session_id)
        check_begun(sheet.starts_at, now)
        new = 0
        for number in sorted(set(registration_ids)):
            registration = lock(Registration, number)
            if sheet not in sessions_for(registration):
                raise NotInThisSession
            signed = missing(registration, [sheet])
            new += bool(put_down(registration, signed, source=SHEET, by=by, now=now))
        return new


@retried
def correct(
    registration_id: int,
    minutes: Mapping[int, int],
    *,
    shown: Mapping[int, int],
    reason: str,
    by: Any,
    now: datetime,
) -> int:
    """Set the minutes of some sessions, and keep why; answers how many changed, refused if others changed meanwhile."""
    with transaction():
        registration = lock(Registration, registration_id)
        if queries.attended_by_session(registration.id) != {each: kept for each, kept in shown.items() if kept}:
            raise AttendanceChanged
        if not reason and any(minutes.get(each, kept) != kept for each, kept in shown.items() if kept):
            raise ReasonMissing
        for each in _sessions(registration.seminar_id):
            if minutes.get(each.id, 0) > shown.get(each.id, 0):
                check_begun(each.starts_at, now)
        return len(put_down(registration, minutes, source=STAFF, by=by, now=now, reason=reason))


@retried
def take_back(registration_id: int, session_id: int, *, by: Any, now: datetime) -> None:
    """Take back a mark the desk made by mistake; what came from elsewhere is corrected with a reason."""
    with transaction():
        registration = lock(Registration, registration_id)
        put_down(registration, {session_id: 0}, source=STAFF, by=by, now=now)


def sessions_for(registration: Registration) -> list[AgendaSession]:
    """The instruction a person can attend: none on demand, for there is nowhere to come to."""
    mode = registration.offering.mode
    if mode == Mode.ON_DEMAND:
        return []
    return [each for each in registration.seminar.sessions if each.counts and each.mode in ("both", mode)]


def missing(registration: Registration, sessions: Iterable[AgendaSession]) -> dict[int, int]:
    """All minutes of those sessions for which nothing is on file yet."""
    on_file = queries.attended_by_session(registration.id)
    return {each.id: each.minutes for each in sessions if each.id not in on_file}


def put_down(
    registration: Registration,
    minutes: Mapping[int, int],
    *,
    source: str,
    by: Any,
    now: datetime,
    reason: str = "",
) -> dict[int, int]:
    """Write minutes of some sessions for a locked registration; what was on file is kept beside it, with the reason."""
    if registration.status != CONFIRMED:
        raise rules.NotAttending
    longest = {each.id: each.minutes for each in _sessions(registration.seminar_id)}
    if any(not 0 <= given <= longest.get(each, -1) for each, given in minutes.items()):
        raise rules.AttendanceImpossible
    mine = select(Attendance).where(Attendance.registration_id == registration.id)
    on_file = {row.session_id: (row.minutes, row.source) for row in db.session.scalars(mine)}
    before = {each: on_file[each][0] for each in on_file}
    changed = {each: given for each, given in minutes.items() if given != before.get(each, 0)}
    corrected = changed.keys() & on_file.keys()
    if not changed:
        return {}
    if corrected and not reason:
        # The desk may take back its own tick at once; whatever else is on file is evidence of somebody's credit.
        is_own = source == STAFF and {on_file[each][1] for each in corrected} <= DESK
        if not is_own or earned.has_claimed(registration.id):
            raise ReasonMissing
        reason = AT_THE_DESK
    number = by.id if by is not None else None
    for each, given in changed.items():
        _set(registration.id, each, given, {"source": source, "recorded_by": number, "recorded_at": now})
        if each in corrected:
            words = {"source": source, "reason": reason, "changed_by": number, "changed_at": now}
            change = AttendanceChange(registration_id=registration.id, session_id=each, **words)
            change.before, change.after = before[each], given
            db.session.add(change)
    db.session.expire(registration, ["attendance"])
    kept = queries.attended_by_session(registration.id)
    facts = {"minutes": sum(kept.values()), "sessions": len(kept), "source": source}
    personal = {"reason": reason} if corrected else None
    did = "corrected attendance" if corrected else "marked attendance"
    audit.record(by, did, registration, at=now, personal=personal, **facts)
    return changed


def _set(registration_id: int, session_id: int, minutes: int, how: dict[str, Any]) -> None:
    mine = (Attendance.registration_id == registration_id, Attendance.session_id == session_id)
    if not minutes:
        db.session.execute(delete(Attendance).where(*mine))
        return
    values = {"minutes": minutes, **how}
    row = insert(Attendance).values(registration_id=registration_id, session_id=session_id, **values)
    keys = [Attendance.registration_id, Attendance.session_id]
    db.session.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


def _sessions(seminar_id: int) -> list[AgendaSession]:
    return list(db.session.scalars(select(AgendaSession).where(AgendaSession.seminar_id == seminar_id)))


def fit_to_sessions(*, now: datetime) -> int:
    """Cut attendance to the length of sessions that were shortened lately; answers for how many people."""
    longest = func.max(Attendance.minutes)
    found = select(AgendaSession, longest).join(Attendance, Attendance.session_id == AgendaSession.id)
    found = found.join(AgendaSession.seminar).where(Seminar.updated_at > now - LATELY).group_by(AgendaSession.id)
    short = [session.id for session, most in db.session.execute(found) if most > session.minutes]
    people = select(Attendance.registration_id).where(Attendance.session_id.in_(short)).distinct()
    return sum(_fit(number, now) for number in sorted(db.session.scalars(people)))


@retried
def _fit(registration_id: int, now: datetime) -> bool:
    with transaction():
        registration = lock(Registration, registration_id)
        on_file = queries.attended_by_session(registration_id)
        lengths = {each.id: each.minutes for each in _sessions(registration.seminar_id)}
        cut = {each: lengths[each] for each, kept in on_file.items() if kept > lengths[each]}
        for each, minutes in cut.items():
            mine = (Attendance.registration_id == registration_id, Attendance.session_id == each)
            db.session.execute(update(Attendance).where(*mine).values(minutes=minutes))
            words = {"source": STAFF, "reason": SHORTENED, "changed_by": None, "changed_at": now}
            change = {"session_id": each, "before": on_file[each], "after": minutes}
            db.session.add(AttendanceChange(registration_id=registration_id, **change, **words))
        if cut:
            audit.record(None, "cut attendance", registration, at=now, sessions=len(cut))
        return bool(cut)
