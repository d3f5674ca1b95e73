"""Which listings match what is asked, in the words of the database: one condition for each filter in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    Select,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased

from cme.catalog.facets import AMOUNTS, amount_bounds
from cme.catalog.filters import Filters
from cme.catalog.models import Listing, Offering
from cme.catalog.words import Term, fts5_query, tsquery
from cme.database import db

CHOSEN = ("format", "specialty", "credit", "topic", "mandate", "state", "country", "month")
NO_PRICE = 2**31 - 1  # where nothing is sold, last among prices


@dataclass(frozen=True)
class Condition:
    """One filter in use: the facet whose counts leave it out, and what it asks."""

    facet: str
    holds: ColumnElement[bool]


def price_at(now: datetime) -> ColumnElement[int]:
    """What the cheapest way in costs now."""
    return func.coalesce(case((Listing.price_until > now, Listing.price_minor), else_=Listing.next_minor), NO_PRICE)


def has_seats() -> ColumnElement[bool]:
    """Whether any open way to attend has a seat left; read where seats are sold, of seminars ahead alone.

    Few are shut: looking for those, in an index that has no others, is much less work than looking for the open ones.
    """
    shut, other = aliased(Offering, name="shut"), aliased(Offering)
    # As the index has it: with a value in place of the word, the databases would not know it again.
    is_shut: ColumnElement[bool] = literal_column("(shut.status <> 'open' OR shut.taken >= shut.capacity)")
    has_other = exists().where(other.seminar_id == shut.seminar_id, other.is_listed)
    has_other = has_other.where(other.status == "open", other.taken < other.capacity)
    full = select(shut.seminar_id).where(shut.is_listed, is_shut, ~has_other)
    return and_(Listing.price_minor.is_not(None), Listing.seminar_id.not_in(full))


def conditions(filters: Filters, characters: Mapping[tuple[str, str], str], now: datetime) -> list[Condition]:
    """What the filters ask, but for the words."""
    find = func.strpos if db.engine.dialect.name == "postgresql" else func.instr
    found: list[Condition] = []
    for facet in CHOSEN:
        if chosen := getattr(filters, facet):
            # What nobody offers has no character; a space stands for it, which no listing has.
            signs = [characters.get((facet, choice.value), " ") for choice in chosen]
            found.append(Condition(facet, or_(*(find(Listing.codes, sign) > 0 for sign in signs))))
    if filters.amounts:
        found.append(Condition("amounts", or_(*(within(choice.value) for choice in filters.amounts))))
    if filters.first:
        found.append(Condition("first", Listing.starts_on >= filters.first))
    if filters.last:
        found.append(Condition("last", Listing.starts_on <= filters.last))
    if filters.most_minor is not None:
        found.append(Condition("price", price_at(now) <= filters.most_minor))
    if filters.open:
        found.append(Condition("open", has_seats()))
    return found


def within(value: str) -> ColumnElement[bool]:
    """Whether the amount of credit is in a range."""
    least, beyond = amount_bounds(value)
    bounds = [Listing.amount >= least, Listing.amount > 0]
    return and_(*bounds, *([Listing.amount < beyond] if beyond is not None else []))


def typed_ranges(filters: Filters) -> dict[tuple[str, str], str]:
    """A character for each range of credit typed by hand, for which no listing keeps one; none of theirs is so low."""
    typed = (choice.value for choice in filters.amounts if choice.value not in AMOUNTS)
    return {("amounts", value): chr(number) for number, value in enumerate(typed, 1)}


def hits(terms: list[Term], *, ranked: bool = False) -> CTE | Any:
    """The listings with all of the words, and how well they fit: the lower, the better."""
    if db.engine.dialect.name == "postgresql":
        indexed = table("listing_fts", column("seminar_id"), column("words"))
        wanted = cast(bindparam("words", tsquery(terms), unique=True), TSQUERY)
        weights: ColumnElement[str] = literal_column(
            "'{0.1, 0.3, 0.6, 1.0}'"
        )  # description; faculty and place; topics; title
        rank: Any = -cast(func.ts_rank(weights, indexed.c.words, wanted), Float)
        found: Select[Any] = select(indexed.c.seminar_id).where(indexed.c.words.op("@@")(wanted))
    else:
        indexed = table("listing_fts", column("rowid"))
        whole: ColumnElement[str] = literal_column("listing_fts")
        rank = func.bm25(whole, *map(literal_column, ("10.0", "6.0", "4.0", "3.0", "1.0")))
        found = select(indexed.c.rowid.label("seminar_id"))
        found = found.select_from(indexed).where(whole.op("MATCH")(bindparam("words", fts5_query(terms), unique=True)))
    return (found.add_columns(rank.label("rank")) if ranked else found).subquery("hits")
