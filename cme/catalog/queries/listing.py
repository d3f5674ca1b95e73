"""What is on offer: the seminars ahead that match, and what else they can be chosen by, from their listings alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, ScalarSelect, Select, String, and_, case, cast, func, literal, select, true

from cme import settings
from cme.catalog.cards import PER_PAGE, Card, Found, Pages, card_from
from cme.catalog.facets import Choice, Facets, slug_of
from cme.catalog.filters import Filters
from cme.catalog.listing import OPEN, character
from cme.catalog.models import Listing, ListingCard, ListingCode, ListingWord, Offering
from cme.catalog.queries.counting import ATTRIBUTES, Counts, facets_of
from cme.catalog.queries.matching import Condition, conditions, has_seats, hits, price_at, typed_ranges, within
from cme.catalog.words import SHORTEST_GUESSED, Term, corrected, said, terms_of
from cme.database import db

MOST_OF_A_MONTH = 1000
NEXT_LINE, NEXT_PART = "\x1e", "\x1f"  # no label holds these


def choices() -> Facets:
    """All there is to choose from, uncounted: what an address is read against."""
    found: dict[str, Any] = {}
    characters: dict[tuple[str, str], str] = {}
    told = g.get("choices") or db.session.scalar(select(_codes()))
    lines = (line.split(NEXT_PART) for line in (told or "").split(NEXT_LINE) if line)
    for number, facet, value, label in sorted((int(number), *rest) for number, *rest in lines):
        found.setdefault(ATTRIBUTES[facet], []).append(Choice(value, label))
        characters[facet, value] = character(number)
    return Facets(**found, characters=characters)


def _codes() -> ScalarSelect[str]:
    """All codes as one text: so they can come along with another statement."""
    line: ColumnElement[str] = cast(ListingCode.id, String)
    for column in (ListingCode.facet, ListingCode.value, ListingCode.label):
        line = line + NEXT_PART + column
    return select(func.aggregate_strings(line, NEXT_LINE)).scalar_subquery()


def search(filters: Filters, *, now: datetime, per_page: int = PER_PAGE, known: Facets | None = None) -> Found:
    """The seminars that match, and what else could be asked; two statements, or four when a word is put right.

    `known` is what `choices` answered, where that was asked before: one statement less.
    """
    known, typed = known or choices(), typed_ranges(filters)
    known = replace(known, characters={**known.characters, **typed})
    if filters.view == "month":
        filters = replace(filters, month=filters.month[:1], sort="date")
    wanted = conditions(filters, known.characters, now)
    terms, read_as = terms_of(filters.q), ""
    counted = _counts(wanted, terms, now, typed)
    if terms and not counted.hits and not filters.exact:
        guessed = corrected(terms, _vocabulary(terms))
        if guessed != terms:
            again = _counts(wanted, guessed, now, typed)
            if again.hits:
                terms, counted, read_as = guessed, again, said(guessed)
    offered = facets_of(filters, known, counted)
    total, month = counted.total, None
    if filters.view == "month":
        month = _month(filters, offered)
        total, per_page = month.count if month else 0, MOST_OF_A_MONTH
        filters = replace(filters, month=(month,) if month else ())
        wanted = conditions(filters, known.characters, now)
    cards = _page(filters, wanted, terms, now, per_page) if total and per_page else []
    return Found(Pages(cards, filters.page, total, per_page), offered, read_as, month, counted.kept_out)


def upcoming_seminars(filters: Filters, *, now: datetime, per_page: int = PER_PAGE) -> Pages[Card]:
    """One page of the seminars that match, as cards."""
    return search(filters, now=now, per_page=per_page).pages


def facets(*, now: datetime) -> Facets:
    """What upcoming seminars can be chosen by, counted."""
    return search(Filters(), now=now, per_page=0).facets


def related_seminars(specialty: str, topics: Sequence[str] = (), *, now: datetime, most: int = 3) -> list[Card]:
    """A few upcoming seminars, those that share the most topics or the specialty first."""
    find = func.strpos if db.engine.dialect.name == "postgresql" else func.instr
    signs = choices().characters
    shared = [("specialty", slug_of(specialty)), *(("topic", slug_of(topic)) for topic in topics)]
    points = [case((find(Listing.codes, signs[key]) > 0, 1), else_=0) for key in shared if key in signs]
    nearness = sum(points[1:], points[0]) if points else literal(0)
    found = select(Listing.seminar_id).where(Listing.until > now)
    return _cards(found, [-nearness, *_soonest()], now, most=most)


def fingerprint(*, now: datetime) -> str:
    """A word that changes whenever anything the catalog shows does: seminars, prices, seats, what staff decided.

    The provider and the choices, which every page needs, come along: a page takes one statement less for each.
    """
    steady = func.count().filter(Listing.price_until > now)
    seats = select(func.sum(Offering.revision), func.sum(Offering.taken)).where(Offering.is_listed).subquery()
    sums = select(func.count(), func.sum(Listing.stamp), steady).where(Listing.until > now).subquery()
    decided, provider = settings.decided()
    told = select(sums, seats, decided, provider, _codes()).select_from(sums.join(seats, true()))
    *state, provider_now, g.choices = db.session.execute(told).one()
    settings.take(provider_now)
    return "-".join(str(value or 0) for value in state)


def _counts(
    wanted: Sequence[Condition], terms: Sequence[Term], now: datetime, typed: Mapping[tuple[str, str], str]
) -> Counts:
    """One row with everything to count: what fails at most one filter, as text, for counting is quicker here."""
    by_facet: dict[str, list[ColumnElement[bool]]] = {}
    for condition in wanted:
        by_facet.setdefault(condition.facet, []).append(condition.holds)
    # Each filter that does not hold adds its own bit; a sum that is one bit tells which single filter failed.
    bits = {facet: 1 << number for number, facet in enumerate(by_facet)}
    fails: ColumnElement[int] = literal(0)
    for facet, holds in by_facet.items():
        fails = fails + case((and_(*holds), 0), else_=bits[facet])
    prices = case((Listing.price_until > now, Listing.price_signs), else_=Listing.next_signs)
    codes = Listing.codes + prices + case((has_seats(), OPEN), else_="")
    for (_, value), sign in typed.items():
        codes = codes + case((within(value), sign), else_="")
    rows = select(codes.label("codes"), fails.label("fails")).where(Listing.until > now)
    if terms:
        known = hits(list(terms))
        rows = rows.join(known, known.c.seminar_id == Listing.seminar_id)
    each = rows.offset(0).subquery()  # the offset keeps the database from working the sum out once for each use
    texts = [func.aggregate_strings(each.c.codes, "").filter(each.c.fails == bit) for bit in (0, *bits.values())]
    kept_out = [func.count().filter(each.c.fails == bit) for bit in (0, *bits.values())]
    upcoming = select(func.count()).select_from(Listing).where(Listing.until > now).scalar_subquery()
    row = db.session.execute(select(upcoming, func.count(), *kept_out, *texts)).one()
    numbers, (matching, *others) = row[2 : len(bits) + 3], (text or "" for text in row[len(bits) + 3 :])
    but_one, kept_out_by = dict(zip(bits, others, strict=True)), dict(zip(bits, numbers[1:], strict=True))
    return Counts(row[0], row[1], numbers[0], matching, but_one, kept_out_by)


def _vocabulary(terms: Sequence[Term]) -> list[tuple[str, int]]:
    """The words seminars are known by that could be meant."""
    shortest = min((len(term.words[0]) for term in terms if not term.is_phrase), default=SHORTEST_GUESSED)
    known = select(ListingWord.word, ListingWord.seminars).where(ListingWord.seminars > 0)
    found = db.session.execute(known.where(func.length(ListingWord.word) >= shortest - 2))
    return [(word, seminars) for word, seminars in found]


def _month(filters: Filters, offered: Facets) -> Choice | None:
    """The month to show: the one asked for, or the first with a seminar."""
    counted = {choice.value: choice for choice in offered.months}
    if filters.month:
        return counted[filters.month[0].value]
    return offered.months[0] if offered.months else None


def _page(filters: Filters, wanted: Sequence[Condition], terms: list[Term], now: datetime, per_page: int) -> list[Card]:
    found = select(Listing.seminar_id).where(Listing.until > now, *(condition.holds for condition in wanted))
    keys = _soonest()
    if terms:
        known = hits(terms, ranked=filters.sort == "relevance")
        found = found.join(known, known.c.seminar_id == Listing.seminar_id)
        if filters.sort == "relevance":
            keys = [known.c.rank, *keys]
    if filters.sort == "price":
        keys = [price_at(now), *keys]
    elif filters.sort == "credits":
        keys = [-Listing.amount, *keys]
    return _cards(found, keys, now, most=per_page, skip=(filters.page - 1) * per_page)


def _soonest() -> list[Any]:
    return [Listing.is_on_demand, Listing.starts_at, Listing.seminar_id]


def _cards(found: Select[Any], keys: Sequence[Any], now: datetime, *, most: int, skip: int = 0) -> list[Card]:
    """The cards of listings in an order; their seats are read where they are sold."""
    found = found.add_columns(*(key.label(f"key_{number}") for number, key in enumerate(keys)))
    shown = found.order_by(*keys).limit(most).offset(skip).subquery()
    left = Offering.mode + ":" + cast(Offering.capacity - Offering.taken, String)
    seats = select(func.aggregate_strings(left, " ")).where(
        Offering.seminar_id == shown.c.seminar_id,
        Offering.is_listed,
        Offering.status == "open",
    )
    cards = select(ListingCard.card, seats.scalar_subquery()).join(shown, shown.c.seminar_id == ListingCard.seminar_id)
    rows = db.session.execute(cards.order_by(*(shown.c[f"key_{number}"] for number in range(len(keys)))))
    return [card_from(face, _seats(text), now=now) for face, text in rows]


def _seats(text: str | None) -> dict[str, int]:
    return {mode: int(left) for mode, left in (way.split(":") for way in (text or "").split())}
