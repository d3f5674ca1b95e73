"""One registration, for staff: all that is known about it, and what can be done."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.errors import Refusal
from cme.fields import MoneyField
from cme.forms import Form
from cme.pages import page
from cme.registration import rules
from cme.registration.admin.blueprint import bp, send_back, stripe_here
from cme.registration.checkout import invoices, refunds
from cme.registration.checkout.invoices import Received
from cme.registration.dossier import Dossier, registration_by_ref
from cme.registration.forms.staffing import FORMS, whole
from cme.registration.models import Payment, Registration
from cme.registration.services import deciding, desk, ending
from cme.registration.services.deciding import Decision
from cme.registration.services.ending import Ending
from cme.values import Money


def dossier_of(ref: str) -> Dossier:
    """All about one registration; a ref that nobody has is not there."""
    return Dossier(registration_by_ref(ref) or abort(404), gateways.clock())


@bp.route("/admin/registrations/<ref>")
@staff_only("registrations")
def registration(ref: str) -> Any:
    """Show all about one registration."""
    return _show(ref)


def _show(ref: str, name: str = "", form: Form | None = None) -> Any:
    dossier = dossier_of(ref)
    fresh = {each: kind(formdata=None) for each, kind in FORMS.items()}
    _fill(fresh, dossier)
    forms = fresh | ({name: form} if form is not None else {})
    return page("registration/admin/registration.html", form=form or fresh["note"], forms=forms, dossier=dossier)


def _fill(forms: dict[str, Any], dossier: Dossier) -> None:
    """Write into fresh forms what the page shows, so that what is sent can be compared with it."""
    forms["refund"].left.data = forms["cancel"].left.data = str(dossier.left.minor)
    forms["cancel"].by_policy.data = str(dossier.by_policy.minor)
    forms["cancel"].way.data = "policy"
    forms["refund"].refund_amount.data = MoneyField.typed(dossier.left.minor)
    forms["money"].amount.data = MoneyField.typed(dossier.registration.to_pay.minor)
    forms["cancel"].keep_until.data = dossier.changes.hold_until
    forms["credit"].credit_until.data = dossier.registration.credit_until


def _act(ref: str, name: str, act: Any, said: str) -> Any:
    """Do what a form asks for, once, and send the money on its way; or show the page again with what is wrong."""
    found, form = registration_by_ref(ref) or abort(404), FORMS[name]()
    if form.validate_on_submit():
        try:
            made = act(found, form)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            send_back(made)
            flash(said, "ok")
            return redirect(url_for(".registration", ref=ref), 303)
    return _show(ref, name, form)


def _who(form: Any) -> dict[str, Any]:
    return {"form_id": form.form_id.data, "by": current_user, "now": gateways.clock()}


@bp.route("/admin/registrations/<ref>/refund", methods=["POST"])
@staff_only("payments")
def refund(ref: str) -> Any:
    """Give money back."""

    def act(found: Registration, form: Any) -> list[int]:
        left, why = whole(form.left.data), form.refund_reason.data
        return desk.refund(found.id, form.refund_amount.minor or 0, left_minor=left, reason=why, **_who(form))

    return _act(ref, "refund", act, "The refund is on its way.")


@bp.route("/admin/registrations/<ref>/cancel", methods=["POST"])
@staff_only("registrations")
def cancel(ref: str) -> Any:
    """Cancel for somebody; more than the policy gives back is for those who look after money."""

    def act(found: Registration, form: Any) -> list[int]:
        if form.way.data == ending.IN_FULL and not current_user.may("payments"):
            raise rules.NotRefundable("Only staff who look after payments can give back more than the policy does.")
        asked = Ending(form.way.data, whole(form.left.data), whole(form.by_policy.data), form.keep_until.data)
        why = form.cancel_reason.data
        return ending.cancel_place(found.id, asked, reason=why, payments=stripe_here(), **_who(form))

    return _act(ref, "cancel", act, "Cancelled. The person was told.")


@bp.route("/admin/registrations/<ref>/waive", methods=["POST"])
@staff_only("payments")
def waive(ref: str) -> Any:
    """Give somebody the seat they hold without payment."""

    def act(found: Registration, form: Any) -> list[int]:
        return desk.waive(found.id, reason=form.waive_reason.data, payments=stripe_here(), **_who(form))

    return _act(ref, "waive", act, "Waived. The seat is confirmed.")


@bp.route("/admin/registrations/<ref>/credit", methods=["POST"])
@staff_only("registrations")
def credit(ref: str) -> Any:
    """Let tuition on hold be used for longer."""

    def act(found: Registration, form: Any) -> None:
        today = Dossier(found, gateways.clock()).changes.today
        desk.extend_credit(found.id, form.credit_until.data, today=today, **_who(form))

    return _act(ref, "credit", act, "The tuition can be used for longer.")


@bp.route("/admin/registrations/<ref>/note", methods=["POST"])
@staff_only("registrations")
def note(ref: str) -> Any:
    """Keep a note for colleagues."""
    return _act(ref, "note", lambda found, form: desk.note(found.id, form.note.data, **_who(form)), "Noted.")


@bp.route("/admin/registrations/<ref>/money", methods=["POST"])
@staff_only("payments")
def money(ref: str) -> Any:
    """Write down a check or a transfer that came."""

    def act(found: Registration, form: Any) -> list[int]:
        amount = Money(form.amount.minor or 0, found.currency)
        received = Received(form.means.data, amount, form.reference.data)
        return invoices.record_payment(found.id, received, payments=stripe_here(), **_who(form))

    return _act(ref, "money", act, "The money is written down.")


@bp.route("/admin/registrations/<ref>/decide", methods=["POST"])
@staff_only("payments")
def decide(ref: str) -> Any:
    """Decide about a payment in review."""

    def act(found: Registration, form: Any) -> list[int]:
        payment = _attempt(found, whole(form.attempt.data))
        decision = Decision(form.what.data, form.decision_note.data, form.paid_back.minor or 0)
        return deciding.decide(payment.id, decision, payments=stripe_here(), **_who(form))

    return _act(ref, "decide", act, "Decided.")


@bp.route("/admin/registrations/<ref>/sent", methods=["POST"])
@staff_only("payments")
def sent(ref: str) -> Any:
    """Say whether a refund that staff send themselves was sent."""

    def act(found: Registration, form: Any) -> None:
        attempt, seq, was_sent = form.told or abort(400)
        made = [each for each in _attempt(found, attempt).refunds if each.seq == seq] or abort(404)
        refunds.settle_by_hand(made[0].id, was_sent=was_sent, by=current_user, now=gateways.clock())

    return _act(ref, "sent", act, "Written down.")


@bp.route("/admin/registrations/<ref>/keep", methods=["POST"])
@staff_only("payments")
def keep(ref: str) -> Any:
    """Let somebody keep a seat whose money the bank took back."""

    def act(found: Registration, form: Any) -> None:
        desk.keep_seat(found.id, note=form.keep_note.data, **_who(form))

    return _act(ref, "keep", act, "The seat stays theirs.")


def _attempt(found: Registration, number: int) -> Payment:
    return next((each for each in found.payments if each.attempt_no == number), None) or abort(404)
