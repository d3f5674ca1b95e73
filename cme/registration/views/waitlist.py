"""Waiting for a seat at a full seminar: join the line, leave it, accept or decline what is offered."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.accounts.services import save_details
from cme.catalog.models import Seminar
from cme.catalog.queries import card_of, seminar_by_slug
from cme.catalog.tuition import policy_of
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.pages import page
from cme.registration import asked, queries, rules, services, waitlist
from cme.registration.forms.questions import answers_in, asking_for, consents_in
from cme.registration.forms.waiting import LeaveForm, OfferForm, WaitForm, WaitWithDetailsForm
from cme.registration.models import Registration
from cme.registration.offers import Way, ways_to_attend
from cme.registration.standing import Stage, Standing, terms_in_words
from cme.registration.views.blueprint import bp, my_own, to_registration, words_of


@bp.app_template_global()
def in_line(registration: Registration) -> str:
    """3rd in line."""
    return waitlist.in_line(registration)


@bp.route("/seminars/<slug>/waitlist", methods=["GET", "POST"])
@learners_only
def join_waitlist(slug: str) -> Any:
    """Get in line for a way to attend that is full; whoever has a seat or waits already goes there."""
    seminar = seminar_by_slug(slug) or abort(404)
    if mine := queries.registration_for(current_user.id, seminar.id):
        return to_registration(mine.ref)
    now = gateways.clock()
    ways = [each for each in ways_to_attend(seminar, None, now=now) if isinstance(each.refusal, rules.SeminarFull)]
    if not ways:
        return redirect(url_for("registration.register", slug=slug), 303)
    form = _wait_form(ways)
    if form.validate_on_submit():
        try:
            return to_registration(_join(form, ways))
        except Refusal as refusal:
            form.refuse(refusal)
    chosen = next((way for way in ways if way.offering.mode == form.mode.data), ways[0])
    words: dict[str, Any] = {"ways": ways, "chosen": chosen, "tuition": _tuition(chosen)}
    return page("registration/join_waitlist.html", form=form, seminar=seminar, card=card_of(seminar, now=now), **words)


def _wait_form(ways: list[Way]) -> WaitForm | WaitWithDetailsForm:
    if current_user.details_missing():
        known = {name: getattr(current_user, name) or "" for name in ("professional_name", "certification_type")}
        form: WaitForm | WaitWithDetailsForm = WaitWithDetailsForm(missing_letters=missing_letters, data=known)
    else:
        form = WaitForm()
    asked = request.args.get("mode")
    full = [way.offering.mode for way in ways]
    form.offer({way.offering.mode: way.label for way in ways}, asked if asked in full else full[0])
    return form


def _join(form: WaitForm | WaitWithDetailsForm, ways: list[Way]) -> str:
    """Keep the details that were missing, then get in line."""
    now, account_id = gateways.clock(), current_user.id
    offering_id = next(way.offering.id for way in ways if way.offering.mode == form.mode.data)
    if isinstance(form, WaitWithDetailsForm):
        save_details(
            account_id,
            professional_name=form.professional_name.data or "",
            certification_type=form.certification_type.data,
            specialty=current_user.specialty or "",
            phone=current_user.phone or "",
            now=now,
        )
    return services.join_waitlist(account_id, offering_id, form_id=form.form_id.data, now=now)


def _tuition(way: Way) -> list[tuple[str, Any]]:
    """What the seat would cost today, for this person's group where it is known."""
    try:
        asked = queries.quote(way.offering, current_user.certification_type, now=gateways.clock())
    except Refusal:
        return list(way.prices)
    return [("Tuition today", asked.price)]


@bp.route("/registrations/<ref>/waitlist", methods=["GET", "POST"])
@learners_only
def leave_waitlist(ref: str) -> Any:
    """Leave the line."""
    registration, form = my_own(ref), LeaveForm()
    now = gateways.clock()
    if Standing(registration, now).stage is not Stage.WAITLISTED:
        return to_registration(ref)
    if form.validate_on_submit():
        try:
            services.leave_waitlist(registration.id, by=current_user, now=now)
        except Refusal as refusal:
            flash(str(refusal), "warn")
        return to_registration(ref)
    card = card_of(registration.seminar, now=now)
    return page("registration/leave_waitlist.html", form=form, card=card, **words_of(Standing(registration, now)))


@bp.route("/registrations/<ref>/offer", methods=["GET", "POST"])
@learners_only
def offer(ref: str) -> Any:
    """Show the seat that is offered, until when and for how much; take it, or pass it on."""
    registration, now = my_own(ref), gateways.clock()
    if request.form.get("answer") == "decline":
        return _decline(registration)
    questions = asked.questions_for(registration.seminar_id, mode=registration.offering.mode)
    consents = asked.consents_to_ask(current_user.id)
    form = asking_for(OfferForm, questions, consents, alone=True)()
    form.attending = registration.offering.mode
    if form.validate_on_submit():
        said = services.Said(answers=answers_in(form, questions), consents=consents_in(form, consents))
        try:
            services.accept_offer(registration.id, shown_minor=form.shown_minor, now=now, said=said)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return to_registration(ref)
    registration = my_own(ref)
    standing = Standing(registration, now)
    if standing.stage is not Stage.OFFERED:
        if form.refusal:
            flash(form.refusal, "warn")
        return to_registration(ref)
    form.shown.data = str(registration.amount_due_minor)
    card = card_of(registration.seminar, now=now)
    words = words_of(standing) | {"card": card, "terms": _terms_today(registration.seminar, registration)}
    words |= {what: [each for each in form if each.name.startswith(f"{what}_")] for what in ("q", "consent")}
    return page("registration/offer.html", form=form, is_over=_is_over(registration), **words)


def _decline(registration: Registration) -> Any:
    """Pass the seat on; the button needs no more than the form's token."""
    ref, form = registration.ref, LeaveForm()
    if form.validate_on_submit():
        try:
            services.decline_offer(registration.id, by=current_user, now=gateways.clock())
        except Refusal as refusal:
            flash(str(refusal), "warn")
    return to_registration(ref)


def _is_over(registration: Registration) -> bool:
    return registration.offer_until is None or registration.offer_until <= gateways.clock()


def _terms_today(seminar: Seminar, registration: Registration) -> list[str]:
    """What comes back to whoever cancels, as somebody who accepts today agrees to it."""
    policy, mode = policy_of(seminar).to_json(), registration.offering.mode
    return terms_in_words(policy, registration.to_pay, seminar, now=gateways.clock(), mode=mode)
