"""What was claimed, and the credit granted for it."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.accounts.models import Account
from cme.catalog.models import Seminar
from cme.credits.models.words import STATUS, VALID
from cme.database import Row
from cme.registration.models import Registration
from cme.values import Credits

if TYPE_CHECKING:
    from cme.credits.models.papers import Certificate

LEARNING, TEACHING = "learning", "teaching"
ASKED, GRANTED, REFUSED = "asked", "granted", "refused"


class Claim(Row):
    """A learner's act of claiming: what was attested, by whom, as what; a correction is a new version."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint(STATUS, name="status"),
        CheckConstraint("kind IN ('learning', 'teaching')", name="kind"),
        UniqueConstraint("registration_id", "version"),
        Index(
            "uq_claim_current",
            "registration_id",
            "kind",
            unique=True,
            sqlite_where=text("status = 'valid'"),
            postgresql_where=text("status = 'valid'"),
        ),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    kind: Mapped[str] = mapped_column(String(10), default=LEARNING)
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str] = mapped_column(String(12), default=VALID)
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("claim.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    professional_name: Mapped[str] = mapped_column(String(120))
    certification_type: Mapped[str] = mapped_column(String(20))
    attestation: Mapped[str] = mapped_column(Text)
    attested_at: Mapped[datetime]
    attested_from: Mapped[str] = mapped_column(String(60), default="")
    supported_minutes: Mapped[int | None]
    # What was said on the way: the minutes claimed of each session by its number, and the identifiers that the
    # chosen types of credit need.
    sessions: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    identifiers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # staff, where it was not the learner
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    purge_on: Mapped[date | None] = mapped_column(Date)

    registration: Mapped[Registration] = relationship()
    awards: Mapped[list["Award"]] = relationship(back_populates="claim", order_by="Award.id")


class Award(Row):
    """Credit of one type, granted; participation is a type of its own and holds hours."""

    __tablename__ = "award"
    __table_args__ = (
        CheckConstraint(STATUS, name="status"),
        CheckConstraint("credits >= 0 AND credits <= maximum AND step > 0 AND credits % step = 0", name="credits"),
        CheckConstraint("credits > 0 OR credit_type = 'participation'", name="positive"),
        CheckConstraint("kind IN ('learning', 'teaching')", name="kind"),
        Index(
            "uq_award_current",
            "account_id",
            "seminar_id",
            "credit_type",
            "kind",
            unique=True,
            sqlite_where=text("superseded_by IS NULL"),
            postgresql_where=text("superseded_by IS NULL"),
        ),
    )

    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"), index=True)
    credit_type: Mapped[str] = mapped_column(String(30))
    # As its claim's: who teaches at a seminar may learn from the others there, and is given credit for both.
    kind: Mapped[str] = mapped_column(String(10), default=LEARNING)
    credits: Mapped[int]
    maximum: Mapped[int]
    step: Mapped[int] = mapped_column(default=25)
    status: Mapped[str] = mapped_column(String(12), default=VALID)
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("award.id"))
    awarded_at: Mapped[datetime]

    claim: Mapped[Claim] = relationship(back_populates="awards")
    account: Mapped[Account] = relationship()
    seminar: Mapped[Seminar] = relationship()
    certificate: Mapped["Certificate | None"] = relationship(back_populates="award")

    @property
    def amount(self) -> Credits:
        """What was claimed and granted."""
        return Credits(self.credits)


class Extension(Row):
    """Somebody's wish to claim after the window closed, and what staff said."""

    __tablename__ = "claim_extension"
    __table_args__ = (
        CheckConstraint("status IN ('asked', 'granted', 'refused')", name="status"),
        CheckConstraint("status <> 'granted' OR until IS NOT NULL", name="until"),
        Index(
            "uq_claim_extension_asked",
            "registration_id",
            unique=True,
            sqlite_where=text("status = 'asked'"),
            postgresql_where=text("status = 'asked'"),
        ),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default=ASKED)
    asked_at: Mapped[datetime]
    until: Mapped[date | None] = mapped_column(Date)  # the last day to claim, where the seminar is
    answer: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)

    registration: Mapped[Registration] = relationship()
