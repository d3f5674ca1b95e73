"""What stands at the front door and in the middle of the house: pages that gather from several rooms."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import String, cast, func, literal, or_, select
from sqlalchemy.exc import SQLAlchemyError

from cme import gateways, jobs, queue, settings
from cme.access import learners_only, public, staff_only
from cme.accounts.models import Account
from cme.audit import AuditEntry
from cme.catalog import desk
from cme.catalog import queries as catalog
from cme.catalog.cards import PER_PAGE, Pages, card_of
from cme.catalog.filters import LONGEST_SEARCH, Filters, page_number, printable
from cme.catalog.models import Seminar
from cme.credits import figures as credit_figures
from cme.credits import queries as credits
from cme.credits.models import Claim
from cme.database import db
from cme.mail import Letter, without_tokens
from cme.page_cache import kept
from cme.pages import page
from cme.queue import Job
from cme.registration import figures
from cme.registration.desk import in_review
from cme.registration.models import Payment, Registration
from cme.settings import Setting

bp = Blueprint("home", __name__)

OFFICE = "America/New_York"  # the zone in which staff count days and months
WAITING, SENT, DEAD_LETTER = "waiting", "sent", "dead"
STATES = {WAITING: "Waiting", SENT: "Sent", DEAD_LETTER: "Given up"}
DONE = {  # what the audit log calls a deed, and what people call it
    "claimed": "claimed credit",
    "confirmed": "confirmed a seat",
    "evaluated": "sent an evaluation",
    "expired": "released a seat",
    "held": "took a seat",
    "cancelled": "gave up a seat",
}


@bp.route("/")
@public
@kept(catalog.article_state, clock=gateways.clock)
def index() -> Any:
    """Open the front door: the next dates, a way to find more, something to read."""
    now = gateways.clock()
    found = catalog.upcoming_seminars(Filters(), now=now, per_page=6)
    return page(
        "home/index.html", found=found, facets=catalog.facets(now=now), articles=catalog.articles(now=now).items[:3]
    )


@bp.route("/my")
@learners_only
def my() -> Any:
    """Show a person what waits for them, what is ahead and what is behind."""
    now = gateways.clock()
    standings = credits.standings_of(current_user.id, now=now)
    ahead = sorted(
        (each for each in standings if each.step in credits.AHEAD), key=lambda each: each.registration.seminar.starts_at
    )
    lines = credits.transcript_of(current_user.id)
    year = now.year
    total, is_hours = credits.sum_of(line for line in lines if line.year == year)
    return page(
        "home/my.html",
        to_do=[each for each in reversed(standings) if each.step in credits.TO_DO],
        ahead=ahead,
        past=[each for each in standings if each.step not in credits.AHEAD],
        cards={each.registration.seminar_id: card_of(each.registration.seminar, now=now) for each in ahead},
        total=total,
        total_is_hours=is_hours,
        year=year,
    )


@bp.route("/admin")
@staff_only("dashboard")
def admin() -> Any:
    """Show staff how things stand: what came in, what waits for them, what is next."""
    now = gateways.clock()
    local = now.astimezone(ZoneInfo(OFFICE))
    week, month = timedelta(days=7), local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    mode = current_app.config["PAYMENTS_MODE"]  # money of a demonstration is never counted with real money
    ahead = desk.seminars(view="upcoming", words=[], now=now).items[:8]
    return page(
        "home/admin.html",
        now=local,
        registered=figures.registered_between(now - week, now),
        registered_before=figures.registered_between(now - 2 * week, now - week),
        money_in=figures.money_between(month, now, mode=mode),
        money_back=figures.money_between(month, now, "refund", mode=mode),
        claimed=credit_figures.credits_claimed(now - timedelta(days=30), now),
        seats=figures.seats_ahead(now),
        months=_by_month(figures.confirmed_at_since(_months_before(month, 11)), month),
        attention=_attention(now),
        ahead=ahead,
        brought=figures.money_by_seminar([seminar.id for seminar in ahead], mode=mode),
        specialties=credit_figures.credits_by_specialty(now - timedelta(days=365)),
        feed=_feed(),
    )


def _months_before(month: datetime, number: int) -> datetime:
    years, index = divmod(month.month - 1 - number, 12)
    return month.replace(year=month.year + years, month=index + 1)


def _by_month(moments: list[datetime], last: datetime) -> list[tuple[datetime, int]]:
    """Twelve months, each with how many of the moments fell into it."""
    counted = Counter(f"{moment.astimezone(ZoneInfo(OFFICE)):%Y-%m}" for moment in moments)
    months = [_months_before(last, number) for number in range(11, -1, -1)]
    return [(month, counted[f"{month:%Y-%m}"]) for month in months]


def _attention(now: datetime) -> list[tuple[int, str, str]]:
    """What may wait for those who look after it: how many, of what, and where they are listed."""
    waiting = []
    if current_user.may("payments"):
        where = url_for("registration_admin.payments", status="review")
        waiting.append((in_review(), "Payments in review", where))
    if current_user.may("letters"):
        waiting.append((letters_where(DEAD_LETTER), "Letters given up", url_for(".letters", state=DEAD_LETTER)))
        late = letters_where(WAITING, now - timedelta(minutes=15))
        waiting.append((late, "Letters waiting for over 15 minutes", url_for(".letters", state=WAITING)))
    if current_user.may("claims"):
        unclaimed = credit_figures.claims_waiting(now, window=settings.provider().claim_window)
        waiting.append((unclaimed, "People who attended and have not claimed", url_for("credits_admin.claims")))
    if current_user.may("seminars"):
        drafts = desk.counts(now=now)["drafts"]
        waiting.append((drafts, "Drafts to finish", url_for("catalog_admin.seminars", view="drafts")))
    return waiting


def _feed(most: int = 8, looked_at: int = 100) -> list[tuple[datetime, str, str, str, int]]:
    """What happened last, from the audit log: when, who, did what, to what, how many times over."""
    newest = list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(looked_at)))
    newest.sort(key=lambda entry: entry.at, reverse=True)
    people = _named(Account, [entry.actor for entry in newest], lambda row: row.professional_name or row.email)
    things = _things([entry.subject for entry in newest])
    last: dict[tuple[str, str, str], tuple[datetime, int]] = {}
    for entry in newest:
        who = people.get(entry.actor, "The system")
        what = "" if entry.subject == entry.actor else things.get(entry.subject, "")
        line = who, DONE.get(entry.action, entry.action), what
        at, times = last.get(line, (entry.at, 0))
        last[line] = at, times + 1
    return [(at, *line, times) for line, (at, times) in list(last.items())[:most]]


def _things(subjects: list[str]) -> dict[str, str]:
    """What the records of the audit log are about, in words."""
    return (
        _named(Seminar, subjects, lambda row: row.title)
        | _named(Registration, subjects, lambda row: row.seminar.title)
        | _named(Payment, subjects, lambda row: row.registration.seminar.title)
        | _named(Claim, subjects, lambda row: row.registration.seminar.title)
        | _named(Account, subjects, lambda row: row.professional_name or row.email)
        | _named(Letter, subjects, lambda row: row.subject)
        | _named(Setting, subjects, lambda row: row.key.replace("_", " "))
    )


def _named(model: Any, names: list[str], name_of: Callable[[Any], str]) -> dict[str, str]:
    """The names of records, by what the audit log calls them."""
    kind = f"{model.__tablename__}:"
    ids = {int(name.removeprefix(kind)) for name in names if name.startswith(kind)}
    return {f"{kind}{row.id}": name_of(row) for row in db.session.scalars(select(model).where(model.id.in_(ids)))}


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


@bp.route("/health/live")
@public
def live() -> Any:
    """Say that the process answers."""
    return {"status": "ok"}


@bp.route("/health/ready")
@public
def ready() -> Any:
    """Say whether the database answers too; no more than that, to anybody."""
    try:
        jobs.is_ready()
    except SQLAlchemyError:
        current_app.logger.exception("the database does not answer")
        db.session.rollback()
        return {"status": "unavailable"}, 503
    return {"status": "ok"}
