"""What a claim is judged by, gathered from all rooms."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from cme import settings
from cme.catalog.cards import day_in
from cme.catalog.models import AgendaSession, Faculty, Seminar, SessionFaculty
from cme.catalog.rules import attended_minutes
from cme.catalog.values import days_after
from cme.credits import rules
from cme.credits.models import GRANTED, LEARNING, VOID, Claim, Extension
from cme.credits.queries.assessments import best_score, passed_attempt, thresholds_of
from cme.credits.queries.claims import evaluation_of
from cme.credits.queries.watching import has_watched
from cme.database import db
from cme.registration.models import CONFIRMED, Registration
from cme.registration.queries import attended_by_session
from cme.values import CreditType, Mode


def is_on_demand(registration: Registration) -> bool:
    """Whether the person attends in their own time."""
    return registration.offering.mode == Mode.ON_DEMAND


@dataclass(frozen=True)
class Attended:
    """A session of instruction, and the minutes of it that count for one person."""

    session: AgendaSession
    minutes: int
    is_taught: bool
    key: str = ""  # the day and the place in it: 2-3 is the third session of the second day


def sessions_attended(registration: Registration) -> list[Attended]:
    """The instruction of a seminar as one person attended it; nobody learns from a session they teach."""
    seminar = registration.seminar
    minutes = attended_by_session(registration.id) if seminar.tracks_attendance else None
    taught = set(
        db.session.scalars(
            select(SessionFaculty.session_id)
            .join(Faculty, Faculty.id == SessionFaculty.faculty_id)
            .where(Faculty.account_id == registration.account_id)
        )
    )
    counted = [each for each in seminar.sessions if each.counts and each.mode in ("both", registration.offering.mode)]
    days = sorted({each.on for each in counted})
    numbers: Counter[date] = Counter()
    found = []
    for each in counted:
        numbers[each.on] += 1
        came = each.minutes if minutes is None else min(minutes.get(each.id, 0), each.minutes)
        key = f"{days.index(each.on) + 1}-{numbers[each.on]}"
        found.append(Attended(each, 0 if each.id in taught else came, each.id in taught, key))
    return found


def limits_of(registration: Registration) -> dict[CreditType, rules.Limit]:
    """What this person can claim of this seminar, and up to how much; the first is what the certificate is for."""
    certification, offered = registration.account.certification, registration.seminar.designations
    if certification is None:
        return {}
    withheld = _below_threshold(registration)
    decided = [each for each in offered if each.maximum and not each.is_pending and each.credit_type not in withheld]
    known = {CreditType(each.credit_type): rules.Limit(each.credits, each.step) for each in decided}
    residents = settings.provider().residents_are_physicians
    kinds = rules.eligible_types(certification, known, residents=residents)
    return {
        kind: rules.Limit(known[CreditType.AMA_PRA_1].maximum) if kind is CreditType.PARTICIPATION else known[kind]
        for kind in kinds
    }


def _below_threshold(registration: Registration) -> set[CreditType]:
    """The boards' credit for which the assessment was not answered well enough yet."""
    wanted = thresholds_of(registration.seminar)
    best = best_score(registration.id) if wanted else None
    return {kind for kind, percent in wanted.items() if best is None or best < percent}


def case_of(registration: Registration, *, now: datetime) -> rules.Case:
    """Gather what a claim of this registration is judged by."""
    seminar, account = registration.seminar, registration.account
    live = not is_on_demand(registration)
    attended = [(each.session, each.minutes) for each in sessions_attended(registration)]
    passed = passed_attempt(registration.id)  # by the mark that was told when it began, whatever it is since
    return rules.Case(
        professional_name=account.professional_name,
        certification_type=account.certification_type,
        is_confirmed=registration.status == CONFIRMED,
        minutes=attended_minutes(attended) if live else 0,
        ended_at=seminar.ends_at if live else None,
        window=_window(seminar),
        today=day_in(seminar.time_zone, now),
        released_on=seminar.released_on,
        terminates_on=seminar.terminates_on,
        pass_mark=passed.pass_mark if passed and seminar.pass_mark is not None else seminar.pass_mark,
        score=passed.score if passed else best_score(registration.id),
        has_watched=live or passed is not None or has_watched(registration),
        evaluation_required=seminar.evaluation_required,
        has_evaluated=evaluation_of(registration.id) is not None,
        is_withdrawn=_is_withdrawn(registration.id),
        extended_until=_extended(registration),
        limits=limits_of(registration),
    )


def _window(seminar: Seminar) -> timedelta:
    """How long after its end a seminar can be claimed: whole days by the clock where it is."""
    days = settings.provider().claim_window_days if seminar.claim_window_days is None else seminar.claim_window_days
    return days_after(seminar.ends_at, days, seminar.time_zone) - seminar.ends_at


def _is_withdrawn(registration_id: int) -> bool:
    """Whether staff withdrew what was claimed, and have not granted it anew."""
    gone = select(Claim.id).where(Claim.registration_id == registration_id, Claim.kind == LEARNING)
    gone = gone.where(Claim.status == VOID, Claim.superseded_by.is_(None))
    return db.session.scalar(gone.limit(1)) is not None


def _extended(registration: Registration) -> datetime | None:
    """The end of the last day staff granted, where the seminar is."""
    granted = select(func.max(Extension.until)).where(
        Extension.registration_id == registration.id, Extension.status == GRANTED
    )
    last = db.session.scalar(granted)
    return None if last is None else end_of(last, registration.seminar.time_zone)


def end_of(day: date, zone: str) -> datetime:
    """The last moment of a day in a time zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(microseconds=1)


def deadline_of(registration: Registration, case: rules.Case) -> datetime | None:
    """The last moment to claim: when the window closes, or when what is on demand ends."""
    if case.ended_at is None:
        return end_of(case.terminates_on, registration.seminar.time_zone) if case.terminates_on else None
    return case.claimable_until


def shown_for(case: rules.Case) -> str:
    """A fingerprint of what a claim's page lets a person attest to: the name printed, the profession, the sentence."""
    sentence = rules.attestation_for(next(iter(case.limits)))
    words = f"{case.professional_name}\n{case.certification_type}\n{sentence}"
    return hashlib.sha256(words.encode()).hexdigest()[:20]
