"""Guards of seats asked one at a time: nothing is given back, or given, that somebody may still pay for."""

from typing import Any

import pytest
from sqlalchemy import select

from cme.catalog.models import Offering
from cme.database import db, transaction
from cme.registration import checkout, codes, queries, rules, seats, services
from cme.registration.checkout import holds, invoices, refunds
from cme.registration.models import PromoCode, Refund, Registration
from cme.registration.rules.codes import CodeUsedUp
from cme.registration.services import desk as staff
from cme.registration.services.codes import CodeValues
from tests.registration.moving import move, other, place

pytestmark = pytest.mark.usefixtures("promises", "sandbox")

CREATE = "POST /v1/checkout/sessions"
FORM = "s" * 20


def cut_off(desk: Any) -> Registration:
    """A held seat whose payment page was made at Stripe, but the answer never came."""
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    return held


def answer(desk: Any) -> dict[str, Any]:
    return {"payments": desk.client, "now": desk.clock.now}


class TestNobodyPays:
    """First nobody can pay any more, then the seat is free; each of the two asks for itself."""

    def test_a_seat_is_not_released_while_its_payment_page_is_open(self, desk):
        held = desk.begin()
        with pytest.raises(rules.PaymentOnItsWay):
            holds._release(held.id, "cancelled", by=None, now=desk.clock.now, reason="")
        assert desk.state(held) == ("held", "open")

    def test_what_a_bank_decides_about_is_not_closed(self, desk):
        held = desk.begin()
        desk.sandbox.pay_later(desk.session(held))
        assert desk.apply(held) == "processing"
        with pytest.raises(rules.PaymentOnItsWay):
            holds.give_up(held.id, payments=None, by=None, now=desk.clock.now)

    def test_a_hold_without_an_answer_from_stripe_stays(self, desk):
        held = cut_off(desk)
        with pytest.raises(rules.PaymentDelayed):
            holds.end_hold(held.id, payments=desk.client, now=desk.clock.advance(minutes=20))
        assert desk.state(held) == ("held", "creating")

    def test_an_invoice_finds_and_closes_a_payment_page_whose_answer_was_lost(self, desk):
        held = cut_off(desk)
        invoices.by_invoice(held.id, shown_minor=held.amount_due_minor, by=desk.cast.ada, **answer(desk))
        assert desk.state(held) == ("held", "expired")
        assert desk.sandbox.books()["sessions"][0]["status"] == "expired"

    def test_neither_invoice_nor_check_nor_waiver_comes_between_somebody_and_an_open_page(self, desk, cast):
        """Even where the page was opened just after we had looked."""
        held = desk.begin()
        who = {"by": cast.sam, "now": desk.clock.now}
        got = invoices.Received("check", held.to_pay, "4711")
        for late in (
            lambda: invoices._by_invoice(held.id, shown_minor=held.amount_due_minor, **who),
            lambda: invoices._record(held.id, got, form_id=FORM, **who),
            lambda: staff._waive(held.id, reason="Hardship", form_id=FORM, **who),
        ):
            with pytest.raises(rules.PaymentOnItsWay):
                late()
        assert desk.state(held) == ("held", "open")


class TestLate:
    """Money that comes for what is over buys nothing by accident."""

    def test_a_payment_for_a_seat_that_was_given_up_goes_back(self, desk):
        held = desk.begin()
        with transaction() as session:
            seats.end(session.get_one(Registration, held.id), "cancelled", payment=None, by=None, now=desk.clock.now)
        desk.sandbox.pay(desk.session(held))
        assert desk.apply(held) == "refunded"
        assert db.session.scalars(select(Refund.reason)).all() == ["the seat had been given up"]
        assert (desk.state(held), desk.taken()) == (("cancelled", "paid"), 0)

    def test_a_debit_that_bounced_is_told_twice_and_fails_once(self, desk):
        held = desk.begin()
        desk.sandbox.pay_later(desk.session(held))
        desk.sandbox.fail(desk.session(held))
        assert [desk.apply(held), desk.apply(held)] == ["failed", "nothing"]

    def test_a_session_is_known_by_its_name_whatever_its_metadata_say(self, desk):
        """Staff can edit metadata at Stripe."""
        held = desk.begin()
        store, name = desk.sandbox.shop.store, desk.session(held)
        desk.sandbox.pay(name)
        session = store.get("checkout.session", name)
        store.put(session | {"metadata": session["metadata"] | {"payment_id": "999"}})
        assert desk.apply(held) == "paid"

    def test_a_sale_of_another_installation_is_not_taken_for_ours(self, desk):
        """It numbers its payments from 1, as we do."""
        held = desk.begin()
        store, name = desk.sandbox.shop.store, desk.session(held)
        session = store.get("checkout.session", name)
        theirs = session["metadata"] | {"installation": "elsewhere"}
        store.put(session | {"id": "cs_test_elsewhere", "metadata": theirs})
        assert checkout.apply("cs_test_elsewhere", **answer(desk)) == "foreign"
        assert desk.payment(held).review_since is None


class TestMoves:
    """A move ends with what stands then, not with what stood when it began."""

    @pytest.fixture
    def moving(self, desk):
        """A place paid for, and a dearer one that is to replace it."""
        desk.open(starts_in=60)
        old = desk.pay()
        return old, place(move(desk, old, other(desk, 129500)))

    @pytest.fixture
    def refunded(self, desk, moving):
        """The same, when a part of the first payment went back at Stripe meanwhile."""
        old, _ = moving
        payment = desk.payment(old)
        made = desk.client.v1.refunds.create({"payment_intent": payment.intent_id, "amount": 50000})
        refunds.mirror(payment.id, [made], now=desk.clock.now)
        return moving

    def test_staff_waive_no_move_whose_money_went_back(self, desk, cast, refunded):
        old, new = refunded
        with pytest.raises(rules.MovedMeanwhile):
            staff.waive(new.id, reason="Hardship", form_id=FORM, by=cast.sam, **answer(desk))
        assert (place(new.ref).status, place(old.ref).status) == ("held", "confirmed")

    def test_nor_is_one_paid_by_invoice(self, desk, cast, refunded):
        with pytest.raises(rules.MovedMeanwhile):
            invoices.by_invoice(refunded[1].id, shown_minor=20000, by=cast.ada, **answer(desk))

    def test_nor_does_a_check_for_it_end_it(self, desk, cast, refunded):
        old, new = refunded
        got = invoices.Received("check", new.to_pay, "4711")
        invoices.record_payment(new.id, got, form_id=FORM, by=cast.sam, **answer(desk))
        assert (place(new.ref).status, place(old.ref).status) == ("held", "confirmed")
        assert desk.payment(new).review_reason == invoices.NO_SEAT


def test_a_code_used_up_is_refused_before_a_seat_is_taken(desk, cast):
    """The page asks what a code takes off before anybody presses anything."""
    offering = desk.open().offerings[0]
    values = CodeValues(amount_minor=9500, most_uses=1)
    services.add_code("ONCE", values, form_id=None, by=cast.sam, now=desk.clock.now)
    with transaction() as session:
        code, offering = session.scalars(select(PromoCode)).one(), session.get_one(Offering, offering.id)
        asked = queries.quote(offering, "md", now=desk.clock.now)
        code.used = 1
        with pytest.raises(CodeUsedUp):
            codes.discount(code, offering, asked, cast.ada.id, now=desk.clock.now)
        code.used = 0
