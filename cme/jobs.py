"""What the clock and the queue ask for: letters, certificates on paper, holds that ran out, money to look after."""

import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from cme import audit, gateways, limits, mail, queue, settings
from cme.accounts import services as accounts
from cme.catalog import services as catalog
from cme.catalog.services import reminders
from cme.credits import services as credits
from cme.credits.services import bulk, following_up
from cme.database import db, lock, transaction
from cme.queue import Job, Schedule
from cme.registration import checkout
from cme.registration.services import attendance, enclosing, papers, substitution, telling

PAUSE = 1.0  # seconds between two looks at the queue
# A round about money asks for its turn again as it goes on, so that nobody waits long for one that was killed; longer
# than one question to Stripe takes with all its tries.
TURN = timedelta(minutes=2)
LETTERS, PAPER = mail.LANE, "paper"


def send_letter(payload: dict[str, Any], finish: Callable[[], bool], now: datetime) -> None:
    """Carry one letter; its Message-ID comes from its row, so that a second carrying can be recognised."""
    letter = db.session.get_one(mail.Letter, payload["letter_id"])
    provider = settings.provider()
    message = EmailMessage()
    message["From"] = Address(provider.name, addr_spec=provider.email)
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Message-ID"] = letter.message_id
    message["Date"] = format_datetime(letter.created_at)
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    number, sent = letter.id, letter.sent_at is not None
    if not sent:
        _enclose(message, letter)
        db.session.rollback()
        gateways.post().send(message)
    with transaction():
        if finish():
            lock(mail.Letter, number).sent_at = now


def _enclose(message: EmailMessage, letter: mail.Letter) -> None:
    """Put into the envelope what the letter promises; what cannot be made now holds the letter back."""
    for each in enclosing.enclose(letter.attachments, press=gateways.printer()):
        kind, _, form = each.media_type.partition("/")
        parameters = {"method": "PUBLISH", "charset": "utf-8"} if form == "calendar" else None
        message.add_attachment(each.content, kind, form, filename=each.name, params=parameters)


def retry_letter(letter_id: int, *, by: Any, now: datetime) -> bool:
    """Give a letter that was given up another five tries; False when nobody gave it up."""
    with transaction():
        job = db.session.scalar(select(Job).where(Job.dedupe_key == f"letter:{letter_id}").with_for_update())
        if job is None or job.state != queue.DEAD:
            return False
        queue.retry(job, now=now)
        audit.record(by, "sent again", db.session.get_one(mail.Letter, letter_id), at=now)
    return True


def print_certificate(payload: dict[str, Any], finish: Callable[[], bool], now: datetime) -> None:
    """Print a certificate from its snapshot and keep the bytes."""
    credits.print_certificate(payload["certificate_id"], press=gateways.printer(), issuer=gateways.issuer(), now=now)
    with transaction():
        finish()


def print_run(payload: dict[str, Any], finish: Callable[[], bool], now: datetime) -> None:
    """Print the next certificates of a seminar."""
    press, issuer = gateways.printer(), gateways.issuer()
    bulk.go_on_printing(payload, press=press, issuer=issuer, finish=finish, now=now)


HANDLERS: dict[str, Callable[[dict[str, Any], Callable[[], bool], datetime], None]] = {
    "send_letter": send_letter,
    "print_certificate": print_certificate,
    bulk.KIND: print_run,
}


def do_jobs(worker: str, lane: str, *, most: int = 10) -> int:
    """Do what is due in one lane and say how much that was; a job that fails comes back later."""
    now = gateways.clock()
    with transaction():
        taken = [(job.id, job.kind, dict(job.payload)) for job in queue.lease(worker, lane=lane, now=now, most=most)]
    for job_id, kind, payload in taken:
        _do(worker, job_id, kind, payload)
    return len(taken)


def _do(worker: str, job_id: int, kind: str, payload: dict[str, Any]) -> None:
    now = gateways.clock()
    try:
        HANDLERS[kind](payload, lambda: queue.finish(job_id, worker, now=now), now)
    except Exception as error:
        db.session.rollback()
        current_app.logger.exception("job %s %s failed", job_id, kind)
        with transaction():
            queue.fail(job_id, worker, f"{type(error).__name__}: {error}", now=now)


def look_after_money(now: datetime) -> dict[str, int]:
    """Repeat what was cut off, look at what is open, give back what ran out."""
    client = gateways.stripe() if current_app.config["PAYMENTS_MODE"] != "off" else None
    counts = checkout.sweep(payments=client, now=now, go_on=keep_turn("money", now))
    lapsed, issued = substitution.lapse_offers(now=now), papers.issue_missing(now=now)
    return counts | {"offers to colleagues lapsed": lapsed, "papers issued": issued}


