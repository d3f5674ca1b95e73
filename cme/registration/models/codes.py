"""Promo codes: what they take off, for whom, how often, until when."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.catalog.models import Seminar
from cme.database import Row
from cme.registration.rules.codes import Terms


class PromoCode(Row):
    """A code that takes a part or an amount off the tuition; its uses are counted by the database like seats."""

    __tablename__ = "promo_code"
    __table_args__ = (
        CheckConstraint("(percent IS NULL) <> (amount_minor IS NULL)", name="discount"),
        CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 100", name="percent"),
        CheckConstraint("amount_minor IS NULL OR amount_minor > 0", name="amount"),
        CheckConstraint("used >= 0", name="used"),
        CheckConstraint("most_uses IS NULL OR most_uses > 0", name="most_uses"),
        Index("ix_promo_code_seminar_id", "seminar_id"),
    )

    code: Mapped[str] = mapped_column(String(40), unique=True)  # in capitals, as it is compared
    note: Mapped[str] = mapped_column(String(200), default="")  # what it is for, for staff
    percent: Mapped[int | None]
    amount_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    most_uses: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
    once_each: Mapped[bool] = mapped_column(default=True)
    first_on: Mapped[date | None] = mapped_column(Date)  # in the seminar's zone, like the last day
    last_on: Mapped[date | None] = mapped_column(Date)
    seminar_id: Mapped[int | None] = mapped_column(ForeignKey("seminar.id"))  # none: for every seminar
    tiers: Mapped[list[str]] = mapped_column(JSON, default=list)  # none: for every group
    modes: Mapped[list[str]] = mapped_column(JSON, default=list)  # none: for every way to attend
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]

    seminar: Mapped[Seminar | None] = relationship()

    @property
    def terms(self) -> Terms:
        """What the code takes off, for whom and when."""
        return Terms(
            code=self.code,
            percent=self.percent,
            amount_minor=self.amount_minor,
            currency=self.currency,
            first_on=self.first_on,
            last_on=self.last_on,
            seminar_id=self.seminar_id,
            tiers=tuple(self.tiers),
            modes=tuple(self.modes),
            is_active=self.is_active,
        )

    @property
    def uses_left(self) -> int | None:
        """How often it can still be used; None for any number of times."""
        return None if self.most_uses is None else max(0, self.most_uses - self.used)
