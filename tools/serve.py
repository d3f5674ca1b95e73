"""Run the whole site on this machine: web, worker and Stripe sandbox, until Ctrl-C."""

import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from config import HOME, INSTANCE, Config, read_json

RUNNING = INSTANCE / "running.json"
PORT_FILE = INSTANCE / "sandbox.port"
SANDBOX = INSTANCE / "sandbox.db"
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]

PR_SET_PDEATHSIG = 1
QUICK, TOO_OFTEN = 5.0, 5

WELCOME = """
  The site is running at  {address}

  It is a demo: seminars, people and certificates are invented, and no money moves.
  Letters are not sent; sign in as the administrator and read them at {address}/admin/letters

  Demo sign-ins, all with the password  demo-seminars-2026
    admin@demo.test   administrator
    md@demo.test      physician, account details complete
    np@demo.test      nurse practitioner, account details complete
    new@demo.test     account details still empty

  Ctrl-C stops everything.
"""


@dataclass
class Service:
    """One process of the site, in a group of its own so that it ends with all it started."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0

    def start(self) -> None:
        """Start the process; should we be killed, the system ends it for us."""
        us = os.getpid()

        def end_with_us() -> None:
            if sys.platform == "linux":
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
                if os.getppid() != us:
                    os._exit(1)

        # Loopback calls, to the sandbox and back, must not take the way through a company's proxy.
        environ = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_PROXY": "127.0.0.1,localhost"}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=HOME, env=environ, start_new_session=True, preexec_fn=end_with_us
        )

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self.process is None or self.process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Tell the process, and all it started, to end."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def revive(self) -> None:
        """Start the process again, unless it keeps dying."""
        self.signal(signal.SIGKILL)
        lived = time.monotonic() - self.started
        self.quick_deaths = self.quick_deaths + 1 if lived < QUICK else 0
        if self.quick_deaths >= TOO_OFTEN:
            sys.exit(f"{self.name} keeps stopping; the lines above say why.")
        print(f"{self.name} stopped and is started again.", file=sys.stderr, flush=True)
        self.start()


@dataclass
class Site:
    """All the processes of the site, in the order they start."""

    port: int
    services: list[Service] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the site answers."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, name: str, *command: str) -> Service:
        """Start one more process."""
        service = Service(name, list(command))
        self.services.append(service)
        service.start()
        return service

    def do(self, name: str, *command: str) -> None:
        """Run one command to its end, and go no further when it fails."""
        service = self.add(name, *command)
        if service.process is not None and service.process.wait() != 0:
            sys.exit(f"{name} failed; the lines above say why.")
        self.services.remove(service)

    def open(self) -> None:
        """Start everything in the order in which one needs the other."""
        known = read_json(RUNNING)
        remember(known | {"public_url": self.address})
        config = Config.from_env()
        if config.env != "development":
            sys.exit(f"CME_ENV is {config.env}; make run is for development. docs/deploy.md says how to run it there.")
        if config.payments_mode == "sandbox" and not os.environ.get("STRIPE_API_BASE"):
            sandbox = self.open_sandbox(config, known.get("stripe_api_base", ""))
            remember(read_json(RUNNING) | {"stripe_api_base": sandbox})
        self.do("Bringing the database up to date", *FLASK, "db-upgrade")
        self.do("Writing the demo data", *FLASK, "demo")
        self.add("The worker", *FLASK, "work")
        web = ["--bind", f"127.0.0.1:{self.port}", "--log-level", "warning"]
        self.wait_for(self.add("The web server", sys.executable, "-m", "gunicorn", *web))

    def open_sandbox(self, config: Config, last: str) -> str:
        """Start the sandbox, where it was last time if that is free, since open pay pages point there."""
        port = urlsplit(last).port or 0
        PORT_FILE.unlink(missing_ok=True)
        if config.sqlite_file and not config.sqlite_file.exists():
            # A database that begins anew counts its payments from one, and must not meet those of the old one.
            SANDBOX.unlink(missing_ok=True)
        command = [
            *(sys.executable, "-m", "cme.sandbox"),
            *("--port", str(port if is_free(port) else 0)),
            *("--port-file", str(PORT_FILE)),
            *("--database", str(SANDBOX)),
            *("--key", config.stripe_secret_key),
            *("--webhook-url", f"{self.address}/webhooks/stripe"),
            *("--webhook-secret", config.stripe_webhook_secrets[0]),
        ]
        sandbox = self.add("The Stripe sandbox", *command)
        while not (PORT_FILE.exists() and PORT_FILE.read_text().strip()):
            if sandbox.is_over:
                sys.exit("The Stripe sandbox did not start; the lines above say why.")
            time.sleep(0.05)
        found = PORT_FILE.read_text().strip()
        sandbox.command[sandbox.command.index("--port") + 1] = found
        return f"http://127.0.0.1:{found}"

    def wait_for(self, web: Service) -> None:
        """Wait until the site answers."""
        direct = build_opener(ProxyHandler({}))
        while True:
            try:
                with direct.open(f"{self.address}/health/live", timeout=10):
                    return
            except (URLError, OSError):
                if web.is_over:
                    sys.exit("The web server did not start; the lines above say why.")
                time.sleep(0.1)

    def watch(self) -> NoReturn:
        """Start again whatever stops, until somebody stops us."""
        while True:
            time.sleep(0.5)
            for service in self.services:
                if service.is_over:
                    service.revive()

    def close(self) -> None:
        """Stop everything we started: asked kindly first, the last started first."""
        for service in reversed(self.services):
            service.signal(signal.SIGTERM)
        patience = time.monotonic() + 8
        while time.monotonic() < patience and not all(service.is_over for service in self.services):
            time.sleep(0.05)
        for service in self.services:
            service.signal(signal.SIGKILL)


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def chosen_port() -> int:
    """The port asked for, if it is one and nobody has it."""
    text = os.environ.get("PORT", "5000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        sys.exit(f"PORT: write a number between 1 and 65535, not {text!r}.")
    if not is_free(int(text)):
        sys.exit(f"Port {text} is taken. Stop what uses it, or choose another: make run PORT={int(text) + 1}")
    return int(text)


@contextmanager
def only_us() -> Iterator[None]:
    """Hold the instance meanwhile: two sites would quarrel over one database."""
    INSTANCE.mkdir(exist_ok=True)
    with (INSTANCE / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"It is running already, at {read_json(RUNNING).get('public_url', 'another port')}")
        yield


def remember(settings: dict[str, str]) -> None:
    """Leave word in `instance/` where this site is, for every `flask` command."""
    draft = RUNNING.with_suffix(".new")
    draft.write_text(json.dumps(settings, indent=2))
    draft.replace(RUNNING)


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """Answer Ctrl-C and every other polite end."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    print("\nStopping.", file=sys.stderr, flush=True)
    sys.exit(0)


def main() -> None:
    """Start everything, say where it is, and keep it running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    with only_us():
        site = Site(chosen_port())
        try:
            site.open()
            print(WELCOME.format(address=site.address), flush=True)
            site.watch()
        finally:
            site.close()


if __name__ == "__main__":
    main()
