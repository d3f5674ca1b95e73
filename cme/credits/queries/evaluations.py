"""What is asked of one learner, what they have typed so far, and what a seminar asks."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme.catalog.models import AgendaSession, Faculty, Seminar
from cme.credits.models import EvaluationDraft, FollowUp, Questionnaire
from cme.credits.queries.cases import is_on_demand, sessions_attended
from cme.credits.queries.claims import evaluation_of
from cme.credits.queries.watching import watched_by
from cme.credits.rules import questions as asking
from cme.database import db
from cme.registration.models import CONFIRMED, Registration

TEACHING = ("director", "faculty")


def questionnaire_of(seminar_id: int) -> Questionnaire | None:
    """What a seminar asks instead of the usual."""
    return db.session.scalar(select(Questionnaire).where(Questionnaire.seminar_id == seminar_id))


def questions_of(seminar_id: int) -> list[asking.Question]:
    """What a seminar asks, in order; the usual, where nobody changed it."""
    found = questionnaire_of(seminar_id)
    return [asking.Question.from_json(each) for each in found.questions] if found else list(asking.USUAL)


def session_keys(seminar: Seminar) -> dict[int, str]:
    """The name of each session of instruction, by its day and time: the agenda may grow around it."""
    seen: Counter[str] = Counter()
    keys = {}
    for each in seminar.sessions:
        if each.counts:
            start = f"{each.on.isoformat()}-{each.starts:%H%M}"
            seen[start] += 1
            keys[each.id] = start if seen[start] == 1 else f"{start}-{seen[start]}"
    return keys


def asked_of(registration: Registration) -> list[asking.Item]:
    """Everything one learner is asked, about the sessions and speakers they met."""
    seminar = registration.seminar
    met = sessions_attended(registration)
    if not is_on_demand(registration):
        met = [each for each in met if each.minutes]
    sessions = [each.session for each in met if not each.is_taught]
    return _items(seminar, sessions, but=registration.account_id)


def asked_during(registration: Registration, *, now: datetime) -> list[asking.Item]:
    """What can be said already while a seminar goes on: how each session was that has begun."""
    on_demand = is_on_demand(registration)
    seen = {each.recording.session_id for each in watched_by(registration) if each.viewing is not None}
    begun = [
        each.session
        for each in sessions_attended(registration)
        if not each.is_taught and (each.session.id in seen if on_demand else each.session.starts_at <= now)
    ]
    items = _items(registration.seminar, begun, but=registration.account_id)
    return [each for each in items if each.asks == asking.SESSIONS]


def asked_in_preview(seminar: Seminar) -> list[asking.Item]:
    """Everything somebody is asked who attended all of it."""
    return _items(seminar, [each for each in seminar.sessions if each.counts], but=None)


def _items(seminar: Seminar, sessions: Sequence[AgendaSession], *, but: int | None) -> list[asking.Item]:
    keys = session_keys(seminar)
    people = {person.slug: person for each in sessions for person in each.faculty if _is_other(person, but)}
    if not people:  # an agenda that names nobody
        taught = [each.faculty for each in seminar.people if each.role in TEACHING]
        people = {person.slug: person for person in taught if _is_other(person, but)}
    return asking.asked_of(
        questions_of(seminar.id),
        objectives=seminar.objectives,
        speakers=[(slug, person.full_name) for slug, person in people.items()],
        sessions=[(keys[each.id], each.title) for each in sessions],
    )


def _is_other(person: Faculty, account_id: int | None) -> bool:
    """Nobody rates themselves."""
    return account_id is None or person.account_id != account_id


def draft_of(registration_id: int) -> dict[str, Any]:
    """What somebody has said so far."""
    chosen = select(EvaluationDraft.answers).where(EvaluationDraft.registration_id == registration_id)
    return dict(db.session.scalar(chosen) or {})


def may_rate_sessions(registration: Registration, *, now: datetime) -> bool:
    """Whether somebody can say now how the sessions are, before the evaluation."""
    if registration.status != CONFIRMED or evaluation_of(registration.id) is not None:
        return False
    return bool(asked_during(registration, now=now))


def follow_up_of(registration_id: int) -> FollowUp | None:
    """What was asked three months after, and answered."""
    return db.session.scalar(select(FollowUp).where(FollowUp.registration_id == registration_id))


def asked_later(registration_id: int) -> list[asking.Item]:
    """What somebody is asked three months after, by what they meant to change."""
    said = evaluation_of(registration_id)
    if said is None:
        return asking.asked_later(())
    items = [asking.Item.from_json(each) for each in said.questions]
    return asking.asked_later(asking.intended_in(items, said.answers))
