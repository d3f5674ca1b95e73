"""What people add to their transcript themselves: credit from elsewhere, and goals."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.credits import numbers
from cme.credits.forms.transcripts import ExternalForm, GoalForm
from cme.credits.models import ExternalCredit, Goal
from cme.credits.queries import transcripts
from cme.credits.rules.goals import PATTERNS
from cme.credits.services import transcripts as services
from cme.credits.views.blueprint import bp, today
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.pages import page


def own_entry(ref: str) -> ExternalCredit:
    """An entry of the person who asks, or a page that says it is not there."""
    found = transcripts.external_credit_of(current_user.id, ref) if numbers.is_code(ref) else None
    return found or abort(404)


def own_goal(ref: str) -> Goal:
    """A goal of the person who asks, or a page that says it is not there."""
    return (transcripts.goal_of(current_user.id, ref) if numbers.is_code(ref) else None) or abort(404)


def back(message: str) -> Any:
    """To the transcript, saying what was done."""
    flash(message, "ok")
    return redirect(url_for(".transcript"), 303)


@bp.route("/transcript/elsewhere/new", methods=["GET", "POST"])
@learners_only
def add_external() -> Any:
    """Enter credit that was earned elsewhere."""
    form = ExternalForm(today=today())
    if form.validate_on_submit():
        kept = {"form_id": form.form_id.data, "now": gateways.clock(), "may_print": missing_letters}
        try:
            services.add_external(current_user.id, form.values, **kept)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return back("Added to your transcript")
    return page("credits/external.html", form=form, known=None)


@bp.route("/transcript/elsewhere/<ref>", methods=["GET", "POST"])
@learners_only
def external(ref: str) -> Any:
    """Correct credit that was entered."""
    known = own_entry(ref)
    form = ExternalForm(known, today=today())
    if form.validate_on_submit():
        try:
            services.change_external(current_user.id, ref, form.values, now=gateways.clock(), may_print=missing_letters)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return back("Changes saved")
    return page("credits/external.html", form=form, known=own_entry(ref))


@bp.route("/transcript/elsewhere/<ref>/remove", methods=["POST"])
@learners_only
def remove_external(ref: str) -> Any:
    """Take an entry away."""
    services.remove_external(current_user.id, own_entry(ref).ref, now=gateways.clock())
    return back("Removed from your transcript")


@bp.route("/transcript/goals/new", methods=["GET", "POST"])
@learners_only
def add_goal() -> Any:
    """Say what is to be reached, beginning from what boards commonly ask."""
    like = PATTERNS.get(request.args.get("like", ""))
    form = GoalForm(like=like)
    if form.validate_on_submit():
        try:
            services.add_goal(current_user.id, form.values, form_id=form.form_id.data, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return back("Goal added")
    return page("credits/goal.html", form=form, known=None, like=like, patterns=PATTERNS.values())


@bp.route("/transcript/goals/<ref>", methods=["GET", "POST"])
@learners_only
def goal(ref: str) -> Any:
    """Change a goal."""
    form = GoalForm(own_goal(ref))
    if form.validate_on_submit():
        services.change_goal(current_user.id, ref, form.values, now=gateways.clock())
        return back("Changes saved")
    return page("credits/goal.html", form=form, known=own_goal(ref), like=None, patterns=())


@bp.route("/transcript/goals/<ref>/remove", methods=["POST"])
@learners_only
def remove_goal(ref: str) -> Any:
    """Give a goal up."""
    services.remove_goal(current_user.id, own_goal(ref).ref, now=gateways.clock())
    return back("Goal removed")
