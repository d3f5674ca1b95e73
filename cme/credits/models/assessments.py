"""Assessments of activities on demand: the questions, and every attempt at them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.catalog.models import Seminar
from cme.database import Row
from cme.registration.models import Registration


class Assessment(Row):
    """How a seminar's questions are put; the pass mark is the seminar's, told before the start."""

    __tablename__ = "assessment"
    __table_args__ = (
        CheckConstraint("asks IS NULL OR asks > 0", name="asks"),
        CheckConstraint("most_attempts IS NULL OR most_attempts > 0", name="most_attempts"),
    )

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"), unique=True)
    asks: Mapped[int | None]  # how many questions of the bank; all where none is said
    most_attempts: Mapped[int | None]
    is_shuffled: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]

    seminar: Mapped[Seminar] = relationship()
    questions: Mapped[list["BankQuestion"]] = relationship(
        back_populates="assessment", order_by="BankQuestion.position, BankQuestion.id"
    )


class BankQuestion(Row):
    """A question of the bank, its options, which of them are right, why, and where to read more."""

    __tablename__ = "bank_question"

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    stem: Mapped[str] = mapped_column(Text)
    options: Mapped[list[str]] = mapped_column(JSON)
    right: Mapped[list[int]] = mapped_column(JSON)  # the right options, counted from 0
    rationale: Mapped[str] = mapped_column(Text, default="")
    reference: Mapped[str] = mapped_column(Text, default="")
    retired_at: Mapped[datetime | None]

    assessment: Mapped[Assessment] = relationship(back_populates="questions")


class Attempt(Row):
    """One try at an assessment: the questions as they were put, what was answered, and the score."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("registration_id", "number"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 100", name="score"),
        Index(
            "uq_attempt_open",
            "registration_id",
            unique=True,
            sqlite_where=text("submitted_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL"),
        ),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    number: Mapped[int]
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    answers: Mapped[dict[str, list[int]]] = mapped_column(JSON, default=dict)
    pass_mark: Mapped[int]
    score: Mapped[int | None]  # percent, rounded down
    has_passed: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)

    registration: Mapped[Registration] = relationship()
