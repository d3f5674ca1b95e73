"""What a seminar asks of those who register, and what people agreed to."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cme.database import Row


class Question(Row):
    """One question of a seminar's registration; answers are kept on the registration, beside the words asked."""

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("kind IN ('line', 'text', 'choice', 'choices', 'yes')", name="kind"),
        Index("ix_question_seminar_id_position", "seminar_id", "position"),
    )

    ref: Mapped[str] = mapped_column(String(26), unique=True)
    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    label: Mapped[str] = mapped_column(String(200))
    hint: Mapped[str] = mapped_column(String(300), default="")
    options: Mapped[list[str]] = mapped_column(JSON, default=list)
    modes: Mapped[list[str]] = mapped_column(JSON, default=list)  # none: whichever way somebody attends
    is_required: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]


class Consent(Row):
    """What a person agreed to or declined, in the words they saw; asked once, the newest answer counts."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("account_id", "key", "version"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    words: Mapped[str] = mapped_column(String(500))
    is_given: Mapped[bool]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    at: Mapped[datetime]
