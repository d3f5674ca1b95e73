"""Where the sessions of a seminar can be watched, for staff."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog.queries import seminar_by_slug
from cme.credits import queries, services
from cme.credits.admin.blueprint import bp
from cme.credits.forms.recordings import recordings_form
from cme.errors import Refusal
from cme.pages import page


@bp.route("/admin/seminars/<slug>/recordings", methods=["GET", "POST"])
@staff_only("seminars")
def recordings(slug: str) -> Any:
    """Say where each session can be watched, and how much of it must be."""
    seminar = seminar_by_slug(slug, preview=True) or abort(404)
    sessions, known = queries.sessions_to_record(seminar), queries.recordings_of(seminar.id)
    form = recordings_form(sessions, known, watch_percent=seminar.watch_percent)
    if form.validate_on_submit():
        how: dict[str, Any] = {"watch_percent": form.watch_percent.data, "by": current_user, "now": gateways.clock()}
        try:
            services.save_recordings(seminar.id, form.values(), **how)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.", "success")
            return redirect(url_for(".recordings", slug=slug), 303)
    rows = list(zip(sessions, form.rows(), strict=True))
    return page("credits/admin/recordings.html", seminar=seminar, form=form, rows=rows)
