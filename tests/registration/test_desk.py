"""Facts about what staff do with seats and money, on both databases: each once, none behind a payment's back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from cme import jobs
from cme.catalog.models import Offering
from cme.database import db, transaction
from cme.queue import Schedule
from cme.registration import checkout, rules, services
from cme.registration.checkout import holds, invoices, refunds, rounds
from cme.registration.checkout.invoices import Received
from cme.registration.models import LedgerEntry, Paper, Payment, Refund, Registration
from cme.registration.rules import staffing
from cme.registration.services import deciding, granting
from cme.registration.services import desk as office
from cme.registration.services.deciding import Decision
from cme.registration.services.granting import Grant
from cme.values import Money
from tests import factories

pytestmark = pytest.mark.usefixtures("promises", "sandbox")

FORM = "f" * 20
CHECK = Received("check", Money(109500), "4711")


def who(desk: Any) -> dict[str, Any]:
    return {"by": desk.cast.sam, "now": desk.clock.now}


def ask_for_invoice(desk: Any, held: Registration, shown: int = 109500) -> str:
    return invoices.by_invoice(held.id, shown_minor=shown, payments=desk.client, by=desk.cast.ada, now=desk.clock.now)


def record(desk: Any, held: Registration, form: str = FORM) -> list[int]:
    return invoices.record_payment(held.id, CHECK, form_id=form, payments=desk.client, **who(desk))


def decide(desk: Any, held: Registration, what: str, paid_back: int = 0) -> list[int]:
    chosen = Decision(what, "Looked into it", paid_back)
    return deciding.decide(desk.payment(held).id, chosen, form_id=FORM, payments=desk.client, **who(desk))


def returned() -> list[tuple[str, int]]:
    db.session.rollback()
    return [(each.status, each.amount_minor) for each in db.session.scalars(select(Refund).order_by(Refund.id))]


def test_an_invoice_closes_the_payment_page_first(desk):
    held = desk.begin()
    assert ask_for_invoice(desk, held) == "held"
    assert desk.state(held) == ("held", "expired")
    assert desk.sandbox.books()["sessions"][0]["status"] == "expired"
    assert held.hold_until == desk.clock.now + timedelta(days=14)
    assert db.session.scalars(select(Paper.kind)).all() == ["invoice"]


def test_whoever_has_paid_already_gets_no_invoice(desk):
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    assert ask_for_invoice(desk, held) == "confirmed"
    assert desk.state(held) == ("confirmed", "paid")


def test_an_invoice_is_refused_while_stripe_cannot_say_what_was_paid(desk):
    held = desk.begin()
    desk.sandbox.faults.next("error_500", count=3)
    with pytest.raises(rules.PaymentDelayed):
        ask_for_invoice(desk, held)
    assert held.invoiced_at is None


def test_an_invoice_is_for_the_amount_the_page_showed(desk):
    with pytest.raises(rules.PriceChanged):
        ask_for_invoice(desk, desk.hold(), shown=1)


def test_asking_twice_makes_one_invoice(desk):
    held = desk.hold()
    for _ in range(2):
        ask_for_invoice(desk, held)
    assert db.session.scalar(select(func.count(Paper.id))) == 1


def test_it_works_without_any_payment_service(desk, monkeypatch):
    monkeypatch.setitem(desk.app.config, "PAYMENTS_MODE", "off")
    held = desk.hold()
    now = desk.clock.now
    invoices.by_invoice(held.id, shown_minor=109500, payments=None, by=desk.cast.ada, now=now)
    invoices.record_payment(held.id, CHECK, form_id=FORM, payments=None, **who(desk))
    assert desk.state(held) == ("confirmed", "paid")


def test_a_check_recorded_by_two_at_once_is_recorded_once(desk, together):
    held = desk.hold()
    number, by, now, client = held.id, desk.cast.sam, desk.clock.now, desk.client
    by_id = by.id

    def one(_: int) -> Any:
        staff = db.session.get_one(type(by), by_id)
        return invoices.record_payment(number, CHECK, form_id=FORM, payments=client, by=staff, now=now)

    assert together(4, one) == [[]] * 4
    assert db.session.scalar(select(func.count(Payment.id))) == 1
    assert db.session.scalar(select(func.sum(LedgerEntry.amount_minor))) == 109500


def test_a_late_check_gets_a_free_seat(desk):
    held = desk.hold()
    desk.clock.advance(minutes=16)
    desk.sweep()
    record(desk, held)
    assert desk.state(held) == ("confirmed", "paid")


def test_a_late_check_without_a_seat_waits_and_goes_back(desk):
    desk.open(capacity=1)
    held = desk.hold()
    desk.clock.advance(minutes=16)
    desk.sweep()
    factories.registration(desk.cast.otto, desk.seminar, now=desk.clock.now)
    record(desk, held)
    assert desk.state(held) == ("expired", "paid")
    assert desk.payment(held).review_reason == invoices.NO_SEAT
    with pytest.raises(rules.SeminarFull):
        decide(desk, held, "seat")
    [number] = decide(desk, held, "refund")
    assert decide(desk, held, "refund") == []
    assert returned() == [("requested", 109500)]
    for _ in range(2):
        refunds.settle_by_hand(number, was_sent=True, **who(desk))
    assert returned() == [("succeeded", 109500)]
    assert db.session.scalar(select(func.sum(LedgerEntry.amount_minor))) == 0


def test_a_refund_that_could_not_be_sent_waits_for_staff_again(desk):
    held = desk.hold()
    record(desk, held)
    [number] = office.refund(held.id, 5000, left_minor=109500, reason="Rain", form_id=FORM, **who(desk))
    refunds.settle_by_hand(number, was_sent=False, **who(desk))
    assert "could not be sent" in str(desk.payment(held).review_reason)
    decide(desk, held, "outside", paid_back=5000)
    assert returned() == [("failed", 5000), ("succeeded", 5000)]
    assert desk.payment(held).review_since is None


def test_a_seat_is_given_for_money_in_review_when_one_is_free_again(desk):
    desk.open(capacity=1)
    held = desk.hold()
    desk.clock.advance(minutes=16)
    desk.sweep()
    other = factories.registration(desk.cast.otto, desk.seminar, now=desk.clock.now, status="held")
    record(desk, held)
    holds.give_up(other.id, payments=desk.client, by=desk.cast.otto, now=desk.clock.now)
    decide(desk, held, "seat")
    assert desk.state(held) == ("confirmed", "paid")


def test_what_never_took_effect_is_settled_outside_and_stays_so(desk):
    held = desk.begin()
    with transaction():
        checkout.conversation.flag(desk.payment(held), "session differs in amount", now=desk.clock.now)
    with pytest.raises(staffing.NotDecidable):
        decide(desk, held, "refund")
    decide(desk, held, "outside")
    assert desk.state(held) == ("held", "expired")
    assert desk.sandbox.books()["sessions"][0]["status"] == "expired"
    assert desk.apply(held) == "nothing"
    desk.clock.advance(minutes=60)
    desk.sweep()
    assert desk.state(held) == ("expired", "expired")


def test_stripes_refunds_are_not_settled_by_hand(desk):
    held = desk.pay()
    [number] = office.refund(held.id, 5000, left_minor=109500, reason="Rain", form_id=FORM, **who(desk))
    with pytest.raises(staffing.SentByStripe):
        refunds.settle_by_hand(number, was_sent=True, **who(desk))


def test_one_form_gives_money_back_once_however_many_send_it(desk, together):
    held = desk.pay()
    number, by_id, kind, now = held.id, desk.cast.sam.id, type(desk.cast.sam), desk.clock.now

    def one(_: int) -> Any:
        staff = db.session.get_one(kind, by_id)
        return office.refund(number, 5000, left_minor=109500, reason="Rain", form_id=FORM, by=staff, now=now)

    made = together(4, one)
    assert sorted(len(each) for each in made) == [0, 0, 0, 1]
    assert returned() == [("requested", 5000)]


def test_without_the_guard_the_same_form_is_not_known_again(desk, monkeypatch):
    """The control: what the page showed still stops it, which only the guard answers with the first result."""
    held = desk.pay()
    give = {"left_minor": 109500, "reason": "Rain", "form_id": FORM, **who(desk)}
    office.refund(held.id, 5000, **give)
    monkeypatch.setattr(office, "was_done", lambda *_: False)
    with pytest.raises(staffing.ChangedMeanwhile):
        office.refund(held.id, 5000, **give)


def test_a_dispute_that_is_won_leaves_nothing_to_decide(desk):
    held = desk.pay()
    desk.sandbox.dispute(desk.session(held))
    desk.tell(held, "charge.dispute.created")
    with pytest.raises(rules.Disputed):
        office.keep_seat(held.id, note="x", form_id=FORM, **who(desk))
    desk.sandbox.close_dispute(desk.session(held), won=True)
    desk.tell(held, "charge.dispute.closed")
    db.session.refresh(held)
    assert held.disputed_at is None


def test_a_dispute_nobody_told_us_of_is_found_within_a_day(desk):
    desk.sweep()
    held = desk.pay()
    for kind in ("charge.dispute.created", "charge.dispute.funds_withdrawn"):
        desk.sandbox.faults.next("dropped", path=kind)
    desk.sandbox.dispute(desk.session(held))
    desk.clock.advance(days=1)
    assert rounds._reconcile(desk.client, desk.clock.now)["reconciled"] == 1
    db.session.refresh(held)
    assert held.disputed_at == desk.clock.now


def test_a_refund_that_arrived_has_its_credit_note_and_its_letter_once(desk):
    held = desk.pay()
    desk.sandbox.refund(desk.session(held), 5000)
    for kind in ("charge.refunded", "refund.created"):
        desk.tell(held, kind)
    assert desk.letters().count("refund_sent") == 1
    assert db.session.scalars(select(Paper.kind).order_by(Paper.id)).all() == ["receipt", "credit-note"]


def test_a_place_is_given_once_and_over_the_capacity_only_when_said(desk, together):
    desk.open(capacity=1)
    factories.registration(desk.cast.otto, desk.seminar, now=desk.clock.now)
    offering, by_id, kind, now = desk.seminar.offerings[0].id, desk.cast.sam.id, type(desk.cast.sam), desk.clock.now
    address = desk.cast.nell.email

    def one(over: bool) -> Any:
        grant, staff = Grant(address, "comp", "Guest", over), db.session.get_one(kind, by_id)
        return granting.give_place(offering, grant, form_id=FORM, by=staff, now=now)

    with pytest.raises(staffing.SeatsAllTaken):
        one(False)
    given = together(3, lambda _: one(True))
    assert len(set(given)) == 1
    assert db.session.get_one(Offering, offering, populate_existing=True).taken == 2
    assert desk.log().count("overrode capacity") == 1


def test_a_round_that_was_killed_is_taken_over_after_two_minutes(desk, monkeypatch):
    def die(_: Any) -> dict[str, int]:
        raise KeyboardInterrupt

    monkeypatch.setitem(jobs.SCHEDULE, "money", (timedelta(minutes=2), die))
    with pytest.raises(KeyboardInterrupt):
        jobs.run_schedule("money", force=True)
    monkeypatch.undo()
    desk.clock.advance(seconds=119)
    assert jobs.run_schedule("money", force=True) is None
    desk.clock.advance(seconds=1)
    assert jobs.run_schedule("money", force=True) is not None


def test_a_long_round_keeps_its_turn(desk):
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    desk.clock.advance(minutes=6)
    with transaction() as session:
        session.add(Schedule(name="money", next_run_at=desk.clock.now, lease_until=desk.clock.now))
    go_on = jobs.keep_turn("money", desk.clock.now)
    desk.clock.advance(seconds=60)
    checkout.sweep(payments=desk.client, now=desk.clock.now, go_on=go_on)
    lease = db.session.get_one(Schedule, "money", populate_existing=True).lease_until
    assert lease == desk.clock.now + jobs.TURN


def test_registering_is_not_possible_for_whom_staff_gave_a_place(desk):
    desk.open()
    offering = desk.seminar.offerings[0].id
    granting.give_place(offering, Grant(desk.cast.ada.email, "faculty", "Speaks"), form_id=FORM, **who(desk))
    with pytest.raises(rules.AlreadyRegistered):
        services.register(desk.cast.ada.id, offering, form_id=None, now=desk.clock.now)
