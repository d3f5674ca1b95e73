"""What stands at the front door and in the middle of the house: pages that gather from several rooms."""

from typing import Any

from flask import Blueprint, abort
from flask_login import current_user

from cme import gateways
from cme.access import learners_only, public, staff_only
from cme.catalog import queries as catalog
from cme.catalog.cards import card_of
from cme.catalog.filters import Filters
from cme.credits import queries as credits
from cme.pages import page

bp = Blueprint("home", __name__)


@bp.route("/")
@public
def index() -> Any:
    """Open the front door: the next dates, a way to find more, something to read."""
    now = gateways.clock()
    found = catalog.upcoming_seminars(Filters(), now=now, per_page=6)
    return page("home/index.html", found=found, facets=catalog.facets(now=now), articles=catalog.articles().items[:3])


@bp.route("/my")
@learners_only
def my() -> Any:
    """Show a person what waits for them, what is ahead and what is behind."""
    now = gateways.clock()
    standings = credits.standings_of(current_user.id, now=now)
    ahead = sorted(
        (each for each in standings if each.step in credits.AHEAD), key=lambda each: each.registration.seminar.starts_at
    )
    lines = credits.transcript_of(current_user.id)
    year = now.year
    total, is_hours = credits.sum_of(line for line in lines if line.year == year)
    return page(
        "home/my.html",
        to_do=[each for each in reversed(standings) if each.step in credits.TO_DO],
        ahead=ahead,
        past=[each for each in standings if each.step not in credits.AHEAD],
        cards={each.registration.seminar_id: card_of(each.registration.seminar, now=now) for each in ahead},
        total=total,
        total_is_hours=is_hours,
        year=year,
    )


@bp.route("/admin")
@staff_only("dashboard")
def admin():
    abort(501)


@bp.route("/admin/letters")
@staff_only("letters")
def letters():
    abort(501)


@bp.route("/admin/letters/<int(max=9007199254740991):number>")
@staff_only("letters")
def letter(number: int):
    abort(501)


@bp.route("/health/live")
@public
def live():
    abort(501)


@bp.route("/health/ready")
@public
def ready():
    abort(501)
