"""The assessment of a seminar: how it is put, and its question bank."""

import re
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog.models import Seminar
from cme.catalog.queries import seminar_by_slug
from cme.credits import queries, services
from cme.credits.admin.blueprint import bp
from cme.credits.forms.assessment import (
    AssessmentForm,
    BankFileForm,
    BankQuestionForm,
    MoveForm,
    bank_question_form,
)
from cme.credits.rules.bank import read_bank
from cme.errors import EditedMeanwhile, Refusal
from cme.fields import blame
from cme.pages import page

MOST_BYTES = 2_000_000
PLACE = re.compile(r"[1-9][0-9]{0,3}")  # of a question in the bank
VERSION = re.compile(r"[0-9]{1,9}")


@bp.route("/admin/seminars/<slug>/assessment", methods=["GET", "POST"])
@staff_only("seminars")
def assessment(slug: str) -> Any:
    """List the question bank, and say how its questions are put."""
    seminar = _seminar(slug)
    found = queries.assessment_of(seminar.id)
    shown = (
        {name: getattr(found, name) for name in ("asks", "most_attempts", "is_shuffled", "version")} if found else {}
    )
    form = AssessmentForm(data=shown)
    if form.validate_on_submit():
        how = {"asks": form.asks.data, "most_attempts": form.most_attempts.data, "is_shuffled": form.is_shuffled.data}
        version = int(str(form.version.data)) if VERSION.fullmatch(str(form.version.data)) else 0
        try:
            services.save_assessment(seminar.id, **how, version=version, by=current_user, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
            fresh = queries.assessment_of(seminar.id)
            form.version.data = str(fresh.version if fresh else 0)
        else:
            flash("Saved. It holds for attempts that begin from now on.", "success")
            return redirect(url_for(".assessment", slug=slug), 303)
    return _bank(seminar, form=form)


@bp.route("/admin/seminars/<slug>/assessment/new", methods=["GET", "POST"])
@staff_only("seminars")
def new_bank_question(slug: str) -> Any:
    """Write one question more."""
    seminar, form = _seminar(slug), bank_question_form()
    if form.validate_on_submit():
        try:
            count = services.add_bank_questions(seminar.id, [form.asked], by=current_user, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Added." if count else "That question stands in the bank already.", "success")
            return redirect(url_for(".assessment", slug=slug), 303)
    return page("credits/admin/bank_question.html", seminar=seminar, form=form, number=None)


@bp.route("/admin/seminars/<slug>/assessment/import", methods=["GET", "POST"])
@staff_only("seminars")
def import_bank(slug: str) -> Any:
    """Bring questions from a spreadsheet: all of them, or none and why."""
    seminar, form = _seminar(slug), BankFileForm()
    wrong: list[str] = []
    if form.is_submitted() and form.validate():
        sent = request.files.get("file")
        content = sent.stream.read(MOST_BYTES + 1) if sent is not None and sent.filename else b""
        if not content:
            blame(form.file, "Choose a file")
        elif len(content) > MOST_BYTES:
            blame(form.file, "The file must be smaller than 2 MB")
        else:
            asked, wrong = read_bank(content)
            if wrong:
                blame(form.file, "Nothing was imported: the file has faults")
            elif _brought(seminar, asked, form):
                return redirect(url_for(".assessment", slug=slug), 303)
    return page("credits/admin/bank_import.html", seminar=seminar, form=form, wrong=wrong)


def _brought(seminar: Seminar, asked: list[Any], form: BankFileForm) -> bool:
    try:
        count = services.add_bank_questions(seminar.id, asked, by=current_user, now=gateways.clock())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    there = len(asked) - count
    flash(f"{count} added.{f' {there} stood in the bank already.' if there else ''}", "success")
    return True


@bp.route("/admin/seminars/<slug>/assessment/order", methods=["POST"])
@staff_only("seminars")
def move_bank_question(slug: str) -> Any:
    """Put a question one place up or down."""
    seminar, form = _seminar(slug), MoveForm()
    place, _, way = (form.move.data or "").partition(":")
    found = queries.question_of(seminar.id, int(place)) if PLACE.fullmatch(place) else None
    if form.validate_on_submit() and found is not None and way in ("up", "down"):
        services.move_bank_question(found.id, down=way == "down", by=current_user, now=gateways.clock())
    return redirect(url_for(".assessment", slug=slug), 303)


@bp.route("/admin/seminars/<slug>/assessment/<place>", methods=["GET", "POST"])
@staff_only("seminars")
def bank_question(slug: str, place: str) -> Any:
    """Ask in other words, or no longer."""
    seminar = _seminar(slug)
    number = int(place) if PLACE.fullmatch(place) else 0
    found = queries.question_of(seminar.id, number) or abort(404)
    more = {"seen": queries.seen_as(found), "is_retired": found.retired_at is not None}
    form = bank_question_form(queries.asked_by(found), **more)
    if form.validate_on_submit() and _edited(found.id, form):
        flash("Saved. Attempts that have begun keep the words they were put in.", "success")
        return redirect(url_for(".assessment", slug=slug), 303)
    return page("credits/admin/bank_question.html", seminar=seminar, form=form, number=number)


def _edited(question_id: int, form: BankQuestionForm) -> bool:
    how: dict[str, Any] = {"is_retired": bool(form.is_retired.data), "seen": form.seen.data or ""}
    try:
        services.edit_bank_question(question_id, form.asked, **how, by=current_user, now=gateways.clock())
    except EditedMeanwhile as refusal:
        form.refuse(f"{refusal} Open the question again to see theirs.")
        return False
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _bank(seminar: Seminar, *, form: AssessmentForm) -> Any:
    found = queries.assessment_of(seminar.id)
    questions = found.questions if found else []
    words: dict[str, Any] = {"questions": questions, "told": queries.told_of(seminar)}
    return page("credits/admin/assessment.html", seminar=seminar, form=form, **words)


def _seminar(slug: str) -> Seminar:
    return seminar_by_slug(slug, preview=True) or abort(404)
