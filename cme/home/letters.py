"""The letters for staff: every one that was written, as it was written."""

from datetime import datetime
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import String, cast, func, literal, or_, select

from cme import gateways, jobs, queue
from cme.access import staff_only
from cme.catalog.cards import PER_PAGE, Pages
from cme.catalog.filters import LONGEST_SEARCH, page_number, printable
from cme.database import db
from cme.home.blueprint import bp
from cme.mail import Letter, without_tokens
from cme.pages import page
from cme.queue import Job

WAITING, SENT, DEAD_LETTER = "waiting", "sent", "dead"
STATES = {WAITING: "Waiting", SENT: "Sent", DEAD_LETTER: "Given up"}


def _letters(state: str = "") -> Any:
    """Letters with the jobs that carry them."""
    key = literal("letter:") + cast(Letter.id, String)
    found = select(Letter, Job).outerjoin(Job, Job.dedupe_key == key)
    dead = func.coalesce(Job.state, "") == queue.DEAD
    if state == SENT:
        return found.where(Letter.sent_at.is_not(None))
    if state == DEAD_LETTER:
        return found.where(Letter.sent_at.is_(None), dead)
    return found.where(Letter.sent_at.is_(None), ~dead) if state == WAITING else found


def letters_where(state: str, before: datetime | None = None) -> int:
    """How many letters are in a state, or have been since before a moment."""
    found = _letters(state)
    if before:
        found = found.where(Letter.created_at < before)
    return db.session.scalar(select(func.count()).select_from(found.with_only_columns(Letter.id).subquery())) or 0


@bp.route("/admin/letters")
@staff_only("letters")
def letters() -> Any:
    """List the letters, the newest first."""
    state, kind = request.args.get("state", ""), printable(request.args.get("kind", ""), 40)
    q = printable(request.args.get("q", ""), LONGEST_SEARCH)
    number, _ = page_number(request.args)
    found = _letters(state)
    if q:
        found = found.where(or_(Letter.to.icontains(q, autoescape=True), Letter.subject.icontains(q, autoescape=True)))
    if kind:
        found = found.where(Letter.kind == kind)
    total = db.session.scalar(select(func.count()).select_from(found.with_only_columns(Letter.id).subquery())) or 0
    rows = found.order_by(Letter.id.desc()).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    part = Pages([(each, _state(each, job)) for each, job in db.session.execute(rows)], number, total)
    kinds = list(db.session.scalars(select(Letter.kind).distinct().order_by(Letter.kind)))
    asked = {"q": q, "kind": kind, "state": state if state in STATES else ""}
    return page(
        "home/letters.html", 404 if part.is_beyond else 200, found=part, kinds=kinds, asked=asked, states=STATES
    )


def _state(letter: Letter, job: Job | None) -> str:
    if letter.sent_at is not None:
        return SENT
    return DEAD_LETTER if job is not None and job.state == queue.DEAD else WAITING


@bp.route("/admin/letters/<int(max=9007199254740991):number>")
@staff_only("letters")
def letter(number: int) -> Any:
    """Show a letter as it was written; its one-time links only where letters are kept instead of sent."""
    found, job = db.session.execute(_letters().where(Letter.id == number)).first() or abort(404)
    kept = current_app.config["CME_ENV"] == "development" or current_app.config["MAIL_URL"].startswith("outbox:")
    text = found.text if kept else without_tokens(found.text)
    return page(
        "home/letter.html", letter=found, state=_state(found, job), job=job, text=text, is_hidden=text != found.text
    )


@bp.route("/admin/letters/<int(max=9007199254740991):number>/retry", methods=["POST"])
@staff_only("letters")
def letter_retry(number: int) -> Any:
    """Try again to send a letter that was given up."""
    if db.session.get(Letter, number) is None:
        abort(404)
    if jobs.retry_letter(number, by=current_user, now=gateways.clock()):
        flash("The letter will be sent again within a minute.", "success")
    else:
        flash("Nobody gave this letter up: it was sent, or waits its turn.", "info")
    return redirect(url_for(".letter", number=number), 303)
