"""Starting a seminar from another one: its questions come along, its recordings do not."""

from datetime import datetime
from typing import Any

from cme.credits import queries
from cme.credits.services.banking import add_bank_questions, save_assessment
from cme.credits.services.questionnaires import ask_like, version_of


def copy_questions(source_id: int, copy_id: int, *, by: Any, now: datetime) -> None:
    """Ask in a copy what the first seminar asks; done twice, what was changed in the copy since stays."""
    source = queries.assessment_of(source_id)
    if source is not None and queries.assessment_of(copy_id) is None:
        how: dict[str, Any] = {
            "asks": source.asks,
            "most_attempts": source.most_attempts,
            "is_shuffled": source.is_shuffled,
        }
        asked = [queries.asked_by(each) for each in queries.bank_of(source)]
        save_assessment(copy_id, **how, version=0, by=by, now=now)
        add_bank_questions(copy_id, asked, by=by, now=now)
    if version_of(source_id) and not version_of(copy_id):
        ask_like(copy_id, source_id, by=by, now=now)
