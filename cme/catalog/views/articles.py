"""Articles, and the shelves they stand on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import abort, request

from cme import gateways, settings
from cme.access import public
from cme.catalog import article_feed, filters, queries
from cme.catalog.models import ArticleCategory
from cme.catalog.views.blueprint import bp
from cme.catalog.views.programs import address, atom
from cme.page_cache import kept
from cme.pages import page


def _articles(category: ArticleCategory | None = None) -> Any:
    now = gateways.clock()
    number, notices = filters.page_number(request.args)
    found = queries.articles(category=category, page=number, now=now)
    words = {"category": category, "categories": queries.categories(now=now), "notices": notices}
    return page("catalog/articles.html", 404 if found.is_beyond else 200, found=found, **words)


@bp.route("/articles")
@public
@kept(queries.article_state, clock=gateways.clock)
def articles() -> Any:
    """Show all articles, the newest first."""
    return _articles()


@bp.route("/articles/<slug>")
@public
@kept(queries.article_state, clock=gateways.clock)
def article(slug: str) -> Any:
    """Show one article, and what to attend next."""
    now = gateways.clock()
    found = queries.article_by_slug(slug, now=now) or abort(404)
    related, is_on_topic = seminars_below(found.specialty, found.topics, now=now)
    here = address(".article", slug=found.slug)
    return page(
        "catalog/article.html",
        article=found,
        related=related,
        is_on_topic=is_on_topic,
        more=queries.more_articles(found, now=now),
        here=here,
        facts=article_feed.facts(found, here, settings.provider(), settings.public_url("/")),
    )


def seminars_below(specialty: str, topics: Sequence[str], *, now: datetime) -> tuple[list[queries.Card], bool]:
    """What to attend after an article: the seminars on its topic, and where there are none the next of all."""
    found = queries.related_seminars(specialty, topics, now=now)
    asked = {topic.casefold() for topic in topics}
    on_topic = [
        card
        for card in found
        if card.specialty_label == specialty or any(topic.casefold() in asked for topic in card.topic_tags)
    ]
    return on_topic or found, bool(on_topic)


@bp.route("/articles/category/<slug>")
@public
@kept(queries.article_state, clock=gateways.clock)
def category(slug: str) -> Any:
    """Show the articles of one category."""
    return _articles(queries.category_by_slug(slug) or abort(404))


@bp.route("/articles.atom")
@public
def articles_feed() -> Any:
    """Tell feed readers about new articles."""
    entries = article_feed.entries(address, now=gateways.clock())
    words = {"here": address(".articles_feed"), "articles": address(".articles")}
    return atom("catalog/feeds/articles.atom.xml", entries, **words)
