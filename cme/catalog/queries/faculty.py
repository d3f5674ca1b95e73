"""Those in control of content: the desk's list, a public profile, the link they disclose by."""

import hashlib
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import selectinload

from cme.catalog.cards import Card, Pages, card_of
from cme.catalog.independence import EXPIRES_SOON, Standing
from cme.catalog.models import (
    DRAFT,
    PUBLISHED,
    Disclosure,
    DisclosureRequest,
    Faculty,
    Offering,
    Seminar,
    SeminarFaculty,
)
from cme.catalog.queries.slugs import SLUG
from cme.catalog.rules import ENDURING
from cme.database import db

PER_PAGE = 50
FARTHEST_WEST = timedelta(hours=12)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
EDITED = {
    Faculty: ("name", "credentials", "title", "field", "affiliation", "bio", "email"),
    Disclosure: ("is_relevant", "is_decided", "mitigation", "mitigated_on"),
}


def hash_of(token: str) -> str:
    """The form in which a link's token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def fingerprint(record: Faculty | Disclosure) -> str:
    """What somebody saw of a record before they changed it; another means that somebody else was quicker."""
    shown = "\x1f".join(str(getattr(record, name) or "") for name in EDITED[type(record)])
    return hashlib.sha256(shown.encode()).hexdigest()[:32]


def request_by_token(token: str) -> DisclosureRequest | None:
    """The letter a link came with, whether or not it still works."""
    if not TOKEN.fullmatch(token):
        return None
    return db.session.scalar(select(DisclosureRequest).where(DisclosureRequest.token_hash == hash_of(token)))


def is_open(asked: DisclosureRequest, now: datetime) -> bool:
    """Whether somebody can answer by this link, for the first time or to correct what they said."""
    return now < asked.expires_at


def is_ahead(now: datetime) -> ColumnElement[bool]:
    """Seminars whose pages somebody may still read before they take part: drafts and published ones, not yet over."""
    west = (now - FARTHEST_WEST).date()  # where the day ends last
    on_demand = and_(
        Seminar.learning_format == ENDURING, or_(Seminar.terminates_on.is_(None), Seminar.terminates_on >= west)
    )
    live = and_(Seminar.learning_format != ENDURING, Seminar.ends_at > now)
    return and_(Seminar.status.in_((DRAFT, PUBLISHED)), or_(on_demand, live))


def _holds(today: date, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether somebody has a disclosure in force of which this is true, too."""
    mine = Disclosure.faculty_id == Faculty.id
    return exists().where(mine, Disclosure.disclosed_on <= today, Disclosure.expires_on >= today, *more)


def _standing(state: str, today: date) -> ColumnElement[bool]:
    current, ever = _holds(today), exists().where(Disclosure.faculty_id == Faculty.id)
    waiting = _holds(today, Disclosure.is_decided.is_(False))
    soon = _holds(today, Disclosure.expires_on <= today + EXPIRES_SOON)
    return {
        Standing.CURRENT: and_(current, not_(waiting), not_(soon)),
        Standing.EXPIRES_SOON: and_(soon, not_(waiting)),
        Standing.EXPIRED: and_(ever, not_(current)),
        Standing.MISSING: not_(ever),
        Standing.WAITING: waiting,
    }[Standing(state)]


def _word(word: str) -> ColumnElement[bool]:
    columns = (Faculty.name, Faculty.credentials, Faculty.field, Faculty.affiliation, Faculty.email)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def faculty_page(*, words: Sequence[str], state: str, page: int, today: date) -> Pages[Faculty]:
    """One page of those who ever taught or planned, by name."""
    matching = [*map(_word, words), *([_standing(state, today)] if state else [])]
    total = db.session.scalar(select(func.count()).select_from(Faculty).where(*matching)) or 0
    found = select(Faculty).where(*matching).order_by(func.lower(Faculty.name), Faculty.id)
    found = found.options(selectinload(Faculty.disclosures)).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return Pages(list(db.session.scalars(found)), page, total, PER_PAGE)


def standings(today: date) -> dict[str, int]:
    """How many people there are whose disclosure stands how."""
    counted = select(func.count()).select_from(Faculty)
    return {state.value: db.session.scalar(counted.where(_standing(state, today))) or 0 for state in Standing}


def faculty_by_slug(slug: str) -> Faculty | None:
    """Somebody who ever taught or planned."""
    return db.session.scalar(select(Faculty).where(Faculty.slug == slug)) if SLUG.fullmatch(slug) else None


def profile_by_slug(slug: str) -> Faculty | None:
    """Somebody who is part of a published seminar; nobody else has a page."""
    published = exists().where(
        SeminarFaculty.faculty_id == Faculty.id,
        SeminarFaculty.seminar_id == Seminar.id,
        Seminar.status == PUBLISHED,
    )
    found = select(Faculty).where(Faculty.slug == slug, published).options(selectinload(Faculty.disclosures))
    return db.session.scalar(found) if SLUG.fullmatch(slug) else None


def upcoming_of(person: Faculty, *, now: datetime, most: int = 12) -> list[Card]:
    """The published seminars of somebody that have not begun, or are on demand, as cards."""
    mine = select(SeminarFaculty.seminar_id).where(SeminarFaculty.faculty_id == person.id)
    ahead = and_(is_ahead(now), or_(Seminar.learning_format == ENDURING, Seminar.starts_at > now))
    found = select(Seminar).where(Seminar.id.in_(mine), Seminar.status == PUBLISHED, ahead)
    found = found.options(
        selectinload(Seminar.offerings).selectinload(Offering.tiers), selectinload(Seminar.designations)
    )
    return [card_of(seminar, now=now) for seminar in db.session.scalars(found.order_by(Seminar.starts_at).limit(most))]


def seminars_of(person: Faculty) -> list[tuple[Seminar, str]]:
    """All seminars somebody is part of, and as what, the latest first."""
    found = select(Seminar, SeminarFaculty.role).join(SeminarFaculty, SeminarFaculty.seminar_id == Seminar.id)
    found = found.where(SeminarFaculty.faculty_id == person.id).order_by(Seminar.starts_at.desc(), Seminar.id)
    return [(seminar, role) for seminar, role in db.session.execute(found)]


def requests_of(person: Faculty) -> list[DisclosureRequest]:
    """The latest letters that asked somebody to disclose."""
    found = select(DisclosureRequest).where(DisclosureRequest.faculty_id == person.id)
    return list(db.session.scalars(found.order_by(DisclosureRequest.id.desc()).limit(10)))


def disclosure_of(person: Faculty, number: Any) -> Disclosure | None:
    """One relationship of somebody, by its number."""
    wanted = str(number or "")
    if not re.fullmatch(r"\d{1,15}", wanted, re.ASCII):
        return None
    mine = Disclosure.faculty_id == person.id, Disclosure.has_relationship
    return db.session.scalar(select(Disclosure).where(Disclosure.id == int(wanted), *mine))
