"""Where somebody stands with what they do in their own time: watch, answer, claim."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from cme.catalog.models import Seminar
from cme.credits.models import Assessment, BankQuestion
from cme.credits.queries import assessments, watching
from cme.credits.rules.assessing import Retakes
from cme.database import db
from cme.errors import Refusal
from cme.registration.models import Registration
from cme.values import CREDIT_NAMES, CreditType


@dataclass(frozen=True)
class Told:
    """What people are told of an assessment before they begin: how many questions, the mark, how often."""

    questions: int
    mark: int
    most_attempts: int | None
    thresholds: dict[CreditType, int]

    @property
    def points(self) -> list[tuple[str, int]]:
        """The credit boards give from a score of their own on."""
        return [(CREDIT_NAMES[kind], percent) for kind, percent in self.thresholds.items()]


def told_of(seminar: Seminar) -> Told | None:
    """What is told of a seminar's assessment; nothing where there is none."""
    thresholds = assessments.thresholds_of(seminar)
    if seminar.pass_mark is None and not thresholds:
        return None
    bank = func.count(BankQuestion.id)
    known = select(Assessment.asks, Assessment.most_attempts, bank).join(Assessment.questions)
    known = known.where(Assessment.seminar_id == seminar.id, BankQuestion.retired_at.is_(None)).group_by(Assessment.id)
    found = db.session.execute(known).one_or_none()
    if found is None:
        return None
    asks, most_attempts, size = found
    return Told(min(asks or size, size), assessments.mark_of(seminar), most_attempts, thresholds)


@dataclass(frozen=True)
class Course:
    """Everything there is to watch and to answer for one person, and how far they are."""

    registration: Registration
    watched: list[watching.Watched]
    told: Told | None
    retakes: Retakes | None
    has_passed: bool
    until: date | None
    closed: str  # why nothing can be watched now

    @property
    def done(self) -> int:
        """How many recordings are watched."""
        return sum(each.is_done for each in self.watched)

    @property
    def has_watched(self) -> bool:
        """Whether all of them are."""
        return self.done == len(self.watched)

    @property
    def next(self) -> watching.Watched | None:
        """The recording to go on with."""
        return next((each for each in self.watched if not each.is_done), None)


def course_of(registration: Registration, *, now: datetime) -> Course:
    """Gather what a person watches and answers of a seminar."""
    told = told_of(registration.seminar)
    assessment = assessments.assessment_of(registration.seminar_id) if told else None
    retakes = assessments.retakes_of(registration, assessment) if assessment else None
    closed = ""
    try:
        watching.check_access(registration, now=now)
    except Refusal as refusal:
        closed = str(refusal)
    return Course(
        registration=registration,
        watched=watching.watched_by(registration),
        told=told,
        retakes=retakes,
        has_passed=assessments.passed_attempt(registration.id) is not None,
        until=watching.access_ends(registration),
        closed=closed,
    )
