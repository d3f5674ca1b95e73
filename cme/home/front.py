"""The front door, a person's own page, and whether the house is well."""

from typing import Any

from flask import current_app
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from cme import gateways, jobs
from cme.access import learners_only, public
from cme.catalog import queries as catalog
from cme.catalog.cards import card_of
from cme.catalog.filters import Filters
from cme.credits import queries as credits
from cme.database import db
from cme.home.blueprint import bp
from cme.page_cache import kept
from cme.pages import page
from cme.registration.afterwards import on_hold


@bp.route("/")
@public
@kept(catalog.article_state, clock=gateways.clock)
def index() -> Any:
    """Open the front door: the next dates, a way to find more, something to read."""
    now = gateways.clock()
    found = catalog.upcoming_seminars(Filters(), now=now, per_page=6)
    return page(
        "home/index.html", found=found, facets=catalog.facets(now=now), articles=catalog.articles(now=now).items[:3]
    )


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
        on_hold=on_hold(current_user.id, now=now),
        past=[each for each in standings if each.step not in credits.AHEAD],
        cards={each.registration.seminar_id: card_of(each.registration.seminar, now=now) for each in ahead},
        total=total,
        total_is_hours=is_hours,
        year=year,
    )


@bp.route("/health/live")
@public
def live() -> Any:
    """Say that the process answers."""
    return {"status": "ok"}


@bp.route("/health/ready")
@public
def ready() -> Any:
    """Say whether the database answers too; no more than that, to anybody."""
    try:
        jobs.is_ready()
    except SQLAlchemyError:
        current_app.logger.exception("the database does not answer")
        db.session.rollback()
        return {"status": "unavailable"}, 503
    return {"status": "ok"}
