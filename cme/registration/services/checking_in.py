"""Checking in: at the door by staff, or by oneself with the code on the screen; once per person and session."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from cme import limits
from cme.catalog.models import AgendaSession
from cme.database import db, lock, retried, transaction
from cme.registration import queries
from cme.registration.models import CONFIRMED, Registration
from cme.registration.rules.attendance import (
    CODE,
    OPENS,
    AlreadyCheckedIn,
    CodeNotValid,
    NothingToCheckIn,
    NotInThisSession,
    check_begun,
    is_code,
    minutes_from,
)
from cme.registration.services.attendance import put_down, sessions_for

MOST_TRIES, TRIES_PER = 10, timedelta(minutes=10)


@dataclass(frozen=True)
class Present:
    """Somebody is there."""

    seminar: str
    session: str
    minutes: int
    is_new: bool = True


@retried
def check_in(
    registration_id: int, session_id: int, *, source: str, by: Any, now: datetime, is_whole: bool = False
) -> Present:
    """Write down that somebody is at a session: from now on, or for all of it where staff say so."""
    with transaction() as db_session:
        registration = lock(Registration, registration_id)
        session = db_session.get_one(AgendaSession, session_id)
        if session not in sessions_for(registration):
            raise NotInThisSession
        check_begun(session.starts_at, now)
        if session_id in queries.attended_by_session(registration_id):
            raise AlreadyCheckedIn
        minutes = session.minutes if is_whole else minutes_from(session.starts_at, session.ends_at, now)
        put_down(registration, {session_id: minutes}, source=source, by=by, now=now)
        return Present(registration.seminar.title, session.title, minutes)


def check_in_by_code(account: Any, typed: str, *, secret: str, now: datetime, source: str = CODE) -> Present:
    """Let somebody check themselves in with the code on the screen; who is there already simply is."""
    # Counted before the code is looked at, so that trying many at once helps nobody either.
    limits.count("check-in", str(account.id), most=MOST_TRIES, per=TRIES_PER, now=now)
    registration_id, session_id, seminar, title = _session_of(account.id, typed, secret, now)
    try:
        present = check_in(registration_id, session_id, source=source, by=account, now=now)
    except AlreadyCheckedIn:
        # The wrong codes stay counted: one that is known already must not buy more guesses at another.
        return Present(seminar, title, queries.attended_by_session(registration_id)[session_id], is_new=False)
    limits.forget("check-in", str(account.id))
    return present


def _session_of(account_id: int, typed: str, secret: str, now: datetime) -> tuple[int, int, str, str]:
    running = open_sessions(account_id, now=now)
    if not running:
        raise NothingToCheckIn
    meant = [(mine, each) for mine, each in running if is_code(typed, secret, each.id, now)]
    if not meant:
        raise CodeNotValid
    mine, each = meant[0]
    return mine.id, each.id, mine.seminar.title, each.title


def open_sessions(account_id: int, *, now: datetime) -> list[tuple[Registration, AgendaSession]]:
    """The sessions somebody can check in to now, with the registration that lets them."""
    mine = select(Registration, AgendaSession).join(AgendaSession, AgendaSession.seminar_id == Registration.seminar_id)
    mine = mine.where(Registration.account_id == account_id, Registration.status == CONFIRMED)
    mine = mine.where(AgendaSession.starts_at <= now + OPENS, AgendaSession.ends_at >= now)
    found = db.session.execute(mine.order_by(AgendaSession.starts_at, AgendaSession.id))
    return [(registration, each) for registration, each in found if each in sessions_for(registration)]
