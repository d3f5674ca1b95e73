"""What must always hold of evaluations, drafts and follow-ups; each breach is one sentence."""

from collections.abc import Iterator

from sqlalchemy import select

from cme.credits.models import Evaluation, EvaluationDraft, FollowUp
from cme.credits.queries import evaluations
from cme.credits.rules import questions as asking
from cme.database import db


def breaches() -> Iterator[str]:
    """Read everything that was said, and say where it answers nothing that was asked."""
    for said in db.session.scalars(select(Evaluation).order_by(Evaluation.id).execution_options(yield_per=500)):
        items = [asking.Item.from_json(each) for each in said.questions]
        if asking.fitting(items, said.answers) != said.answers:
            yield f"evaluation {said.id} answers what was not asked"
    both = select(EvaluationDraft.id).join(Evaluation, Evaluation.registration_id == EvaluationDraft.registration_id)
    for number in db.session.scalars(both.order_by(EvaluationDraft.id)):
        yield f"evaluation draft {number} is left of an evaluation that was given"
    given = {number for (number,) in db.session.execute(select(Evaluation.registration_id))}
    for asked in db.session.scalars(select(FollowUp).order_by(FollowUp.id)):
        if asked.registration_id not in given:
            yield f"follow-up {asked.id} was asked of somebody who did not evaluate"
        if (asked.answers is None) != (asked.answered_at is None):
            yield f"follow-up {asked.id} does not say when it was answered"
        elif asked.answers is not None:
            items = evaluations.asked_later(asked.registration_id)
            if asking.fitting(items, asked.answers) != asked.answers:
                yield f"follow-up {asked.id} answers what was not asked"
