"""What people add to their transcript themselves: credit earned elsewhere, and goals."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.accounts.models import Account
from cme.database import Row


class ExternalCredit(Row):
    """Credit that somebody says they earned elsewhere; nobody has checked it."""

    __tablename__ = "external_credit"
    __table_args__ = (CheckConstraint("credits > 0", name="credits"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    ref: Mapped[str] = mapped_column(String(26), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    provider: Mapped[str] = mapped_column(String(200), default="")
    on: Mapped[date] = mapped_column(Date)
    credit_type: Mapped[str] = mapped_column(String(30))
    credits: Mapped[int]
    topic_minutes: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(String(300), default="")
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    account: Mapped[Account] = relationship()


class Goal(Row):
    """So much credit by a day, with so much on certain topics."""

    __tablename__ = "goal"
    __table_args__ = (
        CheckConstraint("credits >= 0", name="credits"),
        CheckConstraint("starts_on < due_on", name="span"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    ref: Mapped[str] = mapped_column(String(26), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    credit_type: Mapped[str | None] = mapped_column(String(30))  # any type where none is said
    credits: Mapped[int]
    topic_minutes: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    starts_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
