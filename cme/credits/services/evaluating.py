"""Saying how a seminar was."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from cme import audit
from cme.credits import queries, rules
from cme.credits.models import Evaluation, EvaluationDraft
from cme.credits.queries import evaluations
from cme.credits.rules import questions as asking
from cme.database import db, lock, refusing, retried, transaction
from cme.registration.models import CONFIRMED, Registration


@retried
def submit_evaluation(
    registration_id: int,
    answers: Mapping[str, Any],
    *,
    form_id: str | None,
    now: datetime,
    asked: Sequence[asking.Item] | None = None,
) -> int:
    """Keep what a learner says of a seminar, beside what was asked; said twice, the first answer stays.

    `asked` is what the page asked; where none is given, it is what the seminar asks of this person now.
    """
    with transaction():
        registration = lock(Registration, registration_id)
        known = queries.evaluation_of(registration.id)
        if known is not None:
            return known.id
        rules.check_participation(queries.case_of(registration, now=now), now=now)
        items = evaluations.asked_of(registration) if asked is None else asked
        evaluation = Evaluation(
            registration_id=registration.id,
            answers=asking.fitting(items, answers),
            questions=[each.to_json() for each in items],
            form_id=form_id,
            submitted_at=now,
        )
        db.session.add(evaluation)
        with refusing(uq_evaluation_form_id=rules.AlreadyEvaluated):
            db.session.flush()
        db.session.execute(delete(EvaluationDraft).where(EvaluationDraft.registration_id == registration.id))
        audit.record(registration.account, "evaluated", registration, at=now)
        return evaluation.id


@retried
def save_draft(
    registration_id: int, answers: Mapping[str, Any], *, asked: Collection[asking.Item], now: datetime
) -> None:
    """Keep what somebody has typed so far; what the page did not ask stays as it was said before."""
    with transaction() as session:
        registration = lock(Registration, registration_id)
        if queries.evaluation_of(registration.id) is not None:
            raise rules.AlreadyEvaluated  # what was typed a moment before it was sent arrives a moment after
        draft = session.query(EvaluationDraft).filter_by(registration_id=registration.id).one_or_none()
        if draft is None:
            draft = EvaluationDraft(registration_id=registration.id, answers={})
            session.add(draft)
        here = {each.key for each in asked} | ({asking.BIAS_NOTICED} if _asks_of_bias(asked) else set())
        before = {key: said for key, said in draft.answers.items() if key not in here}
        draft.answers, draft.saved_at = before | asking.fitting(asked, answers), now


@retried
def rate_sessions(registration_id: int, answers: Mapping[str, Any], *, now: datetime) -> int:
    """Keep how the sessions were that have begun, while the seminar goes on; answers how many are rated."""
    registration = db.session.get_one(Registration, registration_id)
    if not evaluations.may_rate_sessions(registration, now=now):
        raise rules.NotRegistered if registration.status != CONFIRMED else rules.AlreadyEvaluated
    asked = evaluations.asked_during(registration, now=now)
    save_draft(registration_id, answers, asked=asked, now=now)
    return len(asking.fitting(asked, answers))


def _asks_of_bias(asked: Collection[asking.Item]) -> bool:
    return any(each.kind == asking.BIAS for each in asked)
