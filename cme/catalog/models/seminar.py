"""Seminars: what is offered, how one can attend, what it costs, what credit it is designated for."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.database import Row
from cme.values import Credits, Money

if TYPE_CHECKING:
    from cme.catalog.models.agenda import AgendaSession, Handout
    from cme.catalog.models.faculty import SeminarFaculty

DRAFT, PUBLISHED, WITHDRAWN, CANCELLED = "draft", "published", "withdrawn", "cancelled"


class Seminar(Row):
    """An educational activity: local times and a zone, from which the moments are derived."""

    __tablename__ = "seminar"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published', 'withdrawn', 'cancelled')", name="status"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_at"),
        CheckConstraint("providership IN ('direct', 'joint')", name="providership"),
        Index("ix_seminar_upcoming", "status", "starts_at"),
        Index("ix_seminar_on_demand", "status", "terminates_on"),
        Index("ix_seminar_specialty_starts_at", "specialty", "starts_at"),
    )

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[str] = mapped_column(Text, default="")
    objectives: Mapped[list[str]] = mapped_column(JSON, default=list)
    specialty: Mapped[str] = mapped_column(String(60), default="")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(10), default=DRAFT)
    learning_format: Mapped[str] = mapped_column(String(60), default="live activity")
    time_zone: Mapped[str] = mapped_column(String(60), default="America/New_York")
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    venue: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[str] = mapped_column(String(2), default="")
    country: Mapped[str] = mapped_column(String(2), default="US")
    hotel: Mapped[str] = mapped_column(Text, default="")
    hotel_name: Mapped[str] = mapped_column(String(200), default="")
    hotel_url: Mapped[str | None] = mapped_column(String(500))
    hotel_rate_minor: Mapped[int | None]
    hotel_cutoff_on: Mapped[date | None] = mapped_column(Date)
    providership: Mapped[str] = mapped_column(String(10), default="direct")
    joint_providers: Mapped[list[str]] = mapped_column(JSON, default=list)
    commercial_support: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    no_commercial_support: Mapped[bool] = mapped_column(default=False)
    evaluation_required: Mapped[bool] = mapped_column(default=True)
    claim_window_days: Mapped[int | None]
    pass_mark: Mapped[int | None]
    # Whether attendance is written down and caps what can be claimed; else people say themselves what they attended.
    tracks_attendance: Mapped[bool] = mapped_column(default=True)
    watch_percent: Mapped[int] = mapped_column(default=90)  # of each recording, before the assessment opens
    released_on: Mapped[date | None] = mapped_column(Date)
    reviewed_on: Mapped[date | None] = mapped_column(Date)
    terminates_on: Mapped[date | None] = mapped_column(Date)
    estimated_minutes: Mapped[int | None]
    method: Mapped[str] = mapped_column(Text, default="")  # of participation, told before an on-demand activity starts
    bibliography: Mapped[str] = mapped_column(Text, default="")
    day_themes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # by day, as 2027-03-15
    # The refund and change policy of this seminar; none: the provider's.
    policy: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # Counts up with every saved change: two editors cannot overwrite each other, calendars learn of the change.
    version: Mapped[int] = mapped_column(default=1)
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str | None] = mapped_column(Text)
    purge_on: Mapped[date | None] = mapped_column(Date)

    offerings: Mapped[list["Offering"]] = relationship(back_populates="seminar", order_by="Offering.id")
    handouts: Mapped[list["Handout"]] = relationship(order_by="Handout.position, Handout.id")
    sessions: Mapped[list["AgendaSession"]] = relationship(
        back_populates="seminar", order_by="AgendaSession.starts_at, AgendaSession.position"
    )
    people: Mapped[list["SeminarFaculty"]] = relationship(
        back_populates="seminar", order_by="SeminarFaculty.position, SeminarFaculty.id"
    )
    designations: Mapped[list["Designation"]] = relationship(back_populates="seminar", order_by="Designation.id")

    def designation_of(self, credit_type: str) -> "Designation | None":
        """What this seminar is designated for in one type of credit."""
        return next((found for found in self.designations if found.credit_type == credit_type), None)

    @property
    def place(self) -> str:
        """Sarasota, FL; nothing where nobody has to go anywhere."""
        return ", ".join(part for part in (self.city, self.state) if part)


class Offering(Row):
    """One way to attend a seminar, with its own seats and tuition."""

    __tablename__ = "offering"
    __table_args__ = (
        UniqueConstraint("seminar_id", "mode"),
        CheckConstraint("mode IN ('in-person', 'livestream', 'on-demand')", name="mode"),
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        CheckConstraint("taken >= 0", name="taken"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("access_days IS NULL OR access_days > 0", name="access_days"),
        Index(
            "ix_offering_listed",
            *("seminar_id", "status", "taken", "capacity", "revision", "mode"),
            sqlite_where=text("is_listed = 1"),
            postgresql_where=text("is_listed"),
        ),
        Index(
            "ix_offering_shut",
            "seminar_id",
            sqlite_where=text("is_listed = 1 AND (status <> 'open' OR taken >= capacity)"),
            postgresql_where=text("is_listed AND (status <> 'open' OR taken >= capacity)"),
        ),
    )

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"))
    mode: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10), default="open")
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    webcast_url: Mapped[str | None] = mapped_column(String(500))
    # How long somebody may watch what they bought on demand; never past the day the activity terminates.
    access_days: Mapped[int | None]
    # Counts up with every seat taken or given back and every saved change, so that pages kept warm learn of it.
    revision: Mapped[int] = mapped_column(default=0)
    is_listed: Mapped[bool] = mapped_column(default=False)  # whether the catalog lists it: published and ahead

    seminar: Mapped[Seminar] = relationship(back_populates="offerings")
    tiers: Mapped[list["PriceTier"]] = relationship(back_populates="offering", order_by="PriceTier.id")

    @property
    def seats_left(self) -> int:
        """How many can still register; capacity may have been lowered below the seats taken."""
        return max(0, self.capacity - self.taken)


class PriceTier(Row):
    """Tuition for one group of certification types, with an early rate until a day in the seminar's zone."""

    __tablename__ = "price_tier"
    __table_args__ = (
        UniqueConstraint("offering_id", "tier"),
        CheckConstraint("tier IN ('physician', 'clinician', 'trainee')", name="tier"),
        CheckConstraint("amount_minor >= 0 AND (early_minor IS NULL OR early_minor >= 0)", name="amount"),
        CheckConstraint("(early_minor IS NULL) = (early_until IS NULL)", name="early"),
    )

    offering_id: Mapped[int] = mapped_column(ForeignKey("offering.id"))
    tier: Mapped[str] = mapped_column(String(20))
    amount_minor: Mapped[int]
    early_minor: Mapped[int | None]
    early_until: Mapped[date | None] = mapped_column(Date)

    offering: Mapped[Offering] = relationship(back_populates="tiers")

    def price_on(self, day: date) -> Money:
        """The price on a day of the seminar's calendar."""
        if self.early_minor is not None and self.early_until is not None and day <= self.early_until:
            return Money(self.early_minor, self.offering.currency)
        return Money(self.amount_minor, self.offering.currency)


class Designation(Row):
    """The credit a seminar is designated for, by type; amounts in hundredths of a credit."""

    __tablename__ = "designation"
    __table_args__ = (
        UniqueConstraint("seminar_id", "credit_type"),
        CheckConstraint("maximum >= 0 AND step > 0 AND maximum % step = 0", name="maximum"),
    )

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"))
    credit_type: Mapped[str] = mapped_column(String(30))
    maximum: Mapped[int]
    step: Mapped[int] = mapped_column(default=25)
    approval_number: Mapped[str] = mapped_column(String(60), default="")
    approved_from: Mapped[date | None] = mapped_column(Date)
    approved_until: Mapped[date | None] = mapped_column(Date)
    is_pending: Mapped[bool] = mapped_column(default=False)  # filed and not decided; never for AMA PRA credit
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    seminar: Mapped[Seminar] = relationship(back_populates="designations")

    @property
    def credits(self) -> Credits:
        """The designated maximum."""
        return Credits(self.maximum)
