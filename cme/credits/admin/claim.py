"""One registration's claims, for staff: every version, and what can be corrected."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.credits.admin.blueprint import bp
from cme.credits.forms import desk as forms
from cme.credits.models import LEARNING, TEACHING, VALID
from cme.credits.queries import desk
from cme.credits.rules import correcting as rules
from cme.credits.services import correcting, extending
from cme.credits.services.correcting import Correction
from cme.database import db
from cme.errors import Refusal
from cme.forms import Form
from cme.gateways.letters import missing_letters
from cme.pages import page


def file_of(ref: str) -> desk.File:
    """All about one registration's claims; a ref that nobody has is not there."""
    return desk.File(desk.registration_to_correct(ref) or abort(404), gateways.clock())


@bp.route("/admin/claims/<ref>")
@staff_only("claims")
def claim(ref: str) -> Any:
    """Show all that was claimed with a registration; the number of a certificate leads there, too."""
    if desk.registration_to_correct(ref) is None and (found := desk.ref_of_number(ref)) is not None:
        return redirect(url_for(".claim", ref=found), 303)
    return _show(file_of(ref))


def _show(file: desk.File, name: str = "", form: Form | None = None) -> Any:
    made: dict[str, Any] = {
        "amend": forms.amend_form(file.case, fresh=True),
        "reissue": forms.ReissueForm(formdata=None),
        "void": forms.VoidForm(formdata=None),
        "teach": forms.teach_form(file.taught, fresh=True),
        "teacher": forms.TeacherForm(formdata=None),
        "decide": forms.DecideForm(formdata=None),
    }
    _fill(made, file)
    if form is not None:
        made[name] = form
    return page("credits/admin/claim.html", form=form or made["amend"], forms=made, file=file, now=file.now)


def _fill(made: dict[str, Any], file: desk.File) -> None:
    """Write into fresh forms what the page shows, so that what is sent can be compared with it."""
    account, learned, taught = file.registration.account, file.learning, file.teaching
    made["reissue"].professional_name.data = account.professional_name
    made["reissue"].certification_type.data = account.certification_type
    made["teacher"].offer(desk.could_be(file.registration))
    made["void"].kind.data = LEARNING if learned is not None and learned.status == VALID else TEACHING
    if learned is not None:
        held = desk.amounts_of(learned)
        for kind, field in made["amend"].amounts:
            field.data = str(held[kind]) if kind in held else ""
    made["amend"].amend_version.data = made["void"].learning_version.data = forms.shown(learned)
    made["reissue"].reissue_version.data = forms.shown(learned or taught)
    made["void"].teaching_version.data = made["teach"].teach_version.data = forms.shown(taught)
    given = taught.sessions if taught else {str(each.session_id): each.minutes for each in file.taught}
    for name, number in made["teach"].numbers.items():
        made["teach"][name].data = given.get(str(number))
    if file.request is not None:
        made["decide"].request.data = str(file.request.id)


def _act(file: desk.File, name: str, form: Any, act: Callable[[Any], object], said: str) -> Any:
    """Do what a form asks for, once; or show the page again with what is wrong."""
    ref = file.registration.ref
    if form.validate_on_submit():
        try:
            act(form)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(said, "ok")
            return redirect(url_for(".claim", ref=ref), 303)
    return _show(file_of(ref), name, form)


def _correction(form: Any, version: Any, why: str, reason: Any) -> Correction:
    known: dict[str, Any] = {"form_id": form.form_id.data, "by": current_user, "now": gateways.clock()}
    number, is_anew = forms.seen(version)
    return Correction(version=number, is_anew=is_anew, why=why, reason=reason.data, **known)


@bp.route("/admin/claims/<ref>/amend", methods=["POST"])
@staff_only("claims")
def amend(ref: str) -> Any:
    """Grant other amounts than were claimed."""
    file = file_of(ref)
    why = rules.ATTENDANCE if file.too_much else rules.CREDIT

    def act(form: Any) -> None:
        correction = _correction(form, form.amend_version, why, form.amend_reason)
        correcting.amend(file.registration.id, form.asked, correction, may_print=missing_letters)

    form = forms.amend_form(file.case)
    return _act(file, "amend", form, act, "Corrected. A new certificate is issued, and the learner was told.")


@bp.route("/admin/claims/<ref>/reissue", methods=["POST"])
@staff_only("claims")
def reissue(ref: str) -> Any:
    """Correct a name or a certification type, and issue what carries it again."""
    file = file_of(ref)
    claim = file.learning or file.teaching
    printed = claim.certification_type if claim else None

    def act(form: Any) -> None:
        name, kind = form.professional_name.data, form.certification_type.data
        why = rules.NAME if kind == printed else rules.TYPE
        correction = _correction(form, form.reissue_version, why, form.reissue_reason)
        correcting.reissue(file.registration.id, name, kind, correction, may_print=missing_letters)

    return _act(file, "reissue", forms.ReissueForm(), act, "Issued again. The learner was told.")


@bp.route("/admin/claims/<ref>/void", methods=["POST"])
@staff_only("claims")
def void(ref: str) -> Any:
    """Withdraw a claim and its certificates."""
    file = file_of(ref)

    def act(form: Any) -> None:
        version = form.teaching_version if form.kind.data == TEACHING else form.learning_version
        correction = _correction(form, version, form.why.data, form.void_reason)
        correcting.void(file.registration.id, form.kind.data, correction)

    return _act(file, "void", forms.VoidForm(), act, "Withdrawn. The learner was told.")


@bp.route("/admin/claims/<ref>/teaching", methods=["POST"])
@staff_only("claims")
def teaching(ref: str) -> Any:
    """Grant credit for what somebody presented."""
    file = file_of(ref)

    def act(form: Any) -> None:
        correction = _correction(form, form.teach_version, rules.CREDIT, form.teach_reason)
        correcting.give_teaching(file.registration.id, form.minutes, correction, may_print=missing_letters)

    form = forms.teach_form(file.taught)
    return _act(file, "teach", form, act, "Granted. The certificate is issued, and the person was told.")


@bp.route("/admin/claims/<ref>/teacher", methods=["POST"])
@staff_only("claims")
def teacher(ref: str) -> Any:
    """Say who somebody is among the faculty."""
    file, form = file_of(ref), forms.TeacherForm()
    people = {each.slug: each.id for each in desk.could_be(file.registration)}
    form.offer(desk.could_be(file.registration))

    def act(form: Any) -> None:
        known: dict[str, Any] = {"by": current_user, "now": gateways.clock()}
        correcting.link_teacher(file.registration.id, people[form.teacher.data], **known)

    return _act(file, "teacher", form, act, "Linked. What they teach counts as teaching, not as learning.")


@bp.route("/admin/claims/<ref>/extension", methods=["POST"])
@staff_only("claims")
def decide_extension(ref: str) -> Any:
    """Answer who asks for more time."""
    file = file_of(ref)

    def act(form: Any) -> None:
        asked = {str(each.id): each.id for each in file.extensions}.get(form.request.data or "")
        if asked is None:
            raise rules.ExtensionDecided
        until = form.until.data if form.decision.data == "grant" else None
        known: dict[str, Any] = {"by": current_user, "now": gateways.clock()}
        extending.decide_extension(asked, until, form.answer.data or "", **known)

    return _act(file, "decide", forms.DecideForm(), act, "Answered. The learner was told.")
