"""What a seminar asks of those who register, and what people agree to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from cme import audit
from cme.catalog.models import Offering, Seminar
from cme.database import db, insert, lock, refusing, retried, transaction
from cme.errors import EditedMeanwhile
from cme.registration import asked, rules
from cme.registration.models import Consent, Question, Registration
from cme.registration.rules.asking import CONSENTS, USUAL, WITH_OPTIONS, Asked
from cme.values import new_code


def answered(offering: Offering, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as a registration keeps them: beside the words that were asked, in the order of the questions."""
    return {
        question.ref: {"label": question.label, "answer": answers[question.ref]}
        for question in asked.questions_for(offering.seminar_id, mode=offering.mode)
        if answers.get(question.ref)
    }


def keep_consents(account_id: int, given: Mapping[str, bool], *, registration_id: int | None, now: datetime) -> int:
    """Write down what somebody agreed to or declined, inside the caller's transaction; answers what changed."""
    known = {each.key: each.is_given for each in asked.consents_of(account_id)}
    changed = 0
    for each in CONSENTS:
        if each.key not in given or known.get(each.key) == given[each.key]:
            continue
        values = {"is_given": given[each.key], "words": each.words, "at": now, "registration_id": registration_id}
        row = insert(Consent).values(account_id=account_id, key=each.key, version=each.version, **values)
        key = [Consent.account_id, Consent.key, Consent.version]
        db.session.execute(row.on_conflict_do_update(index_elements=key, set_=values))
        changed += 1
    return changed


@retried
def change_consents(account_id: int, given: Mapping[str, bool], *, by: Any, now: datetime) -> None:
    """Let somebody agree or decline anew."""
    with transaction():
        if keep_consents(account_id, given, registration_id=None, now=now):
            keys = sorted(key for key, is_given in given.items() if is_given)
            audit.record(by, "changed consents", f"account:{account_id}", at=now, given=keys)


@retried
def change_answers(registration_id: int, answers: Mapping[str, Any], *, by: Any, now: datetime) -> None:
    """Answer the questions of a registration anew; what is no longer asked stays as it was answered."""
    offering_id = db.session.scalar(select(Registration.offering_id).where(Registration.id == registration_id))
    with transaction():
        offering = lock(Offering, offering_id)
        registration = lock(Registration, registration_id)
        asks = asked.asks_of(registration, now=now)
        if asks is None:
            raise rules.MovedMeanwhile
        now_asked = {each.ref for each in asks.questions}
        former = {ref: kept for ref, kept in registration.questions.items() if ref not in now_asked}
        registration.questions = former | answered(offering, answers)
        audit.record(by, "answered questions", registration, at=now, questions=len(now_asked))


@retried
def add_question(seminar_id: int, what: Asked, *, form_id: str | None, by: Any, now: datetime) -> str:
    """Ask one question more, after the others; answers its ref."""
    with transaction() as session:
        same_form = select(Question.ref).where(Question.form_id == form_id, Question.seminar_id == seminar_id)
        if form_id and (ref := session.scalar(same_form)):
            return ref
        seminar = lock(Seminar, seminar_id)
        question = _new(seminar.id, what, form_id, now)
        with refusing(uq_question_form_id=rules.FormUsed):
            session.flush()
        audit.record(by, "added question", question, at=now, seminar=seminar.id)
        return question.ref


@retried
def add_usual(seminar_id: int, *, by: Any, now: datetime) -> int:
    """Ask the usual questions that are not asked yet; answers how many came to it."""
    with transaction() as session:
        seminar = lock(Seminar, seminar_id)
        here = {each.label for each in asked.all_questions(seminar.id)}
        new = [_new(seminar.id, each, None, now) for each in USUAL if each.label not in here]
        session.flush()
        if new:
            audit.record(by, "added questions", seminar, at=now, questions=len(new))
        return len(new)


def _new(seminar_id: int, what: Asked, form_id: str | None, now: datetime) -> Question:
    last = db.session.scalar(select(func.max(Question.position)).where(Question.seminar_id == seminar_id))
    question = Question(
        ref=new_code(),
        seminar_id=seminar_id,
        position=(last or 0) + 1,
        form_id=form_id,
        created_at=now,
    )
    _put(question, what)
    db.session.add(question)
    db.session.flush()
    return question


def _put(question: Question, what: Asked) -> None:
    question.kind, question.label, question.hint = what.kind, what.label, what.hint
    question.options = list(what.options) if what.kind in WITH_OPTIONS else []
    question.modes, question.is_required, question.is_active = list(what.modes), what.is_required, what.is_active


@retried
def edit_question(question_id: int, what: Asked, *, seen: str, by: Any, now: datetime) -> None:
    """Ask in other words, or no longer; answers given before keep the words they were given to."""
    with transaction():
        question = lock(Question, question_id)
        if seen != asked.fingerprint(question):
            raise EditedMeanwhile
        _put(question, what)
        audit.record(by, "edited question", question, at=now, is_active=what.is_active)


@retried
def order_questions(seminar_id: int, refs: Iterable[str], *, by: Any, now: datetime) -> None:
    """Put the questions of a seminar in this order; those not named come after."""
    wanted = {ref: number for number, ref in enumerate(refs)}
    with transaction():
        seminar = lock(Seminar, seminar_id)
        questions = asked.all_questions(seminar.id)
        for number, question in enumerate(sorted(questions, key=lambda each: wanted.get(each.ref, len(wanted)))):
            question.position = number + 1
        audit.record(by, "ordered questions", seminar, at=now)
