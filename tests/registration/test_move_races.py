"""Moves at the same moment as other things, and moves cut off in the middle."""

from typing import Any

import pytest
from sqlalchemy import select

from cme import audit
from cme.database import db, transaction
from cme.errors import Refusal
from cme.registration import checkout, invariants, rules, services
from cme.registration.checkout import moves, refunds
from cme.registration.models import Registration
from cme.registration.services import moves as moving_service
from tests.registration.moving import move, other, place, returned, taken, two_ways, way

KEPT = pytest.mark.usefixtures("promises")


@pytest.fixture
def old(desk: Any) -> Registration:
    """A seat of ada's, paid for, sixty days ahead."""
    desk.open(starts_in=60)
    return desk.pay()


def at_once(desk: Any, together: Any, *acts: Any) -> list[Any]:
    """Do different things at the same moment."""
    return together(len(acts), lambda n: acts[n]())


def moving_to(desk: Any, place_: Registration, offering: Any, shown: int) -> Any:
    number, target, now = place_.id, offering.id, desk.clock.now
    return lambda: services.move(number, target, shown_minor=shown, form_id=None, by=None, now=now)


def promises_broken(desk: Any) -> list[str]:
    db.session.rollback()
    return [*invariants.breaches(now=desk.clock.now), *audit.breaches()]


@KEPT
def test_two_moves_of_one_place_at_once_are_one(desk, old, together):
    targets = [other(desk, 129500), other(desk, 129500)]
    results = at_once(desk, together, *(moving_to(desk, old, each, 20000) for each in targets))
    assert sorted(type(each).__name__ for each in results) == ["MovePending", "Moved"]
    assert sum(taken(each) for each in targets) == 1


@KEPT
def test_two_exchanges_of_one_place_at_once_are_one(desk, old, together):
    targets = [other(desk, 89500), other(desk, 89500)]
    results = at_once(desk, together, *(moving_to(desk, old, each, -20000) for each in targets))
    assert sorted(type(each).__name__ for each in results) == ["Moved", "MovedMeanwhile"]
    assert len(returned()) == 1


@KEPT
def test_the_index_alone_keeps_the_money_in_one_place(desk, old, together, monkeypatch):
    """Even where nobody looks for a move that has begun, the database lets one be written."""
    monkeypatch.setattr("cme.registration.moving.check_free", lambda registration: None)
    targets = [other(desk, 129500), other(desk, 129500)]
    results = at_once(desk, together, *(moving_to(desk, old, each, 20000) for each in targets))
    assert sorted(type(each).__name__ for each in results) == ["MovePending", "Moved"]


@KEPT
def test_the_last_seat_of_the_target_goes_to_one(desk, cast, together):
    desk.open(starts_in=60)
    people = [desk.pay(cast.ada), desk.pay(cast.otto)]
    target = other(desk, 129500, capacity=1)
    results = at_once(desk, together, *(moving_to(desk, each, target, 20000) for each in people))
    assert sorted(type(each).__name__ for each in results) == ["Moved", "SeminarFull"]
    assert (taken(target), desk.taken()) == (1, 2)


@KEPT
def test_a_move_beside_a_cancellation(desk, old, together):
    target, number, now = other(desk, 129500), old.id, desk.clock.now

    def cancel() -> Any:
        return services.cancel(number, expected_minor=104500, by=None, now=now)

    results = at_once(desk, together, moving_to(desk, old, target, 20000), cancel)
    refused = [each for each in results if isinstance(each, Refusal)]
    assert [type(each) for each in refused] in ([rules.MovedMeanwhile], [rules.MovePending])
    db.session.rollback()
    assert (old.status == "confirmed") == (taken(target) == 1)


@KEPT
def test_a_payment_told_many_times_at_once_exchanges_once(desk, old, together):
    new = place(move(desk, old, other(desk, 129500)))
    desk.start(new, shown=20000)
    session, now = desk.session(new), desk.clock.now
    desk.sandbox.pay(session)
    results = together(6, lambda _: checkout.apply(session, payments=desk.client, now=now))
    assert sorted(results) == ["nothing"] * 5 + ["paid"]
    db.session.rollback()
    assert (new.status, old.status, desk.taken()) == ("confirmed", "cancelled", 0)


