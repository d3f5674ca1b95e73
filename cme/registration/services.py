"""Commands: take a seat, and write down who came."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select

from cme import audit, settings
from cme.accounts.models import Account
from cme.catalog.models import AgendaSession, Offering
from cme.database import db, insert, lock, refusing, retried, transaction
from cme.registration import queries, rules, seats
from cme.registration.models import CONFIRMED, HELD, Attendance, Registration
from cme.values import new_code


def register(account_id: int, offering_id: int, *, form_id: str | None, now: datetime) -> str:
    """Hold a seat until it is paid, or give a free one at once; answers the registration's ref."""
    try:
        return _register(account_id, offering_id, form_id=form_id, now=now)
    except rules.AlreadyRegistered as refusal:
        offering = db.session.get_one(Offering, offering_id)
        found = queries.registration_for(account_id, offering.seminar_id)
        refusal.ref = found.ref if found else None
        raise


@retried
def _register(account_id: int, offering_id: int, *, form_id: str | None, now: datetime) -> str:
    with transaction() as session:
        offering = lock(Offering, offering_id)
        same_form = select(Registration.ref).where(
            Registration.form_id == form_id, Registration.account_id == account_id
        )
        if form_id and (ref := session.scalar(same_form)):
            return ref
        if queries.registration_for(account_id, offering.seminar_id):
            raise rules.AlreadyRegistered
        seminar = offering.seminar
        session.refresh(seminar)
        queries.check_on_sale(offering, now=now)
        if offering.status != "open":
            raise rules.RegistrationClosed
        account = session.get_one(Account, account_id)
        asked = queries.quote(offering, account.certification_type, now=now)
        if not seats.take(offering_id):
            raise rules.SeminarFull
        registration = Registration(
            ref=new_code(),
            account_id=account_id,
            seminar_id=seminar.id,
            offering_id=offering_id,
            status=HELD,
            hold_until=now + rules.HOLD,
            tier=asked.tier,
            list_minor=asked.price.minor,
            amount_due_minor=asked.price.minor,
            currency=asked.price.currency,
            policy=rules.policy_snapshot([asdict(step) for step in settings.provider().refund_steps]),
            terms_version=settings.terms_version(),
            form_id=form_id,
            created_at=now,
        )
        session.add(registration)
        with refusing(uq_registration_active=rules.AlreadyRegistered, uq_registration_form_id=rules.FormUsed):
            session.flush()
        if asked.price.minor == 0:
            seats.confirm(registration, None, now=now)
        audit.record(
            account, "registered", registration, at=now, offering=offering_id, tier=asked.tier, amount=asked.price.minor
        )
        return registration.ref


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
