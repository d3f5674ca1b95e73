"""Three months later: what did people change?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select

from cme import audit
from cme.accounts.models import Account
from cme.credits import rules
from cme.credits.emails.following_up import follow_up_asked
from cme.credits.models import Evaluation, FollowUp
from cme.credits.queries import evaluations
from cme.credits.rules import questions as asking
from cme.database import db, lock, retried, transaction
from cme.registration.models import CONFIRMED, Registration

AFTER, UNTIL = timedelta(days=90), timedelta(days=150)  # whoever was not asked by then is not asked any more
MOST = 1000  # in one round; the next one goes on


def ask_follow_ups(*, now: datetime) -> dict[str, int]:
    """Write to those who evaluated a seminar three months ago, each once, however often this runs."""
    numbers = list(db.session.scalars(_due(now).order_by(Registration.id).limit(MOST)))
    return {"follow-ups asked": sum(_ask(number, now) for number in numbers)}


def _due(now: datetime) -> Select[int]:
    asked = exists().where(FollowUp.registration_id == Registration.id)
    return (
        select(Registration.id)
        .join(Evaluation, Evaluation.registration_id == Registration.id)
        .join(Account, Account.id == Registration.account_id)
        .where(Registration.status == CONFIRMED, Account.status == "active", ~asked)
        .where(Evaluation.submitted_at.between(now - UNTIL, now - AFTER))
    )


@retried
def _ask(number: int, now: datetime) -> bool:
    with transaction():
        registration = lock(Registration, number)
        if db.session.scalar(_due(now).where(Registration.id == number)) is None:
            return False  # another runner was quicker, or it is true no longer
        db.session.add(FollowUp(registration_id=registration.id, asked_at=now))
        db.session.flush()
        follow_up_asked(registration, at=now)
        return True


@retried
def answer_follow_up(registration_id: int, answers: Mapping[str, Any], *, form_id: str | None, now: datetime) -> None:
    """Keep what somebody says three months after; said twice, the first answer stays."""
    with transaction():
        registration = lock(Registration, registration_id)
        asked = evaluations.follow_up_of(registration.id)
        if asked is None:
            raise rules.EvaluationMissing("We have not asked you about this seminar yet.")
        if asked.answered_at is not None:
            return
        items = evaluations.asked_later(registration.id)
        asked.answers, asked.answered_at, asked.form_id = asking.fitting(items, answers), now, form_id
        audit.record(registration.account, "answered follow-up", registration, at=now)
