"""Articles and their shelves: as readers find them, and as staff do."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import defer

from cme.catalog.cards import PER_PAGE, Pages, day_in
from cme.catalog.models import DRAFT, PUBLISHED, Article, ArticleCategory
from cme.catalog.models.articles import OFFICE
from cme.catalog.queries.slugs import SLUG
from cme.database import db

ARTICLES_PER_PAGE = 12
VIEWS = {"all": "All", "published": "Published", "scheduled": "Scheduled", "drafts": "Drafts"}
NEWEST = (Article.published_on.desc(), Article.id.desc())


def is_on_show(now: datetime) -> ColumnElement[bool]:
    """Whether readers find an article: it is published, and its day has come."""
    return and_(Article.status == PUBLISHED, Article.published_on <= day_in(OFFICE, now))


def articles(*, now: datetime, category: ArticleCategory | None = None, page: int = 1) -> Pages[Article]:
    """Articles on show, the newest first."""
    shown = [is_on_show(now), *([Article.category_id == category.id] if category else [])]
    total = db.session.scalar(select(func.count()).select_from(Article).where(*shown)) or 0
    found = select(Article).where(*shown).order_by(*NEWEST).options(defer(Article.body))
    found = found.limit(ARTICLES_PER_PAGE).offset((page - 1) * ARTICLES_PER_PAGE)
    return Pages(list(db.session.scalars(found)), page, total, ARTICLES_PER_PAGE)


def article_by_slug(slug: str, *, now: datetime) -> Article | None:
    """An article on show."""
    found = select(Article).where(Article.slug == slug, is_on_show(now))
    return db.session.scalar(found) if SLUG.fullmatch(slug) else None


def more_articles(article: Article, *, now: datetime, most: int = 3) -> list[Article]:
    """What to read after an article: the newest others, those of its category first."""
    near = case((Article.category_id == article.category_id, 0), else_=1)
    found = select(Article).where(is_on_show(now), Article.id != article.id).order_by(near, *NEWEST).limit(most)
    return list(db.session.scalars(found.options(defer(Article.body))))


def category_by_slug(slug: str) -> ArticleCategory | None:
    """A category of articles."""
    found = select(ArticleCategory).where(ArticleCategory.slug == slug)
    return db.session.scalar(found) if SLUG.fullmatch(slug) else None


def categories(*, now: datetime) -> list[ArticleCategory]:
    """The categories that have articles on show, by name."""
    filled = exists().where(Article.category_id == ArticleCategory.id, is_on_show(now))
    return list(db.session.scalars(select(ArticleCategory).where(filled).order_by(ArticleCategory.name)))


def all_categories() -> list[ArticleCategory]:
    """Every category, by name."""
    return list(db.session.scalars(select(ArticleCategory).order_by(ArticleCategory.name, ArticleCategory.id)))


def any_article(slug: str) -> Article | None:
    """An article in whatever state, for staff."""
    found = select(Article).where(Article.slug == slug)
    return db.session.scalar(found) if SLUG.fullmatch(slug) else None


def _in_view(view: str, now: datetime) -> list[ColumnElement[bool]]:
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "published": [is_on_show(now)],
        "scheduled": [Article.status == PUBLISHED, Article.published_on > day_in(OFFICE, now)],
        "drafts": [Article.status == DRAFT],
    }
    return conditions.get(view, [])


def _word(word: str) -> ColumnElement[bool]:
    columns = (Article.title, Article.summary, Article.author, Article.specialty, Article.slug, ArticleCategory.name)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def articles_for_staff(*, view: str, words: list[str], page: int = 1, now: datetime) -> Pages[Article]:
    """One page of the articles that match, in whatever state; what was changed last comes first."""
    matching = [*_in_view(view, now), *(_word(word) for word in words)]
    counted = select(func.count()).select_from(Article).join(Article.category).where(*matching)
    found = select(Article).join(Article.category).where(*matching).options(defer(Article.body))
    found = found.order_by(Article.updated_at.desc(), Article.id.desc())
    found = found.limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return Pages(list(db.session.scalars(found)), page, db.session.scalar(counted) or 0)
