"""Facts about the sweep: what was missed is found, what was cut off is finished, and nothing happens twice."""

from datetime import timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import select

from cme import jobs
from cme.database import db, transaction
from cme.queue import Schedule
from cme.registration import checkout, invariants, rules, seats
from cme.registration.checkout import attempts, conversation, events, holds, outcomes, refunds, rounds
from cme.registration.models import LedgerEntry, Payment, Refund, StripeEvent
from tests import factories

pytestmark = pytest.mark.usefixtures("promises")
CREATE = "POST /v1/checkout/sessions"


class Killed(BaseException):
    """The worker ends here."""


def test_a_payment_nobody_told_us_of_is_found(desk):
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    desk.clock.advance(minutes=4)
    desk.sweep()
    assert desk.state(held) == ("confirmed", "paid")


def test_events_that_never_arrived_are_heard_within_the_hour(desk):
    desk.sweep()
    held = desk.pay()
    desk.sandbox.refund(desk.session(held), 5000)
    desk.clock.advance(hours=1)
    assert desk.sweep()["events caught up"] > 0
    assert [(r.status, r.amount_minor) for r in db.session.scalars(select(Refund))] == [("succeeded", 5000)]


def test_what_stripe_sold_in_our_name_unknown_to_us_is_found_within_a_day(desk):
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    session = desk.sandbox.books()["sessions"][0]["id"]
    attempts._abandon(desk.payment(held).id, "never created", release=False, now=desk.clock.now)
    desk.sandbox.faults.next("dropped", path="checkout.session.completed")
    desk.sandbox.pay(session)
    desk.sweep()
    assert desk.state(held) == ("confirmed", "paid")


def test_a_session_paid_for_a_payment_we_lost_is_reported(desk, caplog):
    price = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Seat"}}
    made = desk.client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": "http://localhost/",
            "client_reference_id": "999",
            "metadata": conversation.marks(payment_id=999),
        }
    )
    desk.sandbox.pay(made.id)
    desk.sweep()
    assert f"sweep leaves {made.id} for later: NotYetKnown" in caplog.text


def test_refunds_made_at_stripe_are_found_within_a_day(desk):
    desk.sweep()
    held = desk.pay()
    for kind in ("refund.created", "charge.refunded"):
        desk.sandbox.faults.next("dropped", path=kind)
    desk.sandbox.refund(desk.session(held), 5000)
    desk.clock.advance(days=1)
    assert desk.sweep()["reconciled"] >= 0
    assert db.session.scalars(select(Refund.origin)).all() == ["dashboard"]


def test_a_refund_by_bank_settles_when_it_settles(desk):
    held = desk.begin()
    desk.sandbox.pay_later(desk.session(held))
    desk.apply(held)
    desk.sandbox.settle(desk.session(held))
    desk.apply(held)
    payment = desk.payment(held).id
    now = desk.clock.now
    refund = checkout.request_refund(payment, 5000, reason="kindness", by=desk.cast.sam, now=now)
    assert desk.sweep()["refunds sent"] == 1
    assert db.session.get_one(Refund, refund).status == "pending"
    desk.sandbox.settle_refund(desk.sandbox.books()["refunds"][0]["id"])
    assert desk.sweep()["refunds settled"] == 1
    assert db.session.get_one(Refund, refund, populate_existing=True).status == "succeeded"


def test_one_that_fails_does_not_stop_the_others(desk, monkeypatch):
    first, second = desk.begin(desk.cast.ada), desk.begin(desk.cast.otto)
    bad = desk.session(first)
    for held in (first, second):
        desk.sandbox.pay(desk.session(held))
    look = rounds.apply

    def stumble(session_id: str, **more: Any) -> str:
        if session_id == bad:
            raise stripe.APIConnectionError("gone")
        return look(session_id, **more)

    desk.clock.advance(minutes=6)
    with monkeypatch.context() as patched:
        patched.setattr(rounds, "apply", stumble)
        patched.setattr(rounds, "_when_due", lambda *_: {})
        desk.sweep()
    assert (desk.state(first)[0], desk.state(second)[0]) == ("held", "confirmed")
    desk.sweep()
    assert desk.state(first)[0] == "confirmed"


def test_a_second_sweep_finds_nothing_to_do(desk):
    desk.begin()
    desk.clock.advance(hours=1)
    desk.sweep()
    before = (desk.log(), desk.letters(), desk.taken())
    counts = desk.sweep()
    assert (desk.log(), desk.letters(), desk.taken()) == before
    assert not any(counts.values())


def test_without_payments_holds_still_end(desk):
    held = desk.hold()
    desk.clock.advance(minutes=16)
    assert checkout.sweep(payments=None, now=desk.clock.now)["holds ended"] == 1
    assert desk.state(held) == ("expired", None)


