"""What even staff cannot do with seats and money, each no asked for by itself, behind every page."""

from typing import Any

import pytest

from cme.accounts.models import Account
from cme.catalog.models import Seminar
from cme.database import db, transaction
from cme.registration import checkout, rules, services
from cme.registration.checkout import invoices
from cme.registration.checkout.conversation import flag
from cme.registration.checkout.invoices import Received
from cme.registration.models import Registration
from cme.registration.rules import staffing
from cme.registration.rules.codes import CodeUsedUp
from cme.registration.services import deciding
from cme.registration.services import desk as office
from cme.registration.services.codes import CodeValues
from cme.registration.services.deciding import Decision
from cme.registration.services.registering import Said
from cme.values import Money
from tests.registration.moving import move, other, place

pytestmark = pytest.mark.usefixtures("promises", "sandbox")

FORM, AGAIN = "d" * 20, "e" * 20


def who(desk: Any) -> dict[str, Any]:
    return {"by": desk.cast.sam, "now": desk.clock.now}


def waive(desk: Any, held: Registration, form: str = FORM) -> list[int]:
    return office.waive(held.id, reason="Hardship", form_id=form, payments=desk.client, **who(desk))


def invoice(desk: Any, held: Registration, shown: int = 109500) -> str:
    return invoices.by_invoice(held.id, shown_minor=shown, payments=desk.client, **who(desk))


def record(desk: Any, held: Registration, amount: int = 109500, form: str = FORM) -> list[int]:
    got = Received("check", Money(amount), "4711")
    return invoices.record_payment(held.id, got, form_id=form, payments=desk.client, **who(desk))


def decide(desk: Any, held: Registration, what: str, form: str = AGAIN, payments: Any = None) -> list[int]:
    number = desk.payment(held).id
    return deciding.decide(number, Decision(what, "Looked into it"), form_id=form, payments=payments, **who(desk))


def expired(desk: Any, person: Any = None) -> Registration:
    """A hold that ran out."""
    held = desk.hold(person)
    desk.clock.advance(minutes=16)
    desk.sweep()
    return held


def late(desk: Any) -> Registration:
    """A hold that ran out, and a check for it that found no seat."""
    held = expired(desk)
    taker = desk.hold(desk.cast.otto)
    record(desk, held)
    desk.give_up(taker)
    assert desk.payment(held).review_reason == invoices.NO_SEAT
    return held


def begin_seminar(desk: Any) -> None:
    """Let it begin, so that nobody gets a seat any more."""
    desk.clock.now = desk.seminar.starts_at


class TestWaiving:
    """Tuition is waived once, for a seat somebody holds."""

    def test_one_form_waives_once(self, desk):
        held = desk.begin()
        assert [waive(desk, held), waive(desk, held)] == [[], []]
        assert desk.state(held) == ("confirmed", "expired")
        assert desk.log().count("waived") == 1

    def test_what_is_confirmed_is_not_waived(self, desk):
        with pytest.raises(rules.AlreadyPaid):
            waive(desk, desk.pay())

    def test_what_nobody_holds_is_not_waived(self, desk):
        with pytest.raises(rules.HoldEnded):
            waive(desk, expired(desk))


class TestRefunding:
    """No more goes back than is left, whoever asks."""

    def test_more_than_is_left_is_not_given_back(self, desk):
        held = desk.pay()
        for amount in (0, 109501):
            with pytest.raises(rules.NotRefundable):
                office.refund(held.id, amount, left_minor=109500, reason="Rain", form_id=FORM, **who(desk))

    def test_a_page_that_showed_another_amount_gives_nothing_back(self, desk):
        held = desk.pay()
        with pytest.raises(staffing.ChangedMeanwhile):
            office.refund(held.id, 5000, left_minor=109499, reason="Rain", form_id=FORM, **who(desk))


def test_a_seat_no_bank_asked_about_is_not_kept_by_a_decision(desk):
    with pytest.raises(staffing.ChangedMeanwhile):
        office.keep_seat(desk.pay().id, note="x", form_id=FORM, **who(desk))


def test_a_seat_kept_after_a_dispute_is_kept_once(desk):
    held = desk.pay()
    desk.sandbox.dispute(desk.session(held))
    desk.tell(held, "charge.dispute.created")
    desk.sandbox.close_dispute(desk.session(held), won=False)
    desk.tell(held, "charge.dispute.closed")
    for _ in range(2):
        office.keep_seat(held.id, note="x", form_id=FORM, **who(desk))
    assert desk.log().count("kept the seat") == 1


