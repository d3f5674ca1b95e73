"""Who is in control of content, and what they disclosed."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.database import Row

if TYPE_CHECKING:
    from cme.catalog.models.seminar import Seminar


class Faculty(Row):
    """Somebody who teaches or plans."""

    __tablename__ = "faculty"

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    credentials: Mapped[str] = mapped_column(String(60), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    field: Mapped[str] = mapped_column(String(120), default="")
    affiliation: Mapped[str] = mapped_column(String(200), default="")
    bio: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str | None] = mapped_column(String(320))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]

    disclosures: Mapped[list["Disclosure"]] = relationship(back_populates="faculty", order_by="Disclosure.id")

    @property
    def full_name(self) -> str:
        """The name with its credentials."""
        return ", ".join(part for part in (self.name, self.credentials) if part)


class SeminarFaculty(Row):
    """Who is in control of a seminar's content, and as what."""

    __tablename__ = "seminar_faculty"
    __table_args__ = (
        UniqueConstraint("seminar_id", "faculty_id"),
        CheckConstraint("role IN ('director', 'faculty', 'planner', 'reviewer')", name="role"),
    )

    seminar_id: Mapped[int] = mapped_column(ForeignKey("seminar.id"))
    faculty_id: Mapped[int] = mapped_column(ForeignKey("faculty.id"), index=True)
    role: Mapped[str] = mapped_column(String(20), default="faculty")
    position: Mapped[int] = mapped_column(default=0)

    seminar: Mapped["Seminar"] = relationship(back_populates="people")
    faculty: Mapped[Faculty] = relationship(lazy="joined", innerjoin=True)


class Disclosure(Row):
    """What somebody in control of content disclosed over the last 24 months: a relationship, or that there is none."""

    __tablename__ = "disclosure"
    __table_args__ = (CheckConstraint("has_relationship = (company <> '')", name="company"),)

    faculty_id: Mapped[int] = mapped_column(ForeignKey("faculty.id"), index=True)
    has_relationship: Mapped[bool]
    company: Mapped[str] = mapped_column(String(200), default="")
    nature: Mapped[str] = mapped_column(String(200), default="")
    is_relevant: Mapped[bool] = mapped_column(default=False)
    is_decided: Mapped[bool] = mapped_column(default=True)  # False: staff have not yet said whether it is relevant
    mitigation: Mapped[str] = mapped_column(Text, default="")
    mitigated_on: Mapped[date | None] = mapped_column(Date)
    disclosed_on: Mapped[date] = mapped_column(Date)
    expires_on: Mapped[date] = mapped_column(Date)

    faculty: Mapped[Faculty] = relationship(back_populates="disclosures")


class DisclosureRequest(Row):
    """A letter that lets somebody in control of content disclose without an account; the link itself is not kept."""

    __tablename__ = "disclosure_request"

    faculty_id: Mapped[int] = mapped_column(ForeignKey("faculty.id"), index=True)
    seminar_id: Mapped[int | None] = mapped_column(ForeignKey("seminar.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    form_id: Mapped[str | None] = mapped_column(String(40), unique=True)

    faculty: Mapped[Faculty] = relationship()
