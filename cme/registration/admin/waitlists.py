"""The lines for full seminars, for staff."""

from typing import Any

from flask import abort

from cme import gateways
from cme.access import staff_only
from cme.catalog.queries import seminar_by_slug
from cme.pages import page
from cme.registration import waitlist as line
from cme.registration.admin.blueprint import bp


@bp.route("/admin/seminars/<slug>/waitlist")
@staff_only("registrations")
def waitlist(slug: str) -> Any:
    """Who waits for a seat, in order, and to whom one is offered until when."""
    seminar = seminar_by_slug(slug, preview=True) or abort(404)
    found = line.line_of(seminar.id)
    return page("registration/admin/waitlist.html", seminar=seminar, line=found, now=gateways.clock())
