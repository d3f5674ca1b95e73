"""What staff end for somebody, and what we call off: once, for what the page showed, and behind no payment's back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.accounts.models import Account
from cme.catalog import services as catalog
from cme.catalog.models import Seminar
from cme.database import db, transaction
from cme.registration import rules, services
from cme.registration.changes import Changes
from cme.registration.checkout import calling_off
from cme.registration.models import Refund, Registration, Substitution
from cme.registration.rules import staffing
from cme.registration.services import desk as office
from cme.registration.services import ending, granting
from cme.registration.services.ending import Ending
from cme.registration.services.granting import Grant

pytestmark = pytest.mark.usefixtures("promises", "sandbox")

FORM, AGAIN = "k" * 20, "l" * 20


def who(desk: Any) -> dict[str, Any]:
    return {"by": desk.cast.sam, "now": desk.clock.now}


def shown(desk: Any, held: Registration, way: str, **more: Any) -> Ending:
    """What the page shows of a place."""
    db.session.rollback()
    left, by_policy = office.left_of(held), Changes(held, desk.clock.now).refund.amount
    return Ending(way, left.minor, by_policy.minor, **more)


def end(desk: Any, held: Registration, page: Ending, form: str = FORM) -> list[int]:
    return ending.cancel_place(held.id, page, reason="Ill", form_id=form, payments=desk.client, **who(desk))


def requested() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Refund.amount_minor).order_by(Refund.id)))


class TestCancelling:
    """Staff end a place once, for what the page showed."""

    @pytest.mark.parametrize(
        ("way", "back"), [(ending.BY_POLICY, [104500]), (ending.IN_FULL, [109500]), (ending.NOTHING, [])]
    )
    def test_what_was_chosen_goes_back(self, desk, way, back):
        held = desk.pay()
        end(desk, held, shown(desk, held, way))
        assert (requested(), held.status, desk.taken()) == (back, "cancelled", 0)

    def test_one_form_cancels_once(self, desk):
        held = desk.pay()
        page = shown(desk, held, ending.IN_FULL)
        assert [len(end(desk, held, page)) for _ in range(2)] == [1, 0]
        assert requested() == [109500]

    def test_another_form_cancels_nothing_more(self, desk):
        held = desk.pay()
        page = shown(desk, held, ending.IN_FULL)
        end(desk, held, page)
        with pytest.raises(rules.MovedMeanwhile):
            end(desk, held, page, form=AGAIN)

    @pytest.mark.parametrize("off", [(1, 0), (0, 1)])
    def test_a_page_that_showed_other_amounts_cancels_nothing(self, desk, off):
        held = desk.pay()
        page = shown(desk, held, ending.BY_POLICY)
        with pytest.raises(staffing.ChangedMeanwhile):
            end(desk, held, Ending(page.way, page.left_minor + off[0], page.policy_minor + off[1]))
        assert (requested(), held.status) == ([], "confirmed")

    def test_its_payment_page_is_closed_first(self, desk):
        held = desk.begin()
        end(desk, held, Ending(ending.NOTHING, 0, 0))
        assert desk.state(held) == ("cancelled", "expired")
        assert desk.sandbox.books()["sessions"][0]["status"] == "expired"

    def test_a_page_opened_just_after_we_looked_keeps_the_seat(self, desk):
        held = desk.begin()
        with pytest.raises(rules.PaymentOnItsWay):
            ending._cancel(held.id, Ending(ending.NOTHING, 0, 0), reason="Ill", form_id=FORM, **who(desk))
        assert desk.state(held) == ("held", "open")

    def test_what_was_never_paid_is_not_kept_for_later(self, desk):
        held = desk.hold()
        keep = desk.clock.now.date() + timedelta(days=30)
        with pytest.raises(staffing.ChangedMeanwhile, match="nothing to keep"):
            end(desk, held, Ending(ending.ON_HOLD, 0, 0, keep))

    def test_tuition_is_kept_to_a_later_day_only(self, desk):
        held = desk.pay()
        with pytest.raises(staffing.ChangedMeanwhile, match="after today"):
            end(desk, held, shown(desk, held, ending.ON_HOLD, keep_until=desk.clock.now.date()))
        keep = desk.clock.now.date() + timedelta(days=30)
        end(desk, held, shown(desk, held, ending.ON_HOLD, keep_until=keep))
        assert (held.status, held.credit_until, requested()) == ("cancelled", keep, [])

    def test_a_colleague_who_was_asked_is_asked_no_longer(self, desk, cast):
        desk.open(starts_in=60)
        held = desk.pay()
        services.ask_colleague(held.id, cast.otto.email, by=cast.ada, now=desk.clock.now)
        end(desk, held, shown(desk, held, ending.IN_FULL))
        assert db.session.scalars(select(Substitution.outcome)).all() == ["withdrawn"]


class TestGiving:
    """Places are given to people who are there, for what takes place, once each."""

    def give(self, desk: Any, email: str, form: str = FORM) -> str:
        offering = desk.seminar.offerings[0]
        return granting.give_place(offering.id, Grant(email, "comp", "Guest"), form_id=form, **who(desk))

    def test_nobody_has_two_places(self, desk, cast):
        desk.open()
        self.give(desk, cast.ada.email)
        with pytest.raises(rules.AlreadyRegistered, match="This person is already registered"):
            self.give(desk, cast.ada.email, form=AGAIN)

    def test_an_account_that_was_closed_gets_none(self, desk, cast):
        desk.open()
        with transaction() as session:
            session.get_one(Account, cast.ada.id).status = "disabled"
        with pytest.raises(staffing.NobodyThere):
            self.give(desk, cast.ada.email)
        with pytest.raises(staffing.NobodyThere):
            self.give(desk, "nobody@example.test")

    def test_what_has_begun_takes_nobody(self, desk, cast):
        desk.open()
        desk.clock.now = desk.seminar.starts_at
        with pytest.raises(rules.RegistrationClosed):
            self.give(desk, cast.ada.email)


class TestCallingOff:
    """Each place of a seminar we called off is settled by itself; what is none of those is left alone."""

    def test_a_seminar_that_takes_place_ends_nobodys_seat(self, desk):
        held = desk.pay()
        assert calling_off._settle(held.id, now=desk.clock.now) == (False, [])
        assert held.status == "confirmed"
        with pytest.raises(ValueError, match="nothing to choose"):
            calling_off.choose_until(db.session.get_one(Seminar, held.seminar_id))

    def test_a_seat_that_is_settled_is_not_settled_again(self, desk):
        held = desk.pay()
        catalog.cancel_seminar(desk.seminar.id, reason="Storm", **who(desk))
        for expected in (1, 0):
            settled, refunds = calling_off._settle(held.id, now=desk.clock.advance(days=10))
            assert (settled, len(refunds)) == (bool(expected), expected)
        assert requested() == [109500]

    def test_a_bank_debit_under_way_is_left_to_the_bank(self, desk):
        held = desk.begin()
        desk.sandbox.pay_later(desk.session(held))
        assert desk.apply(held) == "processing"
        catalog.cancel_seminar(desk.seminar.id, reason="Storm", **who(desk))
        assert not calling_off.settle(held.id, payments=desk.client, now=desk.clock.now)
        assert desk.state(held) == ("held", "processing")


def test_only_what_was_offered_is_accepted(desk):
    held = desk.hold()
    with pytest.raises(rules.MovedMeanwhile):
        services.accept_offer(held.id, shown_minor=109500, now=desk.clock.now)
