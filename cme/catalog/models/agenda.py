"""What happens when, who teaches it, and what learners take home."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.database import Row

if TYPE_CHECKING:
    from cme.catalog.models.faculty import Faculty
    from cme.catalog.models.seminar import Seminar


class AgendaSession(Row):
    """One item of the agenda."""

    __tablename__ = "agenda_session"
    __table_args__ = (
        CheckConstraint("kind IN ('instruction', 'break', 'meal', 'registration', 'non-cme')", name="kind"),
        CheckConstraint("ends_at > starts_at", name="times"),
        Index("ix_agenda_session_seminar_id_starts_at", "seminar_id", "starts_at"),
    )

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"))
    position: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20), default="instruction")
    track: Mapped[str] = mapped_column(String(60), default="")
    on: Mapped[date] = mapped_column(Date)
    starts: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    mode: Mapped[str] = mapped_column(String(20), default="both")
    topic_minutes: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)

    seminar: Mapped["Seminar"] = relationship(back_populates="sessions")
    faculty: Mapped[list["Faculty"]] = relationship(secondary="session_faculty", order_by="Faculty.id")

    @property
    def minutes(self) -> int:
        """How long the session lasts."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def counts(self) -> bool:
        """Whether the session is instruction, which alone earns credit."""
        return self.kind == "instruction"


class SessionFaculty(Row):
    """Who teaches which session."""

    __tablename__ = "session_faculty"
    __table_args__ = (UniqueConstraint("session_id", "faculty_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"))
    faculty_id: Mapped[int] = mapped_column(ForeignKey("faculty.id"), index=True)


class Handout(Row):
    """A file learners get once they are registered."""

    __tablename__ = "handout"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    ref: Mapped[str] = mapped_column(String(26), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
