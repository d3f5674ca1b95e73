"""What learners said of a seminar or of somebody who teaches, added up; never who said it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from cme.catalog.models import AgendaSession, Faculty, Seminar, SeminarFaculty, SessionFaculty
from cme.credits.models import Evaluation, EvaluationDraft, FollowUp
from cme.credits.queries import evaluations
from cme.credits.rules import questions as asking
from cme.credits.rules.tallies import Said, Tally, tally
from cme.database import db
from cme.registration.models import CONFIRMED, Attendance, Registration

MOST_LISTED = 200
OVERALL = "overall"


@dataclass(frozen=True)
class SeminarLine:
    """One seminar in the list: how many could say something, how many did, and their overall rating."""

    seminar: Seminar
    invited: int
    evaluated: int
    overall: Tally | None

    @property
    def rate(self) -> int:
        """How many of a hundred evaluated."""
        return min(100, round(100 * self.evaluated / self.invited)) if self.invited else 0


@dataclass(frozen=True)
class Report:
    """What was said of one seminar, and what became of it three months later."""

    seminar: Seminar
    invited: int
    evaluated: int
    tallies: list[Tally]
    asked_later: int
    answered_later: int
    later: list[Tally]

    def of(self, *kinds: str) -> list[Tally]:
        """The questions asked about nobody and nothing in particular, of these kinds."""
        return [each for each in self.tallies if each.kind in kinds and not each.about]

    def about(self, what: str) -> list[Tally]:
        """The ratings of each objective, speaker or session."""
        return [each for each in self.tallies if each.about.partition(":")[0] == what]


def seminars_evaluated(*, now: datetime, most: int = MOST_LISTED) -> list[SeminarLine]:
    """The seminars that began, the latest first, with how many said what overall."""
    chosen = select(Seminar).where(or_(Seminar.starts_at <= now, Seminar.id.in_(_with_evaluations())))
    seminars = list(db.session.scalars(chosen.order_by(Seminar.starts_at.desc(), Seminar.id).limit(most)))
    numbers = [each.id for each in seminars]
    said: dict[int, list[Said]] = {number: [] for number in numbers}
    found = select(Registration.seminar_id, Evaluation.questions, Evaluation.answers).join(
        Registration, Registration.id == Evaluation.registration_id
    )
    for number, questions, answers in db.session.execute(found.where(Registration.seminar_id.in_(numbers))):
        said[number].append((_read(questions, only=OVERALL), answers))
    invited = _invited(numbers)
    lines = []
    for seminar in seminars:
        overall = next(iter(tally(said[seminar.id])), None)
        lines.append(SeminarLine(seminar, invited.get(seminar.id, 0), len(said[seminar.id]), overall))
    return [each for each in lines if each.invited or each.evaluated]


def report_of(seminar: Seminar) -> Report:
    """Everything said of one seminar."""
    said = _said_of(seminar.id)
    asked = select(FollowUp.registration_id, FollowUp.answers).join(
        Registration, Registration.id == FollowUp.registration_id
    )
    later = db.session.execute(asked.where(Registration.seminar_id == seminar.id)).all()
    answered = [(asking.asked_later(()), answers) for _, answers in later if answers is not None]
    return Report(
        seminar,
        invited=_invited([seminar.id]).get(seminar.id, 0),
        evaluated=len(said),
        tallies=tally([*said, *_rated_early(seminar.id)]),
        asked_later=len(later),
        answered_later=len(answered),
        later=tally(answered),
    )


def report_about(person: Faculty) -> list[tuple[Seminar, Tally | None, list[Tally]]]:
    """What was said of somebody who teaches: by seminar, how they were rated, and each of their sessions."""
    teaches = select(AgendaSession.seminar_id).join(SessionFaculty, SessionFaculty.session_id == AgendaSession.id)
    leads = select(SeminarFaculty.seminar_id).where(SeminarFaculty.faculty_id == person.id)
    chosen = select(Seminar).where(
        or_(Seminar.id.in_(teaches.where(SessionFaculty.faculty_id == person.id)), Seminar.id.in_(leads))
    )
    found = []
    for seminar in db.session.scalars(chosen.order_by(Seminar.starts_at.desc(), Seminar.id)):
        tallies = report_of(seminar).tallies
        own = next((each for each in tallies if each.about == f"speaker:{person.slug}"), None)
        keys = evaluations.session_keys(seminar)
        taught = {f"session:{keys[each.id]}" for each in seminar.sessions if each.counts and person in each.faculty}
        sessions = [each for each in tallies if each.about in taught]
        if own or sessions:
            found.append((seminar, own, sessions))
    return found


def _with_evaluations() -> Select[int]:
    return select(Registration.seminar_id).join(Evaluation, Evaluation.registration_id == Registration.id)


def _said_of(seminar_id: int) -> list[Said]:
    found = select(Evaluation.questions, Evaluation.answers).join(
        Registration, Registration.id == Evaluation.registration_id
    )
    rows = db.session.execute(found.where(Registration.seminar_id == seminar_id))
    return [(_read(questions), answers) for questions, answers in rows]


def _rated_early(seminar_id: int) -> list[Said]:
    """How sessions were rated while they were fresh, by people who have not evaluated the seminar yet."""
    evaluated = select(Evaluation.registration_id)
    found = (
        select(Registration, EvaluationDraft.answers)
        .join(EvaluationDraft, EvaluationDraft.registration_id == Registration.id)
        .where(Registration.seminar_id == seminar_id, Registration.id.not_in(evaluated))
    )
    rows = db.session.execute(found).all()
    if not rows:
        return []
    items = [each for each in evaluations.asked_in_preview(rows[0][0].seminar) if each.asks == asking.SESSIONS]
    return [([each for each in items if each.key in answers], answers) for _, answers in rows]


def _read(questions: Iterable[dict[str, object]], only: str | None = None) -> list[asking.Item]:
    return [asking.Item.from_json(each) for each in questions if only is None or each["key"] == only]


def _invited(seminars: list[int]) -> dict[int, int]:
    """How many came, by seminar: who watches on demand counts too."""
    came = select(Attendance.registration_id).where(Attendance.minutes > 0)
    evaluated = select(Evaluation.registration_id)
    chosen = (
        select(Registration.seminar_id, func.count())
        .where(Registration.seminar_id.in_(seminars), Registration.status == CONFIRMED)
        .where(or_(Registration.id.in_(came), Registration.id.in_(evaluated)))
        .group_by(Registration.seminar_id)
    )
    return {number: count for number, count in db.session.execute(chosen)}