def keep_turn(name: str, since: datetime) -> Callable[[], None]:
    """What a long job calls as it goes on: it asks for its turn again when a quarter of it has passed."""
    asked = since

    def go_on() -> None:
        nonlocal asked
        now = gateways.clock()
        if now - asked >= TURN / 4:
            asked = now
            with transaction():
                lock(Schedule, name).lease_until = now + TURN

    return go_on


def keep_catalog(now: datetime) -> dict[str, int]:
    """Take out of the catalog what has begun or ended, move prices on, and follow sessions that grew shorter."""
    return catalog.keep_catalog(now=now) | {"attendance cut to shorter sessions": attendance.fit_to_sessions(now=now)}


def tidy(now: datetime) -> dict[str, int]:
    """Throw away what has run out: counted tries, unused links, old sign-ins."""
    return {"tries": limits.tidy(now=now), **accounts.tidy(now=now)}


def remind(now: datetime) -> dict[str, int]:
    """Write to those who have to review what is on demand, to disclose again, or to say what they changed since."""
    return reminders.remind(now=now) | following_up.ask_follow_ups(now=now)


def tell(now: datetime) -> dict[str, int]:
    """Write to those whose hold runs out, whose seminar is near, or for whom something changed."""
    return telling.tell(now=now)


SCHEDULE: dict[str, tuple[timedelta, Callable[[datetime], dict[str, int]]]] = {
    "money": (timedelta(minutes=2), look_after_money),
    "catalog": (timedelta(minutes=5), keep_catalog),
    "tidy": (timedelta(hours=6), tidy),
    "remind": (timedelta(days=1), remind),
    "tell": (timedelta(minutes=5), tell),
}


def run_schedule(name: str, *, force: bool = False) -> dict[str, int] | None:
    """Run one scheduled job if it is due and nobody else runs it."""
    now = gateways.clock()
    every, command = SCHEDULE[name]
    with transaction():
        row = db.session.get(Schedule, name, with_for_update=True, populate_existing=True)
        if row is None:
            row = Schedule(name=name, next_run_at=now)
            db.session.add(row)
        if (row.lease_until and row.lease_until > now) or (row.next_run_at > now and not force):
            return None
        row.lease_until = now + (TURN if name == "money" else queue.LEASE)
    try:
        result = command(now)
    except Exception:
        db.session.rollback()
        with transaction():
            row = lock(Schedule, name)
            row.lease_until, row.next_run_at = None, now + every
        raise
    with transaction():
        row = lock(Schedule, name)
        row.lease_until, row.last_run_at, row.last_result, row.next_run_at = None, now, result, now + every
    return result


def sweep(worker: str) -> dict[str, int]:
    """Do everything that is due, once."""
    counts: dict[str, int] = {}
    for name in SCHEDULE:
        result = run_schedule(name, force=True)
        counts |= {f"{name}: another runner has it, or died a moment ago": 1} if result is None else result
    for lane in (LETTERS, PAPER):
        counts[lane] = 0
        while done := do_jobs(worker, lane):
            counts[lane] += done
    return counts


def work(worker: str) -> None:
    """Look at clock and queue until told to stop; what is cut off is taken up again after its lease."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        busy = 0
        for name in SCHEDULE:
            try:
                run_schedule(name)
            except Exception:
                db.session.rollback()
                current_app.logger.exception("schedule %s failed and will run again later", name)
        for lane in (LETTERS, PAPER):
            try:
                busy += do_jobs(worker, lane, most=5)
            except Exception:
                db.session.rollback()
                current_app.logger.exception("lane %s failed", lane)
        db.session.remove()
        if not busy:
            stop.wait(PAUSE)


def seed(*, now: datetime) -> None:
    """Give a new house what it needs to open: provider, texts, roles."""
    from cme.catalog import texts

    with transaction():
        if settings.current("provider") is None:
            settings.save("provider", settings.Provider().to_json(), by=None, at=now)
        for key, (title, body) in texts.FIRST.items():
            if settings.current(f"text:{key}") is None:
                settings.save(f"text:{key}", {"title": title, "body": body}, by=None, at=now)
        accounts.seed_roles()


def is_ready() -> bool:
    """Whether the database answers and has its tables."""
    db.session.execute(select(Job.id).limit(1))
    return True
