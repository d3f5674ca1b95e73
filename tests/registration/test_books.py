"""Our books beside Stripe's: every difference is named, and what staff decided is none."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from cme.database import db, transaction
from cme.registration import checkout
from cme.registration.checkout import books, refunds, smoke
from cme.registration.models import Dispute, LedgerEntry, Payment, Refund

pytestmark = pytest.mark.usefixtures("sandbox")


def differences(desk: Any) -> list[str]:
    return list(books.differences(payments=desk.client))


def refund(desk: Any, held: Any, amount: int) -> int:
    """Give back a part from the desk, as far as Stripe lets it go."""
    now = desk.clock.now
    number = checkout.request_refund(desk.payment(held).id, amount, reason="kindness", by=desk.cast.sam, now=now)
    checkout.send_refund(number, payments=desk.client, now=now)
    return number


def a_busy_day(desk: Any) -> Any:
    """Somebody pays, gets a part back from us, a part from the dashboard; somebody else disputes and wins."""
    held = desk.pay()
    refund(desk, held, 5000)
    desk.sandbox.refund(desk.session(held), 7000)
    desk.tell(held, "charge.refunded")
    other = desk.pay(desk.cast.otto)
    desk.sandbox.dispute(desk.session(other))
    desk.tell(other, "charge.dispute.created")
    desk.sandbox.close_dispute(desk.session(other), won=True)
    desk.tell(other, "charge.dispute.closed")
    return held


def test_after_a_busy_day_the_books_agree(desk):
    a_busy_day(desk)
    assert differences(desk) == []


def first(model: Any, **values: Any) -> Callable[[], Any]:
    return lambda: update(model).where(model.id == 1).values(**values)


BROKEN: list[tuple[str, Callable[[], Any]]] = [
    ("was paid at Stripe and is open here", first(Payment, status="open")),
    ("was paid at Stripe and is unknown here", first(Payment, session_id=None)),
    ("brought 109500 USD, payment 1 says otherwise", first(Payment, amount_minor=1)),
    ("payment 1 is paid here and not at Stripe", first(Payment, session_id="cs_made_up")),
    ("at Stripe is not known here", first(Refund, stripe_id=None)),
    ("at Stripe and 1 succeeded here", first(Refund, amount_minor=1)),
    ("refund 1 is succeeded here and unknown at Stripe", first(Refund, stripe_id="re_made_up")),
    ("is won at Stripe, unknown here", lambda: delete(Dispute)),
    ("the ledger says 196501 USD, Stripe says 207000", lambda: insert(LedgerEntry).values(**ENTRY)),
]
ENTRY = {
    "payment_id": 1,
    "kind": "charge",
    "amount_minor": -10499,
    "currency": "USD",
    "mode": "sandbox",
    "stripe_id": "ch_made_up",
}


@pytest.mark.parametrize(("said", "change"), BROKEN, ids=[said for said, _ in BROKEN])
def test_a_difference_is_named(desk, said, change):
    a_busy_day(desk)
    with transaction() as session:
        statement = change()
        moments = {"at": desk.clock.now, "recorded_at": desk.clock.now}
        session.execute(statement.values(**moments) if statement.is_insert else statement)
    assert any(said in found for found in differences(desk)), differences(desk)


def test_what_staff_settled_is_no_difference(desk):
    held = desk.pay()
    with transaction() as session:
        session.execute(update(Payment).values(status="expired"))
    assert any("was paid at Stripe" in found for found in differences(desk))
    with transaction() as session:
        session.execute(update(Payment).values(settled_at=desk.clock.now))
    assert not any("was paid at Stripe" in found for found in differences(desk))
    assert held.status == "confirmed"


def test_the_command_names_what_differs_unless_told_to_leave_the_books(desk):
    desk.pay()
    desk.sandbox.refund(desk.session(desk.pay(desk.cast.otto)), 5000)
    runner = desk.app.test_cli_runner()
    failed = runner.invoke(args=["audit-check"])
    assert failed.exit_code == 1
    assert "at Stripe is not known here" in failed.stderr
    assert runner.invoke(args=["audit-check", "--no-books"]).output == "Every invariant holds.\n"


def test_books_that_cannot_be_read_are_not_called_right(desk):
    desk.sandbox.faults.next("error_500", count=5)
    failed = desk.app.test_cli_runner().invoke(args=["audit-check"])
    assert failed.exit_code == 1
    assert "Stripe did not answer" in failed.stderr


def test_the_smoke_test_is_for_the_test_mode_alone(desk):
    refused = desk.app.test_cli_runner().invoke(args=["stripe-smoke"])
    assert refused.exit_code == 1
    assert "PAYMENTS_MODE is sandbox" in refused.stderr


def test_the_smoke_test_walks_from_a_session_to_its_end(desk):
    said = list(smoke.walk(payments=desk.client, now=desk.clock.now))
    assert [line.split(":")[0].split(" cs_")[0] for line in said] == [
        "created",
        "asked again under the same key",
        "fetched",
        "expired",
    ]
    assert "the same session" in said[1]
    assert said[2].endswith("ours True")


def test_a_refund_is_not_sent_again_while_stripes_list_cannot_be_read(desk):
    held = desk.pay()
    desk.sandbox.faults.next("lost_answer", path="POST /v1/refunds")
    number = refund(desk, held, 5000)
    desk.clock.advance(days=2)  # Stripe has forgotten the key
    desk.sandbox.faults.next("error_500", path="GET /v1/refunds")
    assert not checkout.send_refund(number, payments=desk.client, now=desk.clock.now)
    assert len(desk.sandbox.books()["refunds"]) == 1
    assert checkout.send_refund(number, payments=desk.client, now=desk.clock.now)
    assert [each["amount"] for each in desk.sandbox.books()["refunds"]] == [5000]
    assert db.session.get_one(Refund, number, populate_existing=True).status == "succeeded"


def test_a_refund_stripe_declines_is_no_no_until_its_list_says_so(desk):
    held = desk.pay()
    now = desk.clock.now
    number = checkout.request_refund(desk.payment(held).id, 5000, reason="kindness", by=desk.cast.sam, now=now)
    desk.sandbox.refund(desk.session(held), 109500)
    desk.sandbox.faults.next("error_500", path="GET /v1/refunds")
    assert not checkout.send_refund(number, payments=desk.client, now=now)
    assert db.session.get_one(Refund, number, populate_existing=True).status == "requested"
    assert checkout.send_refund(number, payments=desk.client, now=now)
    assert db.session.get_one(Refund, number, populate_existing=True).status == "refused"
    assert desk.payment(held).review_reason == refunds.STILL_SEATED
