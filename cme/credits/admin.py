"""Claims, for staff."""

from typing import Any

from flask import Blueprint

from cme.access import staff_only
from cme.credits import queries
from cme.pages import page

bp = Blueprint("credits_admin", __name__)


@bp.route("/admin/claims")
@staff_only("claims")
def claims() -> Any:
    """Show what was claimed last, and whether the press has printed it."""
    return page("credits/admin/claims.html", claims=queries.newest_claims())
