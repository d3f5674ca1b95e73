"""One way to write, one way to lock, on both databases."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from cme.accounts.models import Account
from cme.catalog.models import Offering
from cme.database import constraint_name, db, is_writing, lock, refusing, retried, rows, transaction
from cme.errors import Busy, Refusal
from tests import factories


class Taken(Refusal):
    message = "That address is taken."


def in_threads(app, number, work):
    """Run the same work in several threads that start at once; gives back what each returned or raised."""
    gate, results = threading.Barrier(number), []

    def one(index):
        with app.app_context():
            gate.wait()
            try:
                results.append(work(index))
            except Exception as error:
                results.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_transaction_writes_all_or_nothing(app, cast):
    with pytest.raises(ZeroDivisionError), transaction():
        lock(Account, cast.ada.id).professional_name = "Half Done"
        raise ZeroDivisionError
    assert db.session.get(Account, cast.ada.id, populate_existing=True).professional_name == "Ada Quillfeather, MD"
    assert not is_writing()


def test_transactions_do_not_nest(app):
    with transaction(), pytest.raises(RuntimeError, match="does not nest"), transaction():
        pass


def test_a_lock_needs_a_transaction(app, cast):
    with pytest.raises(RuntimeError, match="needs a transaction"):
        lock(Account, cast.ada.id)


def test_a_lock_reads_the_row_afresh(app, cast):
    """Two add one each: with a stale copy one of them would be lost."""
    offering = factories.seminar(now=cast.ada.created_at, capacity=100).offerings[0].id
    db.session.rollback()

    def add(_):
        db.session.get(Offering, offering)  # a copy that goes stale while waiting
        with transaction():
            lock(Offering, offering).taken += 1

    in_threads(app, 8, retried(add))
    assert db.session.get(Offering, offering, populate_existing=True).taken == 8


def test_without_a_lock_writes_are_lost(app, cast, monkeypatch):
    """The control: the same eight, without the lock, lose some."""
    offering = factories.seminar(now=cast.ada.created_at, capacity=100).offerings[0].id
    db.session.rollback()
    read = threading.Barrier(8)

    def add(_):
        taken = db.session.get(Offering, offering).taken
        db.session.rollback()
        read.wait()
        with transaction() as session:
            session.execute(update(Offering).where(Offering.id == offering).values(taken=taken + 1))

    in_threads(app, 8, add)
    assert db.session.get(Offering, offering, populate_existing=True).taken == 1


def test_reading_does_not_take_the_write_lock(app, cast):
    with transaction() as session:
        session.execute(update(Account).where(Account.id == cast.ada.id).values(phone="1"))
        seen = in_threads(app, 1, lambda _: db.session.get(Account, cast.ada.id).phone)
    assert seen == [None]


def test_sqlite_is_durable_and_strict(app):
    if db.engine.dialect.name == "sqlite":
        pragmas = {
            p: db.session.execute(text(f"PRAGMA {p}")).scalar() for p in ("journal_mode", "synchronous", "foreign_keys")
        }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    else:
        assert db.session.execute(text("SHOW timezone")).scalar() == "UTC"
        assert db.session.execute(text("SHOW lock_timeout")).scalar() == "5s"


def test_a_moment_comes_back_aware(app, cast):
    db.session.expire_all()
    assert db.session.get(Account, cast.ada.id).created_at.tzinfo is UTC


def test_a_naive_moment_is_refused(app, cast):
    with pytest.raises(Exception, match="needs its zone"), transaction():
        lock(Account, cast.ada.id).updated_at = datetime(2027, 1, 1)
        db.session.flush()


def test_a_broken_constraint_has_the_same_name_everywhere(app, cast, clock):
    with pytest.raises(IntegrityError) as unique, transaction() as session:
        session.add(
            Account(
                email="x", email_key="ada@example.test", password_hash="x", created_at=clock.now, updated_at=clock.now
            )
        )
        session.flush()
    assert constraint_name(unique.value) == "uq_account_email_key"
    with pytest.raises(IntegrityError) as check, transaction():
        lock(Account, cast.ada.id).status = "asleep"
        db.session.flush()
    assert constraint_name(check.value) == "ck_account_status"
    offering = factories.seminar(now=clock.now).offerings[0]
    again = {"seminar_id": offering.seminar_id, "mode": offering.mode, "capacity": 1}
    with pytest.raises(IntegrityError) as twice, transaction() as session:
        session.add(Offering(**again))
        session.flush()
    assert constraint_name(twice.value) == "uq_offering_seminar_id_mode"


def test_a_broken_promise_becomes_a_refusal(app, cast, clock):
    twin = Account(
        email="x", email_key="ada@example.test", password_hash="x", created_at=clock.now, updated_at=clock.now
    )
    with pytest.raises(Taken), transaction() as session, refusing(uq_account_email_key=Taken):
        session.add(twin)
        session.flush()


def test_a_conflict_is_tried_again_and_then_said(app, monkeypatch):
    monkeypatch.setattr("cme.database.time.sleep", lambda _: None)
    tries = []

    @retried
    def always_locked():
        tries.append(1)
        raise OperationalError("", {}, Exception("database is locked"))

    with pytest.raises(Busy):
        always_locked()
    assert len(tries) == 5


def test_other_faults_are_not_tried_again(app):
    tries = []

    @retried
    def broken():
        tries.append(1)
        raise OperationalError("", {}, Exception("no such table"))

    with pytest.raises(OperationalError):
        broken()
    assert len(tries) == 1


def test_rows_counts_what_changed(app, cast):
    with transaction() as session:
        assert (
            rows(session.execute(update(Account).where(Account.email_key == "ada@example.test").values(phone="1"))) == 1
        )
        assert rows(session.execute(update(Account).where(Account.email_key == "nobody").values(phone="1"))) == 0
