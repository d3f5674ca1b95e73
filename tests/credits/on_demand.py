"""An activity on demand for tests: recordings to watch, questions to answer."""

from datetime import date, timedelta
from typing import Any

from cme.catalog.models import Seminar
from cme.credits import queries, services
from cme.credits.rules.assessing import Asked
from cme.credits.services import RecordingValues
from cme.database import db
from tests import factories

LAST = date(2027, 3, 31)
RIGHT, WRONG = 0, 1


def question(number: int, *, right: tuple[int, ...] = (RIGHT,)) -> Asked:
    """A question whose first answer is right."""
    options = ("The first", "The second", "The third")
    return Asked(f"Question {number}?", options, right, f"Reason {number}.", f"Reference {number}.")


def activity(cast: Any, *, now: Any, questions: int = 10, asks: int | None = None, **more: Any) -> Seminar:
    """Something on demand with a pass mark of 70, open until the end of March."""
    facts: dict[str, Any] = {
        "learning_format": "enduring material",
        "released_on": date(2027, 1, 1),
        "terminates_on": LAST,
        "pass_mark": 70,
        "evaluation_required": False,
        "starts_in": -50,
        "days": 1,
        "modes": ("on-demand",),
        "prices": factories.FREE,
    }
    attempts = more.pop("most_attempts", None)
    made = factories.seminar(now=now - timedelta(days=60), **facts | more)
    bank = [question(number) for number in range(1, questions + 1)]
    services.add_bank_questions(made.id, bank, by=cast.sam, now=now)
    how: dict[str, Any] = {"asks": asks, "most_attempts": attempts, "is_shuffled": False, "version": 0}
    services.save_assessment(made.id, **how, by=cast.sam, now=now)
    return made


def record(cast: Any, at: Seminar, *, now: Any, kind: str = "file", seconds: int = 600) -> None:
    """Let every session be watched: ten minutes each."""
    values = RecordingValues(kind, "https://media.example.test/talk.mp4", seconds)
    sessions = queries.sessions_to_record(db.session.get_one(Seminar, at.id))
    services.save_recordings(at.id, dict.fromkeys([each.id for each in sessions], values), by=cast.sam, now=now)


def answers(right: int, of: int) -> dict[str, list[int]]:
    """So many right answers, the others wrong."""
    return {str(number): [RIGHT if number < right else WRONG] for number in range(of)}


def attempt(registration_id: int, right: int, *, now: Any) -> Any:
    """Answer all questions, so many of them right."""
    number = services.begin_attempt(registration_id, form_id=None, now=now)
    put = queries.open_attempt(registration_id)
    asked = len(put.questions) if put else 0
    return services.hand_in(registration_id, number, answers(right, asked), now=now)
