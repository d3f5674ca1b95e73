"""What the public pages cost beside the least a Flask page costs, in one run, on both databases."""

import argparse
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.floor import floor
from bench.search import searches
from bench.world import ENGINES, NOW, PAST, UPCOMING, open_world
from cme import create_app
from cme.database import db
from cme.gateways import Gateways, real_clock
from cme.gateways.mailer import Outbox
from cme.gateways.press import Press
from config import Testing
from tests import factories
from tests.browser import Browser

ROUNDS, CONNECTIONS, SECONDS, FEW_PAST, SHOWN = 200, 8, 4.0, 100, 25
EMAIL, SECRET = "ada@bench.test", "of the large house, for every process "
STARTED = real_clock()
GZIP = {"Accept-Encoding": "gzip"}


def clock() -> datetime:
    """The time in the large house, going on from the day it stands in."""
    return NOW + (real_clock() - STARTED)


def house(url: str) -> Flask:
    """The application over a large house, for a server's process."""
    return create_app(Testing(database_url=url, secret_key=SECRET), Gateways(None, Outbox(), Press(), clock))


@dataclass
class Kind:
    """One kind of visit: its addresses, what it says of itself, and whether anything is kept for it."""

    name: str
    paths: list[str]
    headers: dict[str, str] = field(default_factory=lambda: dict(GZIP))
    cold: bool = False
    served: bool = True
    holds: bytes = b""


@dataclass
class Cost:
    """What one kind of visit costs: CPU ms in process, statements, and through a server requests and CPU ms."""

    least: float
    median: float
    statements: int
    size: int
    of_each: list[float]  # each address at its best
    a_second: float = 0.0
    at_server: float = 0.0


def kinds(signed_in: str, tags: dict[str, str]) -> Iterator[Kind]:
    """Every kind of visit that is measured."""
    seminars = [f"/seminars/seminar-{number}" for number in range(1, SHOWN + 1)]
    mine = {"Cookie": f"session={signed_in}"}
    yield Kind("catalog, anybody", ["/seminars"])
    yield Kind("catalog, anybody, has it (304)", ["/seminars"], GZIP | {"If-None-Match": tags["/seminars"]})
    yield Kind("catalog, signed in", ["/seminars"], mine, holds=EMAIL.encode())
    yield Kind("catalog, nothing kept", ["/seminars"], cold=True, served=False)
    yield Kind("seminar, anybody", seminars)
    yield Kind("seminar, anybody, has it (304)", seminars[:1], GZIP | {"If-None-Match": tags[seminars[0]]})
    yield Kind("seminar, signed in", seminars, mine, holds=EMAIL.encode())
    yield Kind("seminar, nothing kept", seminars, cold=True, served=False)
    yield Kind("50 searches, nothing kept", [f"/seminars{asked}" for asked in searches()], cold=True, served=False)
    yield Kind("50 searches, the same again", [f"/seminars{asked}" for asked in searches()], served=False)


def in_process(app: Flask, kind: Kind, clean: Callable[[], None] = lambda: None) -> Cost:
    """The CPU of a visit without a server, at least and in the middle, and the most statements one takes."""
    environs = [EnvironBuilder(path, headers=kind.headers).get_environ() for path in kind.paths]
    times, sizes, said = [], [], 0
    best: dict[str, float] = {}
    for number in range(len(environs) + ROUNDS):
        if kind.cold:
            clean()
        said_before, began = statements.said, time.thread_time()
        body, status, _ = run_wsgi_app(app, dict(environs[number % len(environs)]), buffered=True)
        spent = time.thread_time() - began
        path = kind.paths[number % len(environs)]
        if status[:3] not in {"200", "304"} and not (status[:3] == "404" and "page=" in path):  # beyond a small list
            raise RuntimeError(f"{path} answered {status}")
        sizes.append(sum(map(len, body)))
        if number >= len(environs) or kind.cold:
            times.append(spent * 1000)
            best[path] = min(best.get(path, spent * 1000), spent * 1000)
            said = max(said, statements.said - said_before)
    return Cost(min(times), statistics.median(times), said, max(sizes), list(best.values()))


