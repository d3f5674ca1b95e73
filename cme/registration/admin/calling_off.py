"""Calling a seminar off, for staff: what it will do is shown before it is done."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog import services as catalog
from cme.catalog.models import PUBLISHED
from cme.catalog.queries import seminar_by_slug
from cme.errors import Refusal
from cme.pages import page
from cme.registration import calling_off
from cme.registration.admin.blueprint import bp
from cme.registration.forms.waiting import CallOffForm


@bp.route("/admin/seminars/<slug>/cancel", methods=["GET", "POST"])
@staff_only("seminars")
def call_off(slug: str) -> Any:
    """Call a seminar off, with a reason for everybody, after the address was typed out."""
    seminar = seminar_by_slug(slug, preview=True) or abort(404)
    form = CallOffForm()
    form.expected = seminar.slug
    will = calling_off.consequences(seminar)
    if form.validate_on_submit():
        try:
            catalog.cancel_seminar(seminar.id, reason=form.reason.data or "", by=current_user, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_said(will), "ok")
            return redirect(url_for(".roster", slug=slug), 303)
        seminar = seminar_by_slug(slug, preview=True) or abort(404)
    is_possible = seminar.status == PUBLISHED and seminar.starts_at > gateways.clock()
    return page("registration/admin/call_off.html", form=form, seminar=seminar, will=will, is_possible=is_possible)


def _said(will: calling_off.Consequences) -> str:
    if not will.letters:
        return "Cancelled. Nobody was registered."
    people = "1 letter is" if will.letters == 1 else f"{will.letters} letters are"
    back = " and ".join(str(amount) for amount in will.money)
    return f"Cancelled. {people} being written." + (f" {back} can go back." if back else "")
