"""One seminar with all its page shows."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from cme.catalog.models import (
    CANCELLED,
    PUBLISHED,
    AgendaSession,
    Faculty,
    Offering,
    Seminar,
    SeminarFaculty,
)
from cme.catalog.queries.slugs import SLUG
from cme.database import db

SHOWN = (PUBLISHED, CANCELLED)


def seminar_by_slug(slug: str, *, preview: bool = False) -> Seminar | None:
    """A published or cancelled seminar with all its page shows; drafts and withdrawn ones only as a preview.

    Four statements: what there is little of comes with the seminar's own row, the agenda and the people each in one.
    """
    if not SLUG.fullmatch(slug):
        return None
    wanted = select(Seminar).where(Seminar.slug == slug)
    seminar = (
        db.session.scalars(
            wanted.options(
                joinedload(Seminar.offerings).joinedload(Offering.tiers),
                selectinload(Seminar.designations),
                selectinload(Seminar.sessions).joinedload(AgendaSession.faculty),
                selectinload(Seminar.people).joinedload(SeminarFaculty.faculty).joinedload(Faculty.disclosures),
            )
        )
        .unique()
        .one_or_none()
    )
    return seminar if seminar and (preview or seminar.status in SHOWN) else None


def seminar_on_cards(slug: str) -> Seminar | None:
    """A published or cancelled seminar with no more than its card shows."""
    if not SLUG.fullmatch(slug):
        return None
    found = select(Seminar).where(Seminar.slug == slug, Seminar.status.in_(SHOWN))
    return db.session.scalar(
        found.options(selectinload(Seminar.designations), selectinload(Seminar.offerings).selectinload(Offering.tiers))
    )
