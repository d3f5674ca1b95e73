"""The question bank of a seminar, as staff keep it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cme import audit
from cme.catalog.models import PUBLISHED, Seminar
from cme.catalog.services.seminars import locked
from cme.catalog.services.standing import revise
from cme.credits import queries
from cme.credits.models import Assessment, BankQuestion
from cme.credits.rules.assessing import MOST_QUESTIONS, Asked
from cme.database import db, lock, retried, transaction
from cme.errors import EditedMeanwhile, Refusal


class BankFull(Refusal):
    """There is an end to questions."""

    message = f"A bank has at most {MOST_QUESTIONS} questions."


class BankTooSmall(Refusal):
    """Learners count on an assessment that can be put."""

    message = "The seminar is published, and the assessment would ask more questions than the bank has left."


@retried
def save_assessment(
    seminar_id: int,
    *,
    asks: int | None,
    most_attempts: int | None,
    is_shuffled: bool,
    version: int,
    by: Any,
    now: datetime,
) -> None:
    """Say how the questions are put; `version` is the one that was shown, 0 where there was none."""
    with transaction():
        seminar = locked(seminar_id)
        assessment = _assessment(seminar.id, now)
        if version not in (assessment.version, 0):
            raise EditedMeanwhile
        assessment.asks, assessment.most_attempts, assessment.is_shuffled = asks, most_attempts, is_shuffled
        revise(seminar)  # its page tells how often one may try
        _changed(seminar, assessment, by, "saved assessment", now, asks=asks, most_attempts=most_attempts)


@retried
def add_bank_questions(seminar_id: int, asked: Iterable[Asked], *, by: Any, now: datetime) -> int:
    """Add questions after the others and answer how many were new; one that stands there is not added again."""
    with transaction():
        seminar = lock(Seminar, seminar_id)
        assessment = _assessment(seminar.id, now)
        here = {each.stem.casefold() for each in queries.bank_of(assessment)}
        position = max((each.position for each in assessment.questions), default=0)
        new = [each for each in asked if each.stem.casefold() not in here]
        if len(here) + len(new) > MOST_QUESTIONS:
            raise BankFull
        for number, each in enumerate(new, position + 1):
            question = BankQuestion(position=number, retired_at=None)
            _put(question, each)
            assessment.questions.append(question)
        if new:
            _changed(seminar, assessment, by, "added questions", now, questions=len(new))
        return len(new)


@retried
def edit_bank_question(question_id: int, asked: Asked, *, is_retired: bool, seen: str, by: Any, now: datetime) -> None:
    """Ask in other words, or no longer; attempts keep the words they were put in."""
    seminar_id = db.session.get_one(BankQuestion, question_id).assessment.seminar_id
    with transaction():
        seminar = lock(Seminar, seminar_id)
        question = lock(BankQuestion, question_id)
        if seen != queries.seen_as(question):
            raise EditedMeanwhile
        _put(question, asked)
        question.retired_at = (question.retired_at or now) if is_retired else None
        _changed(seminar, question.assessment, by, "edited question", now, question=question.id, retired=is_retired)


@retried
def move_bank_question(question_id: int, *, down: bool, by: Any, now: datetime) -> None:
    """Put a question one place up or down."""
    seminar_id = db.session.get_one(BankQuestion, question_id).assessment.seminar_id
    with transaction():
        seminar = lock(Seminar, seminar_id)
        assessment = lock(BankQuestion, question_id).assessment
        order = [each.id for each in assessment.questions]
        here = order.index(question_id)
        order.insert(max(0, here + (1 if down else -1)), order.pop(here))
        for each in assessment.questions:
            each.position = order.index(each.id) + 1
        _changed(seminar, assessment, by, "ordered questions", now)


def _assessment(seminar_id: int, now: datetime) -> Assessment:
    """The assessment of a seminar, made where there is none; the seminar is locked."""
    assessment = queries.assessment_of(seminar_id)
    if assessment is None:
        assessment = Assessment(seminar_id=seminar_id, is_shuffled=True, version=0, updated_at=now)
        db.session.add(assessment)
        db.session.flush()
    return assessment


def _put(question: BankQuestion, asked: Asked) -> None:
    question.stem, question.rationale, question.reference = asked.stem, asked.rationale, asked.reference
    question.options, question.right = list(asked.options), list(asked.right)


def _changed(seminar: Seminar, assessment: Assessment, by: Any, did: str, now: datetime, **facts: Any) -> None:
    db.session.flush()
    left = len(queries.bank_of(assessment))
    if seminar.status == PUBLISHED and left < (assessment.asks or 1):
        raise BankTooSmall
    assessment.version, assessment.updated_at = assessment.version + 1, now
    audit.record(by, did, assessment, at=now, seminar=seminar.id, **facts)
