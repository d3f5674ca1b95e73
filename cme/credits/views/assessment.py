"""Answering the questions of an assessment."""

import re
from typing import Any

from flask import abort, flash, redirect, request, url_for

from cme import gateways
from cme.access import learners_only
from cme.catalog.models import Seminar
from cme.credits import queries, services
from cme.credits.forms.assessment import AnswersForm, BeginForm, answers_form
from cme.credits.models import Attempt
from cme.credits.rules import assessing
from cme.credits.views.blueprint import bp, mine
from cme.errors import Refusal
from cme.pages import page
from cme.registration.models import Registration

MOST_SHOWN = 20
NUMBER = re.compile(r"[1-9][0-9]{0,4}")


@bp.app_template_global()
def told_of_assessment(seminar: Seminar) -> queries.Told | None:
    """What people are told of an assessment before they begin, for the pages of other rooms."""
    return queries.told_of(seminar)


@bp.app_template_global()
def my_course(registration: Registration) -> queries.Course:
    """What there is to watch and to answer with a place, for the pages of other rooms."""
    return queries.course_of(registration, now=gateways.clock())


@bp.route("/registrations/<ref>/assessment", methods=["GET", "POST"])
@learners_only
def assessment(ref: str) -> Any:
    """Tell how the assessment goes, put its questions, show how an attempt went."""
    registration, now = mine(ref), gateways.clock()
    wanted = request.args.get("attempt")
    if wanted is not None and request.method == "GET":
        return _result(registration, _attempt(registration, wanted) or abort(404))
    begun = queries.open_attempt(registration.id)
    if request.method == "POST" and request.form.get("attempt") != _number(begun):
        return _gone(registration)
    if begun is not None:
        return _questions(registration, begun)
    course, form = queries.course_of(registration, now=now), BeginForm()
    refusal: Refusal | None = None
    try:
        services.check_may_answer(registration, now=now)
        if course.retakes is not None:
            assessing.check_may_try(course.retakes)
        if form.validate_on_submit():
            services.begin_attempt(registration.id, form_id=form.form_id.data, now=now)
            return redirect(url_for(".assessment", ref=ref), 303)
    except Refusal as found:
        refusal = found
        if form.is_submitted():
            form.refuse(found)
    words: dict[str, Any] = {"course": course, "attempts": queries.attempts_of(registration.id)[-MOST_SHOWN:]}
    return page("credits/assessment.html", registration=registration, form=form, refusal=refusal, **words)


@bp.route("/registrations/<ref>/assessment/answers", methods=["POST"])
@learners_only
def assessment_answers(ref: str) -> Any:
    """Keep what is answered so far, as it is answered."""
    registration = mine(ref)
    begun = queries.open_attempt(registration.id)
    if begun is None or request.form.get("attempt") != _number(begun):
        return str(assessing.AttemptGone()), assessing.AttemptGone.status, PLAIN
    try:
        services.keep_answers(registration.id, begun.number, answers_form(begun).given, now=gateways.clock())
    except Refusal as refusal:
        return str(refusal), refusal.status, PLAIN
    return "", 204


PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


def _number(attempt: Attempt | None) -> str | None:
    """An attempt as its page names it."""
    return None if attempt is None else str(attempt.number)


def _attempt(registration: Registration, number: str) -> Attempt | None:
    return queries.attempt_of(registration.id, int(number)) if NUMBER.fullmatch(number) else None


def _gone(registration: Registration) -> Any:
    """What was sent is not for the attempt that is open: sent twice, or another window went on meanwhile.

    Answers must never count for the questions of another attempt, nor a button pressed twice begin the next one.
    """
    sent = _attempt(registration, request.form.get("attempt", ""))
    number = sent.number if sent is not None and sent.submitted_at is not None else None
    return redirect(url_for(".assessment", ref=registration.ref, attempt=number), 303)


def _questions(registration: Registration, begun: Attempt) -> Any:
    form, now, number = answers_form(begun), gateways.clock(), begun.number
    if form.validate_on_submit():
        try:
            if request.form.get("do") == "keep":
                services.keep_answers(registration.id, number, form.given, now=now)
                flash("Saved. Come back whenever it suits you.", "success")
                return redirect(url_for("registration.show", ref=registration.ref), 303)
            if form.wants_all():
                services.hand_in(registration.id, number, form.given, now=now)
                return redirect(url_for(".assessment", ref=registration.ref, attempt=number), 303)
        except Refusal as refusal:
            form.refuse(refusal)
    return page("credits/assessment_questions.html", registration=registration, attempt=begun, form=form)


def _result(registration: Registration, attempt: Attempt) -> Any:
    if attempt.submitted_at is None:
        return redirect(url_for(".assessment", ref=registration.ref), 303)
    course = queries.course_of(registration, now=gateways.clock())
    answered = [
        (question, attempt.answers.get(str(number), []), assessing.is_right(question, attempt.answers.get(str(number))))
        for number, question in enumerate(attempt.questions)
    ]
    words: dict[str, Any] = {"attempt": attempt, "answered": answered, "course": course, "form": AnswersForm()}
    standing = queries.standing_of(registration, now=gateways.clock())
    return page("credits/assessment_result.html", registration=registration, standing=standing, **words)
