"""What somebody said when they registered, to be changed: what they agree to, and their answers."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.errors import Refusal
from cme.pages import page
from cme.registration import asked, services
from cme.registration.forms import AnswersForm, ConsentsForm
from cme.registration.forms.questions import answers_in, asking_for, consents_in, name_of
from cme.registration.rules.asking import CONSENTS
from cme.registration.views.blueprint import bp, my_own, to_registration


@bp.route("/account/consents", methods=["GET", "POST"])
@learners_only
def consents() -> Any:
    """What somebody agreed to, to be changed at any time."""
    given = {f"consent_{each.key.replace('-', '_')}": each.is_given for each in asked.consents_of(current_user.id)}
    form = asking_for(ConsentsForm, (), CONSENTS)(data=given)
    if form.validate_on_submit():
        chosen = consents_in(form, CONSENTS)
        services.change_consents(current_user.id, chosen, by=current_user, now=gateways.clock())
        flash("Saved.", "ok")
        return redirect(url_for(".consents"), 303)
    return page("registration/consents.html", form=form, fields=[f for f in form if f.name.startswith("consent_")])


@bp.route("/registrations/<ref>/answers", methods=["GET", "POST"])
@learners_only
def answers(ref: str) -> Any:
    """Answer the questions of a seminar, or answer them anew."""
    registration, now = my_own(ref), gateways.clock()
    questions = (asked.asks_of(registration, now=now) or abort(404)).questions
    said = {name_of(each): registration.questions.get(each.ref, {}).get("answer") for each in questions}
    form = asking_for(AnswersForm, questions, alone=True)(data={name: value for name, value in said.items() if value})
    if form.validate_on_submit():
        new = answers_in(form, questions)
        try:
            services.change_answers(registration.id, new, by=current_user, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Saved.", "ok")
            return to_registration(ref)
    fields = [f for f in form if f.name.startswith("q_")]
    return page(
        "registration/answers.html", form=form, fields=fields, registration=registration, seminar=registration.seminar
    )
