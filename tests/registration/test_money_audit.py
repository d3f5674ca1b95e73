"""An auditor's questions about money that went through several places, several payments and a bank."""

from typing import Any

import pytest
import stripe
from sqlalchemy import select

from cme.catalog.services import cancel_seminar
from cme.database import db, transaction
from cme.registration import checkout, funds, services
from cme.registration.checkout import invoices
from cme.registration.checkout.calling_off import DISPUTED
from cme.registration.checkout.refunds import STILL_SEATED, mirror, settle_by_hand
from cme.registration.models import Paper
from cme.registration.rules import staffing
from cme.registration.services import deciding, ending
from cme.registration.services import desk as office
from tests.registration.moving import move, other, pay, place, returned, two_ways, way

pytestmark = pytest.mark.usefixtures("promises")


@pytest.fixture
def last(desk):
    """The last of three places, all paid with the money of the first."""
    desk.open(starts_in=60)
    first = desk.pay()
    second = place(move(desk, first, other(desk)))
    second.transfers = 0  # as a policy with two transfers would have it
    db.session.commit()
    return first, second, place(move(desk, second, other(desk, slug="third")))


def test_money_is_known_to_pay_for_the_last_place_of_several(last):
    first, second, third = last
    assert funds.holder(first).id == third.id
    assert funds.holder(second).id == third.id


def test_a_dispute_marks_the_last_place_of_several(desk, last):
    first, _, third = last
    desk.sandbox.dispute(desk.session(first))
    desk.sandbox.deliver()
    desk.tell(desk.sandbox.books()["disputes"][0]["id"], "charge.dispute.created")
    db.session.rollback()
    assert third.disputed_at is not None


def test_a_seat_whose_first_payment_went_back_in_the_dashboard_is_left_to_staff(desk, last):
    first, _, _ = last
    desk.sandbox.refund(desk.session(first))
    desk.clock.advance(days=1)
    desk.sweep()
    assert desk.payment(first).review_reason == STILL_SEATED


def test_staff_find_no_money_at_a_place_it_was_moved_from(desk, last):
    first, second, third = last
    assert [office.left_of(each).minor for each in (first, second, third)] == [0, 0, 109500]


def test_a_seat_kept_after_a_lost_dispute_ends_with_its_seminar(desk, cast):
    desk.open(starts_in=60)
    held = desk.pay()
    desk.sandbox.dispute(desk.session(held))
    desk.sandbox.close_dispute(desk.session(held), won=False)
    desk.clock.advance(days=1)
    desk.sweep()
    office.keep_seat(held.id, note="Our guest.", form_id="keep", by=cast.sam, now=desk.clock.now)
    cancel_seminar(desk.seminar.id, reason="A storm.", by=cast.sam, now=desk.clock.now)
    desk.clock.advance(minutes=1)
    desk.sweep()
    desk.clock.advance(days=40)
    desk.sweep()
    assert desk.state(held)[0] == "cancelled"
    assert returned() == []


def test_a_seat_ended_by_staff_after_a_lost_dispute_waits_for_nobody_any_more(desk, cast):
    desk.open(starts_in=60)
    held = desk.pay()
    desk.sandbox.dispute(desk.session(held))
    desk.sandbox.close_dispute(desk.session(held), won=False)
    desk.clock.advance(days=1)
    desk.sweep()
    assert held.disputed_at is not None
    given: dict[str, Any] = {"reason": "Charged back", "form_id": "end", "payments": desk.client}
    ending.cancel_place(held.id, ending.Ending("none", 0, 0), by=cast.sam, now=desk.clock.now, **given)
    assert desk.state(held)[0] == "cancelled"
    assert held.disputed_at is None


