"""Checkout Sessions, asked for with the real SDK."""

import time

import pytest
import stripe

from .conftest import Account, Clock, line


def test_a_new_session_is_open_unpaid_and_knows_no_intent_yet(account: Account):
    session = account.checkout()
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.livemode) == (104_500, "usd", False)
    assert session.metadata.to_dict() == {"payment_id": "17"}
    assert session.url == f"{account.sandbox.base}/pay/{session.id}"


def test_a_paid_session_leads_to_its_charge(account: Account):
    session = account.checkout()
    account.sandbox.pay(session.id)
    paid = account.now_of(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.payment_intent.status == "succeeded"
    assert paid.payment_intent.metadata.to_dict() == {"payment_id": "17"}
    assert paid.payment_intent.latest_charge.amount_captured == 104_500


def test_paying_twice_is_paying_once(account: Account, heard):
    session = account.checkout()
    account.sandbox.pay(session.id)
    account.sandbox.pay(session.id)
    assert len(account.sandbox.books()["charges"]) == 1
    assert heard() == ["checkout.session.completed"]


def test_session_metadata_is_not_copied_to_the_intent(account: Account):
    session = account.checkout(payment_intent_data={"description": "Seat"})
    account.sandbox.pay(session.id)
    assert account.now_of(session.id).payment_intent.metadata.to_dict() == {}


def test_a_bank_debit_completes_the_session_and_pays_later(account: Account, heard):
    session = account.checkout()
    account.sandbox.pay_later(session.id)
    promised = account.now_of(session.id)
    assert (promised.status, promised.payment_status) == ("complete", "unpaid")
    assert promised.payment_intent.status == "processing"
    account.sandbox.settle(session.id)
    assert account.now_of(session.id).payment_status == "paid"
    assert heard() == ["checkout.session.completed", "checkout.session.async_payment_succeeded"]


def test_after_a_failed_bank_debit_only_the_intent_tells(account: Account, heard):
    session = account.checkout()
    account.sandbox.pay_later(session.id)
    account.sandbox.fail(session.id)
    failed = account.now_of(session.id)
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert failed.payment_intent.status == "requires_payment_method"
    assert heard()[-1] == "checkout.session.async_payment_failed"


def test_a_declined_card_leaves_the_session_payable_on_the_same_intent(account: Account):
    session = account.checkout()
    account.sandbox.fail(session.id)
    declined = account.now_of(session.id)
    assert (declined.status, declined.payment_intent.status) == ("open", "requires_payment_method")
    account.sandbox.pay(session.id)
    paid = account.now_of(session.id)
    assert paid.payment_intent.id == declined.payment_intent.id
    assert paid.payment_intent.latest_charge.id != declined.payment_intent.latest_charge.id


def test_a_card_only_session_takes_no_bank_debit(account: Account):
    session = account.checkout(allowed_payment_method_types=["card"])
    with pytest.raises(Exception, match="does not take bank debits"):
        account.sandbox.pay_later(session.id)
    assert account.now_of(session.id).status == "open"


def test_expiring_closes_an_open_session(account: Account, heard):
    session = account.checkout()
    assert account.client().v1.checkout.sessions.expire(session.id).status == "expired"
    assert heard() == ["checkout.session.expired"]
    with pytest.raises(Exception, match="has expired"):
        account.sandbox.pay(session.id)


def test_expiring_a_complete_session_is_refused(account: Account):
    session = account.checkout()
    account.sandbox.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="status of complete") as no:
        account.client().v1.checkout.sessions.expire(session.id)
    assert no.value.http_status == 400


def test_a_session_expires_by_itself_when_its_time_has_passed(account: Account, clock: Clock, heard):
    session = account.checkout(expires_at=int(time.time()) + 31 * 60)
    clock.ahead = 32 * 60
    assert account.now_of(session.id).status == "expired"
    assert heard() == ["checkout.session.expired"]


def test_the_list_is_newest_first_and_pages_to_its_end(account: Account):
    made = [account.checkout().id for _ in range(5)]
    page = account.client().v1.checkout.sessions.list({"limit": 2})
    assert [session.id for session in page.data] == made[:2:-1]
    assert page.has_more
    assert [session.id for session in page.auto_paging_iter()] == made[::-1]
    before = account.client().v1.checkout.sessions.list({"limit": 2, "ending_before": made[1]})
    assert [session.id for session in before.data] == [made[3], made[2]]


