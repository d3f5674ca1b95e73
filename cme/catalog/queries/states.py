"""What a public page shows, in a word: the pages are kept for as long as it stays the same."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select

from cme import settings
from cme.catalog.cards import day_in
from cme.catalog.models import CANCELLED, PUBLISHED, Article, ArticleCategory, Offering, Seminar
from cme.catalog.models.articles import OFFICE
from cme.catalog.queries.articles import is_on_show
from cme.catalog.queries.listing import fingerprint
from cme.catalog.queries.slugs import SLUG
from cme.database import db


class CatalogState(NamedTuple):
    """The catalog as of now, and what staff decided."""

    listings: str
    today: date


class SeminarState(NamedTuple):
    """One seminar as of now; every saved change counts its version up, every seat an offering's revision."""

    id: int
    status: str
    version: int
    changes: int
    taken: int
    settings: int
    today: date
    has_started: bool
    has_ended: bool


class ArticleState(NamedTuple):
    """All articles as of now, and the seminars beside them."""

    on_show: int
    versions: int
    categories: int
    today: date
    catalog: CatalogState


def catalog_state(*, now: datetime) -> CatalogState:
    """What the catalog shows; one statement over the seminars ahead."""
    return CatalogState(fingerprint(now=now), now.date())


def seminar_state(slug: str, *, now: datetime) -> SeminarState | None:
    """What the page of a seminar shows everybody; nothing where only staff may look."""
    if not SLUG.fullmatch(slug):
        return None
    decided, provider = settings.decided()
    changes, taken = (
        select(func.coalesce(func.sum(column), 0)).where(Offering.seminar_id == Seminar.id).scalar_subquery()
        for column in (Offering.revision, Offering.taken)
    )
    columns = (Seminar.id, Seminar.status, Seminar.version, Seminar.time_zone, Seminar.starts_at, Seminar.ends_at)
    found = select(
        *columns, changes.label("changes"), taken.label("taken"), decided.label("decided"), provider.label("provider")
    )
    row = db.session.execute(
        found.where(Seminar.slug == slug, Seminar.status.in_((PUBLISHED, CANCELLED)))
    ).one_or_none()
    if row is None:
        return None
    settings.take(row.provider)
    return SeminarState(
        row.id,
        row.status,
        row.version,
        row.changes,
        row.taken,
        row.decided,
        day_in(row.time_zone, now),
        row.starts_at <= now,
        row.ends_at <= now,
    )


def article_state(*, now: datetime, **_address: str) -> ArticleState:
    """What the pages of articles show."""
    count, categories = func.count(Article.id), select(func.count(ArticleCategory.id)).scalar_subquery()
    on_show, versions, shelves = db.session.execute(
        select(count.filter(is_on_show(now)), func.sum(Article.version), categories)
    ).one()
    return ArticleState(on_show, versions or 0, shelves, day_in(OFFICE, now), catalog_state(now=now))
