"""Facts about paying: every step of an attempt and of a registration, one thing going wrong at a time."""

from datetime import timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import func, select

from cme.catalog.models import Offering, PriceTier, Seminar
from cme.database import db, is_writing, transaction
from cme.mail import Letter
from cme.registration import checkout, rules, services
from cme.registration.checkout import attempts, outcomes
from cme.registration.models import LedgerEntry, Payment, Refund

pytestmark = pytest.mark.usefixtures("promises")
CREATE = "POST /v1/checkout/sessions"
REFUND = "POST /v1/refunds"


class Killed(BaseException):
    """The process ends here."""


def kill(*_: Any, **__: Any) -> Any:
    raise Killed


def ledger() -> list[tuple[str, int]]:
    return [(e.kind, e.amount_minor) for e in db.session.scalars(select(LedgerEntry).order_by(LedgerEntry.id))]


def refunds() -> list[tuple[str, str, int]]:
    db.session.rollback()
    return [(r.status, r.origin, r.amount_minor) for r in db.session.scalars(select(Refund).order_by(Refund.id))]


def raise_prices(by: int) -> None:
    with transaction() as session:
        for tier in session.scalars(select(PriceTier)):
            tier.amount_minor += by


def fill(seminar: Any) -> None:
    with transaction() as session:
        session.get_one(Offering, seminar.offerings[0].id).capacity = 0


def leave(desk: Any, held: Any) -> None:
    """Let the hold run out and be given back, and leave the money question open."""
    desk.clock.advance(hours=1)
    desk.sweep()
    assert desk.state(held) == ("expired", "expired")


def paid_late(desk: Any) -> Any:
    """A payment through a session we believed had never been made, after its seat was given back."""
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    session = desk.sandbox.books()["sessions"][0]["id"]
    attempts._abandon(desk.payment(held).id, "never created", release=False, now=desk.clock.now)
    desk.sandbox.pay(session)
    desk.clock.advance(minutes=20)
    checkout.expire_holds(payments=desk.client, now=desk.clock.now)
    assert desk.state(held) == ("expired", "abandoned")
    return held, session


# Beginning


def test_pressing_pay_leads_to_stripe(desk):
    held = desk.hold()
    url = desk.start(held)
    payment = desk.payment(held)
    assert url == payment.session_url
    assert url.startswith(desk.sandbox.base)
    assert (payment.status, payment.mode, payment.amount_minor) == ("open", "sandbox", 109500)
    assert held.hold_until == payment.expires_at + timedelta(minutes=10)


def test_the_request_carries_our_marks_and_nothing_personal(desk):
    held = desk.begin()
    payment = desk.payment(held)
    marks = {
        "app": "cme",
        "installation": "testing",
        "payment_id": str(payment.id),
        "registration_id": str(held.id),
    }
    assert payment.idem_key == f"cme:testing:pay:{payment.id}"
    assert payment.request["metadata"] == payment.request["payment_intent_data"]["metadata"] == marks
    assert payment.request["success_url"].endswith(
        f"/registrations/{held.ref}/thanks?session_id={{CHECKOUT_SESSION_ID}}"
    )
    assert payment.request["cancel_url"].endswith(f"/registrations/{held.ref}/cancel")
    assert "Quillfeather" not in str(payment.request)


@pytest.mark.parametrize(("days", "methods"), [(13, ["card"]), (30, None)])
def test_bank_debits_are_taken_only_if_they_can_arrive_in_time(desk, days, methods):
    desk.open(starts_in=days)
    assert desk.payment(desk.begin()).request.get("allowed_payment_method_types") == methods


def test_pressing_pay_twice_is_one_attempt(desk):
    held = desk.hold()
    assert desk.start(held) == desk.start(held)
    assert len(desk.sandbox.books()["sessions"]) == 1


def test_a_new_price_is_shown_before_anything_is_charged(desk):
    held = desk.hold()
    raise_prices(by=5000)
    with pytest.raises(rules.PriceChanged, match=r"\$1,145"):
        desk.start(held, shown=109500)
    assert desk.sandbox.books()["sessions"] == []
    db.session.rollback()
    assert held.amount_due_minor == 114500
    desk.start(held, shown=114500)
    assert desk.payment(held).amount_minor == 114500