def test_money_of_another_mode_is_left_alone(desk, monkeypatch):
    held = desk.begin()
    with transaction() as session:
        session.get_one(Payment, desk.payment(held).id).mode = "test"
    desk.clock.advance(hours=1)
    monkeypatch.setattr(rounds, "_when_due", lambda *_: {})
    desk.sweep()
    assert desk.state(held) == ("held", "open")
    assert desk.payment(held).review_since is None


def test_a_silent_webhook_raises_an_alarm(desk, caplog):
    for _ in range(2):
        desk.open()
        desk.pay()
        desk.clock.advance(hours=1, minutes=-10)
        assert desk.sweep()["webhook silent"] == 1
        desk.clock.advance(minutes=10)
    assert "silent" in caplog.text


def test_a_webhook_that_speaks_raises_none(desk):
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    desk.tell(held, "checkout.session.completed")
    desk.clock.advance(minutes=10)
    assert desk.sweep()["webhook silent"] == 0


def test_a_broken_promise_raises_an_alarm(desk, monkeypatch, caplog):
    monkeypatch.setattr(rounds.invariants, "breaches", lambda *, now: iter(["I0 the moon is missing"]))
    assert desk.sweep()["promises broken"] == 1
    assert "the moon is missing" in caplog.text
    monkeypatch.undo()


def test_the_age_of_the_oldest_open_question_is_told(desk):
    desk.begin()
    desk.clock.advance(minutes=7)
    assert desk.sweep()["oldest unsettled, minutes"] == 7


def test_the_clock_asks_for_it(desk):
    held = desk.hold()
    desk.clock.advance(minutes=16)
    assert jobs.sweep("tests")["holds ended"] == 1
    assert desk.state(held) == ("expired", None)


STEPS = {
    "before an attempt is repeated": (attempts, "ask"),
    "after Stripe answered": (attempts, "_adopt"),
    "while binding the session": (attempts, "bind"),
    "before a session is looked at": (rounds, "apply"),
    "before the effect": (outcomes, "_take_effect"),
    "while confirming": (seats, "confirm"),
    "before the hold ends": (holds, "_release"),
    "while the seat is given back": (seats, "give_back"),
    "while asking for the refund": (outcomes, "request_in_full"),
    "before the refund is sent": (outcomes, "send_refund"),
    "after the refund was sent": (refunds, "mirror"),
    "before missed events": (events, "hear"),
    "before the promises are checked": (invariants, "breaches"),
    "before the books are compared": (rounds, "_reconcile"),
    "at the very end": (rounds, "_age_of_oldest"),
}


def unsettled(desk: Any) -> dict[str, Any]:
    """Everything a sweep can find: cut off, paid unheard, run out, paid too late, to be given back."""
    desk.open(capacity=20)
    people = [desk.cast.ada, desk.cast.nell, desk.cast.otto]
    cut_off, paid, left = (desk.hold(person) for person in people)
    idle = desk.hold(factories.account("idle@example.test", "Idle, MD", "md", now=desk.clock.now))
    desk.start(paid)
    desk.start(left)
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(cut_off)
    desk.sandbox.pay(desk.session(paid))
    late = desk.hold(desk.cast.sam)
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(late)
    ghost = desk.sandbox.books()["sessions"][-1]["id"]
    attempts._abandon(desk.payment(late).id, "never created", release=False, now=desk.clock.now)
    checkout.give_up(late.id, payments=None, by=desk.cast.sam, now=desk.clock.now)
    desk.sandbox.pay(ghost)
    desk.clock.advance(minutes=45)
    return {"cut off": cut_off, "paid": paid, "left": left, "idle": idle, "late": late}


@pytest.mark.parametrize("step", STEPS, ids=list(STEPS))
def test_a_worker_killed_anywhere_is_finished_by_the_next(desk, monkeypatch, step):
    found = unsettled(desk)
    where, name = STEPS[step]

    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(where, name, die)
        with pytest.raises(Killed):
            desk.sweep()
    for _ in range(2):
        desk.sweep()
        desk.clock.advance(minutes=15)
    desk.sweep()
    states = {name: desk.state(held) for name, held in found.items()}
    assert states == {
        "cut off": ("expired", "expired"),
        "paid": ("confirmed", "paid"),
        "left": ("expired", "expired"),
        "idle": ("expired", None),
        "late": ("cancelled", "paid"),
    }
    assert desk.taken() == 1
    assert sorted(desk.letters(desk.cast.nell) + desk.letters(desk.cast.sam)) == ["confirmed", "payment_returned"]
    money = sorted(entry.amount_minor for entry in db.session.scalars(select(LedgerEntry)))
    assert len(money) == 3
    assert sum(money) == desk.payment(found["paid"]).amount_minor
    assert len(desk.sandbox.books()["refunds"]) == 1


def test_the_rounds_remember_when_they_ran(desk):
    desk.sweep()
    due = {row.name: row.next_run_at for row in db.session.scalars(select(Schedule))}
    assert due["money:hourly"] == desk.clock.now + timedelta(hours=1)
    assert due["money:daily"] == desk.clock.now + timedelta(days=1)
    assert db.session.scalars(select(StripeEvent)).all() == []
