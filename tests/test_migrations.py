"""The migrations lead from nothing to what the models say, and back."""

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from cme import audit
from cme.cli import alembic_config
from cme.database import Base, transaction
from cme.registration.models import LedgerEntry, Payment
from tests import factories
from tests.conftest import ENGINES


@pytest.fixture(params=ENGINES)
def url(request, tmp_path):
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return request.getfixturevalue("postgres")(f"empty_{request.node.nodeid.__hash__() & 0xFFFFFF:x}")


def names_in(url):
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {name for name in inspect(connection).get_table_names() if "_fts" not in name}
    engine.dispose()
    return found


def test_head_is_what_the_models_say(url):
    command.upgrade(alembic_config(url), "head")
    command.check(alembic_config(url))
    assert names_in(url) == {*Base.metadata.tables, "alembic_version"}


def test_every_step_goes_down_again(url):
    config = alembic_config(url)
    command.upgrade(config, "head")
    for _ in ScriptDirectory.from_config(config).walk_revisions():
        command.downgrade(config, "-1")
    assert names_in(url) == {"alembic_version"}
    command.upgrade(config, "head")
    command.check(config)


CHANGES = ("UPDATE {} SET id = id", "DELETE FROM {}")


@pytest.mark.parametrize("change", CHANGES)
def test_the_audit_log_keeps_its_past(app, cast, change):
    """Batch migrations drop triggers without a word, so this holds head to having them."""
    with transaction():
        audit.record(cast.sam, "greeted", cast.ada, at=cast.ada.created_at)
    with pytest.raises(DBAPIError, match="insert-only"), transaction() as session:
        session.execute(text(change.format("audit_entry")))


@pytest.mark.parametrize("change", CHANGES)
def test_the_ledger_keeps_its_past(app, cast, clock, change):
    due = {"amount_due_minor": 100}
    registration = factories.registration(cast.ada, factories.seminar(now=clock.now), now=clock.now, **due)
    money = {"amount_minor": 100, "currency": "USD", "mode": "sandbox"}
    with transaction() as session:
        payment = Payment(registration_id=registration.id, attempt_no=1, status="paid", created_at=clock.now, **money)
        session.add(payment)
        session.flush()
        entry = {"kind": "charge", "stripe_id": "py_1", "at": clock.now, "recorded_at": clock.now, **money}
        session.add(LedgerEntry(payment_id=payment.id, **entry))
    with pytest.raises(DBAPIError, match="insert-only"), transaction() as session:
        session.execute(text(change.format("ledger")))


def test_the_protected_tables_are_the_named_ones():
    assert set(audit.INSERT_ONLY) == {"audit_entry", "ledger"}


def test_every_constraint_has_a_name():
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint}"
