"""Saying how a seminar was: during it, session by session; after it, on the way to the claim; three months later."""

from typing import Any

from flask import abort, flash, redirect, url_for

from cme import gateways
from cme.access import learners_only
from cme.credits import queries, rules, services
from cme.credits.forms import evaluation_form
from cme.credits.queries import evaluations
from cme.credits.services.evaluating import rate_sessions, save_draft
from cme.credits.services.following_up import answer_follow_up
from cme.credits.views.blueprint import bp, mine, refused
from cme.errors import Refusal
from cme.pages import page
from cme.registration.models import Registration


@bp.app_template_global()
def may_rate_sessions(registration: Registration) -> bool:
    """Whether somebody can say now how the sessions are, for the pages of other rooms."""
    return evaluations.may_rate_sessions(registration, now=gateways.clock())


@bp.route("/registrations/<ref>/evaluation", methods=["GET", "POST"])
@learners_only
def evaluation(ref: str) -> Any:
    """Ask how the seminar was, and go on to the last step of the claim."""
    registration, now = mine(ref), gateways.clock()
    standing, onwards = queries.standing_of(registration, now=now), url_for(".claim", ref=ref, step="attest")
    if standing.case.has_evaluated:
        return redirect(onwards, 303)
    try:
        rules.check_participation(standing.case, now=now)
    except Refusal as refusal:
        return refused("credits/claim_closed.html", standing, refusal=refusal)
    form = evaluation_form(evaluations.asked_of(registration), said=evaluations.draft_of(registration.id))
    if form.validate_on_submit():
        try:
            services.submit_evaluation(
                registration.id, form.answers, form_id=form.form_id.data, now=now, asked=form.items
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(onwards, 303)
    questions = evaluations.questions_of(registration.seminar_id)
    return page("credits/evaluation.html", registration=registration, standing=standing, form=form, questions=questions)


@bp.route("/registrations/<ref>/evaluation/draft", methods=["POST"])
@learners_only
def evaluation_draft(ref: str) -> Any:
    """Keep what somebody has typed so far, as they type it."""
    registration, now = mine(ref), gateways.clock()
    try:
        rules.check_participation(queries.case_of(registration, now=now), now=now)
        form = evaluation_form(evaluations.asked_of(registration))
        save_draft(registration.id, form.answers_so_far, asked=form.items, now=now)
    except Refusal as refusal:
        return str(refusal), refusal.status, {"Content-Type": "text/plain; charset=utf-8"}
    return "", 204


@bp.route("/registrations/<ref>/sessions", methods=["GET", "POST"])
@learners_only
def rate(ref: str) -> Any:
    """Ask how each session was that has begun, while the seminar goes on; the evaluation has them filled in."""
    registration, now = mine(ref), gateways.clock()
    if not evaluations.may_rate_sessions(registration, now=now):
        return redirect(url_for("registration.show", ref=ref), 303)
    items = evaluations.asked_during(registration, now=now)
    form = evaluation_form(items, said=evaluations.draft_of(registration.id))
    if form.validate_on_submit():
        try:
            count = rate_sessions(registration.id, form.answers, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Saved: {count} session{'' if count == 1 else 's'} rated. You can change it until the evaluation.")
            return redirect(url_for(".rate", ref=ref), 303)
    sessions = {f"session:{key}": number for number, key in evaluations.session_keys(registration.seminar).items()}
    times = {each.id: each for each in registration.seminar.sessions}
    when = {about: times[number] for about, number in sessions.items()}
    return page("credits/rate_sessions.html", registration=registration, form=form, when=when)


@bp.route("/registrations/<ref>/follow-up", methods=["GET", "POST"])
@learners_only
def follow_up(ref: str) -> Any:
    """Ask what became of it, three months after."""
    registration, now = mine(ref), gateways.clock()
    asked = evaluations.follow_up_of(registration.id) or abort(404)
    form = evaluation_form(evaluations.asked_later(registration.id))
    if asked.answered_at is None and form.validate_on_submit():
        try:
            answer_follow_up(registration.id, form.answers, form_id=form.form_id.data, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".follow_up", ref=ref), 303)
    return page("credits/follow_up.html", registration=registration, form=form, asked=asked)
