"""One seminar with all its page shows."""

from typing import NamedTuple

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from cme.catalog.models import (
    CANCELLED,
    PUBLISHED,
    AgendaSession,
    Faculty,
    Handout,
    Offering,
    Seminar,
    SeminarFaculty,
)
from cme.catalog.queries.slugs import SLUG
from cme.database import db

SHOWN = (PUBLISHED, CANCELLED)
NEXT_LINE, NEXT_PART = "\x1e", "\x1f"  # no form lets these into a title


class HandoutTold(NamedTuple):
    """What everybody is told of a handout."""

    title: str
    size: int


def _everything() -> tuple[ORMOption, ...]:
    """Three statements: what there is little of comes with the seminar's own row, agenda and people each in one."""
    return (
        joinedload(Seminar.offerings).joinedload(Offering.tiers),
        joinedload(Seminar.designations),
        selectinload(Seminar.sessions).joinedload(AgendaSession.faculty),
        selectinload(Seminar.people).joinedload(SeminarFaculty.faculty).joinedload(Faculty.disclosures),
    )


def seminar_by_slug(slug: str, *, preview: bool = False) -> Seminar | None:
    """A published or cancelled seminar with all its page shows; drafts and withdrawn ones only as a preview."""
    if not SLUG.fullmatch(slug):
        return None
    wanted = select(Seminar).where(Seminar.slug == slug).options(*_everything())
    seminar = db.session.scalars(wanted).unique().one_or_none()
    return seminar if seminar and (preview or seminar.status in SHOWN) else None


def seminar_and_handouts(slug: str, *, preview: bool = False) -> tuple[Seminar, list[HandoutTold]] | None:
    """The same with what its handouts are, which come along in one more column."""
    if not SLUG.fullmatch(slug):
        return None
    line = cast(Handout.position, String) + NEXT_PART + Handout.title + NEXT_PART + cast(Handout.size, String)
    told = select(func.aggregate_strings(line, NEXT_LINE)).where(Handout.seminar_id == Seminar.id).correlate(Seminar)
    wanted = select(Seminar, told.scalar_subquery()).where(Seminar.slug == slug).options(*_everything())
    row = db.session.execute(wanted).unique().one_or_none()
    if row is None or not (preview or row[0].status in SHOWN):
        return None
    lines = (line.split(NEXT_PART) for line in (row[1] or "").split(NEXT_LINE) if line)
    ordered = sorted((int(position), title, int(size)) for position, title, size in lines)
    return row[0], [HandoutTold(title, size) for _, title, size in ordered]


def seminar_on_cards(slug: str) -> Seminar | None:
    """A published or cancelled seminar with no more than its card shows."""
    if not SLUG.fullmatch(slug):
        return None
    found = select(Seminar).where(Seminar.slug == slug, Seminar.status.in_(SHOWN))
    return db.session.scalar(
        found.options(selectinload(Seminar.designations), selectinload(Seminar.offerings).selectinload(Offering.tiers))
    )
