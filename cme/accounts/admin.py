"""People, for staff."""

from typing import Any

from flask import Blueprint, request, url_for

from cme.access import staff_only
from cme.accounts import queries
from cme.forms import clean_line
from cme.pages import page

bp = Blueprint("accounts_admin", __name__)
LAST_PAGE = 100_000


@bp.route("/admin/people")
@staff_only("people")
def people() -> Any:
    """Everybody with an account, found by address or name."""
    words = (clean_line(request.args.get("q")) or "").replace("\0", "")[:200]
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    found = queries.people(words, page=number)

    def address(page_number: int) -> str:
        return url_for(".people", q=words or None, page=page_number)

    return page("accounts/admin/people.html", people=found, q=words, address=address)
