"""What programs read of articles: the feed, and each article's facts for search engines."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme.catalog import filters
from cme.catalog.cards import day_in
from cme.catalog.feeds import MOST_IN_FEED, Address, Entry
from cme.catalog.models import Article, ArticleCategory
from cme.catalog.models.articles import OFFICE
from cme.catalog.queries.articles import NEWEST, is_on_show
from cme.catalog.values import first_moment
from cme.database import db
from cme.settings import Provider

HEADLINE = 110  # search engines cut what is longer


@dataclass(frozen=True)
class ArticleEntry(Entry):
    """One article in the feed."""

    author: str
    category: str
    shelf: str


def _line(text: str | None) -> str:
    return filters.printable(text or "", len(text or ""))


def entries(address: Address, *, now: datetime) -> list[ArticleEntry]:
    """The newest articles on show; the address of each is its name for ever."""
    columns = (Article.slug, Article.title, Article.summary, Article.author, Article.published_on, Article.updated_at)
    newest = select(*columns, ArticleCategory.slug, ArticleCategory.name).join(Article.category)
    newest = newest.where(is_on_show(now)).order_by(*NEWEST).limit(MOST_IN_FEED)
    found = []
    for slug, title, summary, author, published_on, updated_at, shelf, category in db.session.execute(newest):
        published_at = first_moment(published_on or day_in(OFFICE, updated_at), OFFICE)
        found.append(
            ArticleEntry(
                url=address("catalog.article", slug=slug),
                title=_line(title),
                summary=_line(summary),
                published_at=published_at,
                changed_at=max(published_at, updated_at),
                author=_line(author),
                category=_line(category),
                shelf=shelf,
            )
        )
    return found


def facts(article: Article, here: str, us: Provider, home: str) -> dict[str, Any]:
    """An article in the words of schema.org."""
    house = {"@type": "Organization", "name": us.name, "url": home}
    published_on = article.published_on or day_in(OFFICE, article.updated_at)
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": article.title[:HEADLINE],
        "description": article.summary,
        "url": here,
        "mainEntityOfPage": here,
        "datePublished": published_on.isoformat(),
        "dateModified": max(first_moment(published_on, OFFICE), article.updated_at).isoformat(),
        "author": {"@type": "Person", "name": article.author} if article.author else house,
        "publisher": house,
        "articleSection": article.category.name,
        "keywords": [word for word in (article.specialty, *article.topics) if word],
        "inLanguage": "en",
        "wordCount": len(article.body.split()),
    }
    return {key: value for key, value in told.items() if value not in ("", [])}
