"""Articles and their shelves."""

from sqlalchemy import exists, func, select

from cme.catalog.cards import Pages
from cme.catalog.models import (
    PUBLISHED,
    Article,
    ArticleCategory,
)
from cme.catalog.queries.slugs import SLUG
from cme.database import db

ARTICLES_PER_PAGE = 12


def articles(*, category: ArticleCategory | None = None, page: int = 1) -> Pages[Article]:
    """Published articles, the newest first."""
    published = [Article.status == PUBLISHED, *([Article.category_id == category.id] if category else [])]
    total = db.session.scalar(select(func.count()).select_from(Article).where(*published)) or 0
    newest = select(Article).where(*published).order_by(Article.published_on.desc(), Article.id.desc())
    found = db.session.scalars(newest.limit(ARTICLES_PER_PAGE).offset((page - 1) * ARTICLES_PER_PAGE))
    return Pages(list(found), page, total, ARTICLES_PER_PAGE)


def article_by_slug(slug: str) -> Article | None:
    """A published article."""
    found = select(Article).where(Article.slug == slug, Article.status == PUBLISHED)
    return db.session.scalar(found) if SLUG.fullmatch(slug) else None


def category_by_slug(slug: str) -> ArticleCategory | None:
    """A category of articles."""
    found = select(ArticleCategory).where(ArticleCategory.slug == slug)
    return db.session.scalar(found) if SLUG.fullmatch(slug) else None


def categories() -> list[ArticleCategory]:
    """The categories that have published articles, by name."""
    filled = exists().where(Article.category_id == ArticleCategory.id, Article.status == PUBLISHED)
    return list(db.session.scalars(select(ArticleCategory).where(filled).order_by(ArticleCategory.name)))
