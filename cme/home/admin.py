"""The administration's first page: what came in, what waits, what is next."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, url_for
from flask_login import current_user
from sqlalchemy import select

from cme import gateways, settings
from cme.access import staff_only
from cme.accounts.models import Account
from cme.audit import AuditEntry
from cme.catalog import desk
from cme.catalog.models import Seminar
from cme.credits import figures as credit_figures
from cme.credits.models import Claim
from cme.credits.queries.desk import extensions_waiting
from cme.database import db
from cme.home.blueprint import bp
from cme.home.letters import DEAD_LETTER, WAITING, letters_where
from cme.mail import Letter
from cme.pages import page
from cme.registration import figures, stuck
from cme.registration.desk import in_review
from cme.registration.models import Payment, Registration
from cme.settings import Setting

OFFICE = "America/New_York"  # the zone in which staff count days and months
DONE = {  # what the audit log calls a deed, and what people call it
    "claimed": "claimed credit",
    "issued": "was issued a certificate",
    "confirmed": "confirmed a seat",
    "evaluated": "sent an evaluation",
    "expired": "released a seat",
    "held": "took a seat",
    "cancelled": "gave up a seat",
}


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
        mode = current_app.config["PAYMENTS_MODE"]
        late = stuck.late(now=now, mode=mode)
        waiting.append((late, "Payments and letters not settled", url_for("registration_admin.stuck")))
    if current_user.may("letters"):
        waiting.append((letters_where(DEAD_LETTER), "Letters given up", url_for(".letters", state=DEAD_LETTER)))
        late = letters_where(WAITING, now - timedelta(minutes=15))
        waiting.append((late, "Letters waiting for over 15 minutes", url_for(".letters", state=WAITING)))
    if current_user.may("claims"):
        unclaimed = credit_figures.claims_waiting(now, window=settings.provider().claim_window)
        waiting.append((unclaimed, "People who attended and have not claimed", url_for("credits_admin.claims")))
        where = url_for("credits_admin.claims_waiting")
        waiting.append((extensions_waiting(), "Requests for more time to claim", where))
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
