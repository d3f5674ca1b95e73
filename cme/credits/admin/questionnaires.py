"""What a seminar's evaluation asks, for staff."""

import hashlib
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog.models import Seminar
from cme.catalog.queries import seminar_by_slug
from cme.credits.admin.blueprint import bp
from cme.credits.forms import evaluation_form
from cme.credits.forms.questionnaire import ArrangeForm, EvaluationQuestionForm
from cme.credits.queries import evaluations
from cme.credits.rules import questions as asking
from cme.credits.services import questionnaires
from cme.errors import EditedMeanwhile, Refusal
from cme.pages import page


@bp.route("/admin/seminars/<slug>/evaluation", methods=["GET", "POST"])
@staff_only("seminars")
def questionnaire(slug: str) -> Any:
    """List what the evaluation asks, and ask one question more."""
    seminar, form = _seminar(slug), EvaluationQuestionForm()
    if form.validate_on_submit():
        try:
            new = form.question(_key(form.form_id.data or ""))
            questionnaires.add_question(seminar.id, new, by=current_user, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Added. It is asked of whoever evaluates from now on.", "success")
            return redirect(url_for(".questionnaire", slug=slug), 303)
    found = evaluations.questions_of(seminar.id)
    asked = {each.kind for each in found if each.kind in asking.ONCE_ONLY} | {each.key for each in found}
    more = [each for each in (*asking.USUAL, *asking.MORE) if not {each.key, each.kind} & asked]
    words: dict[str, Any] = {"kinds": asking.KIND_LABELS, "more": more, "is_usual": found == list(asking.USUAL)}
    return page("credits/admin/questionnaire.html", form=form, seminar=seminar, questions=found, **words)


@bp.route("/admin/seminars/<slug>/evaluation/arrange", methods=["POST"])
@staff_only("seminars")
def arrange_questionnaire(slug: str) -> Any:
    """Move a question one place, remove it, add one of the usual ones, or go back to all of them."""
    seminar, form, now = _seminar(slug), ArrangeForm(), gateways.clock()
    try:
        _arrange(seminar.id, form, {"by": current_user, "now": now})
    except Refusal as refusal:
        flash(str(refusal), "error")
    return redirect(url_for(".questionnaire", slug=slug), 303)


def _arrange(seminar_id: int, form: ArrangeForm, who_and_when: dict[str, Any]) -> None:
    key, _, way = (form.move.data or "").partition(":")
    if way in ("up", "down"):
        questionnaires.move_question(seminar_id, key, 1 if way == "down" else -1, **who_and_when)
    elif form.remove.data:
        questionnaires.remove_question(seminar_id, form.remove.data, **who_and_when)
        flash("Removed. What was answered stays in the report.", "success")
    elif form.reset.data:
        questionnaires.ask_the_usual(seminar_id, **who_and_when)
        flash("The evaluation asks the usual questions again.", "success")
    else:
        known = {each.key: each for each in (*asking.USUAL, *asking.MORE)}
        if form.add.data in known:
            questionnaires.add_question(seminar_id, known[form.add.data], **who_and_when)


@bp.route("/admin/seminars/<slug>/evaluation/questions/<key>", methods=["GET", "POST"])
@staff_only("seminars")
def edit_evaluation_question(slug: str, key: str) -> Any:
    """Ask in other words."""
    seminar = _seminar(slug)
    question = _question(seminar, key) or abort(404)
    form, theirs = EvaluationQuestionForm(data=_shown(seminar, question)), None
    if form.validate_on_submit():
        try:
            seen = int(form.seen.data) if (form.seen.data or "").isdecimal() else -1
            questionnaires.edit_question(
                seminar.id, key, form.question(key), seen=seen, by=current_user, now=gateways.clock()
            )
        except Refusal as refusal:
            form.refuse(refusal)
            if isinstance(refusal, EditedMeanwhile):
                theirs = _question(seminar, key) or abort(404)
                form.seen.data = str(questionnaires.version_of(seminar.id))
        else:
            flash("Saved. Answers given before keep the words they were given to.", "success")
            return redirect(url_for(".questionnaire", slug=slug), 303)
    return page("credits/admin/evaluation_question.html", form=form, seminar=seminar, theirs=theirs)


@bp.route("/admin/seminars/<slug>/evaluation/preview")
@staff_only("seminars")
def preview_questionnaire(slug: str) -> Any:
    """Show the evaluation as somebody sees it who attended all of the seminar."""
    seminar = _seminar(slug)
    form = evaluation_form(evaluations.asked_in_preview(seminar))
    questions = evaluations.questions_of(seminar.id)
    return page("credits/admin/evaluation_preview.html", form=form, seminar=seminar, questions=questions)


def _seminar(slug: str) -> Seminar:
    return seminar_by_slug(slug, preview=True) or abort(404)


def _question(seminar: Seminar, key: str) -> asking.Question | None:
    return next((each for each in evaluations.questions_of(seminar.id) if each.key == key), None)


def _shown(seminar: Seminar, question: asking.Question) -> dict[str, Any]:
    same = {name: getattr(question, name) for name in ("label", "kind", "hint", "is_required")}
    return same | {"options": "\n".join(question.options), "seen": questionnaires.version_of(seminar.id)}


def _key(form_id: str) -> str:
    """A name for a new question, the same however often its form is sent."""
    return "q" + hashlib.sha256(form_id.encode()).hexdigest()[:10]
