"""Who came, for how long, and how we know."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.catalog.models import AgendaSession
from cme.database import Row
from cme.registration.models.registration import Registration


class Attendance(Row):
    """How long somebody attended one session, how we know, and who wrote it down."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("registration_id", "session_id"),
        CheckConstraint("minutes >= 0", name="minutes"),
        CheckConstraint("source IN ('staff', 'scan', 'code', 'webcast', 'import', 'sheet')", name="source"),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id"), index=True)
    minutes: Mapped[int]
    source: Mapped[str] = mapped_column(String(10), default="staff")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship(back_populates="attendance")
    session: Mapped[AgendaSession] = relationship()


class AttendanceChange(Row):
    """Attendance that was on file and was corrected: what it was, what it became, who changed it, and why."""

    __tablename__ = "attendance_change"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id"), index=True)
    before: Mapped[int]
    after: Mapped[int]
    source: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(300))
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # nobody, where the session grew shorter
    changed_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()
    session: Mapped[AgendaSession] = relationship()


class AttendanceImport(Row):
    """A webinar's log as it was read: staff look at what it would write down before it counts."""

    __tablename__ = "attendance_import"

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"), index=True)
    ref: Mapped[str] = mapped_column(String(26), unique=True)
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    spans: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # who (email, name), joined, left; as UTC moments in text
    problems: Mapped[list[str]] = mapped_column(JSON, default=list)
    reason: Mapped[str] = mapped_column(Text, default="")
    read_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    read_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
