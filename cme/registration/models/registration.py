"""A person's place at a seminar."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.accounts.models import Account
from cme.catalog.models import Offering, Seminar
from cme.database import Row
from cme.registration.models.words import ACTIVE, CANCELLED, EXPIRED, among
from cme.values import Money

if TYPE_CHECKING:
    from cme.registration.models.attendance import Attendance
    from cme.registration.models.codes import PromoCode
    from cme.registration.models.money import Payment


LEARNER, COMP, FACULTY = PLACES = ("learner", "comp", "faculty")
ONE_EACH = f"{among('status', ACTIVE)} AND NOT (is_switch AND status = 'held')"


class Registration(Row):
    """One person's place at one seminar, from the hold of the seat to the end."""

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint(among("status", (*ACTIVE, EXPIRED, CANCELLED)), name="status"),
        CheckConstraint("amount_due_minor = list_minor - discount_minor", name="amount"),
        CheckConstraint("list_minor >= 0 AND discount_minor >= 0 AND amount_due_minor >= 0", name="positive"),
        CheckConstraint("status <> 'held' OR hold_until IS NOT NULL", name="hold_until"),
        CheckConstraint("carried_minor BETWEEN 0 AND amount_due_minor", name="carried"),
        CheckConstraint(among("place", PLACES), name="place"),
        CheckConstraint("NOT is_switch OR moved_from_id IS NOT NULL", name="is_switch"),
        # One active registration each; beside it may stand a switch to another way to attend that is not paid yet.
        Index(
            "uq_registration_active",
            "account_id",
            "seminar_id",
            unique=True,
            sqlite_where=text(ONE_EACH),
            postgresql_where=text(ONE_EACH),
        ),
        # What was paid is carried on to one place at a time.
        Index(
            "uq_registration_moved_from_id",
            "moved_from_id",
            unique=True,
            sqlite_where=text(among("status", ACTIVE)),
            postgresql_where=text(among("status", ACTIVE)),
        ),
        Index("ix_registration_offering_id_status", "offering_id", "status", "created_at"),
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
    # The part of the price that money paid for an earlier place covers, and that place.
    carried_minor: Mapped[int] = mapped_column(default=0)
    moved_from_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    is_switch: Mapped[bool] = mapped_column(default=False)  # to another way to attend the same seminar
    transfers: Mapped[int] = mapped_column(default=0)  # how often this person moved to another seminar so far
    # The last day on which the tuition of a cancelled place, kept on hold, can pay for another.
    credit_until: Mapped[date | None] = mapped_column(Date)
    promo_id: Mapped[int | None] = mapped_column(ForeignKey("promo_code.id"), index=True)
    place: Mapped[str] = mapped_column(String(10), default=LEARNER)
    # Set when staff agreed to wait for a check or a transfer: the seat is held until the invoice is due.
    invoiced_at: Mapped[datetime | None]
    invitation_at: Mapped[datetime | None]  # when a letter for a visa was issued, which changes what comes back
    end_reason: Mapped[str] = mapped_column(String(40), default="")
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # when and where, as last told to this person
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
    promo: Mapped["PromoCode | None"] = relationship()
    payments: Mapped[list["Payment"]] = relationship(back_populates="registration", order_by="Payment.attempt_no")
    attendance: Mapped[list["Attendance"]] = relationship(back_populates="registration")
    moved_from: Mapped["Registration | None"] = relationship(
        remote_side="Registration.id", foreign_keys=[moved_from_id]
    )

    @property
    def amount_due(self) -> Money:
        """What this seat costs this person."""
        return Money(self.amount_due_minor, self.currency)

    @property
    def carried(self) -> Money:
        """The part of the price that was paid for an earlier place."""
        return Money(self.carried_minor, self.currency)

    @property
    def to_pay(self) -> Money:
        """What is still to be paid: the price less what an earlier place already paid."""
        return Money(self.amount_due_minor - self.carried_minor, self.currency)
