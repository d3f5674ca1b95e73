"""A seat offered to a colleague."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.database import Row
from cme.registration.models.registration import Registration


class Substitution(Row):
    """Somebody asks a colleague to take their place; the link in the letter lets the colleague accept."""

    __tablename__ = "substitution"
    __table_args__ = (
        Index(
            "uq_substitution_open",
            "registration_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(12), default="")  # accepted, withdrawn, expired

    registration: Mapped[Registration] = relationship()

    def is_open(self, now: datetime) -> bool:
        """Whether the link still works."""
        return self.ended_at is None and self.expires_at > now
