"""Places that staff give to guests and to those who teach."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog.queries import in_order, seminar_by_slug
from cme.errors import Refusal
from cme.pages import page
from cme.registration.admin.blueprint import bp
from cme.registration.forms.staffing import GrantForm
from cme.registration.services import granting
from cme.registration.services.granting import Grant
from cme.values import MODE_LABELS, Mode


@bp.route("/admin/seminars/<slug>/places/new", methods=["GET", "POST"])
@staff_only("registrations")
def give_place(slug: str) -> Any:
    """Give somebody a place without tuition."""
    seminar = seminar_by_slug(slug, preview=True) or abort(404)
    offerings = {each.mode: each for each in in_order(seminar.offerings)}
    form = GrantForm()
    form.offer({mode: f"{MODE_LABELS[Mode(mode)]}, {each.seats_left} free" for mode, each in offerings.items()})
    if form.validate_on_submit():
        grant = Grant(form.email.data, form.place.data, form.reason.data, bool(form.over.data))
        number, who = offerings[form.offering.data].id, {"by": current_user, "now": gateways.clock()}
        try:
            ref = granting.give_place(number, grant, form_id=form.form_id.data or "", **who)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The place is given, and the person was told.", "ok")
            return redirect(url_for(".registration", ref=ref), 303)
        seminar = seminar_by_slug(slug, preview=True) or abort(404)
    return page("registration/admin/give_place.html", form=form, seminar=seminar)
