"""Paying by check or bank transfer."""

from typing import Any

from flask import flash
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.errors import Refusal
from cme.pages import long_date
from cme.registration.checkout import invoices
from cme.registration.forms import CheckoutForm
from cme.registration.models import Registration
from cme.registration.views.blueprint import bp, my_own, stripe_here, to_registration


@bp.app_template_global()
def invoice_due(registration: Registration) -> str:
    """Until when a check could come for a seat that is held; empty where none can."""
    due = invoices.due_at(registration, now=gateways.clock())
    return long_date(due.date()) if due else ""


@bp.route("/registrations/<ref>/invoice", methods=["POST"])
@learners_only
def by_invoice(ref: str) -> Any:
    """Hold the seat for somebody who pays by check or transfer, and send the invoice."""
    registration, form = my_own(ref), CheckoutForm()
    if form.validate_on_submit():
        shown, who = form.shown_minor, {"by": current_user, "now": gateways.clock()}
        try:
            invoices.by_invoice(registration.id, shown_minor=shown, payments=stripe_here(), **who)
        except Refusal as refusal:
            flash(str(refusal), "warn")
        else:
            flash("Your seat is held. The invoice is on its way to you by email.", "ok")
    return to_registration(ref)
