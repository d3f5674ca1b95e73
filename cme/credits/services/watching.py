"""Recordings as staff set them, and what learners watch of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cme import audit
from cme.accounts.models import Account
from cme.catalog.services.seminars import locked
from cme.catalog.services.standing import revise
from cme.credits import queries
from cme.credits.models import Recording, Viewing
from cme.credits.rules import watching
from cme.database import db, lock, retried, transaction
from cme.registration.models import Registration


@dataclass(frozen=True)
class RecordingValues:
    """Where a session can be watched, as staff typed it."""

    kind: str
    url: str
    seconds: int
    captions_url: str | None = None


@retried
def save_recordings(
    seminar_id: int,
    recordings: Mapping[int, RecordingValues | None],
    *,
    watch_percent: int | None = None,
    by: Any,
    now: datetime,
) -> None:
    """Say where each session can be watched, by its number, and how much of it must be; none where it cannot."""
    with transaction():
        seminar = locked(seminar_id)
        if watch_percent is not None:
            seminar.watch_percent = watch_percent
        known = queries.recordings_of(seminar.id)
        for session in queries.sessions_to_record(seminar):
            if session.id not in recordings:
                continue
            given, found = recordings[session.id], known.get(session.id)
            if given is None:
                if found is not None:
                    db.session.delete(found)
                continue
            if found is None:
                found = Recording(session_id=session.id)
                db.session.add(found)
            found.kind, found.url, found.seconds = given.kind, given.url, given.seconds
            found.captions_url, found.updated_at = given.captions_url, now
        db.session.flush()
        revise(seminar)
        facts: dict[str, Any] = {"recordings": len(queries.recordings_of(seminar.id)), "percent": seminar.watch_percent}
        audit.record(by, "saved recordings", seminar, at=now, **facts)


@retried
def begin_watching(registration_id: int, number: int, *, now: datetime) -> str:
    """Write down that somebody begins, or goes on, and answer where the recording is; time counts from here."""
    with transaction():
        watched = _watched(registration_id, number, now)
        viewing = _viewing(watched, registration_id, now)
        viewing.updated_at = now
        return watched.recording.url


@retried
def report_watching(
    registration_id: int, number: int, played: watching.Ranges, *, position: int, now: datetime
) -> queries.Watched:
    """Add what was played since, and never more of it than time has passed, whatever the page says.

    Time is one person's: who plays two recordings side by side gets it once.
    """
    with transaction():
        watched = _watched(registration_id, number, now)
        if watched.is_stream:
            raise watching.NoRecording
        registration = db.session.get_one(Registration, registration_id)
        last = queries.last_report(registration.account_id) or now
        viewing = _viewing(watched, registration_id, now)
        elapsed = int((now - last).total_seconds())
        # A report that was late makes the next one early: two seconds pass, and the time since the start bounds them.
        since_start = int((now - viewing.started_at).total_seconds()) + watching.SLACK
        slack = watching.SLACK if elapsed > 4 * watching.SLACK else 0
        most = min(elapsed + slack, watching.MOST_AT_ONCE, since_start - watching.length_of(viewing.played))
        seconds = watched.recording.seconds
        viewing.played = watching.added(viewing.played, played, seconds=seconds, most=max(0, most))
        viewing.position = max(0, min(position, seconds))
        # Whole seconds are given; the rest of one is not lost to who reports often.
        viewing.updated_at = max(viewing.updated_at, last + timedelta(seconds=elapsed))
        _complete(registration, watched, viewing, watching.percent_of(viewing.played, seconds), now)
    return queries.watched_by(db.session.get_one(Registration, registration_id))[number - 1]


@retried
def say_watched(registration_id: int, number: int, *, now: datetime) -> None:
    """Take somebody's word, where no player tells us, once that much time has passed since they began."""
    with transaction():
        watched = _watched(registration_id, number, now)
        viewing = watched.viewing
        if viewing is None:
            raise watching.NoRecording
        registration = db.session.get_one(Registration, registration_id)
        wanted = watched.recording.seconds * watched.wanted / 100
        others = queries.watched_since(registration.account_id)
        others[viewing.id] = (viewing.started_at, wanted)
        if (now - viewing.started_at).total_seconds() < wanted or not watching.fits(others.values(), now=now):
            raise watching.TooSoon
        _complete(registration, watched, viewing, 100, now)


def _watched(registration_id: int, number: int, now: datetime) -> queries.Watched:
    registration = lock(Registration, registration_id)
    lock(Account, registration.account_id)  # one's time is counted over all one bought, and two windows tell of it
    queries.check_access(registration, now=now)
    found = queries.watched_by(registration)
    if not 1 <= number <= len(found):
        raise watching.NoRecording
    return found[number - 1]


def _viewing(watched: queries.Watched, registration_id: int, now: datetime) -> Viewing:
    if watched.viewing is not None:
        return watched.viewing
    viewing = Viewing(
        registration_id=registration_id,
        session_id=watched.recording.session_id,
        position=0,
        played=[],
        started_at=now,
        updated_at=now,
    )
    db.session.add(viewing)
    return viewing


def _complete(
    registration: Registration, watched: queries.Watched, viewing: Viewing, percent: int, now: datetime
) -> None:
    if viewing.completed_at is None and percent >= watched.wanted:
        viewing.completed_at = now
        facts: dict[str, Any] = {"session": watched.recording.session_id, "percent": percent}
        audit.record(registration.account, "watched", registration, at=now, **facts)
