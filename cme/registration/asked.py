"""What is asked of people who register, and what they said; the newest answer to a consent counts."""

import hashlib
import json

from sqlalchemy import select

from cme.database import db
from cme.registration.models import Consent, Question
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
    return db.session.scalar(select(Question).where(Question.seminar_id == seminar_id, Question.ref == ref))


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
