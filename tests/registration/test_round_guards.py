"""Guards of what comes by itself: rounds, webhooks and answers that come when everything is settled already."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.catalog.models import Offering
from cme.database import db, transaction
from cme.registration import checkout, rules, services
from cme.registration.checkout import attempts, disputes, lines, rounds
from cme.registration.models import Dispute, LedgerEntry, Payment, Registration
from cme.registration.rules import staffing
from cme.values import Money
from tests.registration.moving import place

pytestmark = pytest.mark.usefixtures("promises", "sandbox")

CREATE, COMPLETED = "POST /v1/checkout/sessions", "checkout.session.completed"


def cut_off(desk: Any) -> Registration:
    """A held seat whose payment page was made at Stripe, but the answer never came."""
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    return held


class TestLine:
    """The round looks again under the lock: meanwhile somebody may have answered."""

    @pytest.fixture
    def waits(self, desk, cast):
        offering = desk.open(capacity=1).offerings[0]
        desk.hold(cast.otto)
        return place(services.join_waitlist(cast.ada.id, offering.id, form_id=None, now=desk.clock.now))

    def test_whoever_still_waits_is_not_put_out(self, desk, waits):
        assert not lines._end(waits.id, "waitlisted", lines.BEGUN, now=desk.clock.now)
        assert place(waits.ref).status == "waitlisted"

    def test_an_offer_accepted_in_time_does_not_lapse(self, desk, cast, waits):
        desk.give_up(db.session.get_one(Registration, 1))
        services.accept_offer(waits.id, shown_minor=109500, now=desk.clock.now)
        until = place(waits.ref).offer_until
        assert not lines._end(waits.id, "offered", lines.LAPSED, now=until)
        assert place(waits.ref).status == "held"
        desk.clock.now = until

    def test_the_line_closes_at_the_moment_the_seminar_begins(self, desk, waits):
        desk.clock.now = desk.seminar.starts_at
        lines.look_after(now=desk.clock.now)
        assert place(waits.ref).status == "expired"
        desk.sweep()


class TestAttempts:
    """What is settled is not abandoned, and what is over is not begun."""

    def test_an_attempt_that_became_a_session_is_not_abandoned(self, desk):
        held = desk.begin()
        attempts._abandon(desk.payment(held).id, "too late", release=True, now=desk.clock.now)
        assert desk.state(held) == ("held", "open")

    def test_nobody_pays_for_a_seat_that_was_given_up(self, desk):
        held = desk.hold()
        desk.give_up(held)
        with pytest.raises(rules.HoldEnded):
            desk.start(held, shown=109500)
        assert db.session.scalars(select(Payment.id)).all() == []

    def test_staff_take_up_an_attempt_cut_off(self, desk):
        held = cut_off(desk)
        assert rounds.take_up(desk.payment(held), payments=desk.client, now=desk.clock.now)
        assert desk.state(held) == ("held", "open")

    def test_staff_take_up_a_payment_nobody_told_us_of(self, desk):
        held = desk.begin()
        desk.sandbox.pay(desk.session(held))
        assert rounds.take_up(desk.payment(held), payments=desk.client, now=desk.clock.now)
        assert desk.state(held) == ("confirmed", "paid")

    def test_a_page_nobody_waits_for_is_closed_by_taking_it_up(self, desk):
        held = desk.begin()
        with transaction() as session:
            row = session.get_one(Registration, held.id)
            row.status, row.hold_until = "expired", None
            session.get_one(Offering, row.offering_id).taken -= 1
        assert rounds.take_up(desk.payment(held), payments=desk.client, now=desk.clock.now)
        assert desk.sandbox.books()["sessions"][0]["status"] == "expired"


class TestWebhook:
    """What was settled, or is none of ours, is heard and left alone."""

    def test_a_dispute_that_was_decided_stays_so(self, desk):
        held = desk.pay()
        made = desk.sandbox.dispute(desk.session(held))
        told = desk.client.v1.disputes.retrieve(made["id"])
        desk.sandbox.close_dispute(desk.session(held), won=False)
        lost = desk.client.v1.disputes.retrieve(made["id"])
        number = desk.payment(held).id
        outcomes = [disputes.mirror_dispute(number, each, now=desk.clock.now) for each in (told, lost, told, lost)]
        assert outcomes == ["dispute", "dispute", "nothing", "nothing"]
        assert db.session.scalars(select(Dispute.status)).all() == ["lost"]
        entries = select(LedgerEntry.amount_minor).order_by(LedgerEntry.id)
        assert db.session.scalars(entries).all() == [109500, -109500]

    def test_money_of_another_shop_on_the_account_is_not_ours(self, desk):
        price = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Mug"}}
        made = desk.client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [{"price_data": price, "quantity": 1}],
                "success_url": "http://localhost/",
                "metadata": {"app": "shop"},
            }
        )
        desk.sandbox.pay(made.id)
        told = desk.sandbox.refund(made.id, 100)
        assert desk.tell(told["id"], "refund.created") == 200


def test_a_check_is_for_what_is_due_and_tuition_is_not_kept_for_ever(desk):
    with pytest.raises(staffing.AnotherAmount, match="Nothing is due"):
        staffing.check_received(Money(0), Money(0))
    today = desk.clock.now.date()
    longest = today + staffing.LONGEST_CREDIT
    staffing.check_credit(longest, before=today, today=today)
    with pytest.raises(staffing.ChangedMeanwhile):
        staffing.check_credit(longest + timedelta(days=1), before=today, today=today)


def test_nobody_waits_for_checks_where_the_provider_takes_none(desk):
    with pytest.raises(staffing.InvoiceImpossible):
        staffing.check_invoice(0, closes=None, now=desk.clock.now)


def test_an_answer_to_an_event_heard_before_asks_stripe_nothing(desk):
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    assert desk.tell(held, COMPLETED) == 200
    event = checkout.Heard("evt_heard", COMPLETED, desk.session(held), False, desk.clock.now)
    assert checkout.hear(event, payments=desk.client, now=desk.clock.now) == "nothing"
    assert checkout.hear(event, payments=None, now=desk.clock.now) == "duplicate"
