"""More than a thousand attempts to pay while web, worker and sandbox are killed at random and webhooks go astray.

At the end one sweep, and then: every promise kept, our ledger Stripe's own books to the cent, every payment settled,
and everybody who was told "You are registered" is.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from sqlalchemy import func, select

from bench.site import BOOKS, KEY, Site, database, open_site
from bench.visitor import NoAnswer, Visitor, admit
from bench.world import ENGINES
from cme import audit, gateways, jobs
from cme.database import db
from cme.registration import checkout, invariants
from cme.registration.models import CONFIRMED, PAID, PAYABLE, Payment, Refund, Registration
from tests import factories
from tests.registration.books import differences

PEOPLE, SPEED, AT_ONCE = 1060, 10.0, 12
PAUSE = (1.0, 4.0)  # seconds from a house that stands to the next kill
WAYS = ("pay",) * 16 + ("debit", "decline", "leave", "give up")
ASTRAY = ("dropped", "repeated", "delayed", "reordered")
TOLD = "You are registered"
SAMPLE = random.Random(4)


@dataclass
class Storm:
    """What was done to the site, and what it came to."""

    people: int = 0
    payments: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    astray: Counter[str] = field(default_factory=Counter)
    confirmed: int = 0
    refunded: int = 0
    in_review: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def row(self) -> str:
        """The figures, for a table."""
        kills = [self.kills[name] for name in ("web", "web worker", "worker", "sandbox")]
        astray = [self.astray[kind] for kind in ASTRAY]
        ends = [self.confirmed, self.refunded, self.in_review, len(self.wrong)]
        return " | ".join(map(str, [self.people, self.payments, *kills, *astray, *ends, f"{self.seconds:.0f}"]))


@dataclass
class Person:
    """Somebody who wants a seat and does not give up because a page fails."""

    visitor: Visitor
    page: str
    way: str
    returns: bool  # comes back from Stripe, or closes the browser there
    ref: str = ""
    was_told: bool = False

    def go(self, stop: threading.Event) -> None:
        """Try until it is done, as people do: from the start, with a pause."""
        while not stop.is_set():
            try:
                if self._try():
                    return
            except (NoAnswer, LookupError, Interrupted):
                stop.wait(0.2 + random.random())

    def _try(self) -> bool:
        here = self.visitor.get(self.page)
        _good(here.status)
        if "/registrations/" not in here.url:
            done = self.visitor.press(here, "Continue", terms="y")
            _good(done.status)
            here = self.visitor.get(done.location)
            _good(here.status)
        self.ref = here.url.split("/registrations/")[1].split("/")[0].split("?")[0]
        if TOLD in here.html:
            self.was_told = True
            return True
        if self.way == "give up":
            left = self.visitor.get(f"{here.url.split('?')[0]}/cancel")
            _good(left.status)
            _good(self.visitor.press(left, "Give up the seat").status)
            return True
        return self._pay(here)

    def _pay(self, here: Any) -> bool:
        if "payment is on its way" in here.html:
            return True
        button = next((each for each in ("with Stripe", "Continue to payment", "Try again") if each in here.html), "")
        gone = self.visitor.press(here, button)
        _good(gone.status)
        if "/pay/" not in gone.location:
            raise Interrupted
        if self.way == "leave":
            return True
        for act in {"pay": ["pay"], "debit": ["pay_later"], "decline": ["decline", "pay"]}[self.way]:
            paid = self.visitor.send("POST", gone.location, {"act": act})
            if paid.status not in {303, 409}:
                raise Interrupted
        if not self.returns or "/thanks" not in paid.location:
            return True
        back = self.visitor.get(paid.location)
        self.was_told = TOLD in back.html
        return back.status == 200


class Interrupted(Exception):
    """The page came, but not the one that was hoped for."""


def _good(status: int) -> None:
    if status >= 400:
        raise Interrupted


def storm(url: str = "", *, people: int = PEOPLE, pause: tuple[float, float] = PAUSE) -> Storm:
    """Let everybody pay in the middle of it, and see what is left when it is over."""
    found, began = Storm(people=people), time.perf_counter()
    with open_site(url, speed=SPEED) as site:
        app = site.app
        with app.app_context():
            slugs = [factories.seminar(now=gateways.clock(), capacity=people).slug for _ in range(4)]
        base = f"http://127.0.0.1:{site.port}/seminars"
        crowd = [
            Person(visitor, f"{base}/{slugs[n % 4]}/register", WAYS[n % len(WAYS)], n % 5 != 0)
            for n, visitor in enumerate(admit(app, people))
        ]
        for person in crowd:
            person.visitor.patience = 30
        site.start("sandbox", "web", "worker")
        _through(site, crowd, found, pause)
        _end(site, app, crowd, found)
    found.seconds = time.perf_counter() - began
    return found


def _through(site: Site, crowd: list[Person], found: Storm, pause: tuple[float, float]) -> None:
    stop = threading.Event()
    killer = threading.Thread(target=_kill, args=(site, found, stop, pause))
    mischief = threading.Thread(target=_misdeliver, args=(site, stop))
    killer.start()
    mischief.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(lambda person: person.go(stop), crowd):
                pass
    finally:
        stop.set()
        killer.join()
        mischief.join()


def _kill(site: Site, found: Storm, stop: threading.Event, pause: tuple[float, float]) -> None:
    while not stop.wait(SAMPLE.uniform(*pause)):
        name = SAMPLE.choices(("web worker", "worker", "sandbox", "web"), (5, 3, 2, 2))[0]
        if name == "web worker":
            children = site.processes["web"].children()
            if not children:
                continue
            _end_process(SAMPLE.choice(children))
        else:
            site.processes[name].kill()
            site.start(name)
        found.kills[name] += 1
        site.ask("GET", "/health/live")  # a house that never stands up again proves nothing


def _end_process(number: int) -> None:
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return


def _misdeliver(site: Site, stop: threading.Event) -> None:
    """Let about every second webhook go astray, one way or another."""
    while not stop.wait(0.15):
        kind = SAMPLE.choice(ASTRAY)
        _lever(site, "_faults", {"kind": kind, "count": 1, "seconds": SAMPLE.uniform(1, 20)})


def _lever(site: Site, name: str, words: dict[str, Any]) -> bool:
    connection = HTTPConnection("127.0.0.1", site.sandbox_port, timeout=10)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    try:
        connection.request("POST", f"/{name}", json.dumps(words), headers)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(site: Site, app: Any, crowd: list[Person], found: Storm) -> None:
    """Kill what still runs; then the sandbox alone, two hours later, and one sweep."""
    for name in ("web", "worker", "sandbox"):
        site.processes[name].kill()
    site.start("sandbox")
    with sqlite3.connect(site.folder / BOOKS) as books:
        found.astray.update(
            dict(books.execute("SELECT fault, count(*) FROM delivery WHERE fault <> '' GROUP BY fault"))
        )
        promised = [
            row[0]
            for row in books.execute(
                "SELECT json_extract(body, '$.id') FROM object WHERE kind = 'checkout.session' AND "
                "json_extract(body, '$.status') = 'complete' AND json_extract(body, '$.payment_status') = 'unpaid'"
            )
        ]
    for number, session in enumerate(promised):
        _lever(site, "_act", {"act": "fail" if number % 4 == 0 else "settle", "id": session})
    site.ahead(timedelta(hours=2).total_seconds())
    with app.app_context():
        for lane in (jobs.LETTERS, jobs.PAPER):
            while jobs.do_jobs("bench", lane):
                pass
        checkout.sweep(payments=gateways.stripe(), now=gateways.clock())
        _count(site, crowd, found)
        db.session.remove()
        db.engine.dispose()


def _count(site: Site, crowd: list[Person], found: Storm) -> None:
    asked = Request(f"http://127.0.0.1:{site.sandbox_port}/_books", headers={"Authorization": f"Bearer {KEY}"})
    with build_opener(ProxyHandler({})).open(asked) as answer:
        books = json.load(answer)
    db.session.rollback()
    now = gateways.clock()

    def number(query: Any) -> int:
        return db.session.scalar(query) or 0

    returned = select(Refund.payment_id).where(Refund.status.in_(("succeeded", "pending")))
    found.payments = number(select(func.count(Payment.id)))
    found.confirmed = number(select(func.count(Registration.id)).where(Registration.status == CONFIRMED))
    found.refunded = number(select(func.count(Payment.id)).where(Payment.status == PAID, Payment.id.in_(returned)))
    found.in_review = number(select(func.count(Payment.id)).where(Payment.review_since.is_not(None)))
    found.wrong = [*invariants.breaches(now=now), *audit.breaches(), *differences(books), *_unsettled(crowd)]


def _unsettled(crowd: list[Person]) -> Iterator[str]:
    for payment in db.session.scalars(select(Payment).where(Payment.status.in_(PAYABLE))):
        yield f"payment {payment.id} is still {payment.status}"
    for refund in db.session.scalars(select(Refund).where(Refund.status == "requested")):
        yield f"refund {refund.id} was never sent"
    for registration in db.session.scalars(select(Registration).where(Registration.status == "held")):
        yield f"registration {registration.id} is still held"
    standing = dict(db.session.execute(select(Registration.ref, Registration.status)).all())
    for person in crowd:
        if person.was_told and standing.get(person.ref) != CONFIRMED:
            yield f"{person.ref} was told to be registered and is {standing.get(person.ref)}"


HEAD = (
    "| kill | people | attempts | web killed | web workers killed | worker killed | sandbox killed "
    "| webhooks lost | told twice | late | out of order | confirmed | refunded | in review | breaches | seconds |"
)


def main() -> None:
    """Storm both databases and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=PEOPLE)
    options.add_argument("--engine", choices=ENGINES, action="append")
    chosen = options.parse_args()
    print(HEAD + "\n|" + " --- |" * (HEAD.count("|") - 1), flush=True)
    for engine in chosen.engine or ENGINES:
        with database(engine) as url:
            found = storm(url, people=chosen.people)
        print(f"| {engine} | {found.row} |", flush=True)
        for wrong in found.wrong:
            print(wrong)


if __name__ == "__main__":
    main()
