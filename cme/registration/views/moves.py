"""Moving to another seminar, or to another way to attend the same one."""

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.catalog.filters import Filters
from cme.catalog.models import Offering
from cme.catalog.queries import card_of, in_order, seminar_by_slug, upcoming_seminars
from cme.catalog.tuition import policy_of
from cme.database import db
from cme.errors import Refusal
from cme.pages import page
from cme.registration import asked, moving, queries, services
from cme.registration import checkout as till
from cme.registration.changes import Changes
from cme.registration.forms.moving import SwitchForm, TransferForm
from cme.registration.forms.questions import answers_in, asking_for
from cme.registration.models import Question, Registration
from cme.registration.moving import Move
from cme.registration.standing import Stage, Standing, terms_in_words
from cme.registration.views.blueprint import bp, my_own, stripe_here, to_registration

PER_PAGE = 10
LONGEST_SEARCH = 100


@bp.route("/registrations/<ref>/change/transfer", methods=["GET", "POST"])
@learners_only
def transfer(ref: str) -> Any:
    """Choose another seminar, each with what it would cost or give back; then confirm the one chosen."""
    old = my_own(ref)
    if elsewhere := _where_it_went(old):
        return elsewhere
    old = my_own(ref)
    if slug := request.args.get("to"):
        return _confirm(old, _target(slug, request.args.get("mode", "")), TransferForm)
    if why_not := _why_not(old, is_switch=False):
        return _refused(old, why_not)
    now = gateways.clock()
    q = " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH]
    number = min(max(request.args.get("page", 1, type=int), 1), 1000)
    found = upcoming_seminars(Filters(q=q, page=number), now=now, per_page=PER_PAGE)
    seminars = ((card, seminar_by_slug(card.slug)) for card in found.items)
    rows = [
        (card, moving.choices(old, in_order(seminar.offerings), now=now))
        for card, seminar in seminars
        if seminar is not None and seminar.id != old.seminar_id
    ]
    words: dict[str, Any] = {"registration": old, "changes": Changes(old, now), "is_on_hold": moving.is_on_hold(old)}
    return page("registration/transfer.html", rows=rows, found=found, q=q, address=_pages(ref, q), **words)


@bp.route("/registrations/<ref>/change/switch", methods=["GET", "POST"])
@learners_only
def switch(ref: str) -> Any:
    """Confirm the other way to attend the same seminar, with what it costs or gives back."""
    old = my_own(ref)
    if elsewhere := _where_it_went(old):
        return elsewhere
    old = my_own(ref)
    modes = Changes(old, gateways.clock()).other_modes
    if not modes:
        return _refused(old, _why_not(old, is_switch=True) or "This seminar is offered in one way only.")
    return _confirm(old, next(each for each in old.seminar.offerings if each.mode == modes[0]), SwitchForm)


def _pages(ref: str, q: str) -> Callable[[int], str]:
    return lambda number: url_for(".transfer", ref=ref, q=q or None, page=number)


def _where_it_went(old: Registration) -> Any:
    """Lead on whoever has finished a move, or begun one: there is one at a time."""
    new, now = queries.pending_move(old.id), gateways.clock()
    if new is None or new.account_id != current_user.id:
        return None
    ref, number = old.ref, new.id
    if Standing(new, now).stage is Stage.LAPSED:
        try:
            till.give_up(number, payments=stripe_here(), by=current_user, now=now)
        except Refusal:
            current_app.logger.info("move %s cannot be given up yet", number)
        new = queries.pending_move(my_own(ref).id)
    return to_registration(new.ref) if new else None


def _target(slug: str, mode: str) -> Offering:
    seminar = seminar_by_slug(slug) or abort(404)
    return next((each for each in seminar.offerings if each.mode == mode), None) or abort(404)


def _why_not(old: Registration, *, is_switch: bool) -> str:
    try:
        moving.check_from(Changes(old, gateways.clock()), is_switch=is_switch)
    except Refusal as refusal:
        return str(refusal)
    return ""


def _refused(old: Registration, why_not: str) -> Any:
    return page("registration/move_refused.html", 409, registration=old, seminar=old.seminar, why_not=why_not)


def _confirm(old: Registration, target: Offering, kind: type[SwitchForm]) -> Any:
    """Show what the move means, in money and terms, and make it when the same sum is confirmed."""
    old_id, target_id, ref = old.id, target.id, old.ref
    form, questions = _form(old, target, kind)
    if form.validate_on_submit():
        try:
            return to_registration(_move(old_id, target_id, form, questions))
        except Refusal as refusal:
            form.refuse(refusal)
            old, target = my_own(ref), db.session.get_one(Offering, target_id)
    now = gateways.clock()
    try:
        planned = moving.move_to(old, target, now=now)
    except Refusal as refusal:
        return _refused(old, form.refusal or str(refusal))
    form.shown.data = str(planned.sum_minor)
    words: dict[str, Any] = {"registration": old, "seminar": target.seminar, "offering": target, "move": planned}
    words |= {"terms": _terms(planned), "is_last": _is_last(planned)}
    words["questions"] = [each for each in form if each.name.startswith("q_")]
    return page("registration/move.html", form=form, card=card_of(target.seminar, now=now), **words)


def _form(old: Registration, target: Offering, kind: type[SwitchForm]) -> tuple[SwitchForm, list[Question]]:
    """The form, with what the other seminar asks, or the other way to attend asks besides."""
    questions = asked.questions_for(target.seminar_id, mode=target.mode)
    if old.seminar_id == target.seminar_id:
        questions = [each for each in questions if each.ref not in old.questions]
    form = asking_for(kind, questions, alone=True)()
    form.attending = target.mode
    return form, questions


def _move(old_id: int, target_id: int, form: SwitchForm, questions: list[Question]) -> str:
    now, client = gateways.clock(), stripe_here()
    moved = services.move(
        old_id,
        target_id,
        shown_minor=form.shown_minor,
        form_id=form.form_id.data,
        answers=answers_in(form, questions),
        by=current_user,
        now=now,
    )
    if client is not None:  # otherwise the sweep sends them
        for refund in moved.refunds:
            till.send_refund(refund, payments=client, now=now)
    return moved.ref


def _is_last(planned: Move) -> bool:
    """Whether the new place could not be moved to another seminar again."""
    allowed, made = policy_of(planned.offering.seminar).transfers, _transfers(planned)
    return made > planned.old.transfers and 0 < allowed <= made


def _transfers(planned: Move) -> int:
    """How often this person will have moved; a switch is not counted, nor leaving what we called off."""
    is_counted = not planned.is_switch and not Changes(planned.old, gateways.clock()).is_called_off
    return planned.old.transfers + is_counted


def _terms(planned: Move) -> list[str]:
    seminar, now = planned.offering.seminar, gateways.clock()
    policy = planned.old.policy if planned.is_switch else policy_of(seminar).to_json()
    mode, made = planned.offering.mode, _transfers(planned)
    return terms_in_words(policy, planned.price, seminar, now=now, mode=mode, transfers=made)
