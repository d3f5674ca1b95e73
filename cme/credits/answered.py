"""What must always hold of attempts and of what was watched; each breach is one sentence."""

from collections.abc import Iterator

from sqlalchemy import select

from cme.credits.models import Attempt, Recording, Viewing
from cme.credits.rules import assessing, watching
from cme.database import db


def breaches() -> Iterator[str]:
    """Read every attempt handed in and everything watched, and say where a promise is broken."""
    handed_in = select(Attempt).where(Attempt.submitted_at.is_not(None)).order_by(Attempt.id)
    for attempt in db.session.scalars(handed_in.execution_options(yield_per=500)):
        score = assessing.score_of(attempt.questions, attempt.answers)
        if attempt.score != score:
            yield f"attempt {attempt.id} has the score {attempt.score}, its answers come to {score}"
        elif attempt.has_passed != (score >= attempt.pass_mark):
            went = "passed" if attempt.has_passed else "failed"
            yield f"attempt {attempt.id} {went} with {score} of {attempt.pass_mark}"
    watched = select(Viewing, Recording).join(Recording, Recording.session_id == Viewing.session_id)
    for viewing, recording in db.session.execute(watched.where(Recording.kind == "file").order_by(Viewing.id)):
        passed = int((viewing.updated_at - viewing.started_at).total_seconds()) + 2 * watching.SLACK
        if watching.length_of(viewing.played) > passed:
            yield f"viewing {viewing.id} has more played of {recording.id} than time has passed"
