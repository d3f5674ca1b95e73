"""Facts about the webhook: who is believed, and which answer makes Stripe tell us again."""

import json
import time
from typing import Any

import pytest
import stripe
from sqlalchemy import select

from cme.database import db, transaction
from cme.registration import checkout, webhook
from cme.registration.checkout import conversation
from cme.registration.models import Payment, StripeEvent

pytestmark = pytest.mark.usefixtures("promises")
COMPLETED = "checkout.session.completed"


@pytest.fixture
def paid(desk):
    """A session just paid, of which nobody has told us."""
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    return held


def payload(desk: Any, held: Any, **changes: Any) -> bytes:
    event = json.loads(desk.sandbox.event_for(desk.session(held), COMPLETED))
    return json.dumps(event | changes).encode()


def outcomes() -> list[tuple[str, str | None]]:
    db.session.rollback()
    return [(told.type, told.outcome) for told in db.session.scalars(select(StripeEvent))]


def test_a_signed_event_confirms_the_seat(desk, paid):
    assert desk.tell(paid, COMPLETED) == 200
    assert desk.state(paid) == ("confirmed", "paid")
    assert outcomes() == [(COMPLETED, "paid")]


def test_an_event_told_twice_confirms_once(desk, paid):
    assert [desk.tell(paid, COMPLETED) for _ in range(2)] == [200, 200]
    assert desk.letters() == ["confirmed"]


def test_without_a_signature_nothing_is_believed(desk, paid):
    body = payload(desk, paid)
    for header in ("", "t=1,v1=00", desk.sandbox.signed(body + b" ")):
        assert desk.deliver(body, header) == 400
    assert desk.state(paid) == ("held", "open")


def test_an_old_signature_is_not_believed(desk, paid):
    body = payload(desk, paid)
    assert desk.deliver(body, desk.sandbox.signed(body, int(time.time()) - 400)) == 400


def test_any_of_several_secrets_will_do(desk, paid, monkeypatch):
    monkeypatch.setitem(desk.app.config, "STRIPE_WEBHOOK_SECRETS", ("whsec_new", desk.sandbox.webhook_secret))
    assert desk.tell(paid, COMPLETED) == 200


def test_a_secret_of_somebody_else_will_not_do(desk, paid, monkeypatch):
    monkeypatch.setitem(desk.app.config, "STRIPE_WEBHOOK_SECRETS", ("whsec_new",))
    assert desk.tell(paid, COMPLETED) == 400


@pytest.mark.parametrize("body", [b"no json", b"[]", b"{}", b'{"object": "list"}', b'"text"', b""])
def test_what_is_signed_but_no_event_is_refused(desk, body):
    assert desk.deliver(body) == 400


def test_a_body_beyond_all_measure_is_refused(desk, paid):
    assert desk.deliver(payload(desk, paid) + b" " * webhook.MOST) == 400
    assert desk.deliver(b" " * (2 * webhook.MOST)) == 400


def test_real_money_is_not_believed_here(desk, paid):
    assert desk.deliver(payload(desk, paid, livemode=True)) == 400
    assert desk.state(paid) == ("held", "open")


def test_only_posting_is_answered(desk):
    assert desk.app.test_client().get("/webhooks/stripe").status_code == 405


def test_an_event_we_do_not_need_is_kept_and_ignored(desk, paid):
    body = payload(desk, paid, id="evt_other", type="customer.created")
    assert [desk.deliver(body) for _ in range(2)] == [200, 200]
    assert outcomes() == [("customer.created", "ignored")]


def sold_elsewhere(desk: Any, **marks: str) -> str:
    price = {"currency": "usd", "unit_amount": 500, "product_data": {"name": "Mug"}}
    made = desk.client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": "http://localhost/",
            "metadata": marks,
        }
    )
    desk.sandbox.pay(made.id)
    return str(made.id)


def test_a_sale_of_another_shop_is_none_of_our_business(desk):
    for marks in ({}, {"app": "shop"}, {"app": "cme", "installation": "elsewhere"}):
        assert desk.tell(sold_elsewhere(desk, **marks), COMPLETED) == 200


def test_what_is_ours_and_unknown_is_asked_for_again(desk):
    marks = {"app": "cme", "installation": "testing", "payment_id": "999", "registration_id": "9"}
    session = sold_elsewhere(desk, **marks)
    assert desk.tell(session, COMPLETED) == 503
    assert outcomes() == []


def test_our_marks_without_our_reference_are_not_enough(desk, paid):
    payment = desk.payment(paid)
    session = sold_elsewhere(desk, app="cme", installation="testing", payment_id=str(payment.id))
    assert desk.tell(session, COMPLETED) == 503
    assert desk.state(paid) == ("held", "open")


