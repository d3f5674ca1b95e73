"""Writing down who came."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from cme import audit
from cme.catalog.models import AgendaSession
from cme.database import db, insert, lock, retried, transaction
from cme.registration import queries, rules
from cme.registration.models import CONFIRMED, Attendance, Registration


@retried
def mark_attendance(
    registration_id: int, minutes_by_session: Mapping[int, int], *, by: Any, now: datetime
) -> dict[int, int]:
    """Write down all that a person attended; a session with no minutes, or left out, was not attended."""
    with transaction():
        registration = lock(Registration, registration_id)
        return _mark(registration, minutes_by_session, by=by, now=now)


@retried
def mark_day(registration_ids: Iterable[int], on: date, *, by: Any, now: datetime) -> int:
    """Write down that these people attended every minute of instruction on one day; answers how many they are."""
    with transaction():
        locked = [lock(Registration, each) for each in sorted(set(registration_ids))]
        for registration in locked:
            minutes = queries.attended_by_session(registration.id)
            minutes |= {
                each.id: each.minutes for each in registration.seminar.sessions if each.on == on and each.counts
            }
            _mark(registration, minutes, by=by, now=now)
        return len(locked)


def _mark(
    registration: Registration, minutes_by_session: Mapping[int, int], *, by: Any, now: datetime
) -> dict[int, int]:
    if registration.status != CONFIRMED:
        raise rules.NotAttending
    sessions = db.session.scalars(select(AgendaSession).where(AgendaSession.seminar_id == registration.seminar_id))
    longest = {session.id: session.minutes for session in sessions}
    if any(not 0 <= minutes <= longest.get(each, -1) for each, minutes in minutes_by_session.items()):
        raise rules.AttendanceImpossible
    marked = {each: minutes for each, minutes in minutes_by_session.items() if minutes}
    before = queries.attended_by_session(registration.id)
    if marked == before:
        return marked
    mine = Attendance.registration_id == registration.id
    db.session.execute(delete(Attendance).where(mine, Attendance.session_id.not_in(marked)))
    for each, minutes in marked.items():
        if before.get(each) != minutes:
            values = {"minutes": minutes, "source": "staff", "recorded_by": by.id, "recorded_at": now}
            row = insert(Attendance).values(registration_id=registration.id, session_id=each, **values)
            row = row.on_conflict_do_update(
                index_elements=[Attendance.registration_id, Attendance.session_id], set_=values
            )
            db.session.execute(row)
    db.session.expire(registration, ["attendance"])
    audit.record(by, "marked attendance", registration, at=now, minutes=sum(marked.values()), sessions=len(marked))
    return marked
