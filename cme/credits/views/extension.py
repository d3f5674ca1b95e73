"""Asking for more time to claim."""

from typing import Any

from flask import flash, redirect, url_for

from cme import gateways
from cme.access import learners_only
from cme.credits import queries
from cme.credits.forms.desk import ExtensionForm
from cme.credits.queries import desk
from cme.credits.services import extending
from cme.credits.views.blueprint import bp, mine
from cme.errors import Refusal
from cme.pages import page


@bp.route("/registrations/<ref>/claim/extension", methods=["GET", "POST"])
@learners_only
def extension(ref: str) -> Any:
    """Ask staff for more time to claim, or see what they said."""
    registration, form, now = mine(ref), ExtensionForm(), gateways.clock()
    if form.validate_on_submit():
        try:
            extending.ask_extension(registration.id, form.reason.data, form_id=form.form_id.data, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your request is with us. We will write to you.", "ok")
            return redirect(url_for(".extension", ref=ref), 303)
    registration = mine(ref)
    asked = desk.extensions_of(registration.id)
    return page(
        "credits/extension.html",
        form=form,
        registration=registration,
        standing=queries.standing_of(registration, now=now),
        asked=asked,
        latest=asked[0] if asked else None,
    )