def test_while_stripe_is_silent_we_ask_to_be_told_again(desk, paid):
    desk.sandbox.faults.next("rate_limit")
    assert desk.tell(paid, COMPLETED) == 503
    assert desk.tell(paid, COMPLETED) == 200
    assert desk.state(paid) == ("confirmed", "paid")


def test_a_fault_of_ours_loses_no_payment(desk, paid, monkeypatch):
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(checkout, "hear", broken)
        assert desk.tell(paid, COMPLETED) == 503
    assert desk.tell(paid, COMPLETED) == 200


def change(paid: Any, **values: Any) -> None:
    with transaction() as session:
        payment = session.scalars(select(Payment).where(Payment.registration_id == paid.id)).one()
        for name, value in values.items():
            setattr(payment, name, value)


@pytest.mark.parametrize(
    ("difference", "values"),
    [("amount", {"amount_minor": 109400}), ("currency", {"currency": "EUR"}), ("payments mode", {"mode": "test"})],
)
def test_money_that_is_not_what_was_asked_for_waits_for_staff(desk, paid, difference, values):
    before = {name: getattr(desk.payment(paid), name) for name in values}
    change(paid, **values)
    assert desk.tell(paid, COMPLETED) == 200
    payment = desk.payment(paid)
    assert (desk.state(paid), payment.review_since) == (("held", "open"), desk.clock.now)
    assert difference in payment.review_reason
    assert desk.letters() == []
    change(paid, **before)  # what was wrong is right again, and still only staff decide
    assert desk.apply(paid) == "review"


@pytest.mark.parametrize(
    ("difference", "values"),
    [
        ("installation", {"metadata": {"app": "cme", "installation": "elsewhere"}}),
        ("livemode", {"livemode": True}),
        ("mode", {"mode": "setup"}),
    ],
)
def test_a_session_that_is_not_ours_to_sell_waits_for_staff(desk, paid, difference, values):
    session = desk.sandbox.shop.store.get("checkout.session", desk.session(paid))
    desk.sandbox.shop.store.put(session | values)
    assert desk.apply(paid) == "review"
    assert difference in desk.payment(paid).review_reason
    assert desk.state(paid) == ("held", "open")


def test_the_order_of_events_does_not_matter(desk):
    held = desk.begin()
    session = desk.session(held)
    desk.sandbox.pay_later(session)
    desk.sandbox.settle(session)
    desk.sandbox.refund(session, 9500)
    for kind in (
        "charge.refunded",
        "refund.created",
        "checkout.session.async_payment_succeeded",
        "checkout.session.completed",
    ):
        assert desk.tell(held, kind) == 200
    assert desk.state(held) == ("confirmed", "paid")
    assert desk.letters() == ["confirmed"]


def test_an_event_is_kept_only_together_with_its_effect(desk, paid, monkeypatch):
    from cme.registration import seats

    class Killed(BaseException):
        """The process ends here."""

    def kill(*_: Any, **__: Any) -> None:
        raise Killed

    event = stripe.Webhook.construct_event(
        body := payload(desk, paid), desk.sandbox.signed(body), desk.sandbox.webhook_secret
    )
    with monkeypatch.context() as patched:
        patched.setattr(seats, "confirm", kill)
        with pytest.raises(Killed):
            checkout.hear(checkout.heard(event), payments=desk.client, now=desk.clock.now)
    assert outcomes() == []
    assert desk.tell(paid, COMPLETED) == 200
    assert desk.letters() == ["confirmed"]


def test_where_nothing_is_sold_there_is_no_webhook(desk, paid, monkeypatch):
    from dataclasses import replace

    gateways = desk.app.extensions["gateways"]
    monkeypatch.setitem(desk.app.extensions, "gateways", replace(gateways, payments=None))
    assert desk.app.test_client().post("/webhooks/stripe", data=b"{}").status_code == 404


def test_numbers_in_metadata_are_read_with_care():
    assert conversation.number_in({"payment_id": "12"}, "payment_id") == 12
    for text in ("", "-1", "1e3", "²", "9" * 40, "12; DROP"):
        assert conversation.number_in({"payment_id": text}, "payment_id") is None


def test_the_database_remembers_what_was_told(desk, paid):
    body = payload(desk, paid)
    event = checkout.heard(stripe.Webhook.construct_event(body, desk.sandbox.signed(body), desk.sandbox.webhook_secret))
    for is_news in (True, False):
        with transaction():
            assert conversation.is_news(event, now=desk.clock.now) is is_news
