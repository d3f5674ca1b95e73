"""What the catalog reads: a row for each seminar that is published and ahead, written with the seminar itself."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cme.database import Base, Key, Row


class Listing(Base):
    """What a published seminar that is ahead can be found, counted and ordered by; narrow, for it is read whole."""

    __tablename__ = "listing"
    __table_args__ = (Index("ix_listing_order", "is_on_demand", "starts_at", "seminar_id"),)

    seminar_id: Mapped[int] = mapped_column(Key, ForeignKey("seminar.id"), primary_key=True, autoincrement=False)
    until: Mapped[datetime]  # from then on it is not offered any more
    starts_at: Mapped[datetime]
    starts_on: Mapped[date | None] = mapped_column(Date)  # nothing where any day will do
    is_on_demand: Mapped[bool]
    amount: Mapped[int]  # AMA PRA Category 1 Credit, in hundredths
    codes: Mapped[str] = mapped_column(String(400))  # one character for each choice it has, see ListingCode
    # The cheapest way in until a moment, and from then on, each with the prices it stays within; nothing where no way
    # is open. A job moves on what has passed.
    price_minor: Mapped[int | None]
    price_signs: Mapped[str] = mapped_column(String(4))
    price_until: Mapped[datetime]
    next_minor: Mapped[int | None]
    next_signs: Mapped[str] = mapped_column(String(4))
    stamp: Mapped[int]  # drawn anew with each change, so that the sum of all tells whether anything did


class ListingCard(Base):
    """What a list shows of a seminar, and the words it is known by."""

    __tablename__ = "listing_card"

    seminar_id: Mapped[int] = mapped_column(Key, ForeignKey("seminar.id"), primary_key=True, autoincrement=False)
    card: Mapped[dict[str, Any]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text)


class ListingCode(Row):
    """Something seminars can be chosen by, and by its number the character that stands for it in a listing."""

    __tablename__ = "listing_code"
    __table_args__ = (UniqueConstraint("facet", "value"),)

    facet: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(200))


class ListingWord(Base):
    """A word the seminars ahead are known by, and by how many of them: what a mistyped one is compared with."""

    __tablename__ = "listing_word"

    word: Mapped[str] = mapped_column(String(40), primary_key=True)
    seminars: Mapped[int]
