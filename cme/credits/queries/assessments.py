"""What is known of assessments: the bank, the attempts, what is needed to pass."""

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from cme.catalog.models import Seminar
from cme.catalog.rules import ENDURING, Finding
from cme.catalog.rules.checks import found
from cme.credits.models import Assessment, Attempt, BankQuestion
from cme.credits.rules.assessing import Asked, Retakes
from cme.database import db
from cme.registration.models import Registration
from cme.values import CREDIT_NAMES, CreditType


def assessment_of(seminar_id: int) -> Assessment | None:
    """How a seminar's questions are put, with all of them."""
    chosen = select(Assessment).where(Assessment.seminar_id == seminar_id).options(selectinload(Assessment.questions))
    return db.session.scalar(chosen)


def bank_of(assessment: Assessment) -> list[BankQuestion]:
    """The questions that are asked, in their order; not the retired ones."""
    return [each for each in assessment.questions if each.retired_at is None]


def question_of(seminar_id: int, number: int) -> BankQuestion | None:
    """A question of a seminar's bank by its place, counted from 1, retired ones included."""
    assessment = assessment_of(seminar_id)
    if assessment is None or not 1 <= number <= len(assessment.questions):
        return None
    return assessment.questions[number - 1]


def asked_by(question: BankQuestion) -> Asked:
    """A question as staff wrote it."""
    return Asked(question.stem, tuple(question.options), tuple(question.right), question.rationale, question.reference)


def seen_as(question: BankQuestion) -> str:
    """A fingerprint of a question as an editor shows it."""
    words = [question.id, question.stem, question.options, question.right, question.rationale, question.reference]
    return hashlib.sha256(json.dumps([*words, question.retired_at is None]).encode()).hexdigest()[:20]


def bank_size(seminar_id: int) -> int:
    """How many questions a seminar's bank has."""
    counted = select(func.count(BankQuestion.id)).join(Assessment).where(Assessment.seminar_id == seminar_id)
    return db.session.scalar(counted.where(BankQuestion.retired_at.is_(None))) or 0


def attempts_of(registration_id: int) -> list[Attempt]:
    """Every attempt of somebody, the first first; they are kept."""
    chosen = select(Attempt).where(Attempt.registration_id == registration_id).order_by(Attempt.number)
    return list(db.session.scalars(chosen))


def open_attempt(registration_id: int) -> Attempt | None:
    """The attempt somebody is in the middle of."""
    chosen = select(Attempt).where(Attempt.registration_id == registration_id, Attempt.submitted_at.is_(None))
    return db.session.scalar(chosen)


def attempt_of(registration_id: int, number: int) -> Attempt | None:
    """One attempt by its number."""
    return db.session.scalar(
        select(Attempt).where(Attempt.registration_id == registration_id, Attempt.number == number)
    )


def best_score(registration_id: int) -> int | None:
    """The best score of all attempts handed in."""
    return db.session.scalar(select(func.max(Attempt.score)).where(Attempt.registration_id == registration_id))


def passed_attempt(registration_id: int) -> Attempt | None:
    """The attempt somebody passed by the mark they were told when they began it."""
    chosen = select(Attempt).where(Attempt.registration_id == registration_id, Attempt.has_passed)
    return db.session.scalar(chosen.order_by(Attempt.number).limit(1))


def thresholds_of(seminar: Seminar) -> dict[CreditType, int]:
    """The score each board wants before it gives points, where one is set."""
    set_for = {CreditType(each.credit_type): (each.extra or {}).get("threshold") for each in seminar.designations}
    return {kind: int(percent) for kind, percent in set_for.items() if percent}


def mark_of(seminar: Seminar) -> int:
    """The score to pass; where only boards ask for one, the lowest of theirs."""
    if seminar.pass_mark is not None:
        return seminar.pass_mark
    return min(thresholds_of(seminar).values(), default=0)


def retakes_of(registration: Registration, assessment: Assessment) -> Retakes:
    """How somebody stands with the assessment; points a board gives for a higher score are worth another attempt."""
    handed_in = [each for each in attempts_of(registration.id) if each.submitted_at is not None]
    scores = [each.score for each in handed_in if each.score is not None]
    offered = thresholds_of(registration.seminar)
    passed = passed_attempt(registration.id)
    mark = passed.pass_mark if passed is not None else mark_of(registration.seminar)
    needed = max([mark, *offered.values()])
    return Retakes(needed, max(scores, default=None), len(handed_in), assessment.most_attempts)


def assessment_findings(seminar: Seminar) -> Iterator[Finding]:
    """What keeps a seminar from being published: credit on demand, and a board's threshold, need an assessment."""
    bank, thresholds = bank_size(seminar.id), thresholds_of(seminar)
    if not bank:
        if seminar.learning_format == ENDURING and any(each.maximum for each in seminar.designations):
            yield found("assessment-missing")
        for kind, percent in thresholds.items():
            yield found("threshold-without-assessment", unit=CREDIT_NAMES[kind], percent=percent)
        return
    assessment = assessment_of(seminar.id)
    if assessment is not None and (assessment.asks or 0) > bank:
        yield found("assessment-too-small", bank=bank, asks=assessment.asks)
