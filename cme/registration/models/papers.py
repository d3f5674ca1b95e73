"""Receipts, invoices, credit notes and invitation letters: numbered without gaps, kept as they were issued."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.database import Row
from cme.registration.models.registration import Registration
from cme.registration.models.words import among

RECEIPT, INVOICE, CREDIT_NOTE, INVITATION = PAPERS = ("receipt", "invoice", "credit-note", "invitation")
LETTERS = {RECEIPT: "R", INVOICE: "I", CREDIT_NOTE: "C", INVITATION: "L"}


class PaperCount(Row):
    """How many papers of a kind a year has; the next number is taken in the transaction that writes the paper."""

    __tablename__ = "paper_count"
    __table_args__ = (UniqueConstraint("kind", "year"), CheckConstraint("last >= 0", name="last"))

    kind: Mapped[str] = mapped_column(String(12))
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


class Paper(Row):
    """One numbered document with every printed word; what is corrected later is a document of its own."""

    __tablename__ = "paper"
    __table_args__ = (
        CheckConstraint(among("kind", PAPERS), name="kind"),
        UniqueConstraint("kind", "year", "seq"),
        # One receipt for each payment, one credit note for each refund, one invoice and letter for each registration.
        UniqueConstraint("kind", "about"),
        Index("ix_paper_registration_id", "registration_id"),
    )

    kind: Mapped[str] = mapped_column(String(12))
    year: Mapped[int]
    seq: Mapped[int]
    ref: Mapped[str] = mapped_column(String(26), unique=True)
    about: Mapped[str] = mapped_column(String(40))  # like payment:12
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    mode: Mapped[str] = mapped_column(String(10))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    issued_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()

    @property
    def number(self) -> str:
        """As it is printed: R-2027-000123."""
        return f"{LETTERS[self.kind]}-{self.year}-{self.seq:06d}"
