"""Answering the questions: an attempt begun, its answers kept, handed in and scored."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from random import Random
from typing import Any

from cme import audit
from cme.credits import queries, rules
from cme.credits.models import Assessment, Attempt
from cme.credits.rules import assessing
from cme.database import db, lock, refusing, retried, transaction
from cme.registration.models import Registration

CHANCE = secrets.SystemRandom()
Answers = Mapping[str, Iterable[int]]


@retried
def begin_attempt(registration_id: int, *, form_id: str | None, now: datetime, chance: Random = CHANCE) -> int:
    """Put the questions once more and answer the attempt's number; an open attempt goes on."""
    with transaction():
        registration = lock(Registration, registration_id)
        known = queries.open_attempt(registration.id)
        if known is not None:
            return known.number
        assessment = check_may_answer(registration, now=now)
        retakes = queries.retakes_of(registration, assessment)
        assessing.check_may_try(retakes)
        bank = [(each.id, queries.asked_by(each)) for each in queries.bank_of(assessment)]
        attempt = Attempt(
            registration_id=registration.id,
            number=retakes.taken + 1,
            questions=assessing.drawn(bank, assessment.asks, shuffled=assessment.is_shuffled, chance=chance),
            pass_mark=queries.mark_of(registration.seminar),
            started_at=now,
            form_id=form_id,
        )
        db.session.add(attempt)
        names = ("uq_attempt_open", "uq_attempt_registration_id_number", "uq_attempt_form_id")
        with refusing(**dict.fromkeys(names, assessing.AttemptOpen)):
            db.session.flush()
        audit.record(registration.account, "began attempt", registration, at=now, number=attempt.number)
        return attempt.number


def check_may_answer(registration: Registration, *, now: datetime) -> Assessment:
    """Let somebody at the questions: on demand with access and everything watched, live once they took part."""
    assessment = queries.assessment_of(registration.seminar_id)
    if assessment is None or not queries.bank_of(assessment):
        raise assessing.NoAssessment
    if not queries.is_on_demand(registration):
        rules.check_participation(queries.case_of(registration, now=now), now=now)
        return assessment
    queries.check_access(registration, now=now)
    if queries.passed_attempt(registration.id) is None and not queries.has_watched(registration):
        raise rules.NotWatched
    return assessment


@retried
def keep_answers(registration_id: int, number: int, answers: Answers, *, now: datetime) -> None:
    """Keep what is answered so far."""
    with transaction():
        attempt = _open(lock(Registration, registration_id), number, now)
        attempt.answers = assessing.read_answers(attempt.questions, answers)


@retried
def hand_in(registration_id: int, number: int, answers: Answers, *, now: datetime) -> Attempt:
    """Score an attempt for good; handed in twice, the first answers stand."""
    with transaction():
        registration = lock(Registration, registration_id)
        known = queries.attempt_of(registration.id, number)
        if known is not None and known.submitted_at is not None:
            return known
        attempt = _open(registration, number, now)
        given = assessing.read_answers(attempt.questions, answers)
        if len(given) < len(attempt.questions):
            raise assessing.AnswerMissing
        attempt.answers, attempt.submitted_at = given, now
        attempt.score = assessing.score_of(attempt.questions, given)
        attempt.has_passed = attempt.score >= attempt.pass_mark
        facts: dict[str, Any] = {
            "number": number,
            "score": attempt.score,
            "mark": attempt.pass_mark,
            "passed": attempt.has_passed,
        }
        audit.record(registration.account, "handed in attempt", registration, at=now, **facts)
        return attempt


def _open(registration: Registration, number: int, now: datetime) -> Attempt:
    attempt = queries.attempt_of(registration.id, number)
    if attempt is None or attempt.submitted_at is not None:
        raise assessing.AttemptGone
    check_may_answer(registration, now=now)
    return attempt