def test_an_open_attempt_keeps_its_price(desk):
    held = desk.begin()
    raise_prices(by=5000)
    assert desk.start(held, shown=109500)
    with pytest.raises(rules.PriceChanged, match=r"\$1,095"):
        desk.start(held, shown=114500)


def test_a_price_that_fell_to_nothing_confirms_at_once(desk):
    held = desk.hold()
    with transaction() as session:
        for tier in session.scalars(select(PriceTier)):
            tier.amount_minor = 0
    with pytest.raises(rules.PriceChanged):
        desk.start(held, shown=109500)
    assert desk.start(held, shown=0).endswith(f"/registrations/{held.ref}")
    assert desk.state(held) == ("confirmed", None)


def test_a_hold_that_ran_out_cannot_be_paid(desk):
    held = desk.hold()
    desk.clock.advance(minutes=15)
    with pytest.raises(rules.HoldEnded):
        desk.start(held)


def test_an_open_payment_for_a_seminar_that_was_cancelled_is_not_resumed_and_goes_back(desk):
    held = desk.begin()
    with transaction() as session:
        session.get_one(Seminar, desk.seminar.id).status = "cancelled"
    with pytest.raises(rules.RegistrationClosed, match="cancelled"):
        desk.start(held)
    desk.sandbox.pay(desk.session(held))
    assert desk.apply(held) == "refunded"
    assert refunds() == [("succeeded", "app", 109500)]
    assert desk.letters() == ["payment_returned"]
    assert (desk.state(held), desk.taken()) == (("expired", "paid"), 0)


def test_a_seminar_cancelled_meanwhile_cannot_be_paid(desk):
    held = desk.hold()
    with transaction() as session:
        session.get_one(Seminar, desk.seminar.id).status = "cancelled"
    with pytest.raises(rules.RegistrationClosed, match="cancelled"):
        desk.start(held)


def test_a_confirmed_seat_is_not_paid_again(desk):
    held = desk.pay()
    with pytest.raises(rules.AlreadyPaid):
        desk.start(held)


def test_without_payments_there_is_nothing_to_start(desk):
    held = desk.hold()
    with pytest.raises(rules.PaymentsOff):
        checkout.start(held.id, shown_minor=109500, form_id=None, payments=None, now=desk.clock.now)


def test_stripe_is_never_called_inside_a_transaction(desk, monkeypatch):
    held = desk.begin()
    session_id = desk.session(held)
    with transaction(), pytest.raises(RuntimeError, match="never called"):
        outcomes.close(session_id, payments=desk.client)
    request = stripe.RequestsClient.request

    def watched(*args: Any, **more: Any) -> Any:
        assert not is_writing()
        return request(*args, **more)

    monkeypatch.setattr(stripe.RequestsClient, "request", watched)
    desk.sandbox.pay(desk.session(held))
    desk.sweep()
    desk.clock.advance(hours=1)
    desk.sweep()
    assert desk.state(held) == ("confirmed", "paid")


# What Stripe does to a request


@pytest.mark.parametrize("fault", ["lost_answer", "rate_limit"])
def test_an_answer_that_never_came_is_asked_for_again(desk, fault):
    held = desk.hold()
    desk.sandbox.faults.next(fault, path=CREATE)
    with pytest.raises(rules.PaymentDelayed, match="preparing"):
        desk.start(held)
    assert desk.state(held) == ("held", "creating")
    assert desk.start(held) == desk.payment(held).session_url
    assert len(desk.sandbox.books()["sessions"]) == 1


def test_the_sweep_takes_up_a_cut_off_attempt(desk):
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    desk.clock.advance(minutes=2)
    assert desk.sweep()["attempts repeated"] == 1
    assert desk.state(held) == ("held", "open")


def test_a_slow_answer_keeps_nobody_waiting(desk, monkeypatch):
    held = desk.hold()
    monkeypatch.setattr(desk.client._requestor._client, "_timeout", (1, 0.2), raising=False)
    desk.sandbox.faults.next("slow", path=CREATE, seconds=1)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    desk.sandbox.faults.release()
    assert desk.state(held) == ("held", "creating")


