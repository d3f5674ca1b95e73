"""Everything the person who asks has earned."""

from typing import Any

from flask import request
from flask_login import current_user

from cme.access import learners_only
from cme.credits import queries
from cme.credits.views.blueprint import bp
from cme.pages import page


@bp.route("/transcript")
@learners_only
def transcript() -> Any:
    """Everything a person has earned, by year."""
    lines = queries.transcript_of(current_user.id)
    years = sorted({line.year for line in lines}, reverse=True)
    year = request.args.get("year", type=int)
    shown = [line for line in lines if line.year == year] if year in years else lines
    return page(
        "credits/transcript.html",
        lines=shown,
        totals=queries.totals_of(shown),
        years=years,
        year=year if year in years else None,
    )
