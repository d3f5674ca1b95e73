"""One seminar with all its page shows."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from cme.catalog.models import (
    CANCELLED,
    PUBLISHED,
    AgendaSession,
    Faculty,
    Seminar,
    SeminarFaculty,
)
from cme.catalog.queries.listing import with_cards
from cme.catalog.queries.slugs import SLUG
from cme.database import db


def seminar_by_slug(slug: str, *, preview: bool = False) -> Seminar | None:
    """A published or cancelled seminar with all its page shows; drafts and withdrawn ones only as a preview."""
    if not SLUG.fullmatch(slug):
        return None
    seminar = db.session.scalar(
        with_cards(select(Seminar).where(Seminar.slug == slug)).options(
            selectinload(Seminar.sessions).selectinload(AgendaSession.faculty),
            selectinload(Seminar.people).joinedload(SeminarFaculty.faculty).selectinload(Faculty.disclosures),
        )
    )
    return seminar if seminar and (preview or seminar.status in (PUBLISHED, CANCELLED)) else None
