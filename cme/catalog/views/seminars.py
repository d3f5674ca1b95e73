"""What is on offer: the list, and the page of each seminar."""

from typing import Any

from flask import abort, request
from flask_login import current_user

from cme import gateways, settings
from cme.access import public, wants_fragment
from cme.catalog import filters, queries
from cme.catalog.leaflet import leaflet
from cme.catalog.views.blueprint import bp
from cme.pages import page


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
