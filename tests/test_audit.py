"""The chain holds, and a change to the past shows."""

import json

import pytest
from sqlalchemy import select, text

from cme import audit
from cme.audit import AuditDetail, AuditEntry, AuditHead
from cme.database import db, transaction


@pytest.fixture
def three(app, cast):
    """Three things that happened."""
    with transaction():
        for did in ("greeted", "thanked", "left"):
            audit.record(cast.sam, did, cast.ada, at=cast.ada.created_at, personal={"name": "Ada"}, amount=100)
    return app


def tamper(statement):
    """Change the past behind the triggers' back, as somebody with the database's keys could."""
    with transaction() as session:
        if db.engine.dialect.name == "sqlite":
            triggers = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _ in triggers:
                session.execute(text(f"DROP TRIGGER {name}"))
        else:
            session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement))


def test_an_untouched_chain_holds(three):
    assert list(audit.breaches()) == []
    assert db.session.get(AuditHead, 1).length == 3


def test_no_personal_data_stands_in_the_chain(three):
    for entry in db.session.scalars(select(AuditEntry)):
        assert "Ada" not in entry.payload
        assert json.loads(entry.payload)["amount"] == 100


def test_a_changed_word_shows(three):
    tamper("UPDATE audit_entry SET action = 'paid' WHERE action = 'thanked'")
    assert any("does not follow" in breach for breach in list(audit.breaches()))


def test_a_removed_link_shows(three):
    tamper("DELETE FROM audit_detail WHERE entry_id = (SELECT max(id) FROM audit_entry)")
    tamper("DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)")
    assert "the audit log's head does not match its last entry" in list(audit.breaches())


def test_a_changed_detail_shows(three):
    with transaction() as session:
        detail = session.scalars(select(AuditDetail)).first()
        detail.values = {"name": "Eve"}
    assert any("were changed" in breach for breach in list(audit.breaches()))


def test_purged_details_leave_the_chain_whole(three):
    tamper("DELETE FROM audit_detail")
    assert list(audit.breaches()) == []


def test_what_was_rolled_back_was_never_recorded(app, cast):
    with pytest.raises(ZeroDivisionError), transaction():
        audit.record(cast.sam, "greeted", cast.ada, at=cast.ada.created_at)
        raise ZeroDivisionError
    assert db.session.scalars(select(AuditEntry)).all() == []
    assert list(audit.breaches()) == []
