"""A whole house on a real port, with the Stripe sandbox and a worker, for a real browser to visit."""

import logging
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import make_server

from cme import create_app, jobs
from cme.cli import alembic_config
from cme.database import db
from cme.gateways import Gateways
from cme.gateways.payments import new_client
from cme.sandbox import Sandbox
from config import Testing
from tests.conftest import SANDBOX_KEY, WEBHOOK_SECRET, Clock, Outbox

logging.getLogger("werkzeug").setLevel(logging.ERROR)
CHROMIUM = ("chromium-headless-shell", "chromium", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
)


class Site:
    """The running house: where it is, what time it is there, and its worker's arms."""

    def __init__(self, app: Flask, url: str, clock: Clock, outbox: Outbox, sandbox: Any) -> None:
        self.app, self.url, self.clock, self.outbox, self.sandbox = app, url, clock, outbox, sandbox

    def work(self) -> None:
        """Let the worker do all that is due, in a thread of its own: the browser's loop runs in this one."""
        with ThreadPoolExecutor(1) as worker:
            worker.submit(self._sweep).result()
        db.session.remove()

    def _sweep(self) -> None:
        with self.app.app_context():
            jobs.sweep("e2e")
            db.session.remove()

    def deliver(self) -> list[tuple[str, int]]:
        """Let the sandbox tell the webhook what happened."""
        told: list[tuple[str, int]] = self.sandbox.deliver()
        return told


@pytest.fixture
def site(tmp_path: Path, clock: Clock, outbox: Outbox, real_press: Any) -> Iterator[Site]:
    """A house of its own for one journey."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    url = f"sqlite:///{tmp_path / 'e2e.db'}"
    command.upgrade(alembic_config(url), "head")
    hook = f"{address}/webhooks/stripe"
    with Sandbox(
        key=SANDBOX_KEY, webhook_secret=WEBHOOK_SECRET, webhook_url=hook, clock=lambda: clock.now.timestamp()
    ) as sandbox:
        client = new_client(SANDBOX_KEY, sandbox.base)
        config = Testing(
            database_url=url,
            public_url=address,
            payments_mode="sandbox",
            stripe_secret_key=SANDBOX_KEY,
            stripe_webhook_secrets=(WEBHOOK_SECRET,),
            stripe_api_base=sandbox.base,
        )
        app = create_app(config, Gateways(payments=lambda: client, mailer=outbox, press=real_press, clock=clock))
        server = make_server("127.0.0.1", port, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with app.app_context():
            jobs.seed(now=clock.now)
            yield Site(app, address, clock, outbox, sandbox)
            db.session.remove()
            db.engine.dispose()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser, without a window."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        raise RuntimeError("No Chromium here: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Callable[..., Any]]:
    """Open the browser as somebody new; `visit(scripts=False)` switches JavaScript off."""
    contexts: list[BrowserContext] = []

    def open_(*, scripts: bool = True, width: int = 1280) -> Any:
        context = chromium.new_context(
            base_url=site.url, java_script_enabled=scripts, viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_
    for context in contexts:
        context.close()
