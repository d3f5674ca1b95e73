"""Registering, paying and what follows, for the person who goes; the webhook."""

import io
import re
from dataclasses import asdict
from typing import Any

import stripe
from flask import Blueprint, abort, current_app, flash, g, redirect, request, send_file, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import learners_only, public
from cme.accounts.services import save_details
from cme.catalog.queries import card_of, seminar_by_slug
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.pages import page
from cme.registration import checkout as till
from cme.registration import handouts, queries, rules, services, webhook
from cme.registration.forms import CheckoutForm, GiveUpForm, RegisterForm, RegisterWithDetailsForm
from cme.registration.models import Payment, Registration
from cme.registration.offers import Way, ways_to_attend
from cme.registration.standing import CAN_PAY, Stage, Standing, claim_time, terms_in_words

bp = Blueprint("registration", __name__)
REF = re.compile(r"[0-9A-Z]{26}", re.ASCII)
LOOKS = 5  # how often the page after payment looks again by itself
PAGES = {
    Stage.CONFIRMED: "confirmed",
    Stage.PROCESSING: "waiting",
    Stage.IN_REVIEW: "waiting",
    Stage.LAPSED: "ended",
    Stage.ENDED: "ended",
    Stage.RETURNED: "ended",
}


def my_own(ref: str) -> Registration:
    """The registration of the person who asks; anybody else's is not there."""
    found = queries.registration_of(current_user.id, ref) if REF.fullmatch(ref) else None
    return found or abort(404)


def stripe_here() -> stripe.StripeClient | None:
    """The conversation with Stripe, where there is one."""
    return gateways.stripe() if gateways.here().payments else None


def to_registration(ref: str) -> Any:
    """Go to the page that says where a registration stands."""
    return redirect(url_for("registration.show", ref=ref), 303)


@bp.app_template_global()
def my_registration(seminar_id: int) -> Registration | None:
    """The registration with which the person who is here attends a seminar; a page may ask more than once."""
    # A page kept for everybody of one profession is written for a likeness of them, who has no number.
    if not current_user.is_authenticated or current_user.id is None:
        return None
    found: dict[tuple[int, int], Registration | None] = g.setdefault("my_registrations", {})
    asked = (current_user.id, seminar_id)
    if asked not in found:
        found[asked] = queries.registration_for(*asked)
    return found[asked]


@bp.route("/seminars/<slug>/register", methods=["GET", "POST"])
@learners_only
def register(slug: str) -> Any:
    """Choose how to attend, and hold a seat; whoever has one goes to it."""
    seminar = seminar_by_slug(slug) or abort(404)
    now = gateways.clock()
    mine = queries.registration_for(current_user.id, seminar.id)
    if mine and Standing(mine, now).stage is not Stage.LAPSED and request.method == "GET":
        return to_registration(mine.ref)
    ways = ways_to_attend(seminar, current_user.certification_type, now=now)
    form = _register_form(ways)
    if form.validate_on_submit():
        try:
            return to_registration(_register(form, ways, mine))
        except rules.AlreadyRegistered as refusal:
            if refusal.ref:
                return to_registration(refusal.ref)
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        ways = ways_to_attend(seminar, current_user.certification_type, now=now)
    open_ways = [way for way in ways if not way.refusal]
    if not open_ways and not form.refusal:
        form.refuse(ways[0].refusal if ways and ways[0].refusal else rules.RegistrationClosed())
    chosen = next((way for way in open_ways if way.offering.mode == form.mode.data), next(iter(open_ways), None))
    terms = _policy_today(chosen) if chosen else []
    card = card_of(seminar, now=now)
    words: dict[str, Any] = {"ways": ways, "open_ways": open_ways, "chosen": chosen, "terms": terms, "card": card}
    return page("registration/register.html", form=form, seminar=seminar, **words)