class TestInvoices:
    """An invoice is for a seat that is held, and a check for what is due."""

    def test_a_hold_that_ended_gets_no_invoice_from_its_last_moment_on(self, desk):
        held = desk.hold()
        desk.clock.now = held.hold_until
        with pytest.raises(rules.HoldEnded):
            invoice(desk, held)

    def test_what_has_begun_gets_no_invoice(self, desk):
        held = desk.hold()
        with transaction() as session:
            session.get_one(Seminar, desk.seminar.id).status = "cancelled"
        with pytest.raises(rules.RegistrationClosed):
            invoice(desk, held)
        with transaction() as session:
            session.get_one(Seminar, desk.seminar.id).status = "published"

    def test_another_amount_is_not_written_down(self, desk):
        held = desk.hold()
        for amount in (109499, 109501):
            with pytest.raises(staffing.AnotherAmount):
                record(desk, held, amount)
        assert desk.state(held) == ("held", None)

    def test_a_check_closes_the_payment_page_first(self, desk):
        held = desk.begin()
        record(desk, held)
        assert desk.sandbox.books()["sessions"][0]["status"] == "expired"
        assert held.status == "confirmed"

    def test_a_second_check_for_a_confirmed_seat_is_not_written_down(self, desk):
        held = desk.hold()
        record(desk, held)
        with pytest.raises(rules.AlreadyPaid):
            record(desk, held, form=AGAIN)

    def test_whoever_waits_for_a_seat_pays_nothing_yet(self, desk, cast):
        offering = desk.open(capacity=1).offerings[0]
        desk.hold(cast.otto)
        waits = place(services.join_waitlist(cast.ada.id, offering.id, form_id=None, now=desk.clock.now))
        with pytest.raises(rules.MovedMeanwhile):
            record(desk, waits)

    def test_a_check_for_a_seat_given_up_waits_for_staff(self, desk):
        held = desk.hold()
        desk.give_up(held)
        record(desk, held)
        assert desk.payment(held).review_reason == invoices.NO_SEAT

    def test_a_late_check_of_somebody_who_has_another_seat_waits_for_staff(self, desk):
        held = expired(desk)
        desk.hold()
        record(desk, held)
        assert desk.payment(held).review_reason == invoices.NO_SEAT
        with pytest.raises(rules.AlreadyRegistered, match="another registration"):
            decide(desk, held, deciding.SEAT)

    def test_a_late_check_after_the_start_waits_for_staff(self, desk):
        held = expired(desk)
        begin_seminar(desk)
        record(desk, held)
        assert desk.payment(held).review_reason == invoices.NO_SEAT
        with pytest.raises(rules.RegistrationClosed):
            decide(desk, held, deciding.SEAT)


class TestDeciding:
    """Staff decide what waits for a decision, and give a seat only for what it costs."""

    def test_what_does_not_wait_is_not_decided(self, desk):
        with pytest.raises(staffing.NothingToDecide):
            decide(desk, desk.pay(), deciding.REFUND)

    def test_an_open_page_is_not_settled_while_nobody_can_close_it(self, desk):
        held = desk.begin()
        with transaction():
            flag(desk.payment(held), "looked odd", now=desk.clock.now)
        with pytest.raises(rules.PaymentsOff):
            decide(desk, held, deciding.OUTSIDE)

    def test_a_seat_that_nobody_has_is_not_kept(self, desk):
        desk.open(capacity=1)
        with pytest.raises(staffing.ChangedMeanwhile, match="Nobody has this seat"):
            decide(desk, late(desk), deciding.KEEP)

    def test_a_seat_that_was_paid_for_is_not_given_again(self, desk):
        held = desk.pay()
        with transaction():
            flag(desk.payment(held), "looked odd", now=desk.clock.now)
        with pytest.raises(staffing.ChangedMeanwhile, match="cannot be confirmed"):
            decide(desk, held, deciding.SEAT)

    def test_money_of_which_a_part_went_back_gives_no_seat(self, desk):
        desk.open(capacity=1)
        held = late(desk)
        checkout.request_refund(desk.payment(held).id, 1, reason="Rain", **who(desk))
        with pytest.raises(staffing.ChangedMeanwhile, match="not what the seat costs"):
            decide(desk, held, deciding.SEAT)

    def test_a_code_that_others_used_up_gives_no_seat(self, desk, cast):
        offering = desk.open(capacity=1).offerings[0]
        values = CodeValues(amount_minor=9500, most_uses=1)
        services.add_code("ONCE", values, form_id=None, by=cast.sam, now=desk.clock.now)

        def take(person: Account) -> Registration:
            said = Said(code="ONCE")
            return place(services.register(person.id, offering.id, form_id=None, now=desk.clock.now, said=said))

        held = take(cast.ada)
        desk.clock.advance(minutes=16)
        desk.sweep()
        taker = take(cast.otto)
        record(desk, held, 100000)
        with transaction() as session:
            session.get_one(type(offering), offering.id).capacity += 1
        with pytest.raises(CodeUsedUp):
            decide(desk, held, deciding.SEAT)
        assert desk.state(taker) == ("held", None)

    def test_a_move_whose_earlier_place_is_gone_gives_no_seat(self, desk, cast):
        desk.open(starts_in=60)
        old = desk.pay()
        new = place(move(desk, old, other(desk, 129500)))
        with transaction():
            flag(desk.payment(old), "looked odd", now=desk.clock.now)
        record(desk, new, 20000)  # while the earlier payment is looked into, nothing of it is carried on
        assert desk.payment(new).review_reason == invoices.NO_SEAT
        with pytest.raises(rules.MovedMeanwhile):
            decide(desk, new, deciding.SEAT)


def test_a_seat_of_which_a_part_was_given_back_is_handed_on_by_staff(desk, cast):
    """A colleague would get a place that is not paid for."""
    desk.open(starts_in=60)
    held = desk.pay()
    office.refund(held.id, 5000, left_minor=109500, reason="Rain", form_id=FORM, **who(desk))
    with pytest.raises(rules.NeedsStaff):
        services.ask_colleague(held.id, cast.otto.email, by=cast.ada, now=desk.clock.now)
    db.session.rollback()
