"""Articles, and the shelves they stand on."""

from typing import Any

from flask import abort, request

from cme import gateways
from cme.access import public
from cme.catalog import filters, queries
from cme.catalog.models import ArticleCategory
from cme.catalog.views.blueprint import bp
from cme.pages import page


def _articles(category: ArticleCategory | None = None) -> Any:
    number, notices = filters.page_number(request.args)
    found = queries.articles(category=category, page=number)
    words = {"category": category, "categories": queries.categories(), "notices": notices}
    return page("catalog/articles.html", 404 if found.is_beyond else 200, found=found, **words)


@bp.route("/articles")
@public
def articles() -> Any:
    """Show all articles, the newest first."""
    return _articles()


@bp.route("/articles/<slug>")
@public
def article(slug: str) -> Any:
    """Show one article, and what to attend next."""
    now = gateways.clock()
    found = queries.article_by_slug(slug) or abort(404)
    return page("catalog/article.html", article=found, related=queries.related_seminars(found.specialty, now=now))


@bp.route("/articles/category/<slug>")
@public
def category(slug: str) -> Any:
    """Show the articles of one category."""
    return _articles(queries.category_by_slug(slug) or abort(404))
