"""Handing a seat to a colleague: the one who offers it, and the one who takes it."""

from typing import Any

from flask import current_app, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only, public
from cme.catalog.queries import card_of
from cme.errors import Refusal
from cme.pages import page
from cme.registration import asked, queries, rules, services
from cme.registration.changes import Changes, check_free
from cme.registration.forms.moving import SubstituteForm, TakeOverForm, WithdrawForm
from cme.registration.forms.questions import answers_in, asking_for
from cme.registration.models import Registration, Substitution
from cme.registration.rules import handing_on
from cme.registration.standing import terms_in_words
from cme.registration.views.blueprint import bp, my_own, to_registration


@bp.route("/registrations/<ref>/change/substitute", methods=["GET", "POST"])
@learners_only
def substitute(ref: str) -> Any:
    """Ask a colleague to take this seat, or take the offer back."""
    registration, now = my_own(ref), gateways.clock()
    number, offer = registration.id, queries.open_substitution(registration.id)
    is_asked = offer is not None and offer.is_open(now)
    why_not = "" if is_asked else _why_not(registration)
    if why_not:
        words: dict[str, Any] = {"registration": registration, "seminar": registration.seminar, "why_not": why_not}
        return page("registration/move_refused.html", 409, **words)
    form = SubstituteForm()
    if form.validate_on_submit():
        try:
            services.ask_colleague(number, form.email.data or "", by=current_user, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".substitute", ref=ref), 303)
    registration = my_own(ref)
    words = {"registration": registration, "seminar": registration.seminar, "offer": offer if is_asked else None}
    return page("registration/substitute.html", form=form, withdrawing=WithdrawForm(formdata=None), **words)


@bp.route("/registrations/<ref>/change/substitute/withdraw", methods=["POST"])
@learners_only
def withdraw_substitute(ref: str) -> Any:
    """Take back what a colleague was offered."""
    registration = my_own(ref)
    if WithdrawForm().validate_on_submit():
        services.withdraw_offer(registration.id, by=current_user, now=gateways.clock())
        flash("The offer was taken back. The link in the letter opens nothing any more.", "ok")
    return redirect(url_for(".substitute", ref=ref), 303)


def _why_not(registration: Registration) -> str:
    now = gateways.clock()
    try:
        if queries.open_substitution(registration.id) is None:
            check_free(registration)
        answer = Changes(registration, now).substitute
    except Refusal as refusal:
        return str(refusal)
    return answer.why_not


@bp.route("/substitutions/<token>", methods=["GET", "POST"])
@public
def take_over(token: str) -> Any:
    """Let a colleague see what is offered and take it; nobody keeps the page."""
    offer, now = queries.substitution_by_token(token), gateways.clock()
    if offer is None or not (offer.is_open(now) or _is_mine(offer)):
        return _unkept(page("registration/take_over_spent.html", status=404 if offer is None else 410))
    if _is_mine(offer):
        return _mine(offer)
    if not current_user.is_authenticated:
        return _unkept(page("registration/take_over.html", **_words(offer)))
    return _unkept(_accept(offer, token))


def _accept(offer: Substitution, token: str) -> Any:
    offering, now = offer.registration.offering, gateways.clock()
    questions = asked.questions_for(offering.seminar_id, mode=offering.mode)
    form = asking_for(TakeOverForm, questions, alone=True)()
    form.attending = offering.mode
    why_not = None
    try:
        services.substitution.check_take_over(offer, current_user, now=now)
    except Refusal as refusal:
        why_not = refusal
    if why_not is None and form.validate_on_submit():
        account_id, offer_id = current_user.id, offer.id
        try:
            return to_registration(services.take_over(token, account_id, answers=answers_in(form, questions), now=now))
        except Refusal as refusal:
            form.refuse(refusal)
            offer = queries.substitution_by_token(token) or offer
            current_app.logger.info("offer %s was not taken: %s", offer_id, type(refusal).__name__)
    fields = [each for each in form if each.name.startswith("q_")]
    status = why_not.status if why_not else None
    more = {"why_not": why_not, "questions": fields, "needs_details": isinstance(why_not, rules.DetailsFirst)}
    return page("registration/take_over.html", status, form=form, **more, **_words(offer))


def _words(offer: Substitution) -> dict[str, Any]:
    old, now = offer.registration, gateways.clock()
    mode, moved = old.offering.mode, old.transfers
    terms = terms_in_words(old.policy, old.amount_due, old.seminar, now=now, mode=mode, transfers=moved)
    card = card_of(old.seminar, now=now)
    return {"offer": offer, "old": old, "seminar": old.seminar, "offering": old.offering, "terms": terms, "card": card}


def _is_mine(offer: Substitution) -> bool:
    if not current_user.is_authenticated or offer.outcome != handing_on.ACCEPTED:
        return False
    new = queries.pending_move(offer.registration_id)
    return new is not None and new.account_id == current_user.id


def _mine(offer: Substitution) -> Any:
    new = queries.pending_move(offer.registration_id)
    return to_registration(new.ref) if new else redirect(url_for("home.my"), 303)


def _unkept(answer: Any) -> Any:
    """Let neither caches nor crawlers keep what a personal link shows."""
    response = current_app.make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
