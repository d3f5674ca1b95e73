"""Reading a webinar's log, and writing down what it says once staff have looked at it."""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cme import audit
from cme.catalog.files import clean_name
from cme.database import db, lock, refusing, retried, transaction
from cme.errors import Refusal
from cme.registration.models import AttendanceImport, Registration
from cme.registration.reckoning import reckon
from cme.registration.rules import FormUsed
from cme.registration.rules.attendance import IMPORT, AttendanceChanged
from cme.registration.rules.webinar_log import LogUnreadable, read
from cme.registration.services.attendance import put_down
from cme.values import new_code

AHEAD = timedelta(minutes=15)  # how far the clock of a webinar service may be ahead of ours


class LogAhead(LogUnreadable):
    """Nobody can have been anywhere yet."""

    message = "Every time in this file is still to come. Choose the time zone that its times are in."


class LogApplied(Refusal):
    """A log counts once."""

    message = "This log has been written down already."


@retried
def read_log(
    seminar_id: int, content: bytes, *, file_name: str, zone: str, by: Any, form_id: str | None, now: datetime
) -> str:
    """Read a log and keep what it says; nothing counts yet. Answers its ref; the same form sent again, the first."""
    log = read(content, zone)
    if not log.presences:
        raise LogUnreadable(f"Nobody in this file can be counted. {log.problems[0]}." if log.problems else None)
    presences = [each for each in log.presences if each.left <= now + AHEAD]
    if not presences:
        raise LogAhead
    if ahead := len(log.presences) - len(presences):
        log.problems.append(f"Times still to come, left out: {ahead}. Is this the time zone of the report?")
    spans = [
        {"email": each.email, "name": each.name, "joined": each.joined.isoformat(), "left": each.left.isoformat()}
        for each in presences
    ]
    with transaction() as session, refusing(uq_attendance_import_form_id=FormUsed):
        sent = select(AttendanceImport).where(AttendanceImport.form_id == form_id)
        known = session.scalar(sent) if form_id else None
        if known is not None:
            return str(known.ref)
        digest = hashlib.sha256(content).hexdigest()
        kept = AttendanceImport(seminar_id=seminar_id, ref=new_code(), sha256=digest, spans=spans, form_id=form_id)
        kept.file_name, kept.problems, kept.read_by, kept.read_at = (
            clean_name(file_name) or "log.csv",
            log.problems,
            by.id,
            now,
        )
        session.add(kept)
        audit.record(by, "read webinar log", f"seminar:{seminar_id}", at=now, log=kept.ref, file=digest)
        return str(kept.ref)


@retried
def apply_log(import_id: int, *, shown: str, names: Collection[str] = (), by: Any, now: datetime) -> int:
    """Write down what a log says as it was looked at; answers for how many people it was news.

    A name alone counts only for those whose refs staff ticked. A log never takes minutes away: who was checked in
    at the door as well keeps the longer time.
    """
    with transaction():
        kept = lock(AttendanceImport, import_id)
        if kept.applied_at is not None:
            raise LogApplied
        for number in sorted(person.registration.id for person in reckon(kept).people):
            lock(Registration, number)
        db.session.expire_all()
        found = reckon(kept)
        if found.mark != shown:
            raise AttendanceChanged
        those = [each for each in found.news if not each.is_by_name or each.registration.ref in names]
        reason = f"Webinar log {kept.file_name}"
        for person in those:
            put_down(person.registration, person.gains, source=IMPORT, by=by, now=now, reason=reason)
        kept.applied_at = now
        people = len({each.registration.id for each in those})
        audit.record(by, "applied webinar log", f"seminar:{kept.seminar_id}", at=now, log=kept.ref, people=people)
        return people