@KEPT
def test_a_payment_beside_a_refund_made_at_stripe(desk, old, together):
    """Whichever comes first, the money is carried on once or comes back, never both."""
    new = place(move(desk, old, other(desk, 129500)))
    desk.start(new, shown=20000)
    session, now = desk.session(new), desk.clock.now
    desk.sandbox.pay(session)
    payment = desk.payment(old)
    number, intent = payment.id, payment.intent_id
    made = desk.client.v1.refunds.create({"payment_intent": intent, "amount": 30000})
    results = at_once(
        desk,
        together,
        lambda: checkout.apply(session, payments=desk.client, now=now),
        lambda: refunds.mirror(number, [made], now=now),
    )
    assert results[0] in ("paid", "refunded")
    db.session.rollback()
    assert (results[0] == "paid") == (new.status == "confirmed") == (old.status == "cancelled")


@KEPT
def test_people_who_change_places_with_each_other_do_not_wait_for_ever(desk, cast, clock, together):
    seminar = two_ways(desk, in_person=109500, livestream=109500)
    room, stream = way(seminar, "in-person"), way(seminar, "livestream")
    here = [desk.pay(cast.ada), desk.pay(cast.otto)]
    desk.pay(cast.nell)
    there = [place(move(desk, here[1], stream))]
    results = at_once(desk, together, moving_to(desk, here[0], stream, 0), moving_to(desk, there[0], room, 0))
    assert [type(each).__name__ for each in results] == ["Moved", "Moved"]
    assert (taken(room), taken(stream)) == (2, 1)


@KEPT
def test_whoever_waits_gets_the_seat_that_a_move_frees(desk, cast, clock):
    desk.open(starts_in=60, capacity=1)
    old = desk.pay()
    waiting = services.join_waitlist(cast.otto.id, old.offering_id, form_id=None, now=clock.now)
    move(desk, old, other(desk))
    assert place(waiting).status == "offered"


def test_without_a_look_at_the_old_place_money_is_carried_twice(desk, old, monkeypatch):
    """The control: a payment that confirms whatever became of the old place breaks the promises."""
    new = place(move(desk, old, other(desk, 129500)))
    desk.start(new, shown=20000)
    desk.sandbox.pay(desk.session(new))
    with transaction():
        amount = checkout.refunds.request_shares(
            db.session.merge(old), old.amount_due, reason="control", by=None, now=desk.clock.now
        )
    assert amount
    monkeypatch.setattr(moves, "why_not", lambda registration: None)
    assert desk.apply(new) == "paid"
    assert [each.split()[0] for each in promises_broken(desk) if each.startswith("moves:")] == ["moves:"]


def test_without_one_transaction_a_cut_leaves_two_places(desk, old, monkeypatch):
    """The control: the new place confirmed first and the old one ended later is one step too many."""

    def careless(registration: Any, payment: Any, *, now: Any) -> list[int]:
        moves.seats.confirm(registration, payment, now=now)
        return []  # and here the process dies

    monkeypatch.setattr(moving_service.moves, "confirm", careless)
    move(desk, old, other(desk))
    assert any(each.startswith("moves: registration") for each in promises_broken(desk))


@KEPT
def test_an_exchange_cut_off_before_the_end_changes_nothing(desk, old, monkeypatch):
    def dies(*args: Any, **more: Any) -> None:
        raise SystemExit

    target = other(desk, 89500)
    monkeypatch.setattr(moves.emails, "moved", dies)
    with pytest.raises(SystemExit):
        move(desk, old, target)
    db.session.rollback()
    assert (old.status, desk.taken(), taken(target), returned()) == ("confirmed", 1, 0, [])
    assert db.session.scalars(select(Registration.status)).all() == ["confirmed"]


@KEPT
def test_a_refund_whose_sender_died_is_sent_by_the_sweep(desk, old, clock):
    target = other(desk, 89500)
    services.move(old.id, target.id, shown_minor=-20000, form_id=None, by=None, now=clock.now)
    assert returned() == [(20000, "requested")]
    clock.advance(minutes=10)
    desk.sweep()
    assert returned() == [(20000, "succeeded")]


@KEPT
def test_a_payment_nobody_told_us_of_is_found_by_the_sweep(desk, old, clock):
    new = place(move(desk, old, other(desk, 129500)))
    desk.start(new, shown=20000)
    desk.sandbox.pay(desk.session(new))
    clock.advance(minutes=10)
    desk.sweep()
    assert (place(new.ref).status, old.status) == ("confirmed", "cancelled")


@KEPT
def test_a_payment_page_whose_address_was_lost_is_found_again_and_exchanges(desk, old, clock):
    new = place(move(desk, old, other(desk, 129500)))
    desk.sandbox.faults.next("lost_answer", path="/v1/checkout/sessions")
    with pytest.raises(rules.PaymentDelayed):
        desk.start(new, shown=20000)
    desk.start(new, shown=20000)
    desk.sandbox.pay(desk.session(new))
    assert desk.apply(new) == "paid"
    assert (new.status, old.status) == ("confirmed", "cancelled")
