"""What is on offer: the list."""

from functools import partial
from typing import Any

from flask import request

from cme import gateways
from cme.access import public, wants_fragment
from cme.catalog import filters, queries, showing
from cme.catalog.views.blueprint import bp
from cme.page_cache import kept
from cme.pages import page


@bp.route("/seminars")
@public
@kept(queries.catalog_state, clock=gateways.clock)
def seminars() -> Any:
    """Show what is on offer, as the address asks; a script that changes a filter gets results and form alone."""
    now = gateways.clock()
    known = queries.choices()
    asked = filters.read(request.args, known)
    found = queries.search(asked, now=now, per_page=showing.PER_PAGE_OF[asked.view], known=known)
    words = {"found": found, "asked": asked, "wall": showing.wall(found), "views": filters.VIEWS}
    words |= {"title": showing.title_of(asked, found), "ways": []}
    if not found.pages.total:
        there_are = partial(queries.search, now=now, per_page=0, known=known)
        words["ways"] = showing.ways_out(asked, found, lambda rest: there_are(rest).pages.total)
    template = "catalog/_catalog.html" if wants_fragment() == "results" else "catalog/seminars.html"
    return *page(template, 404 if found.pages.is_beyond else 200, **words), {"Vary": "X-Fragment"}
