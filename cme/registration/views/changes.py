"""Changing a place one has: every change with its money and its dates before the click; cancelling; putting on hold."""

from collections.abc import Callable
from typing import Any

import stripe
from flask import current_app, flash
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.catalog.queries import card_of
from cme.errors import Refusal
from cme.pages import page
from cme.registration import checkout as till
from cme.registration import moving, services
from cme.registration.changes import Changes, check_free
from cme.registration.forms.changing import CancelSeatForm, HoldForm
from cme.registration.models import CONFIRMED
from cme.registration.queries import pending_move
from cme.registration.standing import Standing
from cme.registration.views.blueprint import bp, my_own, stripe_here, to_registration, words_of


@bp.route("/registrations/<ref>/change")
@learners_only
def change(ref: str) -> Any:
    """Offer every change of a confirmed place, and say why where one is not possible."""
    registration = my_own(ref)
    if registration.status != CONFIRMED:
        return to_registration(ref)
    now = gateways.clock()
    changes = Changes(registration, now)
    ways = [one for one in registration.seminar.offerings if one.mode in changes.other_modes]
    return page(
        "registration/change.html",
        blocked=_why_not(lambda: check_free(registration)),
        no_transfer=_why_not(lambda: moving.check_from(changes, is_switch=False)),
        no_switch=_why_not(lambda: moving.check_from(changes, is_switch=True)),
        switches=moving.choices(registration, ways, now=now),
        begun=pending_move(registration.id),
        **_words(changes),
    )


@bp.route("/registrations/<ref>/change/cancel", methods=["GET", "POST"])
@learners_only
def cancel_seat(ref: str) -> Any:
    """Show what comes back, then give the seat up for just that."""
    registration, form, now = my_own(ref), CancelSeatForm(), gateways.clock()
    if registration.status != CONFIRMED:
        return to_registration(ref)
    if form.validate_on_submit():
        try:
            refunds = services.cancel(registration.id, expected_minor=form.expected_minor, by=current_user, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            _send(refunds)
            flash("Your registration is cancelled.", "ok")
            return to_registration(ref)
    registration = my_own(ref)
    if registration.status != CONFIRMED:
        return to_registration(ref)
    changes = Changes(registration, now)
    form.expected.data = str(changes.refund.amount.minor)
    why_not = changes.cancel.why_not or _why_not(lambda: check_free(registration))
    return page("registration/cancel_seat.html", form=form, why_not=why_not, **_words(changes))


@bp.route("/registrations/<ref>/change/hold", methods=["GET", "POST"])
@learners_only
def put_on_hold(ref: str) -> Any:
    """Show what is kept until when, then give the seat up and keep it."""
    registration, form, now = my_own(ref), HoldForm(), gateways.clock()
    if registration.status != CONFIRMED:
        return to_registration(ref)
    if form.validate_on_submit():
        try:
            services.put_on_hold(registration.id, until=form.until_day, by=current_user, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your tuition is on hold.", "ok")
            return to_registration(ref)
    registration = my_own(ref)
    if registration.status != CONFIRMED:
        return to_registration(ref)
    changes = Changes(registration, now)
    form.until.data = changes.hold_until.isoformat()
    why_not = changes.hold.why_not or _why_not(lambda: check_free(registration))
    return page("registration/put_on_hold.html", form=form, why_not=why_not, **_words(changes))


def _words(changes: Changes) -> dict[str, Any]:
    registration, now = changes.registration, changes.now
    standing = Standing(registration, now)
    return words_of(standing) | {"changes": changes, "card": card_of(registration.seminar, now=now)}


def _why_not(check: Callable[[], None]) -> str:
    """Why a check refuses; nothing when it does not."""
    try:
        check()
    except Refusal as refusal:
        return str(refusal)
    return ""


def _send(refunds: list[int]) -> None:
    """Ask Stripe to send what was just written down; what it does not answer to, the sweep asks again."""
    client = stripe_here()
    if client is None:
        return
    for refund in refunds:
        try:
            till.send_refund(refund, payments=client, now=gateways.clock())
        except (stripe.StripeError, Refusal) as error:
            current_app.logger.warning("refund %s is left to the sweep: %s", refund, type(error).__name__)
