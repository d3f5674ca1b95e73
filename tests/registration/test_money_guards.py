"""Guards of money asked one at a time: what Stripe tells twice, tells wrongly, or tells after staff have decided."""

from typing import Any

import pytest
import stripe
from sqlalchemy import select

from cme.database import db, transaction
from cme.registration import checkout, seats
from cme.registration.checkout import disputes, refunds
from cme.registration.checkout.conversation import Heard
from cme.registration.models import Payment, Refund, StripeEvent

pytestmark = pytest.mark.usefixtures("promises", "sandbox")


def told_of(desk: Any, number: str, kind: str = "refund.updated") -> Heard:
    """What an event would say."""
    return Heard("evt_once", kind, number, False, desk.clock.now)


def request(desk: Any, payment: Payment, amount: int) -> int:
    who = {"reason": "kindness", "by": desk.cast.sam, "now": desk.clock.now}
    return checkout.request_refund(payment.id, amount, **who)


def known() -> list[tuple[str, str, int]]:
    """Every refund, in the order in which they were written down."""
    db.session.rollback()
    return [
        (each.status, each.origin, each.amount_minor) for each in db.session.scalars(select(Refund).order_by(Refund.id))
    ]


def made_at_stripe(desk: Any, payment: Payment, amount: int, claims: int) -> stripe.Refund:
    """A refund that Stripe has, and whose metadata says which of ours it is."""
    ours = {"app": "cme", "installation": "testing", "refund_id": str(claims)}
    return desk.client.v1.refunds.create({"payment_intent": payment.intent_id, "amount": amount, "metadata": ours})


def change(session_id: str, desk: Any, **values: Any) -> None:
    """Let Stripe's session be another."""
    store = desk.sandbox.shop.store
    store.put(store.get("checkout.session", session_id) | values)


class TestRefunds:
    """A refund is known again by its own number alone, and one told twice is one."""

    def test_a_refund_that_was_sent_is_not_sent_again(self, desk):
        payment = desk.payment(desk.pay())
        number = request(desk, payment, 5000)
        assert checkout.send_refund(number, payments=desk.client, now=desk.clock.now)
        assert checkout.send_refund(number, payments=None, now=desk.clock.now)  # nobody is asked

    def test_a_refund_of_another_mode_is_not_asked_of_stripe(self, desk, monkeypatch):
        number = request(desk, desk.payment(desk.pay()), 5000)
        monkeypatch.setitem(desk.app.config, "PAYMENTS_MODE", "test")
        assert checkout.send_refund(number, payments=None, now=desk.clock.now)
        assert known() == [("requested", "app", 5000)]

    def test_a_refund_whose_key_is_forgotten_is_looked_for_before_it_is_asked_for_again(self, desk):
        payment = desk.payment(desk.pay())
        number = request(desk, payment, 5000)
        made_at_stripe(desk, payment, 5000, claims=number)  # done, and the answer never came
        later = desk.clock.advance(hours=25)
        assert checkout.send_refund(number, payments=desk.client, now=later)
        assert known() == [("succeeded", "app", 5000)]
        assert len(desk.sandbox.books()["refunds"]) == 1

    def test_an_event_about_a_refund_takes_effect_once(self, desk):
        payment = desk.payment(desk.pay())
        told = made_at_stripe(desk, payment, 5000, claims=request(desk, payment, 5000))
        event = told_of(desk, told.id)
        outcomes = [refunds.mirror(payment.id, [told], now=desk.clock.now, event=event) for _ in range(2)]
        assert outcomes == ["refund", "duplicate"]

    def test_each_refund_is_known_again_by_its_own_number(self, desk):
        payment = desk.payment(desk.pay())
        request(desk, payment, 5000)
        told = made_at_stripe(desk, payment, 3000, claims=request(desk, payment, 3000))
        refunds.mirror(payment.id, [told], now=desk.clock.now)
        assert known() == [("requested", "app", 5000), ("succeeded", "app", 3000)]

    def test_a_refund_of_one_payment_is_not_taken_for_that_of_another(self, desk, cast):
        mine, theirs = desk.payment(desk.pay()), desk.payment(desk.pay(cast.otto))
        told = made_at_stripe(desk, theirs, 5000, claims=request(desk, mine, 5000))
        refunds.mirror(theirs.id, [told], now=desk.clock.now)
        assert known() == [("requested", "app", 5000), ("succeeded", "dashboard", 5000)]

    def test_a_second_refund_that_claims_to_be_the_first_is_another(self, desk):
        payment = desk.payment(desk.pay())
        number = request(desk, payment, 5000)
        for amount in (5000, 3000):
            told = made_at_stripe(desk, payment, amount, claims=number)
            refunds.mirror(payment.id, [told], now=desk.clock.now)
        assert known() == [("succeeded", "app", 5000), ("succeeded", "dashboard", 3000)]

    def test_a_refund_of_another_amount_than_was_asked_for_waits_for_staff(self, desk):
        payment = desk.payment(desk.pay())
        told = made_at_stripe(desk, payment, 4000, claims=request(desk, payment, 5000))
        told.amount = 4999
        refunds.mirror(payment.id, [told], now=desk.clock.now)
        assert desk.payment(payment.registration).review_reason == f"refund {told.id} differs in amount"