def test_a_refund_sent_by_check_may_come_back_later(desk, cast):
    desk.open(starts_in=60)
    held = desk.hold()
    got = invoices.Received("check", held.to_pay, "1042")
    invoices.record_payment(held.id, got, form_id="check", payments=desk.client, by=cast.sam, now=desk.clock.now)
    made = services.cancel(held.id, expected_minor=104500, by=cast.ada, now=desk.clock.now)
    settle_by_hand(made[0], was_sent=True, by=cast.sam, now=desk.clock.now)
    settle_by_hand(made[0], was_sent=False, by=cast.sam, now=desk.clock.now)
    assert returned() == [(104500, "failed")]


def test_a_switch_gives_back_the_difference_of_the_tuition_alone(desk):
    desk.open(starts_in=10)
    held = desk.pay()
    two = two_ways(desk, 79500, 49500, starts_in=60)
    second = place(move(desk, held, way(two, "in-person")))
    assert returned() == []  # too late for a refund
    move(desk, second, way(two, "livestream"))
    assert returned() == [(30000, "succeeded")]


def test_a_decision_to_refund_says_who_lets_the_seat_stand(desk, cast):
    desk.open(starts_in=60)
    held = desk.pay()
    made = office.refund(held.id, 5000, left_minor=109500, reason="x", form_id="a", by=cast.sam, now=desk.clock.now)
    checkout.send_refund(made[0], payments=desk.client, now=desk.clock.now)
    desk.sandbox.fail_refund(desk.sandbox.books()["refunds"][0]["id"])
    desk.clock.advance(days=1)
    desk.sweep()
    whole = deciding.Decision(deciding.REFUND, "Their bank refuses parts.")
    payment = desk.payment(held).id
    deciding.decide(payment, whole, form_id="b", by=cast.sam, payments=desk.client, now=desk.clock.now)
    db.session.rollback()
    assert (desk.state(held)[0], held.waived_by) == ("confirmed", cast.sam.id)


def test_a_move_is_not_paid_by_invoice_past_the_day_the_earlier_place_begins(desk, cast):
    desk.open(starts_in=10)
    held = desk.pay()
    new = place(move(desk, held, other(desk, 129500)))
    with pytest.raises(staffing.InvoiceImpossible):
        invoices.by_invoice(new.id, shown_minor=20000, payments=desk.client, by=cast.ada, now=desk.clock.now)


def test_a_refund_of_a_payment_that_never_took_effect_is_none_of_ours(desk):
    desk.open(starts_in=60)
    held = desk.begin()
    with transaction():
        desk.payment(held).intent_id = "pi_1"
    told = stripe.Refund.construct_from({"id": "re_1", "amount": 1, "currency": "usd", "created": 1}, "")
    assert mirror(desk.payment(held).id, [told], now=desk.clock.now) == "nothing"
    assert returned() == []


def test_what_no_bank_looks_at_goes_back_when_a_seminar_is_called_off(desk, cast):
    desk.open(starts_in=60)
    first = desk.pay()
    target = other(desk, 129500)
    second = place(move(desk, first, target))
    assert pay(desk, second) == "paid"
    desk.sandbox.dispute(desk.session(first))
    desk.clock.advance(days=1)
    desk.sweep()
    cancel_seminar(target.seminar_id, reason="A storm.", by=cast.sam, now=desk.clock.now)
    for days in (0, 10, 1):
        desk.clock.advance(days=days)
        desk.sweep()
    assert (desk.state(second)[0], returned()) == ("cancelled", [(20000, "succeeded")])
    assert (desk.payment(first).review_reason, desk.payment(second).review_reason) == (DISPUTED, None)


def test_a_receipt_says_what_was_waived(desk, cast):
    desk.open(starts_in=60)
    first = desk.pay()
    second = place(move(desk, first, other(desk, 129500)))
    now = desk.clock.now
    office.waive(second.id, reason="A guest.", form_id="w", by=cast.sam, payments=desk.client, now=now)
    paper = db.session.scalars(select(Paper).where(Paper.registration_id == second.id)).one()
    lines = dict(paper.snapshot["lines"])
    assert lines["Waived"] == "\N{MINUS SIGN}$200.00"