def _register_form(ways: list[Way]) -> RegisterForm:
    if current_user.details_missing():
        known = {name: getattr(current_user, name) or "" for name in ("professional_name", "certification_type")}
        form: RegisterForm = RegisterWithDetailsForm(missing_letters=missing_letters, data=known)
    else:
        form = RegisterForm()
    open_modes = [way.offering.mode for way in ways if not way.refusal]
    asked = request.args.get("mode")
    first = open_modes[0] if open_modes else None
    form.offer({way.offering.mode: way.label for way in ways}, asked if asked in open_modes else first)
    return form


def _register(form: RegisterForm, ways: list[Way], mine: Registration | None) -> str:
    """Keep the details that were missing, let go of a hold that ran out, take the seat."""
    now, account_id = gateways.clock(), current_user.id
    offering_id = next(way.offering.id for way in ways if way.offering.mode == form.mode.data)
    if isinstance(form, RegisterWithDetailsForm):
        save_details(
            account_id,
            professional_name=form.professional_name.data or "",
            certification_type=form.certification_type.data,
            specialty=current_user.specialty or "",
            phone=current_user.phone or "",
            now=now,
        )
    if mine and mine.form_id != form.form_id.data and Standing(mine, now).stage is Stage.LAPSED:
        till.give_up(mine.id, payments=stripe_here(), by=current_user, now=now)
    return services.register(account_id, offering_id, form_id=form.form_id.data, now=now)


def _policy_today(way: Way) -> list[str]:
    steps = [asdict(step) for step in settings.provider().refund_steps]
    price = way.quote.price if way.quote else way.prices[-1][1]
    return terms_in_words(rules.policy_snapshot(steps), price, way.offering.seminar, now=gateways.clock())


@bp.route("/registrations/<ref>")
@learners_only
def show(ref: str) -> Any:
    """Say where a registration stands, and what there is to do."""
    return _show(my_own(ref), CheckoutForm(formdata=None))


def _show(registration: Registration, form: CheckoutForm) -> Any:
    now = gateways.clock()
    standing = Standing(registration, now)
    if standing.stage in CAN_PAY:
        form.shown.data = str(standing.due.minor)
    template = PAGES.get(standing.stage, "review")
    words = _words_of(standing) | {"card": card_of(registration.seminar, now=now)}
    if standing.stage is Stage.CONFIRMED:
        words["claim"] = claim_time(registration, settings.provider().claim_window, now=now)
        words["handouts"] = handouts.handouts_for(registration, now=now)
    return page(f"registration/{template}.html", form=form, **words)


def _words_of(standing: Standing) -> dict[str, Any]:
    registration = standing.registration
    return {
        "standing": standing,
        "registration": registration,
        "seminar": registration.seminar,
        "offering": registration.offering,
        "account": registration.account,
    }


@bp.route("/registrations/<ref>/handouts/<handout_ref>")
@learners_only
def handout(ref: str, handout_ref: str) -> Any:
    """Give a file of the seminar to somebody who is registered; it is saved, never shown as a page of ours."""
    if not REF.fullmatch(ref) or not REF.fullmatch(handout_ref):
        abort(404)
    registration, file = handouts.handout_of(current_user.id, ref, handout_ref) or abort(404)
    handouts.check_open(registration, now=gateways.clock())
    response = send_file(io.BytesIO(file.content), as_attachment=True, download_name=file.file_name, etag=False)
    response.content_type = file.media_type
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


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
    return page("registration/thanks.html", again=again, is_over=is_over, **_words_of(standing))


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
    words = _words_of(standing) | {"paying": paying, "card": card, "left_stripe": left_stripe}
    return page("registration/cancel.html", form=form, **words)


@bp.route("/webhooks/stripe", methods=["POST"])
@public
def stripe_webhook() -> tuple[str, int]:
    """Hear what Stripe has to tell; it signs instead of carrying a form's token."""
    if gateways.here().payments is None:
        abort(404)
    return webhook.receive(request, payments=gateways.stripe(), now=gateways.clock())


CSRF_EXEMPT = (stripe_webhook,)
