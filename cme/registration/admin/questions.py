"""What a seminar asks of those who register, and everything they said, for staff."""

from typing import Any

from flask import Response, abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog.models import Seminar
from cme.catalog.queries import seminar_by_slug
from cme.errors import EditedMeanwhile, Refusal
from cme.pages import page
from cme.registration import asked, desk, exports, services
from cme.registration.admin.blueprint import bp
from cme.registration.forms import OrderForm, QuestionForm
from cme.registration.models import Question
from cme.registration.rules.asking import KIND_LABELS


@bp.route("/admin/seminars/<slug>/questions", methods=["GET", "POST"])
@staff_only("seminars")
def questions(slug: str) -> Any:
    """List what a seminar asks, and ask one question more."""
    seminar = _seminar(slug)
    form = QuestionForm()
    if form.validate_on_submit():
        try:
            services.add_question(
                seminar.id, form.values(), form_id=form.form_id.data, by=current_user, now=gateways.clock()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Added. It is asked of whoever registers from now on.", "success")
            return redirect(url_for(".questions", slug=slug), 303)
    found = asked.all_questions(seminar.id)
    words: dict[str, Any] = {"questions": found, "kinds": KIND_LABELS, "answered": asked.answer_counts(seminar.id)}
    return page("registration/admin/questions.html", form=form, seminar=seminar, **words)


@bp.route("/admin/seminars/<slug>/questions/order", methods=["POST"])
@staff_only("seminars")
def order_questions(slug: str) -> Any:
    """Move a question one place, or add the usual ones."""
    seminar, form, now = _seminar(slug), OrderForm(), gateways.clock()
    if form.usual.data:
        count = services.add_usual(seminar.id, by=current_user, now=now)
        flash(f"{count} added." if count else "The usual questions are asked already.", "success")
    elif refs := _moved(seminar, form.move.data or ""):
        services.order_questions(seminar.id, refs, by=current_user, now=now)
    return redirect(url_for(".questions", slug=slug), 303)


@bp.route("/admin/seminars/<slug>/questions/<ref>", methods=["GET", "POST"])
@staff_only("seminars")
def edit_question(slug: str, ref: str) -> Any:
    """Ask in other words, or no longer."""
    seminar = _seminar(slug)
    question, theirs = asked.question_of(seminar.id, ref) or abort(404), None
    form = QuestionForm(data=_shown(question))
    if form.validate_on_submit():
        try:
            services.edit_question(
                question.id, form.values(), seen=form.seen.data or "", by=current_user, now=gateways.clock()
            )
        except Refusal as refusal:
            form.refuse(refusal)
            if isinstance(refusal, EditedMeanwhile):
                theirs = asked.question_of(seminar.id, ref) or abort(404)
                form.seen.data = asked.fingerprint(theirs)
        else:
            flash("Saved. Answers given before keep the words they were given to.", "success")
            return redirect(url_for(".questions", slug=slug), 303)
    return page("registration/admin/question.html", form=form, seminar=seminar, ref=ref, theirs=theirs)


@bp.route("/admin/seminars/<slug>/roster.csv")
@staff_only("registrations")
def roster_csv(slug: str) -> Any:
    """Everybody with a seat, with what they answered and agreed to, for a spreadsheet."""
    roster = desk.roster_of(slug, now=gateways.clock()) or abort(404)
    response = Response(exports.roster(roster), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-roster.csv"'
    return response


def _seminar(slug: str) -> Seminar:
    return seminar_by_slug(slug, preview=True) or abort(404)


def _shown(question: Question) -> dict[str, Any]:
    same = ("label", "kind", "hint", "modes", "is_required", "is_active")
    shown = {name: getattr(question, name) for name in same}
    return shown | {"options": "\n".join(question.options), "seen": asked.fingerprint(question)}


def _moved(seminar: Seminar, wish: str) -> list[str]:
    """The questions in their new order; none where nothing sensible was asked for."""
    refs = [each.ref for each in asked.all_questions(seminar.id)]
    ref, _, way = wish.partition(":")
    if ref not in refs or way not in ("up", "down"):
        return []
    here = refs.index(ref)
    there = max(0, min(len(refs) - 1, here + (1 if way == "down" else -1)))
    refs.insert(there, refs.pop(here))
    return refs
