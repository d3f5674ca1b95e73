"""What is watched and answered on demand in the demo."""

from datetime import datetime
from typing import Any

from cme.catalog.models import Seminar
from cme.credits import queries, services
from cme.credits.models import STREAM
from cme.credits.rules.bank import read_bank
from cme.database import db
from cme.demo.content import DATA, Plan

LASTS = 90  # seconds of each demonstration talk: whoever tries it out need not wait for an hour


def prepare(seminar_id: int, plan: Plan, *, now: datetime) -> None:
    """Say where each talk can be watched, and fill the question bank from its file."""
    if queries.recordings_of(seminar_id):
        return  # prepared before: these come last
    seminar = db.session.get_one(Seminar, seminar_id)
    file = DATA / f"{plan.slug}.csv"
    asked, wrong = read_bank(file.read_bytes())
    if wrong:
        raise RuntimeError(f"{file.name}: {wrong[0]}")
    services.add_bank_questions(seminar_id, asked, by=None, now=now)
    assessment = queries.assessment_of(seminar_id)
    how: dict[str, Any] = {"asks": 4, "most_attempts": None, "is_shuffled": True}
    services.save_assessment(seminar_id, **how, version=assessment.version if assessment else 0, by=None, now=now)
    page = f"https://webcast.gcms.example/{plan.slug}"
    talks = {
        each.id: services.RecordingValues(STREAM, f"{page}/{number}", LASTS)
        for number, each in enumerate(queries.sessions_to_record(seminar), 1)
    }
    services.save_recordings(seminar_id, talks, by=None, now=now)
