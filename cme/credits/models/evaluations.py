"""What is asked of a seminar, and what learners say of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.catalog.models import Seminar
from cme.database import Row
from cme.registration.models import Registration


class Questionnaire(Row):
    """What a seminar's evaluation asks; a seminar without one asks the usual."""

    __tablename__ = "questionnaire"

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"), unique=True)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]

    seminar: Mapped[Seminar] = relationship()


class Evaluation(Row):
    """What a learner says of a seminar, once per registration, with the questions as they were put."""

    __tablename__ = "evaluation"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    submitted_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()


class EvaluationDraft(Row):
    """What a learner has typed so far, kept until the evaluation is given."""

    __tablename__ = "evaluation_draft"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()


class FollowUp(Row):
    """The question three months later: what did you change?"""

    __tablename__ = "follow_up"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    asked_at: Mapped[datetime]
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    answered_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)

    registration: Mapped[Registration] = relationship()
