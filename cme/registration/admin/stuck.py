"""What is stuck, for staff: why, what happens next by itself, and a button that does it now."""

from typing import Any

import stripe
from flask import current_app, flash, redirect, url_for

from cme import gateways
from cme.access import staff_only
from cme.database import db
from cme.errors import Refusal
from cme.pages import page
from cme.registration import rules
from cme.registration import stuck as unsettled
from cme.registration.admin.blueprint import bp, stripe_here
from cme.registration.checkout import holds, rounds
from cme.registration.dossier import registration_by_ref
from cme.registration.forms.staffing import TakeUpForm, whole
from cme.registration.rules.staffing import ChangedMeanwhile


@bp.route("/admin/payments/stuck", methods=["GET", "POST"])
@staff_only("payments")
def stuck() -> Any:
    """Show what is not settled, or take one of these things up at once."""
    form, now = TakeUpForm(), gateways.clock()
    if form.validate_on_submit():
        try:
            is_settled = _take_up(form.what.data or "")
        except Refusal as refusal:
            form.refuse(refusal)
        except stripe.StripeError as error:
            current_app.logger.warning("taken up by hand, and Stripe did not answer: %s", type(error).__name__)
            form.refuse(rules.PaymentDelayed("Stripe does not answer at the moment. It will be tried again by itself."))
        else:
            said = "Done." if is_settled else "Asked. Nothing has changed yet: it will be tried again by itself."
            flash(said, "ok" if is_settled else "info")
            return redirect(url_for(".stuck"), 303)
        db.session.rollback()
    mode = current_app.config["PAYMENTS_MODE"]
    found, sweep = unsettled.everything(now=now, mode=mode), unsettled.last_sweep(now=now)
    return page("registration/admin/stuck.html", form=form, found=found, sweep=sweep, now=now)


def _take_up(what: str) -> bool:
    """Do now what the next round would do about one thing."""
    kind, _, rest = what.partition(":")
    ref, *numbers = rest.split(":")
    found, client, now = registration_by_ref(ref), stripe_here(), gateways.clock()
    if found is None:
        raise ChangedMeanwhile("There is no such registration any more.")
    if kind == "hold":
        return holds.end_hold(found.id, payments=client, now=now)
    payment = _numbered(found.payments, "attempt_no", numbers[:1])
    if client is None:
        raise rules.PaymentsOff
    if kind == "payment":
        return rounds.take_up(payment, payments=client, now=now)
    return rounds.take_up_refund(_numbered(payment.refunds, "seq", numbers[1:2]), payments=client, now=now)


def _numbered(things: Any, name: str, numbers: list[str]) -> Any:
    wanted = whole(numbers[0]) if numbers else -1
    for each in things:
        if getattr(each, name) == wanted:
            return each
    raise ChangedMeanwhile("It is not there any more.")
