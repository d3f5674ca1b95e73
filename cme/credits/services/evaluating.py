"""Saying how a seminar was."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cme import audit
from cme.credits import queries, rules
from cme.credits.models import Evaluation
from cme.database import db, lock, refusing, retried, transaction
from cme.registration.models import Registration


@retried
def submit_evaluation(registration_id: int, answers: Mapping[str, Any], *, form_id: str | None, now: datetime) -> int:
    """Keep what a learner says of a seminar; said twice, the first answer stays."""
    with transaction():
        registration = lock(Registration, registration_id)
        known = queries.evaluation_of(registration.id)
        if known is not None:
            return known.id
        rules.check_participation(queries.case_of(registration, now=now), now=now)
        evaluation = Evaluation(
            registration_id=registration.id, answers=dict(answers), form_id=form_id, submitted_at=now
        )
        db.session.add(evaluation)
        with refusing(uq_evaluation_form_id=rules.AlreadyEvaluated):
            db.session.flush()
        audit.record(registration.account, "evaluated", registration, at=now)
        return evaluation.id
