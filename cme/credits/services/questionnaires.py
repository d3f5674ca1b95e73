"""Writing what a seminar's evaluation asks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme import audit
from cme.catalog.models import Seminar
from cme.credits.models import Questionnaire
from cme.credits.queries import evaluations
from cme.credits.rules import questions as asking
from cme.database import db, lock, retried, transaction
from cme.errors import EditedMeanwhile
from cme.values import new_code

Questions = list[asking.Question]


def add_question(seminar_id: int, new: asking.Question, *, by: Any, now: datetime) -> None:
    """Ask one question more, after the others; one with a key is asked once, however often the form is sent."""
    key = new.key or f"q{new_code(10).lower()}"

    def added(questions: Questions) -> Questions:
        if any(each.key == key for each in questions):
            return questions
        asking.check_new(questions, new)
        return [*questions, replace(new, key=key)]

    _write(seminar_id, added, "added evaluation question", by=by, now=now)


def edit_question(seminar_id: int, key: str, changed: asking.Question, *, seen: int, by: Any, now: datetime) -> None:
    """Ask in other words; answers given before keep the words they were given to."""

    def edited(questions: Questions) -> Questions:
        found = [replace(changed, key=key) if each.key == key else each for each in questions]
        asking.check_kinds(found)
        return found

    _write(seminar_id, edited, "edited evaluation question", seen=seen, by=by, now=now)


def remove_question(seminar_id: int, key: str, *, by: Any, now: datetime) -> None:
    """Ask it no longer; what was answered stays."""

    def without(questions: Questions) -> Questions:
        left = [each for each in questions if each.key != key]
        if not left:
            raise asking.NothingAsked
        return left

    _write(seminar_id, without, "removed evaluation question", by=by, now=now)


def move_question(seminar_id: int, key: str, step: int, *, by: Any, now: datetime) -> None:
    """Ask it earlier or later."""
    _write(seminar_id, lambda all_: asking.moved(all_, key, step), "ordered evaluation questions", by=by, now=now)


def ask_the_usual(seminar_id: int, *, by: Any, now: datetime) -> None:
    """Go back to what every seminar asks."""
    _write(seminar_id, lambda _: list(asking.USUAL), "reset evaluation questions", by=by, now=now)


def ask_like(seminar_id: int, other_id: int, *, by: Any, now: datetime) -> None:
    """Ask what another seminar asks."""
    _write(seminar_id, lambda _: evaluations.questions_of(other_id), "copied evaluation questions", by=by, now=now)


def version_of(seminar_id: int) -> int:
    """The number of the version that is saved; 0 for the usual."""
    return db.session.scalar(select(Questionnaire.version).where(Questionnaire.seminar_id == seminar_id)) or 0


@retried
def _write(
    seminar_id: int,
    change: Callable[[Questions], Questions],
    did: str,
    *,
    by: Any,
    now: datetime,
    seen: int | None = None,
) -> None:
    with transaction() as session:
        seminar = lock(Seminar, seminar_id)  # a seminar's first questionnaire has no row to hold yet
        found = evaluations.questionnaire_of(seminar.id)
        if seen is not None and seen != (found.version if found else 0):
            raise EditedMeanwhile
        before = evaluations.questions_of(seminar.id)
        after = change(before)
        if after == before:
            return
        if found is None:
            found = Questionnaire(seminar_id=seminar.id, version=0)
            session.add(found)
        found.questions = [each.to_json() for each in after]
        found.version, found.updated_at = found.version + 1, now
        audit.record(by, did, seminar, at=now, questions=len(after), version=found.version)
