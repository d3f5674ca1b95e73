"""An empty house on a temporary database, for benchmarks."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from flask import Flask

from cme import create_app
from cme.cli import alembic_config
from cme.database import db
from cme.gateways import Gateways, real_clock
from cme.gateways.mailer import Outbox
from cme.gateways.press import Press
from config import Testing


@contextmanager
def open_house() -> Iterator[Flask]:
    """Make an application nobody else uses."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        command.upgrade(alembic_config(url), "head")
        press = Press()
        app = create_app(Testing(database_url=url), Gateways(None, Outbox(), press, real_clock))
        yield app
        press.close()
        with app.app_context():
            db.engine.dispose()
