"""Registrations, the money behind them, and who came."""

from datetime import date, datetime
from typing import Any

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
from cme.catalog.models import AgendaSession, Offering, Seminar
from cme.database import Base, Row
from cme.registration import rules
from cme.values import Money

# The rules own these words; the tables know them too.
HELD, CONFIRMED, WAITLISTED, OFFERED = ACTIVE = rules.ACTIVE
EXPIRED, CANCELLED = rules.ENDED
SEATED = rules.SEATED
CREATING, OPEN, PROCESSING = PAYABLE = rules.PAYABLE
PAID, FAILED, ABANDONED = rules.PAID, rules.FAILED, rules.ABANDONED


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Registration(Row):
    """One person's place at one seminar, from the hold of the seat to the end."""

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint(_in("status", (*ACTIVE, EXPIRED, CANCELLED)), name="status"),
        CheckConstraint("amount_due_minor = list_minor - discount_minor", name="amount"),
        CheckConstraint("list_minor >= 0 AND discount_minor >= 0 AND amount_due_minor >= 0", name="positive"),
        CheckConstraint("status <> 'held' OR hold_until IS NOT NULL", name="hold_until"),
        Index(
            "uq_registration_active",
            "account_id",
            "seminar_id",
            unique=True,
            sqlite_where=text(_in("status", ACTIVE)),
            postgresql_where=text(_in("status", ACTIVE)),
        ),
        Index("ix_registration_status_hold_until", "status", "hold_until"),
        Index("ix_registration_seminar_id_status", "seminar_id", "status"),
    )

    ref: Mapped[str] = mapped_column(String(26), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"))
    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    hold_until: Mapped[datetime | None]
    offer_until: Mapped[datetime | None]
    tier: Mapped[str] = mapped_column(String(20))
    list_minor: Mapped[int]
    discount_minor: Mapped[int] = mapped_column(default=0)
    amount_due_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    # The refund terms and the terms' version as this person accepted them.
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    terms_version: Mapped[int] = mapped_column(default=0)
    questions: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    waived_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    disputed_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    purge_on: Mapped[date | None] = mapped_column(Date)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    seminar: Mapped[Seminar] = relationship()
    offering: Mapped[Offering] = relationship()
    payments: Mapped[list["Payment"]] = relationship(back_populates="registration", order_by="Payment.attempt_no")
    attendance: Mapped[list["Attendance"]] = relationship(back_populates="registration")

    @property
    def amount_due(self) -> Money:
        """What this seat costs this person."""
        return Money(self.amount_due_minor, self.currency)


class Payment(Row):
    """One attempt to pay; its amount never changes after it was written."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint(_in("status", (*PAYABLE, PAID, EXPIRED, FAILED, ABANDONED)), name="status"),
        CheckConstraint("amount_minor > 0", name="amount"),
        UniqueConstraint("registration_id", "attempt_no"),
        Index(
            "uq_payment_payable",
            "registration_id",
            unique=True,
            sqlite_where=text(_in("status", PAYABLE)),
            postgresql_where=text(_in("status", PAYABLE)),
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
        CheckConstraint(_in("status", ("requested", "pending", "succeeded", "failed", "refused")), name="status"),
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