class Statements:
    """Counts what is asked of the database, but not where a transaction begins."""

    said = 0

    def count(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        """One more, unless it only begins."""
        self.said += not statement.startswith("BEGIN")


statements = Statements()


@contextmanager
def served(factory: str, url: str) -> Iterator[tuple[int, list[int]]]:
    """A gunicorn with two workers on a port of its own; gives the port and the processes."""
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", f"{factory}({url!r})"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    told = process.stderr or iter(())
    port, workers = 0, []
    for line in told:
        if "Listening at" in line:
            port = int(line.split("127.0.0.1:")[1].split()[0])
        if "Booting worker" in line:
            workers.append(int(line.rpartition(":")[2]))
        if len(workers) == 2:
            break
    else:
        raise RuntimeError("The server did not start.")
    threading.Thread(target=lambda: list(told), daemon=True).start()
    try:
        yield port, workers
    finally:
        process.terminate()
        process.wait()


class Caller:
    """One connection to the server, kept open, that spends as little as it can beside it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_error: object) -> None:
        self.socket.close()

    def get(self, asked: bytes, holds: bytes = b"") -> None:
        """Ask, and read the whole answer; what it must hold tells that it is the right one."""
        self.socket.sendall(asked)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(65536) or self.gone(asked)
        head, _, body = answer.partition(b"\r\n\r\n")
        if head[9:12] == b"304":
            return
        if head[9:12] != b"200":
            self.gone(asked)
        found = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        size = int(found[1] if found else self.gone(asked))
        left = size - len(body)
        while left > 0:
            body += self.socket.recv(min(left, 65536)) or self.gone(asked)
            left = size - len(body)
        if holds not in body:
            self.gone(asked)

    def gone(self, asked: bytes) -> bytes:
        """Stop: figures of errors are no figures."""
        raise RuntimeError(f"No good answer to {asked[:60]!r}")


def cpu_of(processes: list[int]) -> float:
    """The CPU seconds some processes have used."""
    spent = 0
    for number in processes:
        with open(f"/proc/{number}/stat") as file:
            spent += sum(map(int, file.read().rpartition(")")[2].split()[11:13]))
    return spent / 100


def through_server(port: int, workers: list[int], kind: Kind, seconds: float) -> tuple[float, float]:
    """Requests a second over several connections at once, and the CPU ms each takes at the server."""
    stop = threading.Event()
    said = "".join(f"{name}: {value}\r\n" for name, value in kind.headers.items())
    asked = [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{said}\r\n".encode() for path in kind.paths]

    def visit(number: int) -> int:
        with Caller(port) as caller:
            done = number
            while not stop.is_set():
                caller.get(asked[done % len(asked)])
                done += 1
        return done - number

    def round_(span: float) -> tuple[float, float]:
        stop.clear()
        before, began = cpu_of(workers), time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            visits = [pool.submit(visit, number) for number in range(CONNECTIONS)]
            time.sleep(span)
            stop.set()
        done = sum(each.result() for each in visits)
        return done / (time.perf_counter() - began), (cpu_of(workers) - before) * 1000 / max(done, 1)

    for _ in range(CONNECTIONS):
        with Caller(port) as caller:
            for each in asked:  # each worker keeps its own
                caller.get(each, kind.holds)
    return round_(seconds)


def cookie_of(app: Flask) -> str:
    """The session of a physician who is signed in."""
    with app.app_context():
        person = factories.account(EMAIL, "Ada Quill, MD", "md", now=clock())
        browser = Browser(app).sign_in(person)
        cookie = browser.client.get_cookie("session")
        return cookie.value if cookie else ""


def tags_of(app: Flask, *paths: str) -> dict[str, str]:
    """What the pages are told apart by."""
    return {path: app.test_client().get(path, headers=GZIP).headers["ETag"] for path in paths}


def clean_in(app: Flask) -> Callable[[], None]:
    """How everything this process keeps is forgotten."""

    def clean() -> None:
        with app.app_context():
            app.extensions["page_cache"].clear()

    return clean


def slowest(app: Flask) -> float:
    """The time within which 95 of 100 pages are made, nothing kept: searches and seminars, each at its best of five."""
    paths = [f"/seminars{asked}" for asked in ["", *searches()]]
    paths += [f"/seminars/seminar-{number}" for number in range(1, 50)]
    clean, best = clean_in(app), []
    for path in paths:
        environ, times = EnvironBuilder(path, headers=GZIP).get_environ(), []
        for _ in range(5):
            clean()
            began = time.perf_counter()
            run_wsgi_app(app, dict(environ), buffered=True)
            times.append(time.perf_counter() - began)
        best.append(min(times) * 1000)
    return sorted(best)[int(len(best) * 0.95)]


def alone(work: Callable[[], Any]) -> Any:
    """Run something in a thread of its own, where no context of an application is open, as under a server."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def costs_on(engine: str, seconds: float, upcoming: int, past: int) -> tuple[dict[str, Cost], float]:
    """Every figure of one database, the floor's first; and how slow the slowest pages are."""
    found: dict[str, Cost] = {}
    with open_world(engine, upcoming=upcoming, past=past) as app:
        url = db.engine.url.render_as_string(hide_password=False)
        event.listen(db.engine, "before_cursor_execute", statements.count)
        app.extensions["gateways"] = Gateways(None, Outbox(), None, clock)
        app.config["SECRET_KEY"] = SECRET
        signed_in = alone(lambda: cookie_of(app))
        tags = alone(lambda: tags_of(app, "/seminars", "/seminars/seminar-1"))
        base = Kind("floor: Flask, Jinja, one query", ["/"])
        least = floor(url)
        found[base.name] = alone(lambda: in_process(least, base))
        for kind in kinds(signed_in, tags):
            found[kind.name] = alone(lambda kind=kind: in_process(app, kind, clean_in(app)))
        p95 = alone(lambda: slowest(app))
        if seconds:
            with served("bench.floor:floor", url) as (port, workers):
                cost = found[base.name]
                cost.a_second, cost.at_server = through_server(port, workers, base, seconds)
            with served("bench.pages:house", url) as (port, workers):
                for kind in kinds(signed_in, tags):
                    if kind.served:
                        cost = found[kind.name]
                        cost.a_second, cost.at_server = through_server(port, workers, kind, seconds)
    return found, p95


def table(engine: str, costs: dict[str, Cost]) -> str:
    """The figures as a table for the README; the floor's share in brackets."""
    lines = [
        f"| {engine} | CPU ms, least / median | statements | requests a second | of the floor | CPU ms at the server |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    base = next(iter(costs.values()))
    for name, cost in costs.items():
        took = f"{cost.least:.2f} / {cost.median:.2f}"
        through = [f"{cost.a_second:,.0f}", f"{cost.a_second / base.a_second:.0%}", f"{cost.at_server:.2f}"]
        cells = [name, took, str(cost.statements), *(through if cost.a_second else ["", "", ""])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure both databases and print a table for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--upcoming", type=int, default=UPCOMING)
    options.add_argument("--past", type=int, default=PAST)
    options.add_argument("--engine", choices=ENGINES, action="append")
    options.add_argument("--seconds", type=float, default=SECONDS, help="for each kind of visit; 0 starts no server")
    chosen = options.parse_args()
    for engine in chosen.engine or ENGINES:
        costs, p95 = costs_on(engine, chosen.seconds, chosen.upcoming, chosen.past)
        with open_world(engine, upcoming=chosen.upcoming, past=FEW_PAST) as app:
            app.extensions["gateways"] = Gateways(None, Outbox(), None, clock)
            few = alone(lambda app=app: slowest(app))
        print(table(engine, costs))
        each = costs["50 searches, nothing kept"].of_each
        print(
            f"\n50 searches, each at its best: median {statistics.median(each):.1f} ms, worst {max(each):.1f} ms of CPU"
        )
        print(
            f"\np95 with nothing kept: {p95:.1f} ms beside {chosen.past:,} past seminars, {few:.1f} ms beside", end=" "
        )
        print(f"{FEW_PAST:,}: {p95 / few:.2f} times\n")


if __name__ == "__main__":
    main()