def test_the_list_filters_by_status_intent_and_moment(account: Account):
    paid, other = account.checkout(), account.checkout()
    account.sandbox.pay(paid.id)
    listing = account.client().v1.checkout.sessions.list
    intent = account.now_of(paid.id).payment_intent.id
    assert [session.id for session in listing({"status": "open"})] == [other.id]
    assert [session.id for session in listing({"payment_intent": intent})] == [paid.id]
    assert len(listing({"created": {"gte": paid.created - 5}}).data) == 2
    assert listing({"created": {"gt": int(time.time()) + 60}}).data == []


def test_line_items_come_when_asked_for(account: Account):
    session = account.checkout(line_items=[line(2_000, quantity=3)], expand=["line_items"])
    assert [(item.description, item.amount_total) for item in session.line_items.data] == [
        ("Cardiology for Primary Care", 6_000)
    ]


@pytest.mark.parametrize(
    ("changes", "param", "message"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types", "unknown parameter"),
        ({"line_items": [line() | {"colour": "red"}]}, "line_items[0][colour]", "unknown parameter"),
        ({"ui_mode": "hosted"}, "ui_mode", "must be one of"),
        ({"mode": "subscription"}, "mode", "mode=payment only"),
        ({"mode": "gift"}, "mode", "must be one of"),
        ({"expires_at": 29 * 60}, "expires_at", "at least 30 minutes"),
        ({"expires_at": 25 * 3600}, "expires_at", "less than 24 hours"),
        ({"expires_at": "soon"}, "expires_at", "Invalid integer"),
        ({"line_items": [line(49)]}, "line_items", "at least 50"),
        ({"line_items": [line(-1)]}, "line_items[0][price_data][unit_amount]", "greater than or equal"),
        ({"line_items": [line(currency="USD")]}, "line_items[0][price_data][currency]", "Invalid currency: USD"),
        ({"line_items": [line(), line(currency="eur")]}, "line_items", "same currency"),
        ({"line_items": []}, "line_items", "Missing required param"),
        ({"success_url": "/thanks"}, "success_url", "Not a valid URL"),
        ({"customer_email": "nobody"}, "customer_email", "Invalid value"),
        ({"metadata": {"k": "v" * 501}}, "metadata", "50 keys"),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]", "does not play"),
        ({"expand": ["customer"]}, "expand", "cannot be expanded"),
    ],
)
def test_what_stripe_would_not_take_is_refused(account: Account, changes, param, message):
    if isinstance(changes.get("expires_at"), int):
        changes = {"expires_at": int(time.time()) + changes["expires_at"]}
    with pytest.raises(stripe.InvalidRequestError, match=message) as no:
        account.checkout(**changes)
    assert (no.value.http_status, no.value.param) == (400, param)
    assert account.sandbox.books()["sessions"] == []


def test_yen_have_no_minor_unit(account: Account):
    session = account.checkout(line_items=[line(50, currency="jpy")])
    assert session.amount_total == 50
    assert session.payment_method_types == ["card"]


def test_an_unknown_id_is_a_404(account: Account):
    with pytest.raises(stripe.InvalidRequestError, match="No such session") as no:
        account.now_of("cs_test_nothing")
    assert (no.value.http_status, no.value.code) == (404, "resource_missing")


def test_an_unknown_address_is_a_404_in_stripes_envelope(account: Account):
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        account.client().v1.customers.create({})


def test_another_key_is_refused(account: Account):
    with pytest.raises(stripe.AuthenticationError) as no:
        account.client("sk_test_sandbox_of_somebody_else").v1.events.list()
    assert no.value.http_status == 401
    assert "somebody_else" not in str(no.value)
    assert account.http.get(f"{account.sandbox.base}/v1/events").status_code == 401


def test_another_api_version_is_refused(account: Account):
    with pytest.raises(stripe.InvalidRequestError, match="speaks Stripe's API"):
        account.client().v1.events.list({}, {"stripe_version": "2024-06-20"})
