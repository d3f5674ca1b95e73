"""Events: what is told, how it is signed, and how often it is tried."""

import json
import time
from collections.abc import Callable, Iterator
from queue import Queue
from threading import Thread

import pytest
import stripe
from werkzeug import Request, Response
from werkzeug.serving import make_server

from cme.sandbox import Sandbox
from cme.sandbox.server import QuietHandler

from .conftest import Account

SECRET = "whsec_for_these_tests"
COMPLETED = "checkout.session.completed"


class Receiver:
    """An application's webhook endpoint that notes what it hears and answers as told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.heard: Queue[stripe.Event] = Queue()

    def __call__(self, payload: bytes, header: str) -> int:
        self.heard.put(stripe.Webhook.construct_event(payload, header, SECRET))
        return self.answers.pop(0) if self.answers else 200

    def types(self) -> list[str]:
        return [self.heard.get_nowait().type for _ in range(self.heard.qsize())]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def account(http, receiver: Receiver) -> Iterator[Account]:
    with Sandbox(webhook_secret=SECRET, send=receiver, backoff=(0, 0)) as sandbox:
        yield Account(sandbox, http)


@pytest.fixture
def undelivered(account: Account) -> Callable[[], list[str]]:
    def types() -> list[str]:
        return [event.type for event in account.client().v1.events.list({"delivery_success": False})]

    return types


def test_an_event_is_signed_and_carries_the_session_as_it_was(account: Account):
    session = account.checkout()
    account.sandbox.pay_later(session.id)
    account.sandbox.settle(session.id)
    event = account.event(session.id, COMPLETED)
    assert (event.object, event.type, event.api_version, event.livemode) == (
        "event", COMPLETED, stripe.api_version, False,
    )  # fmt: skip
    assert (event.data.object.id, event.data.object.payment_status) == (session.id, "unpaid")


def test_a_forged_or_stale_signature_does_not_pass(account: Account):
    session = account.checkout()
    account.sandbox.pay(session.id)
    payload = account.sandbox.event_for(session.id, COMPLETED)
    stale = account.sandbox.signed(payload, at=int(time.time()) - 301)
    for body, header in ((payload + b" ", account.sandbox.signed(payload)), (payload, stale)):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, header, SECRET)


def test_what_never_happened_has_no_event(account: Account):
    with pytest.raises(LookupError, match="has happened to cs_test_"):
        account.sandbox.event_for(account.checkout().id, "checkout.session.expired")


def test_a_delivered_event_is_told_once(account: Account, receiver, undelivered):
    account.sandbox.pay(account.checkout().id)
    assert undelivered() == [COMPLETED]
    assert account.sandbox.deliver() == [(COMPLETED, 200)]
    assert account.sandbox.deliver() == []
    assert undelivered() == []


def test_a_503_is_tried_again_with_the_very_same_event(account: Account, receiver):
    receiver.answers = [503]
    account.sandbox.pay(account.checkout().id)
    assert account.sandbox.deliver() == [(COMPLETED, 503)]
    assert account.sandbox.deliver() == [(COMPLETED, 200)]
    first, second = receiver.heard.get_nowait(), receiver.heard.get_nowait()
    assert first.to_dict() == second.to_dict()


def test_a_redirect_is_no_delivery(account: Account, receiver, undelivered):
    receiver.answers = [302]
    account.sandbox.pay(account.checkout().id)
    account.sandbox.deliver()
    assert undelivered() == [COMPLETED]


def test_patience_ends_and_the_event_stays_listed(account: Account, receiver, undelivered):
    receiver.answers = [500] * 9
    account.sandbox.pay(account.checkout().id)
    tries = [account.sandbox.deliver() for _ in range(5)]
    assert [len(each) for each in tries] == [1, 1, 1, 0, 0]
    assert undelivered() == [COMPLETED]


def test_a_dropped_webhook_is_never_sent_but_stays_listed(account: Account, undelivered):
    account.sandbox.faults.next("dropped")
    account.sandbox.pay(account.checkout().id)
    assert account.sandbox.deliver(late=True) == []
    assert undelivered() == [COMPLETED]


def test_a_repeated_webhook_comes_twice_under_one_id(account: Account, receiver):
    account.sandbox.faults.next("repeated", path="checkout.session.*")
    account.sandbox.pay(account.checkout().id)
    account.sandbox.deliver()
    assert receiver.heard.get_nowait().id == receiver.heard.get_nowait().id


def test_reordered_webhooks_come_after_the_others(account: Account, receiver):
    account.sandbox.faults.next("reordered")
    session = account.checkout()
    account.sandbox.pay_later(session.id)
    account.sandbox.settle(session.id)
    account.sandbox.deliver()
    assert receiver.types() == ["checkout.session.async_payment_succeeded", COMPLETED]


def test_a_delayed_webhook_comes_late(account: Account, receiver):
    account.sandbox.faults.next("delayed")
    account.sandbox.pay(account.checkout().id)
    assert account.sandbox.deliver() == []
    assert account.sandbox.deliver(late=True) == [(COMPLETED, 200)]


def test_events_can_be_listed_by_type(account: Account):
    session = account.checkout()
    account.sandbox.pay(session.id)
    account.sandbox.refund(session.id)
    events = account.client().v1.events
    assert [event.type for event in events.list({"type": "charge.*"})] == ["charge.refunded"]
    assert len(events.list({"types": ["charge.refunded", "refund.created"]}).data) == 2
    newest = events.list({"limit": 1}).data[0]
    assert events.retrieve(newest.id).id == newest.id


def test_the_background_postman_retries_over_http_until_it_is_heard(http, receiver: Receiver):
    @Request.application
    def endpoint(request: Request) -> Response:
        return Response(status=receiver(request.get_data(), request.headers["Stripe-Signature"]))

    receiver.answers = [503]
    web = make_server("127.0.0.1", 0, endpoint, request_handler=QuietHandler)
    Thread(target=web.serve_forever, args=(0.05,), daemon=True).start()
    url = f"http://127.0.0.1:{web.port}/webhooks/stripe"
    with Sandbox(webhook_secret=SECRET, webhook_url=url, backoff=(0, 0), background=True) as sandbox:
        sandbox.pay(Account(sandbox, http).checkout().id)
        assert receiver.heard.get(timeout=10).id == receiver.heard.get(timeout=10).id
    web.shutdown()
    web.server_close()


def test_the_background_postman_notices_what_has_lapsed(http, receiver: Receiver, clock):
    with Sandbox(webhook_secret=SECRET, send=receiver, clock=clock, background=True) as sandbox:
        session = Account(sandbox, http).checkout()
        clock.ahead = 25 * 3600
        assert receiver.heard.get(timeout=10).data.object.id == session.id


def test_nobody_at_home_is_no_delivery(http):
    with Sandbox(webhook_url="http://127.0.0.1:1/webhooks/stripe") as sandbox:
        sandbox.pay(Account(sandbox, http).checkout().id)
        assert sandbox.deliver() == [(COMPLETED, 0)]


def test_the_payload_hides_our_own_fields(account: Account):
    session = account.checkout()
    account.sandbox.pay(session.id)
    told = json.loads(account.sandbox.event_for(session.id, COMPLETED))
    assert not [key for key in (*told, *told["data"]["object"]) if key.startswith("_")]