def test_an_event_about_a_dispute_takes_effect_once(desk):
    held = desk.pay()
    payment, made = desk.payment(held), desk.sandbox.dispute(desk.session(held))
    told = desk.client.v1.disputes.retrieve(made["id"])
    event, now = told_of(desk, told.id, "charge.dispute.created"), desk.clock.now
    outcomes = [disputes.mirror_dispute(payment.id, told, now=now, event=event) for _ in range(2)]
    assert outcomes == ["dispute", "duplicate"]


class TestSessions:
    """A session takes effect for the attempt it was made for, once, and as it was asked for."""

    def test_a_payment_that_staff_settled_stays_settled(self, desk):
        held = desk.begin()
        desk.sandbox.pay(desk.session(held))
        with transaction() as session:
            session.get_one(Payment, desk.payment(held).id).settled_at = desk.clock.now
        assert desk.apply(held) == "nothing"
        assert desk.state(held) == ("held", "open")
        with transaction() as session:
            session.get_one(Payment, desk.payment(held).id).settled_at = None

    def test_a_second_session_that_was_paid_waits_for_staff(self, desk):
        """Found by our marks, it is not the one that was written down: nobody knows which of them was meant."""
        held = desk.begin()
        first = desk.session(held)
        desk.sandbox.pay(first)
        with transaction() as session:
            session.get_one(Payment, desk.payment(held).id).session_id = "cs_another"
        assert checkout.apply(first, payments=desk.client, now=desk.clock.now) == "review"
        assert desk.payment(held).review_reason == f"a second session was paid: {first}"
        assert desk.state(held) == ("held", "open")

    def test_a_second_session_that_is_open_is_closed(self, desk):
        held = desk.begin()
        first = desk.session(held)
        with transaction() as session:
            session.get_one(Payment, desk.payment(held).id).session_id = "cs_another"
        assert checkout.apply(first, payments=desk.client, now=desk.clock.now) == "nothing"
        assert desk.sandbox.shop.store.get("checkout.session", first)["status"] == "expired"

    def test_a_session_that_asked_for_nothing_gives_no_seat(self, desk):
        held = desk.begin()
        change(desk.session(held), desk, status="complete", payment_status="no_payment_required")
        assert desk.apply(held) == "review"
        assert desk.payment(held).review_reason == "session asked for no payment"
        assert desk.state(held) == ("held", "open")

    def test_a_paid_seat_in_review_takes_the_news_of_its_session(self, desk):
        """What waits for staff since is something else: to hear of the payment again is no review."""
        held = desk.pay()
        with transaction() as session:
            session.get_one(Payment, desk.payment(held).id).review_since = desk.clock.now
        assert desk.apply(held) == "nothing"

    def test_an_attempt_that_ends_at_the_moment_of_its_hold_ends_the_seat(self, desk):
        held = desk.begin()
        desk.sandbox.expire(desk.session(held))
        desk.clock.now = held.hold_until
        assert desk.apply(held) == "expired"
        assert desk.state(held) == ("expired", "expired")

    def test_a_second_payment_for_a_seat_says_why_it_goes_back(self, desk):
        held = desk.begin()
        desk.sandbox.pay(desk.session(held))
        with transaction() as session:
            seat = session.get_one(type(held), held.id)
            seat.waived_by = desk.cast.sam.id
            seats.confirm(seat, None, now=desk.clock.now)
        assert desk.apply(held) == "refunded"
        assert db.session.scalars(select(Refund.reason)).all() == ["the seat was already paid for"]

    def test_a_payment_of_another_height_than_the_tuition_goes_back(self, desk):
        held = desk.begin()
        desk.sandbox.pay(desk.session(held))
        with transaction() as session:
            seat = session.get_one(type(held), held.id)
            seat.list_minor = seat.amount_due_minor = 119500
        assert desk.apply(held) == "refunded"
        assert db.session.scalars(select(Refund.reason)).all() == ["the tuition had changed"]
        assert held.status == "held"

    def test_an_event_about_a_session_takes_effect_once(self, desk):
        held = desk.begin()
        desk.sandbox.pay(desk.session(held))
        event = told_of(desk, desk.session(held), "checkout.session.completed")
        tell = {"payments": desk.client, "now": desk.clock.now, "event": event}
        outcomes = [checkout.apply(desk.session(held), **tell) for _ in range(2)]
        assert outcomes == ["paid", "duplicate"]
        assert db.session.scalars(select(StripeEvent.outcome)).all() == ["paid"]
