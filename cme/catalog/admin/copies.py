"""Starting a seminar from another one, for staff."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog import queries, services
from cme.catalog.admin.blueprint import bp
from cme.catalog.forms import DuplicateForm
from cme.errors import Refusal
from cme.pages import page


@bp.route("/admin/seminars/<slug>/duplicate", methods=["GET", "POST"])
@staff_only("seminars")
def duplicate(slug: str) -> Any:
    """Ask for the first day, and start a draft like this seminar."""
    seminar = queries.seminar_by_slug(slug, preview=True) or abort(404)
    form = DuplicateForm()
    if request.method == "POST" and form.validate():
        try:
            made = services.duplicate_seminar(
                seminar.id,
                starts_on=form.starts_on.data,
                by=current_user,
                form_id=form.form_id.data,
                now=gateways.clock(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Draft created. Approvals, commercial support and hotel rates are to be entered anew.", "success")
            return redirect(url_for(".edit", slug=made.slug), 303)
    return page("catalog/admin/duplicate.html", seminar=seminar, form=form)
