"""The catalog, seminar pages, articles and the plain texts."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import public, wants_fragment
from cme.catalog import feeds, filters, queries, texts
from cme.catalog.leaflet import leaflet
from cme.catalog.models import ArticleCategory
from cme.pages import page

bp = Blueprint("catalog", __name__)


@bp.route("/seminars")
@public
def seminars() -> Any:
    """Show what is on offer, as the address asks; a script that changes a filter gets the results alone."""
    now = gateways.clock()
    facets = queries.facets(now=now)
    asked = filters.read(request.args, facets)
    found = queries.upcoming_seminars(asked, now=now)
    template = "catalog/_results.html" if wants_fragment() == "results" else "catalog/seminars.html"
    words = {"found": found, "asked": asked, "facets": facets, "sorts": filters.SORTS, "prices": asked.prices}
    return *page(template, 404 if found.is_beyond else 200, **words), {"Vary": "X-Fragment"}


@bp.route("/seminars/<slug>")
@public
def seminar(slug: str) -> Any:
    """Show one seminar; staff see it before it is published."""
    preview = current_user.is_authenticated and current_user.may("seminars")
    found = queries.seminar_by_slug(slug, preview=preview) or abort(404)
    shown = leaflet(found, settings.provider(), mode=request.args.get("mode"), now=gateways.clock())
    return page("catalog/seminar.html", leaflet=shown, seminar=found)


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


def _text(key: str) -> Any:
    text = settings.text(key)
    title, body = (text.title, text.body) if text else texts.FIRST[key]
    return page("catalog/text.html", text=text, title=title, body=body)


@bp.route("/terms")
@public
def terms() -> Any:
    """Show the terms."""
    return _text("terms")


@bp.route("/privacy")
@public
def privacy() -> Any:
    """Say what is kept about people."""
    return _text("privacy")


@bp.route("/refunds")
@public
def refunds() -> Any:
    """Show the refund policy."""
    return _text("refunds")


@bp.route("/accessibility")
@public
def accessibility() -> Any:
    """Say how everybody can take part."""
    return _text("accessibility")


@bp.route("/contact")
@public
def contact() -> Any:
    """Say how to reach us."""
    return _text("contact")


# What programs read


def _address(endpoint: str, **parts: Any) -> str:
    return settings.public_url(url_for(endpoint, **parts))


def _for_programs(kind: str, what: Any, write: Callable[[], str | bytes], name: str = "") -> Response:
    """Answer with a file that is written only for those who do not have it as it is."""
    response = Response(content_type=f"{kind}; charset=utf-8")
    response.set_etag(hashlib.sha256(repr(what).encode()).hexdigest()[:32])
    response.cache_control.public = True
    response.cache_control.max_age = 300
    if name:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(write())
    return response


def _calendar(days: list[feeds.Day], title: str, us: settings.Provider, file: str) -> Response:
    here = settings.public_url(request.path)
    return _for_programs(
        "text/calendar; method=PUBLISH", (days, title, us), lambda: feeds.calendar(tuple(days), title, here, us), file
    )


@bp.route("/seminars/<slug>.ics")
@public
def seminar_calendar(slug: str) -> Any:
    """Give the days of one seminar to a calendar; cancelled ones say so."""
    us = settings.provider()
    days = feeds.days_of(slug, us, _address) or abort(404)
    return _calendar(days, days[0].title, us, f"{slug}.ics")


@bp.route("/seminars.ics")
@public
def calendar() -> Any:
    """Give everything ahead to a calendar that subscribes to it."""
    us = settings.provider()
    return _calendar(feeds.days_ahead(us, _address, now=gateways.clock()), us.name, us, "seminars.ics")


@bp.route("/seminars.atom")
@public
def feed() -> Any:
    """Tell feed readers about new seminars."""
    entries = feeds.entries(_address, now=gateways.clock())
    text = render_template(
        "catalog/feeds/seminars.atom.xml",
        entries=entries,
        changed_at=feeds.newest_change(entries),
        here=_address(".feed"),
        catalog=_address(".seminars"),
        us=settings.provider(),
    )
    return _for_programs("application/atom+xml", text, lambda: text)


@bp.route("/sitemap.xml")
@public
def sitemap() -> Any:
    """Show crawlers what there is."""
    text = render_template("catalog/feeds/sitemap.xml", places=feeds.places(_address, now=gateways.clock()))
    return _for_programs("application/xml", text, lambda: text)


@bp.route("/robots.txt")
@public
def robots() -> Any:
    """Tell crawlers what is not for them."""
    text = feeds.robots(_address(".sitemap"))
    return _for_programs("text/plain", text, lambda: text)
