"""Claims, for staff."""

from typing import Any

from cme.access import staff_only
from cme.credits import queries
from cme.credits.admin.blueprint import bp
from cme.pages import page


@bp.route("/admin/claims")
@staff_only("claims")
def claims() -> Any:
    """Show what was claimed last, and whether the press has printed it."""
    return page("credits/admin/claims.html", claims=queries.newest_claims())
