"""Three hundred people press "Continue" for the last five seats at the same moment, at a real server."""

import argparse
import statistics
import threading
import time
from dataclasses import dataclass

from bench.site import Site, database, open_site
from bench.visitor import NoAnswer, Visitor, admit
from bench.world import ENGINES
from cme import gateways
from cme.database import db
from cme.registration import invariants
from cme.registration.models import HELD, Registration
from tests import factories
from tests.browser import parse

PEOPLE, SEATS = 300, 5


@dataclass
class Rush:
    """What became of everybody."""

    held: int
    full: int  # told clearly that no seat is left
    broken: int  # answered by an error of ours
    unanswered: int
    other: list[str]  # whatever else somebody was told
    seconds: list[float]  # of each, from pressing to the answer
    breaches: list[str]

    @property
    def row(self) -> str:
        """The figures, for a table."""
        slowest = sorted(self.seconds)
        p95 = slowest[max(0, round(len(slowest) * 0.95) - 1)]
        median = statistics.median(slowest)
        cells = [len(slowest), self.held, self.full, self.broken, self.unanswered, len(self.breaches)]
        return " | ".join([*map(str, cells), f"{median:.1f}", f"{p95:.1f}", f"{slowest[-1]:.1f}"])


def rush(url: str = "", *, people: int = PEOPLE, seats: int = SEATS) -> Rush:
    """Let everybody come at once."""
    with open_site(url) as site:
        app = site.app
        with app.app_context():
            slug = factories.seminar(now=gateways.clock(), capacity=seats).slug
        crowd = admit(app, people)
        site.start("sandbox", "web")
        answers, seconds = _all_at_once(site, slug, crowd)
        with app.app_context():
            db.session.rollback()
            held = db.session.query(Registration.id).filter_by(status=HELD).count()
            breaches = list(invariants.breaches(now=gateways.clock()))
            db.session.remove()
            db.engine.dispose()
    full = [status == 409 and "is full" in html for status, html in answers]
    rest = [each for each, is_full in zip(answers, full, strict=True) if not is_full and each[0] != 303]
    return Rush(
        held=held,
        full=sum(full),
        broken=sum(status >= 500 for status, _ in answers),
        unanswered=sum(status == 0 for status, _ in answers),
        other=[f"{status}: {_said(html)}" for status, html in rest],
        seconds=seconds,
        breaches=breaches,
    )


def _said(html: str) -> str:
    found = [*parse(html).find("main"), parse(html)]
    return found[0].text[:300]


def _all_at_once(site: Site, slug: str, crowd: list[Visitor]) -> tuple[list[tuple[int, str]], list[float]]:
    page = f"http://127.0.0.1:{site.port}/seminars/{slug}/register"
    shown = [visitor.get(page) for visitor in crowd]
    ready = threading.Barrier(len(crowd))
    answers: list[tuple[int, str]] = [(0, "")] * len(crowd)
    seconds = [0.0] * len(crowd)

    def press(number: int) -> None:
        visitor = crowd[number]
        target, values = shown[number].form("Continue")
        ready.wait()
        began = time.perf_counter()
        try:
            answer = visitor.send("POST", target, values | {"terms": "y"})
            answers[number] = answer.status, answer.html
        except NoAnswer:
            answers[number] = 0, ""
        seconds[number] = time.perf_counter() - began

    threads = [threading.Thread(target=press, args=(number,)) for number in range(len(crowd))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, seconds


def main() -> None:
    """Rush at both databases and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=PEOPLE)
    options.add_argument("--seats", type=int, default=SEATS)
    options.add_argument("--engine", choices=ENGINES, action="append")
    chosen = options.parse_args()
    print(
        "| rush | people | seats held | told it is full | errors | no answer | promises broken | median s | p95 s",
        end="",
    )
    print(" | longest s |\n|" + " --- |" * 10)
    for engine in chosen.engine or ENGINES:
        with database(engine) as url:
            found = rush(url, people=chosen.people, seats=chosen.seats)
        print(f"| {engine} | {found.row} |", flush=True)
        for line in (*found.other, *found.breaches):
            print(line)


if __name__ == "__main__":
    main()
