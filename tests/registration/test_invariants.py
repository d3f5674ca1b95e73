"""Each promise about seats and money, broken on purpose and seen to be missed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from cme import audit
from cme.catalog.models import Offering
from cme.database import db, transaction
from cme.mail import Letter
from cme.registration import invariants
from cme.registration.models import LedgerEntry, Payment, Refund, Registration
from tests import factories

BREACHES: list[tuple[str, Callable[[Any], None]]] = []


def breaks(promise: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Name the promise a change breaks."""

    def keep(change: Callable[[Any], None]) -> Callable[[Any], None]:
        BREACHES.append((promise, change))
        return change

    return keep


@breaks("I1 offering 1 counts 7 seats and 1 are in use")
def a_counter_that_lies(desk: Any) -> None:
    db.session.execute(update(Offering).values(taken=7))


@breaks("I1 offering 1 has 0 seats and 1 are in use")
def more_people_than_seats(desk: Any) -> None:
    db.session.execute(update(Offering).values(capacity=0))


@breaks("I4 registration 1 is confirmed with 0 payments kept")
def a_seat_nobody_paid_for(desk: Any) -> None:
    db.session.execute(update(Payment).values(status="expired"))


@breaks("I4 registration 1 is confirmed with 1 payments kept, 0 of them fitting")
def a_seat_paid_with_another_amount(desk: Any) -> None:
    db.session.execute(update(Registration).values(list_minor=1, amount_due_minor=1))


@breaks("I5 payment 1 gave back more than was paid")
def more_returned_than_paid(desk: Any) -> None:
    refund(desk, amount_minor=109501)


@breaks("I5 refund 1 gives back money that never came")
def returned_before_it_came(desk: Any) -> None:
    refund(desk, amount_minor=1)
    db.session.execute(update(Payment).values(status="open"))


@breaks("I6 payment 1 is kept although nobody has a seat for it")
def money_silently_kept(desk: Any) -> None:
    db.session.execute(update(Registration).values(status="expired"))


@breaks("I6 payment 1 is kept although nobody has a seat for it")
def money_kept_of_a_seat_given_up(desk: Any) -> None:
    db.session.execute(update(Registration).values(status="cancelled", confirmed_at=None))


@breaks("I8 registration 1 was confirmed by 2 letters")
def a_seat_confirmed_twice(desk: Any) -> None:
    first = db.session.scalars(select(Letter)).one()
    same = {c.key: getattr(first, c.key) for c in Letter.__table__.columns if c.key not in ("id", "key", "message_id")}
    db.session.add(Letter(**same, key="confirmed:1:9", message_id="<again@cme>"))


@breaks("I8 registration 1 was confirmed by 0 letters")
def a_letter_lost(desk: Any) -> None:
    db.session.execute(delete(Letter))


@breaks("I10 payment 1 asked for another amount than it says")
def an_amount_changed_afterwards(desk: Any) -> None:
    db.session.execute(update(Payment).values(amount_minor=1))


@breaks("ledger: charge 1 is 109500 and the entries say 109501")
def an_entry_too_much(desk: Any) -> None:
    entry(amount_minor=1)


@breaks("ledger: refund 1 is -500 and the entries say 0")
def a_refund_without_an_entry(desk: Any) -> None:
    refund(desk, amount_minor=500, status="succeeded")


@breaks("ledger: entry 2 is in another currency or mode than its payment")
def an_entry_of_another_currency(desk: Any) -> None:
    entry(amount_minor=0, currency="EUR")


def refund(desk: Any, **values: Any) -> None:
    given = {"status": "requested", **values}
    db.session.add(Refund(payment_id=1, seq=1, currency="USD", reason="kindness", created_at=desk.clock.now, **given))
    db.session.flush()


def entry(**values: Any) -> None:
    first = db.session.scalars(select(LedgerEntry)).one()
    same = {name: getattr(first, name) for name in ("payment_id", "mode", "at", "recorded_at")}
    db.session.add(LedgerEntry(**{**same, "kind": "charge", "currency": "USD", "stripe_id": "ch_other", **values}))


def breaches(desk: Any) -> list[str]:
    db.session.rollback()
    return list(invariants.breaches(now=desk.clock.now))


@pytest.mark.parametrize(("promise", "change"), BREACHES, ids=[change.__name__ for _, change in BREACHES])
def test_a_broken_promise_is_missed(desk, promise, change):
    desk.pay()
    assert breaches(desk) == []
    with transaction():
        change(desk)
    assert any(found.startswith(promise) for found in breaches(desk))


def test_two_seats_for_one_person_are_missed(desk, monkeypatch):
    """The index forbids two that count, so here an expired one counts too."""
    desk.pay()
    second = factories.registration(desk.cast.ada, desk.seminar, now=desk.clock.now, status="expired")
    assert second.status == "expired"
    monkeypatch.setattr(invariants, "ACTIVE", (*invariants.ACTIVE, "expired"))
    assert any(found.startswith("I2 account 1") for found in breaches(desk))


def test_two_payable_attempts_are_missed(desk, monkeypatch):
    held = desk.begin()
    desk.clock.advance(minutes=32)
    desk.start(held)
    monkeypatch.setattr(invariants, "PAYABLE", (*invariants.PAYABLE, "expired"))
    assert any(found.startswith("I3 registration 1") for found in breaches(desk))


def test_a_hold_forgotten_is_missed(desk):
    desk.hold()
    desk.clock.now += timedelta(days=2)
    assert breaches(desk) == ["registration 1 is held long after its time"]


def test_lowering_the_capacity_throws_nobody_out(desk):
    desk.pay()
    with transaction() as session:
        offering = session.scalars(select(Offering)).one()
        offering.capacity = 0
        audit.record(desk.cast.sam, "lowered capacity", offering, at=desk.clock.now, capacity=0)
    assert breaches(desk) == []


def test_a_seat_confirmed_and_then_given_up_may_keep_a_fee(desk):
    held = desk.pay()
    with transaction() as session:
        session.execute(update(Registration).where(Registration.id == held.id).values(status="cancelled"))
        session.execute(update(Offering).values(taken=0))
    assert breaches(desk) == []


def test_a_free_seat_confirmed_twice_is_missed(desk):
    desk.open(prices={"physician": 0, "clinician": 0})
    held = desk.hold()
    assert breaches(desk) == []
    with transaction() as session:
        first = session.scalars(select(Letter).where(Letter.key == f"confirmed:{held.id}:0")).one()
        columns = [c.key for c in Letter.__table__.columns if c.key not in ("id", "key", "message_id")]
        same = {name: getattr(first, name) for name in columns}
        session.add(Letter(**same, key=f"confirmed:{held.id}:1", message_id="<again@cme>"))
    assert breaches(desk) == [f"I8 registration {held.id} was confirmed by 2 letters"]


def test_a_waived_seat_needs_no_payment(desk):
    held = factories.registration(desk.cast.ada, desk.open(), now=desk.clock.now, amount_due_minor=109500)
    assert breaches(desk) != []
    with transaction() as session:
        session.get_one(Registration, held.id).waived_by = desk.cast.sam.id
    assert breaches(desk) == []


def test_the_command_names_each_breach(desk):
    runner = desk.app.test_cli_runner()
    desk.pay()
    assert runner.invoke(args=["audit-check"]).output == "Every invariant holds, and Stripe's books agree.\n"
    with transaction():
        a_letter_lost(desk)
    failed = runner.invoke(args=["audit-check"])
    assert failed.exit_code == 1
    assert "I8 registration 1" in failed.output + (failed.stderr or "")
