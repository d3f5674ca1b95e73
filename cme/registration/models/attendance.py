"""Who came, for how long, and how we know."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
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
        CheckConstraint("source IN ('staff', 'scan', 'code', 'webcast', 'import')", name="source"),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id"), index=True)
    minutes: Mapped[int]
    source: Mapped[str] = mapped_column(String(10), default="staff")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship(back_populates="attendance")
    session: Mapped[AgendaSession] = relationship()