@pytest.mark.parametrize("fault", ["error_500", "error_500_acted"])
def test_a_kept_failure_is_looked_into_instead_of_repeated(desk, fault):
    held = desk.hold()
    desk.sandbox.faults.next(fault, path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    url = desk.start(held)
    assert len(desk.sandbox.books()["sessions"]) == 1
    assert url == desk.payment(held).session_url
    assert desk.payment(held).attempt_no == (2 if fault == "error_500" else 1)


def test_a_key_used_for_something_else_is_looked_into(desk):
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    with transaction() as session:
        payment = session.scalars(select(Payment)).one()
        payment.request = {**payment.request, "cancel_url": "http://localhost/elsewhere"}
    desk.start(held)
    assert len(desk.sandbox.books()["sessions"]) == 1


def test_a_key_stripe_has_forgotten_is_not_used_again(desk):
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    desk.sandbox.pay(desk.sandbox.books()["sessions"][0]["id"])
    desk.clock.advance(hours=25)
    desk.sandbox.faults.next("rate_limit", path=CREATE)
    assert attempts.repeat(desk.payment(held).id, payments=desk.client, now=desk.clock.now)
    assert desk.state(held) == ("confirmed", "paid")
    assert desk.sandbox.faults.listed() != []  # nothing was asked for


def test_a_request_stripe_refuses_gives_the_seat_back(desk, monkeypatch):
    held = desk.hold()
    asked = attempts._request
    monkeypatch.setattr(attempts, "_request", lambda *args: asked(*args) | {"customer_email": "nobody"})
    with pytest.raises(rules.PaymentImpossible):
        desk.start(held)
    assert desk.state(held) == ("expired", "abandoned")
    assert desk.taken() == 0


def test_a_request_that_became_too_old_is_made_anew(desk):
    held = desk.hold()
    desk.sandbox.faults.next("rate_limit", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    desk.clock.advance(minutes=5)
    desk.start(held)
    assert (desk.state(held), desk.payment(held).attempt_no) == (("held", "open"), 2)


def test_a_crash_before_asking_is_taken_up(desk, monkeypatch):
    held = desk.hold()
    with monkeypatch.context() as patched:
        patched.setattr(attempts, "ask", kill)
        with pytest.raises(Killed):
            desk.start(held)
    assert desk.state(held) == ("held", "creating")
    desk.start(held)
    assert desk.state(held) == ("held", "open")


def test_a_crash_after_asking_is_taken_up(desk, monkeypatch):
    held = desk.hold()
    with monkeypatch.context() as patched:
        patched.setattr(attempts, "_adopt", kill)
        with pytest.raises(Killed):
            desk.start(held)
    desk.start(held)
    assert len(desk.sandbox.books()["sessions"]) == 1


def test_a_payment_we_hear_of_before_the_session_is_confirmed(desk, monkeypatch):
    held = desk.hold()
    with monkeypatch.context() as patched:
        patched.setattr(attempts, "_adopt", kill)
        with pytest.raises(Killed):
            desk.start(held)
    session_id = desk.sandbox.books()["sessions"][0]["id"]
    desk.sandbox.pay(session_id)
    assert desk.tell(session_id, "checkout.session.completed") == 200
    assert desk.state(held) == ("confirmed", "paid")
    assert attempts.ask(desk.payment(held).id, payments=desk.client, now=desk.clock.now)
    assert desk.state(held) == ("confirmed", "paid")


# What becomes of a session


def test_a_payment_confirms_the_seat_and_writes_one_letter(desk):
    held = desk.pay()
    assert desk.state(held) == ("confirmed", "paid")
    assert desk.letters() == ["confirmed"]
    assert ledger() == [("charge", 109500)]
    letter = db.session.scalars(select(Letter)).one()
    for words in ("Cardiology for Primary Care", "$1,095", "Harborlight Hotel", "March\u00a031", held.ref, "DEMO"):
        assert words in letter.text
        assert words in letter.html


def test_looking_again_changes_nothing(desk):
    held = desk.pay()
    assert desk.apply(held) == "nothing"
    assert (desk.letters(), ledger()) == (["confirmed"], [("charge", 109500)])


def test_an_open_session_changes_nothing(desk):
    held = desk.begin()
    assert desk.apply(held) == "nothing"
    desk.sandbox.fail(desk.session(held))
    assert desk.apply(held) == "nothing"
    assert desk.state(held) == ("held", "open")


def test_a_bank_debit_keeps_the_seat_until_it_arrives(desk):
    held = desk.begin()
    desk.sandbox.pay_later(desk.session(held))
    assert desk.apply(held) == "processing"
    desk.clock.advance(days=3)
    desk.sweep()
    assert desk.state(held) == ("held", "processing")
    with pytest.raises(rules.PaymentOnItsWay):
        desk.start(held)
    with pytest.raises(rules.PaymentOnItsWay):
        desk.give_up(held)
    desk.sandbox.settle(desk.session(held))
    desk.clock.advance(hours=1)
    desk.sweep()
    assert desk.state(held) == ("confirmed", "paid")


def test_a_bank_debit_that_bounced_frees_the_seat(desk):
    held = desk.begin()
    desk.sandbox.pay_later(desk.session(held))
    desk.clock.advance(days=3)
    desk.sandbox.fail(desk.session(held))
    assert desk.apply(held) == "failed"
    assert desk.state(held) == ("expired", "failed")
    assert (desk.letters(), desk.taken()) == (["expired"], 0)
    assert "bank did not complete" in db.session.scalars(select(Letter.text)).one()


def test_a_session_that_expired_leaves_time_for_another(desk):
    held = desk.begin()
    desk.clock.advance(minutes=32)
    assert desk.apply(held) == "expired"
    assert desk.state(held) == ("held", "expired")
    desk.start(held)
    assert (desk.state(held), desk.payment(held).attempt_no) == (("held", "open"), 2)


def test_pay_after_the_session_expired_unheard_begins_anew(desk):
    held = desk.begin()
    desk.clock.advance(minutes=32)
    desk.start(held)
    assert (desk.state(held), desk.payment(held).attempt_no) == (("held", "open"), 2)


def test_a_form_sent_again_after_its_attempt_failed_begins_anew(desk):
    held = desk.hold()
    desk.start(held, form_id="one-showing-of-the-form")
    desk.clock.advance(minutes=32)
    desk.start(held, form_id="one-showing-of-the-form")
    assert desk.payment(held).attempt_no == 2


# Giving back


def test_a_hold_that_ran_out_is_given_back(desk):
    held = desk.hold()
    desk.clock.advance(minutes=15)
    assert desk.sweep()["holds ended"] == 1
    assert (desk.state(held), desk.taken(), desk.letters()) == (("expired", None), 0, ["expired"])


def test_a_hold_is_not_given_back_while_it_can_be_paid(desk):
    held = desk.begin()
    desk.clock.advance(minutes=20)
    desk.sweep()
    assert desk.state(held) == ("held", "open")


def test_a_hold_is_not_given_back_while_stripe_is_silent(desk):
    held = desk.begin()
    desk.clock.advance(hours=1)
    desk.sandbox.faults.next("rate_limit", count=20)
    desk.sweep()
    assert desk.state(held) == ("held", "open")
    desk.sandbox.faults.clear()
    desk.sweep()
    assert desk.state(held) == ("expired", "expired")


def test_giving_up_closes_the_session_first(desk):
    held = desk.begin()
    session_id = desk.session(held)
    assert desk.give_up(held) == "cancelled"
    assert (desk.state(held), desk.taken()) == (("cancelled", "expired"), 0)
    with pytest.raises(Exception, match="expired"):
        desk.sandbox.pay(session_id)


def test_giving_up_what_was_paid_meanwhile_confirms_it(desk):
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    assert desk.give_up(held) == "confirmed"
    assert desk.letters() == ["confirmed"]


def test_giving_up_an_unpaid_hold_needs_no_stripe(desk):
    held = desk.hold()
    assert checkout.give_up(held.id, payments=None, by=desk.cast.ada, now=desk.clock.now) == "cancelled"
    assert desk.taken() == 0


def test_giving_up_an_attempt_cut_off_finds_its_session(desk):
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    assert desk.give_up(held) == "cancelled"
    assert desk.sandbox.books()["sessions"][0]["status"] == "expired"


def test_giving_up_waits_while_stripe_is_silent(desk):
    held = desk.begin()
    desk.sandbox.faults.next("rate_limit", count=5)
    with pytest.raises(rules.PaymentDelayed):
        desk.give_up(held)
    assert desk.state(held) == ("held", "open")


def test_who_gave_up_can_register_again(desk):
    desk.give_up(desk.begin())
    assert desk.hold().status == "held"


# Late payments


def test_a_late_payment_takes_a_free_seat_again(desk):
    held, session = paid_late(desk)
    assert checkout.apply(session, payments=desk.client, now=desk.clock.now) == "paid"
    assert (desk.state(held), desk.taken()) == (("confirmed", "paid"), 1)
    assert desk.letters() == ["expired", "confirmed"]


def test_a_late_payment_without_a_seat_goes_back_in_full(desk):
    held, session = paid_late(desk)
    fill(desk.seminar)
    assert checkout.apply(session, payments=desk.client, now=desk.clock.now) == "refunded"
    assert (desk.state(held), desk.taken()) == (("expired", "paid"), 0)
    assert refunds() == [("succeeded", "app", 109500)]
    assert ledger() == [("charge", 109500), ("refund", -109500)]
    assert desk.letters() == ["expired", "payment_returned"]
    assert "returned late payment" in desk.log()


def test_a_late_payment_after_the_start_goes_back(desk):
    desk.open(starts_in=1)
    held, session = paid_late(desk)
    desk.clock.advance(days=1)
    assert checkout.apply(session, payments=desk.client, now=desk.clock.now) == "refunded"
    assert desk.state(held) == ("expired", "paid")


def test_a_late_payment_of_somebody_registered_again_goes_back(desk):
    held, session = paid_late(desk)
    again = desk.hold()
    assert checkout.apply(session, payments=desk.client, now=desk.clock.now) == "refunded"
    assert (held.status, again.status) == ("expired", "held")


def test_a_second_payment_of_one_seat_goes_back(desk):
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    ghost = desk.sandbox.books()["sessions"][0]["id"]
    attempts._abandon(desk.payment(held).id, "never created", release=False, now=desk.clock.now)
    desk.start(held)
    for session in (ghost, desk.session(held)):
        desk.sandbox.pay(session)
        checkout.apply(session, payments=desk.client, now=desk.clock.now)
    assert refunds() == [("succeeded", "app", 109500)]
    assert held.status == "confirmed"


def test_a_session_nobody_waits_for_is_closed(desk):
    held = desk.hold()
    desk.sandbox.faults.next("lost_answer", path=CREATE)
    with pytest.raises(rules.PaymentDelayed):
        desk.start(held)
    ghost = desk.sandbox.books()["sessions"][0]["id"]
    attempts._abandon(desk.payment(held).id, "never created", release=False, now=desk.clock.now)
    checkout.apply(ghost, payments=desk.client, now=desk.clock.now)
    assert desk.sandbox.books()["sessions"][0]["status"] == "expired"


# Refunds and disputes


def test_a_refund_whose_answer_was_lost_is_made_once(desk):
    _, session = paid_late(desk)
    fill(desk.seminar)
    desk.sandbox.faults.next("lost_answer", path=REFUND)
    checkout.apply(session, payments=desk.client, now=desk.clock.now)
    assert refunds() == [("requested", "app", 109500)]
    desk.sweep()
    assert refunds() == [("succeeded", "app", 109500)]
    assert len(desk.sandbox.books()["refunds"]) == 1


@pytest.mark.parametrize("fault", ["error_500", "error_500_acted"])
def test_a_refund_with_a_kept_failure_is_looked_for(desk, fault):
    _, session = paid_late(desk)
    fill(desk.seminar)
    desk.sandbox.faults.next(fault, path=REFUND)
    checkout.apply(session, payments=desk.client, now=desk.clock.now)
    desk.sweep()
    known = fault == "error_500_acted"
    assert refunds() == [("succeeded" if known else "requested", "app", 109500)]
    assert len(desk.sandbox.books()["refunds"]) == known


def test_a_refund_made_at_stripe_is_mirrored(desk):
    held = desk.pay()
    desk.sandbox.refund(desk.session(held), 5000)
    assert desk.tell(held, "charge.refunded") == 200
    assert desk.tell(held, "refund.created") == 200
    assert refunds() == [("succeeded", "dashboard", 5000)]
    assert ledger() == [("charge", 109500), ("refund", -5000)]
    assert held.status == "confirmed"


def test_more_than_was_paid_is_not_given_back(desk):
    payment = desk.payment(desk.pay()).id
    ask = {"reason": "kindness", "by": desk.cast.sam, "now": desk.clock.now}
    with pytest.raises(rules.NotRefundable):
        checkout.request_refund(payment, 109501, **ask)
    refund = checkout.request_refund(payment, 100000, **ask)
    with pytest.raises(rules.NotRefundable):
        checkout.request_refund(payment, 9501, **ask)
    assert checkout.send_refund(refund, payments=desk.client, now=desk.clock.now)
    assert refunds() == [("succeeded", "app", 100000)]


def test_what_stripe_gave_back_already_is_not_given_back_again(desk):
    held = desk.pay()
    desk.sandbox.refund(desk.session(held), 109500)
    payment = desk.payment(held).id
    now = desk.clock.now
    refund = checkout.request_refund(payment, 5000, reason="kindness", by=desk.cast.sam, now=now)
    checkout.send_refund(refund, payments=desk.client, now=now)
    assert refunds() == [("refused", "app", 5000), ("succeeded", "dashboard", 109500)]
    with transaction() as session:
        session.get_one(type(held), held.id).waived_by = desk.cast.sam.id


@pytest.mark.parametrize(
    ("asked", "standing", "flagged"),
    [
        (9500, "requested", "refunded at Stripe, still holds a seat"),
        (9501, "refused", "refund refused: given back at Stripe meanwhile"),
    ],
)
def test_what_was_asked_for_gives_way_to_what_stripe_gave_back(desk, asked, standing, flagged):
    held = desk.pay()
    payment, now = desk.payment(held).id, desk.clock.now
    checkout.request_refund(payment, asked, reason="kindness", by=desk.cast.sam, now=now)
    desk.sandbox.refund(desk.session(held), 100000)
    assert desk.tell(held, "charge.refunded") == 200
    assert refunds() == [(standing, "app", asked), ("succeeded", "dashboard", 100000)]
    assert desk.payment(held).review_reason == flagged


def test_a_refund_that_failed_weeks_later_is_a_task_for_staff(desk):
    held = desk.pay()
    told = desk.sandbox.refund(desk.session(held), 5000)
    desk.tell(held, "refund.created")
    desk.sandbox.fail_refund(told["id"])
    assert desk.tell(told["id"], "refund.failed") == 200
    assert refunds() == [("failed", "dashboard", 5000)]
    assert ledger() == [("charge", 109500), ("refund", -5000), ("refund", 5000)]
    assert "refund failed" in str(desk.payment(held).review_reason)


def test_a_dispute_marks_the_registration_and_stops_refunds(desk):
    held = desk.pay()
    desk.sandbox.dispute(desk.session(held))
    for kind in ("created", "funds_withdrawn"):
        assert desk.tell(held, f"charge.dispute.{kind}") == 200
    db.session.rollback()
    assert held.disputed_at == desk.clock.now
    assert ledger() == [("charge", 109500), ("dispute", -109500)]
    with pytest.raises(rules.Disputed):
        checkout.request_refund(desk.payment(held).id, 1, reason="", by=None, now=desk.clock.now)
    desk.sandbox.close_dispute(desk.session(held), won=True)
    assert desk.tell(held, "charge.dispute.closed") == 200
    assert ledger()[2:] == [("dispute", 109500)]


def test_an_inquiry_moves_no_money(desk):
    held = desk.pay()
    desk.sandbox.dispute(desk.session(held), inquiry=True)
    assert desk.tell(held, "charge.dispute.created") == 200
    assert ledger() == [("charge", 109500)]


def test_a_refund_told_before_its_payment_waits_for_nothing(desk):
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    desk.sandbox.refund(desk.session(held), 5000)
    assert desk.tell(held, "refund.created") == 200
    assert desk.state(held) == ("confirmed", "paid")
    assert refunds() == [("succeeded", "dashboard", 5000)]


def test_registering_again_after_a_hold_ran_out_is_a_new_registration(desk):
    held = desk.begin()
    leave(desk, held)
    again = services.register(desk.cast.ada.id, held.offering_id, form_id=None, now=desk.clock.now)
    assert again != held.ref
    assert db.session.scalar(select(func.count(Payment.id))) == 1
