"""What programs read: calendars, the feed, the map of the site."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, abort, render_template, request, url_for

from cme import gateways, settings
from cme.access import public
from cme.catalog import feeds
from cme.catalog.views.blueprint import bp


def address(endpoint: str, **parts: Any) -> str:
    return settings.public_url(url_for(endpoint, **parts))


def for_programs(kind: str, what: Any, write: Callable[[], str | bytes], name: str = "") -> Response:
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
    return for_programs(
        "text/calendar; method=PUBLISH", (days, title, us), lambda: feeds.calendar(tuple(days), title, here, us), file
    )


@bp.route("/seminars/<slug>.ics")
@public
def seminar_calendar(slug: str) -> Any:
    """Give the days of one seminar to a calendar; cancelled ones say so."""
    us = settings.provider()
    days = feeds.days_of(slug, us, address) or abort(404)
    return _calendar(days, days[0].title, us, f"{slug}.ics")


@bp.route("/seminars.ics")
@public
def calendar() -> Any:
    """Give everything ahead to a calendar that subscribes to it."""
    us = settings.provider()
    return _calendar(feeds.days_ahead(us, address, now=gateways.clock()), us.name, us, "seminars.ics")


def atom(template: str, entries: Any, **words: str) -> Response:
    """Answer with a feed."""
    words_of_all = {"changed_at": feeds.newest_change(entries), "us": settings.provider()}
    text = render_template(template, entries=entries, **words_of_all, **words)
    return for_programs("application/atom+xml", text, lambda: text)


@bp.route("/seminars.atom")
@public
def feed() -> Any:
    """Tell feed readers about new seminars."""
    entries = feeds.entries(address, now=gateways.clock())
    words = {"here": address(".feed"), "catalog": address(".seminars")}
    return atom("catalog/feeds/seminars.atom.xml", entries, **words)


@bp.route("/sitemap.xml")
@public
def sitemap() -> Any:
    """Show crawlers what there is."""
    text = render_template("catalog/feeds/sitemap.xml", places=feeds.places(address, now=gateways.clock()))
    return for_programs("application/xml", text, lambda: text)


@bp.route("/robots.txt")
@public
def robots() -> Any:
    """Tell crawlers what is not for them."""
    text = feeds.robots(address(".sitemap"))
    return for_programs("text/plain", text, lambda: text)
