"""Something to read, beside the catalog."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cme.catalog.models.seminar import DRAFT
from cme.database import Row

OFFICE = "America/New_York"  # an article appears when its day begins in this zone


class ArticleCategory(Row):
    """A shelf of articles."""

    __tablename__ = "article_category"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))


class Article(Row):
    """Something to read, beside the catalog."""

    __tablename__ = "article"
    __table_args__ = (
        CheckConstraint("status IN ('draft', 'published')", name="status"),
        Index("ix_article_status_published_on", "status", "published_on"),
        Index("uq_article_form_id", "form_id", unique=True),
    )

    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    author: Mapped[str | None] = mapped_column(String(120))
    category_id: Mapped[int] = mapped_column(ForeignKey("article_category.id"), index=True)
    summary: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(Text)
    specialty: Mapped[str] = mapped_column(String(60), default="")
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(10), default=DRAFT)
    # The day it bears and appears on; may lie ahead. Moment it was first put on show: from then on its address stays.
    published_on: Mapped[date | None] = mapped_column(Date)
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    form_id: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    category: Mapped[ArticleCategory] = relationship(lazy="joined", innerjoin=True)
