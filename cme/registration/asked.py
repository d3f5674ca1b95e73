"""What is asked of people who register, and what they said; the newest answer to a consent counts."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme.database import db
from cme.registration.models import CONFIRMED, HELD, SEATED, Consent, Question, Registration
from cme.registration.queries import REF
from cme.registration.rules.asking import CONSENTS, ConsentAsked


def all_questions(seminar_id: int) -> list[Question]:
    """Every question a seminar asks or once asked, in order."""
    found = select(Question).where(Question.seminar_id == seminar_id).order_by(Question.position, Question.id)
    return list(db.session.scalars(found))


def questions_for(seminar_id: int, *, mode: str | None = None) -> list[Question]:
    """What a seminar asks now, of everybody or of those who attend in one way."""
    found = (each for each in all_questions(seminar_id) if each.is_active)
    return [each for each in found if mode is None or not each.modes or mode in each.modes]


def question_of(seminar_id: int, ref: str) -> Question | None:
    """One question of a seminar."""
    if not REF.fullmatch(ref):
        return None
    return db.session.scalar(select(Question).where(Question.seminar_id == seminar_id, Question.ref == ref))


@dataclass(frozen=True)
class Asks:
    """What a seminar asks of one person, and how much of it is answered."""

    questions: list[Question]
    kept: dict[str, Any]

    @property
    def missing(self) -> bool:
        """Whether an answer that is required was not given, as after a move from another seminar."""
        return any(each.is_required and each.ref not in self.kept for each in self.questions)

    @property
    def words(self) -> str:
        """How much is answered."""
        answered = sum(each.ref in self.kept for each in self.questions)
        return f"{answered} of {len(self.questions)} answered. You can change your answers until the seminar ends."


def asks_of(registration: Registration, *, now: datetime) -> Asks | None:
    """What a seminar asks of somebody who is registered; None where it asks nothing, or has ended."""
    questions = questions_for(registration.seminar_id, mode=registration.offering.mode)
    is_open = registration.status in (HELD, CONFIRMED) and registration.seminar.ends_at > now
    return Asks(questions, registration.questions) if questions and is_open else None


def answer_counts(seminar_id: int) -> Counter[str]:
    """How many of those with a seat answered which question."""
    seated = select(Registration.questions).where(
        Registration.seminar_id == seminar_id, Registration.status.in_(SEATED)
    )
    return Counter(ref for kept in db.session.scalars(seated) for ref in kept)


def fingerprint(question: Question) -> str:
    """What a question says, in short: another one means that somebody edited it meanwhile."""
    names = ("kind", "label", "hint", "options", "modes", "is_required", "is_active")
    said = json.dumps([getattr(question, name) for name in names])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def consents_of(account_id: int) -> list[Consent]:
    """What somebody agreed to or declined, in the words now in use."""
    versions = {(each.key, each.version) for each in CONSENTS}
    found = db.session.scalars(select(Consent).where(Consent.account_id == account_id))
    return [each for each in found if (each.key, each.version) in versions]


def consents_to_ask(account_id: int) -> list[ConsentAsked]:
    """What somebody was never asked."""
    known = {each.key for each in consents_of(account_id)}
    return [each for each in CONSENTS if each.key not in known]
