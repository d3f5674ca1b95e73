"""The money behind registrations: attempts, refunds, disputes, what Stripe told us, the ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.database import Base, Row
from cme.registration.models.registration import Registration
from cme.registration.models.words import ABANDONED, CREATING, EXPIRED, FAILED, PAID, PAYABLE, among
from cme.values import Money


class Payment(Row):
    """One attempt to pay; its amount never changes after it was written."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint(among("status", (*PAYABLE, PAID, EXPIRED, FAILED, ABANDONED)), name="status"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("means IN ('card', 'check', 'transfer', 'cash')", name="means"),
        UniqueConstraint("registration_id", "attempt_no"),
        Index(
            "uq_payment_payable",
            "registration_id",
            unique=True,
            sqlite_where=text(among("status", PAYABLE)),
            postgresql_where=text(among("status", PAYABLE)),
        ),
        Index("ix_payment_status_created_at", "status", "created_at"),
    )

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    attempt_no: Mapped[int]
    status: Mapped[str] = mapped_column(String(12), default=CREATING)
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    mode: Mapped[str] = mapped_column(String(10))
    idem_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    request: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    session_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    session_url: Mapped[str | None] = mapped_column(Text)
    intent_id: Mapped[str | None] = mapped_column(String(100), index=True)
    charge_id: Mapped[str | None] = mapped_column(String(100))
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    review_reason: Mapped[str | None] = mapped_column(String(200))
    review_since: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]  # when staff settled a payment in review outside Stripe, with the note on how
    settled_note: Mapped[str] = mapped_column(String(300), default="")
    # How money came that staff wrote down: its means, its number at the bank, and who took it.
    means: Mapped[str] = mapped_column(String(10), default="card")
    reference: Mapped[str] = mapped_column(String(80), default="")
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)

    registration: Mapped[Registration] = relationship(back_populates="payments")
    refunds: Mapped[list["Refund"]] = relationship(back_populates="payment", order_by="Refund.seq")

    @property
    def amount(self) -> Money:
        """What was asked for."""
        return Money(self.amount_minor, self.currency)


class Refund(Row):
    """Money on its way back."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint(among("status", ("requested", "pending", "succeeded", "failed", "refused")), name="status"),
        CheckConstraint("origin IN ('app', 'dashboard')", name="origin"),
        CheckConstraint("amount_minor > 0", name="amount"),
        UniqueConstraint("payment_id", "seq"),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    seq: Mapped[int]
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(12), default="requested")
    reason: Mapped[str] = mapped_column(String(60))
    origin: Mapped[str] = mapped_column(String(10), default="app")
    idem_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    stripe_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship(back_populates="refunds")

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)


class Dispute(Row):
    """A charge somebody's bank questions."""

    __tablename__ = "dispute"

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    stripe_id: Mapped[str] = mapped_column(String(100), unique=True)
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class StripeEvent(Base):
    """An event Stripe told us of; the primary key lets a second telling pass quietly."""

    __tablename__ = "stripe_event"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    type: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str] = mapped_column(String(100), index=True)
    livemode: Mapped[bool]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(60))


class LedgerEntry(Row):
    """A movement of money, written once and never changed; refunds, fees and lost disputes are negative."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint("kind IN ('charge', 'refund', 'dispute', 'fee')", name="kind"),
        UniqueConstraint("kind", "stripe_id"),
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    mode: Mapped[str] = mapped_column(String(10))
    stripe_id: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
