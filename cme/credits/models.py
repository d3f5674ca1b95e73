"""Evaluations, claims, awards, certificates and the documents printed from them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.accounts.models import Account
from cme.catalog.models import Seminar
from cme.database import Row
from cme.registration.models import Registration
from cme.values import Credits

VALID, SUPERSEDED, VOID = "valid", "superseded", "void"
_STATUS = "status IN ('valid', 'superseded', 'void')"


class Evaluation(Row):
    """What a learner says of a seminar, once per registration."""

    __tablename__ = "evaluation"

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    submitted_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()


class Claim(Row):
    """A learner's act of claiming: what was attested, by whom, as what; a correction is a new version."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint(_STATUS, name="status"),
        UniqueConstraint("registration_id", "version"),
        Index(
            "uq_claim_current",
            "registration_id",
            unique=True,
            sqlite_where=text("status = 'valid'"),
            postgresql_where=text("status = 'valid'"),
        ),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
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
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    purge_on: Mapped[date | None] = mapped_column(Date)

    registration: Mapped[Registration] = relationship()
    awards: Mapped[list["Award"]] = relationship(back_populates="claim", order_by="Award.id")


class Award(Row):
    """Credit of one type, granted; participation is a type of its own and holds hours."""

    __tablename__ = "award"
    __table_args__ = (
        CheckConstraint(_STATUS, name="status"),
        CheckConstraint("credits >= 0 AND credits <= maximum AND step > 0 AND credits % step = 0", name="credits"),
        CheckConstraint("credits > 0 OR credit_type = 'participation'", name="positive"),
        Index(
            "uq_award_current",
            "account_id",
            "seminar_id",
            "credit_type",
            unique=True,
            sqlite_where=text("superseded_by IS NULL"),
            postgresql_where=text("superseded_by IS NULL"),
        ),
    )

    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"), index=True)
    credit_type: Mapped[str] = mapped_column(String(30))
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


class Certificate(Row):
    """A certificate: a number to read aloud, a code nobody can guess, and every printed word, frozen."""

    __tablename__ = "certificate"
    __table_args__ = (CheckConstraint(_STATUS, name="status"),)

    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    code: Mapped[str] = mapped_column(String(26), unique=True)
    snapshot: Mapped[str] = mapped_column(Text)
    snapshot_version: Mapped[int]
    template: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(12), default=VALID)
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    status_reason: Mapped[str | None] = mapped_column(Text)
    status_since: Mapped[datetime | None]
    issued_at: Mapped[datetime]
    purge_on: Mapped[date | None] = mapped_column(Date)

    award: Mapped[Award] = relationship(back_populates="certificate")
    account: Mapped[Account] = relationship()
    document: Mapped["Document | None"] = relationship(back_populates="certificate")


class Document(Row):
    """The printed bytes of a certificate, and the hash that printing again must match."""

    __tablename__ = "document"

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), unique=True)
    media_type: Mapped[str] = mapped_column(String(60), default="application/pdf")
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    unsigned_sha256: Mapped[str] = mapped_column(String(64))
    rendered_at: Mapped[datetime]

    certificate: Mapped[Certificate] = relationship(back_populates="document")
