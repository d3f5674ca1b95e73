"""Saying how a seminar was."""

from typing import Any

from flask import flash, redirect, url_for

from cme import gateways
from cme.access import learners_only
from cme.credits import queries, rules, services
from cme.credits.forms import EvaluationForm
from cme.credits.views.blueprint import bp, mine, refused
from cme.errors import Refusal
from cme.pages import page


@bp.route("/registrations/<ref>/evaluation", methods=["GET", "POST"])
@learners_only
def evaluation(ref: str) -> Any:
    """Ask how the seminar was, and go on to the claim."""
    registration, now = mine(ref), gateways.clock()
    standing, onwards = queries.standing_of(registration, now=now), url_for(".claim", ref=ref)
    if standing.case.has_evaluated:
        return redirect(onwards, 303)
    try:
        rules.check_participation(standing.case, now=now)
    except Refusal as refusal:
        return refused("credits/claim_closed.html", standing, refusal=refusal)
    form = EvaluationForm()
    if form.validate_on_submit():
        try:
            services.submit_evaluation(registration.id, form.answers, form_id=form.form_id.data, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Thank you for your evaluation", "ok")
            return redirect(onwards, 303)
    return page("credits/evaluation.html", registration=registration, standing=standing, form=form)
