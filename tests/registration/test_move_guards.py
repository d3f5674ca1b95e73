"""Guards of moves asked one at a time: what is on hold, what is looked into, and where nobody can go."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.catalog.models import Offering
from cme.database import db, transaction
from cme.registration import funds, moving, rules, services
from cme.registration.checkout.conversation import flag
from cme.registration.models import PromoCode, Registration
from cme.registration.services.codes import CodeValues
from cme.registration.services.registering import Said
from tests.registration.moving import move, other, pay, place, two_ways, way

pytestmark = pytest.mark.usefixtures("promises", "sandbox")


@pytest.fixture
def old(desk: Any) -> Registration:
    """A seat of ada's, paid for, sixty days ahead."""
    desk.open(starts_in=60)
    return desk.pay()


@pytest.fixture
def on_hold(desk: Any, old: Registration) -> Registration:
    """The same, given up, its tuition kept."""
    until = moving.Changes(old, desk.clock.now).hold_until
    services.put_on_hold(old.id, until=until, by=desk.cast.ada, now=desk.clock.now)
    return old


def plan(desk: Any, place_: Registration, offering: Offering) -> moving.Move:
    db.session.rollback()
    return moving.move_to(place_, offering, now=desk.clock.now)


class TestOnHold:
    """Tuition on hold goes to one seminar at a time, and not while anybody looks into it."""

    def test_the_same_seminar_is_no_switch_for_it(self, desk, on_hold):
        with pytest.raises(rules.MovedMeanwhile):
            plan(desk, on_hold, desk.seminar.offerings[0])

    def test_it_is_good_to_its_last_day(self, desk, on_hold):
        target = other(desk, starts_in=900)
        desk.clock.now += on_hold.credit_until - desk.clock.now.date()
        assert plan(desk, on_hold, target).to_pay.minor == 0
        desk.clock.advance(days=1)
        with pytest.raises(rules.ChangeImpossible, match="which has passed"):
            plan(desk, on_hold, target)

    def test_one_move_at_a_time(self, desk, on_hold):
        move(desk, on_hold, other(desk, 129500))
        with pytest.raises(rules.MovePending):
            plan(desk, on_hold, other(desk))

    def test_not_while_staff_look_into_the_payment(self, desk, on_hold):
        with transaction():
            flag(desk.payment(on_hold), "looked odd", now=desk.clock.now)
        with pytest.raises(rules.UnderReview):
            plan(desk, on_hold, other(desk))


class TestFrom:
    """A place is left only while its money is nobody else's business."""

    def test_not_while_a_bank_looks_at_the_payment(self, desk, old):
        desk.sandbox.dispute(desk.session(old))
        desk.tell(old, "charge.dispute.created")
        for act in (
            lambda: plan(desk, old, other(desk)),
            lambda: services.cancel(old.id, expected_minor=104500, by=None, now=desk.clock.now),
        ):
            with pytest.raises(rules.Disputed):
                act()

    def test_not_once_the_seminar_began(self, desk, old):
        target = other(desk)
        desk.clock.now = desk.seminar.starts_at - timedelta(seconds=1)
        assert plan(desk, old, target)
        desk.clock.advance(seconds=1)
        with pytest.raises(rules.ChangeImpossible):
            plan(desk, old, target)


class TestTo:
    """Nobody moves to where nobody could register."""

    def change(self, offering: Offering, **values: Any) -> Offering:
        with transaction() as session:
            row = session.get_one(Offering, offering.id)
            for name, value in values.items():
                setattr(row, name, value)
        return offering

    def test_not_where_registration_is_closed(self, desk, old):
        with pytest.raises(rules.RegistrationClosed):
            plan(desk, old, self.change(other(desk), status="closed"))

    def test_not_to_what_has_begun(self, desk, old):
        with pytest.raises(rules.RegistrationClosed):
            plan(desk, old, other(desk, starts_in=-1))

    def test_not_where_no_seat_is_left(self, desk, cast, old):
        target = other(desk, capacity=1)
        services.register(cast.otto.id, target.id, form_id=None, now=desk.clock.now)
        with pytest.raises(rules.SeminarFull):
            plan(desk, old, target)

    def test_not_to_where_they_go_already(self, desk, cast, old):
        target = other(desk)
        services.register(cast.ada.id, target.id, form_id=None, now=desk.clock.now)
        with pytest.raises(rules.AlreadyRegistered):
            plan(desk, old, target)

    def test_not_at_a_price_in_other_money(self, desk, old):
        with pytest.raises(rules.NeedsStaff):
            plan(desk, old, self.change(other(desk), currency="EUR"))

    def test_the_way_they_attend_already_is_no_other(self, desk):
        seminar = two_ways(desk)
        here = desk.pay()
        with pytest.raises(rules.ChangeImpossible):
            plan(desk, here, way(seminar, "in-person"))


def test_the_use_of_a_code_ends_with_the_place_that_is_left(desk, cast):
    offering = desk.open(starts_in=60).offerings[0]
    services.add_code("SAVE", CodeValues(amount_minor=9500), form_id=None, by=cast.sam, now=desk.clock.now)
    old = place(services.register(cast.ada.id, offering.id, form_id=None, now=desk.clock.now, said=Said(code="SAVE")))
    desk.start(old)
    desk.sandbox.pay(desk.session(old))
    assert desk.apply(old) == "paid"
    new = place(move(desk, old, other(desk, 129500)))
    assert db.session.scalars(select(PromoCode.used)).all() == [1]
    assert pay(desk, new) == "paid"
    db.session.rollback()
    assert db.session.scalars(select(PromoCode.used)).all() == [0]


def test_money_that_is_only_promised_is_worth_nothing(desk):
    held = desk.begin()
    assert funds.refundable(desk.payment(held)) == 0
