"""Papers of registrations, for staff."""

from typing import Any

from flask import abort, url_for

from cme.access import staff_only
from cme.registration.admin.blueprint import bp
from cme.registration.papers import shelf
from cme.registration.views.papers import hand_out


@bp.route("/admin/registrations/<ref>/papers/<paper_ref>.pdf")
@staff_only("registrations")
def paper(ref: str, paper_ref: str) -> Any:
    """Hand out a paper of somebody's registration."""
    return hand_out(shelf.paper_by_ref(ref, paper_ref) or abort(404), back=url_for(".registrations", q=ref))
