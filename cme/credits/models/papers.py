"""Certificates, and the documents printed from them."""

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
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.accounts.models import Account
from cme.catalog.models import Seminar
from cme.credits.models.claims import Award
from cme.credits.models.words import STATUS, VALID
from cme.database import Row


class Certificate(Row):
    """A certificate: a number to read aloud, a code nobody can guess, and every printed word, frozen."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint(STATUS, name="status"),
        Index("uq_certificate_status_index", "status_index", unique=True),
    )

    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    code: Mapped[str] = mapped_column(String(26), unique=True)
    snapshot: Mapped[str] = mapped_column(Text)
    snapshot_version: Mapped[int]
    template: Mapped[str] = mapped_column(String(10))
    assets: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # what it is drawn with: SHA-256 by file name
    # The credential as a signed token, made once: a signature made again would be another. Its place in the status
    # list never goes to another certificate.
    credential: Mapped[str | None] = mapped_column(Text)
    status_index: Mapped[int | None]
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
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)  # of the bytes handed out, signature and all
    key_id: Mapped[str | None] = mapped_column(String(64))  # whose signature it carries
    rendered_at: Mapped[datetime]

    certificate: Mapped[Certificate] = relationship(back_populates="document")


class IssuerKey(Row):
    """The public half of a key that certificates were signed with; it stays published as long as they are."""

    __tablename__ = "issuer_key"

    key_id: Mapped[str] = mapped_column(String(64), unique=True)
    jwk: Mapped[dict[str, Any]] = mapped_column(JSON)
    certificate_pem: Mapped[str] = mapped_column(Text)
    is_demo: Mapped[bool] = mapped_column(default=False)
    first_used_at: Mapped[datetime]


class PrintRun(Row):
    """All certificates of a seminar, asked for at once: how far the press has come."""

    __tablename__ = "print_run"
    __table_args__ = (CheckConstraint("done >= 0 AND failed >= 0 AND done + failed <= total", name="counts"),)

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"), index=True)
    ref: Mapped[str] = mapped_column(String(26), unique=True)
    is_reprint: Mapped[bool] = mapped_column(default=False)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)

    seminar: Mapped[Seminar] = relationship()
