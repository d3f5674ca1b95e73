"""What is on offer: the list."""

from typing import Any

from flask import request

from cme import gateways
from cme.access import public, wants_fragment
from cme.catalog import filters, queries
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
