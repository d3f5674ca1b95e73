"""What is on offer: the upcoming seminars that match, and what they can be chosen by."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from cme.catalog.cards import PER_PAGE, Card, Found, Pages, card_of, day_in
from cme.catalog.filters import Choice, Facets, Filters, counted, credit_types, formats, slug_of
from cme.catalog.models import (
    PUBLISHED,
    Designation,
    Faculty,
    Offering,
    PriceTier,
    Seminar,
    SeminarFaculty,
)
from cme.catalog.places import state_name, states_named
from cme.catalog.rules import ENDURING
from cme.database import db
from cme.values import CreditType


def _is_upcoming(now: datetime) -> ColumnElement[bool]:
    on_demand = and_(Seminar.learning_format == ENDURING, Seminar.terminates_on >= now.date())
    return and_(Seminar.status == PUBLISHED, or_(Seminar.starts_at > now, on_demand))


def _has(choices: Sequence[Choice], column: InstrumentedAttribute[str], rows: Any) -> ColumnElement[bool]:
    return exists(rows.where(column.in_([choice.value for choice in choices])))


def _word(word: str) -> ColumnElement[bool]:
    """Whether one word stands anywhere people would look for it."""
    named = Faculty.name.icontains(word, autoescape=True)
    teaches = exists().where(SeminarFaculty.seminar_id == Seminar.id, SeminarFaculty.faculty_id == Faculty.id, named)
    columns = (Seminar.title, Seminar.summary, Seminar.specialty, Seminar.city, Seminar.venue)
    topics = cast(Seminar.topics, String).icontains(json.dumps(word)[1:-1], autoescape=True)
    states = states_named(word)
    return or_(
        *(column.icontains(word, autoescape=True) for column in columns), topics, teaches, Seminar.state.in_(states)
    )


def _today(now: datetime) -> ColumnElement[date]:
    """The day it is where a seminar takes place, as a column."""
    zones = db.session.scalars(select(Seminar.time_zone).where(Seminar.status == PUBLISHED).distinct())
    days = {zone: literal(day_in(zone, now), Date) for zone in zones}
    today = literal(now.date(), Date)
    return case(days, value=Seminar.time_zone, else_=today) if days else today


def _price(now: datetime) -> Any:
    """What the cheapest open way into a seminar costs today, as a column."""
    early = and_(PriceTier.early_until.is_not(None), PriceTier.early_until >= _today(now))
    amount = case((early, PriceTier.early_minor), else_=PriceTier.amount_minor)
    return (
        select(func.min(amount))
        .join(PriceTier.offering)
        .where(Offering.seminar_id == Seminar.id, Offering.status == "open")
        .correlate(Seminar)
        .scalar_subquery()
    )


def _matching(filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    offered = select(Offering.id).where(Offering.seminar_id == Seminar.id, Offering.status == "open")
    designated = select(Designation.id).where(Designation.seminar_id == Seminar.id, Designation.maximum > 0)
    found = [_is_upcoming(now), *(_word(word) for word in filters.words)]
    if filters.topic:
        topics = cast(Seminar.topics, String)
        found.append(or_(*(topics.contains(json.dumps(choice.label), autoescape=True) for choice in filters.topic)))
    if filters.specialty:
        found.append(Seminar.specialty.in_([choice.label for choice in filters.specialty]))
    if filters.format:
        found.append(_has(filters.format, Offering.mode, offered))
    if filters.credit:
        found.append(_has(filters.credit, Designation.credit_type, designated))
    if filters.state:
        found.append(Seminar.state.in_([choice.value for choice in filters.state]))
    if filters.first:
        found.append(Seminar.starts_on >= filters.first)
    if filters.last:
        found.append(Seminar.starts_on <= filters.last)
    if filters.most_minor is not None:
        found.append(_price(now) <= filters.most_minor)
    if filters.open:
        found.append(exists(offered.where(Offering.taken < Offering.capacity)))
    return found


def _order(sort: str, now: datetime) -> list[Any]:
    soonest = [case((Seminar.learning_format == ENDURING, 1), else_=0), Seminar.starts_at, Seminar.id]
    if sort == "price":
        return [_price(now), *soonest]
    if sort == "credits":
        most = select(Designation.maximum).where(
            Designation.seminar_id == Seminar.id, Designation.credit_type == CreditType.AMA_PRA_1
        )
        return [func.coalesce(most.correlate(Seminar).scalar_subquery(), 0).desc(), *soonest]
    return soonest


def with_cards(found: Select[Any]) -> Select[Any]:
    """Load with each seminar what its card shows."""
    return found.options(
        selectinload(Seminar.offerings).selectinload(Offering.tiers), selectinload(Seminar.designations)
    )


def upcoming_seminars(filters: Filters, *, now: datetime, per_page: int = PER_PAGE) -> Pages[Card]:
    """One page of the seminars that match, as cards; five statements, however many there are."""
    matching = _matching(filters, now)
    total = db.session.scalar(select(func.count()).select_from(Seminar).where(*matching)) or 0
    found = select(Seminar).where(*matching).order_by(*_order(filters.sort, now))
    found = found.limit(per_page).offset((filters.page - 1) * per_page)
    cards = [card_of(seminar, now=now) for seminar in db.session.scalars(with_cards(found))]
    return Pages(cards, filters.page, total, per_page)


def related_seminars(specialty: str, *, now: datetime, most: int = 3) -> list[Card]:
    """A few upcoming seminars, those of a specialty first."""
    mine = case((Seminar.specialty == specialty, 0), else_=1)
    found = select(Seminar).where(_is_upcoming(now)).order_by(mine, *_order("date", now)).limit(most)
    return [card_of(seminar, now=now) for seminar in db.session.scalars(with_cards(found))]


def _by_key(counted_by: Select[str, int]) -> dict[str, int]:
    return dict(db.session.execute(counted_by).all())


def facets(*, now: datetime) -> Facets:
    """What upcoming seminars can be chosen by, counted."""
    rows = db.session.execute(
        select(Seminar.specialty, Seminar.topics, Seminar.state, Seminar.starts_on, Seminar.learning_format).where(
            _is_upcoming(now)
        )
    ).all()
    modes = (
        select(Offering.mode, func.count()).join(Offering.seminar).where(_is_upcoming(now), Offering.status == "open")
    )
    types = select(Designation.credit_type, func.count()).join(Designation.seminar)
    types = types.where(_is_upcoming(now), Designation.maximum > 0)
    dated = sorted(row.starts_on for row in rows if row.learning_format != ENDURING)
    return Facets(
        specialties=counted((slug_of(row.specialty), row.specialty) for row in rows),
        topics=counted((slug_of(topic), topic) for row in rows for topic in dict.fromkeys(row.topics)),
        states=counted((row.state, state_name(row.state)) for row in rows),
        months=[
            Choice(v, f"{date.fromisoformat(v + '-01'):%B %Y}", n)
            for v, n in Counter(f"{d:%Y-%m}" for d in dated).items()
        ],
        formats=formats(_by_key(modes.group_by(Offering.mode))),
        credits=credit_types(_by_key(types.group_by(Designation.credit_type))),
        total=len(rows),
    )


def choices() -> Facets:
    """All there is to choose from, uncounted: what an address is read against."""
    return facets(now=datetime(2000, 1, 1, tzinfo=UTC))


def search(filters: Filters, *, now: datetime, per_page: int = PER_PAGE) -> Found:
    """The seminars that match, and what else could be asked."""
    return Found(upcoming_seminars(filters, now=now, per_page=per_page), facets(now=now))
