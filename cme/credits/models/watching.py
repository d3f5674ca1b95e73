"""Recordings of an activity on demand, and how far each learner has watched them."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.catalog.models import AgendaSession
from cme.database import Row
from cme.registration.models import Registration

FILE, STREAM = "file", "stream"


class Recording(Row):
    """Where a session can be watched: a video file that our player plays, or a stream on another site."""

    __tablename__ = "recording"
    __table_args__ = (
        CheckConstraint("kind IN ('file', 'stream')", name="kind"),
        CheckConstraint("seconds > 0", name="seconds"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id", ondelete="CASCADE"), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    url: Mapped[str] = mapped_column(String(1000))
    captions_url: Mapped[str | None] = mapped_column(String(1000))
    seconds: Mapped[int]
    updated_at: Mapped[datetime]

    session: Mapped[AgendaSession] = relationship()


class Viewing(Row):
    """How far somebody has watched one recording: where to resume, and which parts were played."""

    __tablename__ = "viewing"
    __table_args__ = (UniqueConstraint("registration_id", "session_id"),)

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("agenda_session.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)  # seconds from the start
    played: Mapped[list[list[int]]] = mapped_column(JSON, default=list)  # seconds from and to, in order, apart
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship()
    session: Mapped[AgendaSession] = relationship()
