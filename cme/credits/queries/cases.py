"""What a claim is judged by, gathered from all rooms."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from cme import settings
from cme.catalog.cards import day_in
from cme.catalog.models import AgendaSession, Faculty, SessionFaculty
from cme.catalog.rules import attended_minutes
from cme.credits import rules
from cme.credits.queries.claims import evaluation_of
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


def sessions_attended(registration: Registration) -> list[Attended]:
    """The instruction of a seminar as one person attended it; nobody learns from a session they teach."""
    minutes = attended_by_session(registration.id)
    taught = set(
        db.session.scalars(
            select(SessionFaculty.session_id)
            .join(Faculty, Faculty.id == SessionFaculty.faculty_id)
            .where(Faculty.account_id == registration.account_id)
        )
    )
    return [
        Attended(each, 0 if each.id in taught else min(minutes.get(each.id, 0), each.minutes), each.id in taught)
        for each in registration.seminar.sessions
        if each.counts and each.mode in ("both", registration.offering.mode)
    ]


def limits_of(registration: Registration) -> dict[CreditType, rules.Limit]:
    """What this person can claim of this seminar, and up to how much; the first is what the certificate is for."""
    certification, offered = registration.account.certification, registration.seminar.designations
    if certification is None:
        return {}
    decided = [each for each in offered if each.maximum and not each.is_pending]
    known = {CreditType(each.credit_type): rules.Limit(each.credits, each.step) for each in decided}
    residents = settings.provider().residents_are_physicians
    kinds = rules.eligible_types(certification, known, residents=residents)
    return {
        kind: rules.Limit(known[CreditType.AMA_PRA_1].maximum) if kind is CreditType.PARTICIPATION else known[kind]
        for kind in kinds
    }


def case_of(registration: Registration, *, now: datetime) -> rules.Case:
    """Gather what a claim of this registration is judged by."""
    seminar, account = registration.seminar, registration.account
    live = not is_on_demand(registration)
    attended = [(each.session, each.minutes) for each in sessions_attended(registration)]
    days = seminar.claim_window_days
    return rules.Case(
        professional_name=account.professional_name,
        certification_type=account.certification_type,
        is_confirmed=registration.status == CONFIRMED,
        minutes=attended_minutes(attended) if live else 0,
        ended_at=seminar.ends_at if live else None,
        window=settings.provider().claim_window if days is None else timedelta(days=days),
        today=day_in(seminar.time_zone, now),
        released_on=seminar.released_on,
        terminates_on=seminar.terminates_on,
        pass_mark=seminar.pass_mark,
        evaluation_required=seminar.evaluation_required,
        has_evaluated=evaluation_of(registration.id) is not None,
        limits=limits_of(registration),
    )


def shown_for(case: rules.Case) -> str:
    """A fingerprint of what a claim's page lets a person attest to: the name printed, the profession, the sentence."""
    sentence = rules.attestation_for(next(iter(case.limits)))
    words = f"{case.professional_name}\n{case.certification_type}\n{sentence}"
    return hashlib.sha256(words.encode()).hexdigest()[:20]
