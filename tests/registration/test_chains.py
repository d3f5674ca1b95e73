"""Each promise about places that replaced one another, broken on purpose and seen to be missed."""

import pytest
from sqlalchemy import update

from cme.database import transaction
from cme.registration import chains
from cme.registration.models import Payment, Refund, Registration
from tests.registration.moving import move, other, place


@pytest.fixture
def moved(desk):
    """A place of ada's at another seminar, and the one she left for it."""
    desk.open(starts_in=60)
    old = desk.pay()
    return old, place(move(desk, old, other(desk)))


def missed() -> list[str]:
    return list(chains.breaches())


def test_a_move_keeps_them(moved):
    assert missed() == []


def test_an_old_place_that_stands_again_is_missed(moved):
    old, new = moved
    with transaction() as session:
        session.execute(update(Registration).where(Registration.id == old.id).values(status="expired"))
    assert missed() == [f"moves: registration {old.id} stands although {new.id} replaced it"]


def test_tuition_that_stays_on_hold_is_missed(moved, clock):
    old, new = moved
    with transaction() as session:
        session.execute(update(Registration).where(Registration.id == old.id).values(credit_until=clock.now.date()))
    assert missed() == [f"moves: registration {old.id} stands although {new.id} replaced it"]


def test_money_that_never_came_is_missed(moved):
    _, new = moved
    with transaction() as session:
        session.execute(update(Payment).values(status="expired"))
    assert missed() == [f"moves: registration {new.id} carries 109500 and 0 was left"]


def test_money_that_was_given_back_before_is_missed(moved, clock):
    _, new = moved
    with transaction() as session:
        session.add(Refund(payment_id=1, seq=1, amount_minor=500, currency="USD", reason="x", created_at=clock.now))
    assert missed() == [f"moves: registration {new.id} carries 109500 and 109000 was left"]


def test_a_seat_whose_money_all_went_back_is_missed_until_staff_let_it_stand(moved, clock, cast):
    _, new = moved
    clock.advance(days=1)
    with transaction() as session:
        session.add(Refund(payment_id=1, seq=1, amount_minor=109500, currency="USD", reason="x", created_at=clock.now))
    assert missed() == [f"I4 registration {new.id} is confirmed and all its money went back"]
    with transaction() as session:
        session.execute(update(Registration).where(Registration.id == new.id).values(waived_by=cast.sam.id))
    assert missed() == []


def test_money_given_back_afterwards_is_another_matter(moved, clock):
    clock.advance(days=1)
    with transaction() as session:
        session.add(Refund(payment_id=1, seq=1, amount_minor=500, currency="USD", reason="x", created_at=clock.now))
    assert missed() == []


def test_money_carried_to_two_places_is_missed(desk, moved, cast):
    _, new = moved
    twin = desk.hold(cast.otto)
    with transaction() as session:
        values = {"moved_from_id": new.id, "carried_minor": 109500, "confirmed_at": desk.clock.now}
        session.execute(update(Registration).where(Registration.id == new.id).values(status="cancelled"))
        session.execute(update(Registration).where(Registration.id == twin.id).values(status="confirmed", **values))
    assert missed() == []
    with transaction() as session:
        session.execute(update(Registration).where(Registration.id == new.id).values(status="confirmed"))
    assert f"moves: registrations {new.id} and {twin.id} carry the same money" in missed()
