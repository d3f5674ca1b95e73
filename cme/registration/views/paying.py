"""Where a registration stands, and paying for it."""

from typing import Any

import stripe
from flask import current_app, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import learners_only
from cme.catalog.queries import card_of
from cme.errors import Refusal
from cme.fields import blame
from cme.pages import page
from cme.registration import asked, codes, handouts, rules, services
from cme.registration import checkout as till
from cme.registration.afterwards import Afterwards
from cme.registration.changes import Changes
from cme.registration.forms import CheckoutForm, CodeForm, GiveUpForm
from cme.registration.models import Payment, Registration
from cme.registration.offers import bill
from cme.registration.rules.codes import CodeRefused
from cme.registration.standing import CAN_PAY, GONE, Stage, Standing, claim_time
from cme.registration.views.blueprint import bp, my_own, stripe_here, to_registration, words_of

LOOKS = 5  # how often the page after payment looks again by itself
PAGES = {
    Stage.CONFIRMED: "confirmed",
    Stage.CALLED_OFF: "called_off",
    Stage.WAITLISTED: "waitlisted",
    Stage.PROCESSING: "waiting",
    Stage.IN_REVIEW: "waiting",
    Stage.GIVEN_UP: "given_up",
    Stage.ON_HOLD: "on_hold",
    Stage.MOVED: "moved",
    Stage.LAPSED: "ended",
    Stage.ENDED: "ended",
    Stage.RETURNED: "ended",
}


@bp.route("/registrations/<ref>")
@learners_only
def show(ref: str) -> Any:
    """Say where a registration stands, and what there is to do."""
    registration = my_own(ref)
    if Standing(registration, gateways.clock()).stage is Stage.OFFERED:
        return redirect(url_for(".offer", ref=ref), 303)
    return _show(registration, CheckoutForm(formdata=None))


@bp.route("/registrations/<ref>/code", methods=["POST"])
@learners_only
def code(ref: str) -> Any:
    """Take a promo code off the price of a held seat, or go on without the one it has."""
    registration, form, now = my_own(ref), CodeForm(), gateways.clock()
    if form.validate_on_submit():
        try:
            services.look_up(form.code.data, account_id=current_user.id, now=now)
            services.use_code(registration.id, form.code.data or "", now=now)
        except CodeRefused as refusal:
            blame(form.code, str(refusal))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return to_registration(ref)
    return _show(my_own(ref), CheckoutForm(formdata=None), form)


def _show(registration: Registration, form: CheckoutForm, code_form: CodeForm | None = None) -> Any:
    now = gateways.clock()
    standing = Standing(registration, now)
    if standing.stage in CAN_PAY:
        form.shown.data = str(standing.due.minor)
    template = PAGES.get(standing.stage, "review")
    words = words_of(standing) | {"card": card_of(registration.seminar, now=now), "bill": bill(registration)}
    if standing.stage is Stage.REVIEW and codes.may_change(registration):
        named = registration.promo.code if registration.promo else ""
        words["code_form"] = code_form or CodeForm(formdata=None, data={"code": named})
    if standing.stage is Stage.CONFIRMED:
        words["claim"] = claim_time(registration, settings.provider().claim_window, now=now)
        words["asks"] = asked.asks_of(registration, now=now)
        words["handouts"] = handouts.handouts_for(registration, now=now)
    if standing.stage is Stage.CALLED_OFF:
        words["changes"] = Changes(registration, now)
        words["choose_until"] = till.choose_until(registration.seminar)
    if standing.stage in GONE:
        words["after"] = Afterwards(registration, now)
    refused = code_form if code_form and code_form.has_errors else form
    words |= {"refused": refused, "has_errors": refused.has_errors}
    return page(f"registration/{template}.html", refused.status, form=form, **words)


@bp.route("/registrations/<ref>/checkout", methods=["POST"])
@learners_only
def checkout(ref: str) -> Any:
    """Lead to Stripe to pay what the page showed, or show what has changed."""
    registration, form = my_own(ref), CheckoutForm()
    number, now = registration.id, gateways.clock()
    if form.validate_on_submit():
        shown, form_id = form.shown_minor, form.form_id.data
        try:
            url = till.start(number, shown_minor=shown, form_id=form_id, payments=stripe_here(), now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url, 303)
    registration = my_own(ref)
    if Standing(registration, now).stage not in CAN_PAY:
        flash(form.refusal or "This registration has changed meanwhile.", "warn")
        return to_registration(ref)
    return _show(registration, form)


@bp.route("/registrations/<ref>/thanks")
@learners_only
def thanks(ref: str) -> Any:
    """Where Stripe sends people back to: ask Stripe what happened, and show what is known."""
    registration = my_own(ref)
    session_id, looks = request.args.get("session_id", ""), request.args.get("n", 0, type=int)
    payment = next((each for each in registration.payments if each.session_id == session_id), None)
    if payment is None:
        return to_registration(ref)  # not of this registration: the page shows where it stands, no more
    _ask_about(payment)
    standing = Standing(my_own(ref), gateways.clock())
    if standing.stage is not Stage.OPEN:
        return to_registration(ref)
    again = url_for(".thanks", ref=ref, session_id=session_id, n=looks + 1)
    is_over = not 0 <= looks < LOOKS
    return page("registration/thanks.html", again=again, is_over=is_over, **words_of(standing))


def _ask_about(payment: Payment | None) -> bool:
    """Ask Stripe what came of an attempt; False when there was no answer: webhook and sweep will know."""
    client, session_id = stripe_here(), payment.session_id if payment else None
    if client is None or session_id is None:
        return False
    try:
        till.apply(session_id, payments=client, now=gateways.clock())
    except (stripe.StripeError, Refusal) as error:
        current_app.logger.warning("session %s could not be looked at: %s", session_id, type(error).__name__)
        return False
    return True


@bp.route("/registrations/<ref>/cancel", methods=["GET", "POST"])
@learners_only
def cancel(ref: str) -> Any:
    """Where people land who left Stripe without paying: pay after all, or give up the seat."""
    registration, form = my_own(ref), GiveUpForm()
    now = gateways.clock()
    standing = Standing(registration, now)
    left_stripe = standing.stage is Stage.OPEN and request.method == "GET" and _ask_about(standing.payable)
    standing = Standing(my_own(ref), now)
    if standing.stage not in CAN_PAY:
        return to_registration(ref)
    if form.validate_on_submit():
        try:
            status = till.give_up(registration.id, payments=stripe_here(), by=current_user, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
            standing = Standing(my_own(ref), now)
        else:
            if status == rules.CANCELLED:
                flash("Your seat was given up. Nothing was charged.", "ok")
            return to_registration(ref)
    paying = CheckoutForm(formdata=None)
    paying.shown.data = str(standing.due.minor)
    card = card_of(registration.seminar, now=now)
    words = words_of(standing) | {"paying": paying, "card": card, "left_stripe": left_stripe}
    words["bill"] = bill(registration)
    return page("registration/cancel.html", form=form, **words)
