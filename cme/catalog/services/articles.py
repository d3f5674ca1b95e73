"""Drafting, saving and publishing articles: one version, nobody's changes overwritten."""

from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import select

from cme import audit
from cme.accounts.models import Account
from cme.catalog.cards import day_in
from cme.catalog.errors import (
    ArticleNotReady,
    ArticleSlugTaken,
    ArticleWouldNotBeReady,
    CategoryTaken,
    SentTwice,
)
from cme.catalog.models import DRAFT, PUBLISHED, Article, ArticleCategory
from cme.catalog.models.articles import OFFICE
from cme.catalog.rules.articles import article_findings
from cme.catalog.services.slugs import RESERVED, free_slug
from cme.catalog.values import ArticleValues
from cme.database import db, lock, refusing, retried, transaction
from cme.errors import EditedMeanwhile


@retried
def create_article(values: ArticleValues, *, by: Account | None, form_id: str | None, now: datetime) -> Article:
    """Start a draft; the same form sent again returns the first one."""
    try:
        with transaction() as session, _refusing():
            known = _by_form(form_id)
            if known is not None:
                return known
            article = Article(status=DRAFT, version=1, form_id=form_id, created_at=now, updated_at=now)
            _write(article, values)
            session.add(article)
            session.flush()
            audit.record(by, "created", article, at=now, slug=article.slug)
        return article
    except (SentTwice, ArticleSlugTaken, CategoryTaken):
        # The same form, sent at the same moment, may have been first with the address and the category, too.
        first = _by_form(form_id)
        if first is None:
            raise
        return first


@retried
def save_article(article_id: int, values: ArticleValues, *, version: int, by: Account | None, now: datetime) -> Article:
    """Save what the editor showed, unless somebody saved since."""
    with transaction() as session, _refusing():
        article = lock(Article, article_id)
        if article.version != version:
            raise EditedMeanwhile
        lacked = article_findings(article) if article.status == PUBLISHED else []
        _write(article, values)
        if article.status == PUBLISHED:
            lacking = [finding for finding in article_findings(article) if finding not in lacked]
            if lacking:
                raise ArticleWouldNotBeReady(lacking)
        article.version, article.updated_at = version + 1, now
        session.flush()
        audit.record(by, "saved", article, at=now, version=article.version)
    return article


@retried
def publish_article(article_id: int, *, by: Account | None, now: datetime) -> Article:
    """Put an article on show from the day it bears, today when it bears none; publishing again changes nothing."""
    with transaction():
        article = lock(Article, article_id)
        if article.status == PUBLISHED:
            return article
        if lacking := article_findings(article):
            raise ArticleNotReady(lacking)
        article.status = PUBLISHED
        article.published_on = article.published_on or day_in(OFFICE, now)
        article.published_at = article.published_at or now
        article.version, article.updated_at = article.version + 1, now
        audit.record(by, "published", article, at=now, version=article.version, on=article.published_on.isoformat())
    return article


@retried
def withdraw_article(article_id: int, *, by: Account | None, now: datetime) -> Article:
    """Make an article a draft again, its address and its day kept; a draft stays one."""
    with transaction():
        article = lock(Article, article_id)
        if article.status == DRAFT:
            return article
        article.status = DRAFT
        article.version, article.updated_at = article.version + 1, now
        audit.record(by, "withdrew", article, at=now, version=article.version)
    return article


def _refusing() -> AbstractContextManager[None]:
    return refusing(
        uq_article_slug=ArticleSlugTaken, uq_article_form_id=SentTwice, uq_article_category_slug=CategoryTaken
    )


def _by_form(form_id: str | None) -> Article | None:
    if form_id is None:
        return None
    return db.session.scalar(select(Article).where(Article.form_id == form_id))


def _write(article: Article, values: ArticleValues) -> None:
    # Answers that ask the database come first: a new article must be whole before anything flushes it.
    category, slug = _category(values), article.slug
    if article.published_at is None and article.status != PUBLISHED:
        if values.slug in RESERVED:
            raise ArticleSlugTaken
        slug = values.slug or free_slug(Article, values.title, but=article.id)
    article.slug, article.category = slug, category
    article.title, article.summary, article.body = values.title, values.summary, values.body
    article.author = values.author or None
    article.specialty, article.topics = values.specialty, list(values.topics)
    if values.published_on is not None or article.status != PUBLISHED:
        article.published_on = values.published_on


def _category(values: ArticleValues) -> ArticleCategory:
    """The category by its slug, or by its name whatever the capitals; a new one when nobody named it so far."""
    if not values.new_category:
        return db.session.scalars(select(ArticleCategory).where(ArticleCategory.slug == values.category)).one()
    for known in db.session.scalars(select(ArticleCategory)):
        if known.name.casefold() == values.new_category.casefold():
            return known
    made = ArticleCategory(slug=free_slug(ArticleCategory, values.new_category, most=60), name=values.new_category)
    db.session.add(made)
    db.session.flush()
    return made
