"""A sandbox of one's own, and the real SDK that talks to it."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe
from requests import Session as Http

from cme.sandbox import Sandbox


class Account:
    """The two sides of one Stripe account: the sandbox that plays it, and the SDK's client."""

    def __init__(self, sandbox: Sandbox, http: Http):
        self.sandbox = sandbox
        self.http = http

    def client(self, key: str | None = None, retries: int = 0) -> stripe.StripeClient:
        """The real client, as the application makes it."""
        return stripe.StripeClient(
            key or self.sandbox.key,
            base_addresses={"api": self.sandbox.base},
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=(3, 20), session=self.http),
        )

    def checkout(self, *, key: str | None = None, retries: int = 0, **changes: Any) -> stripe.checkout.Session:
        """A session for one seminar seat."""
        options = {"idempotency_key": key} if key else {}
        return self.client(retries=retries).v1.checkout.sessions.create({**ORDER, **changes}, options)

    def now_of(self, session_id: str) -> stripe.checkout.Session:
        """The session as it now stands, with its money."""
        expand = {"expand": ["payment_intent.latest_charge"]}
        return self.client().v1.checkout.sessions.retrieve(session_id, expand)

    def event(self, session_id: str, kind: str) -> stripe.Event:
        """What the application would hear, checked as it would check it."""
        payload = self.sandbox.event_for(session_id, kind)
        return stripe.Webhook.construct_event(payload, self.sandbox.signed(payload), self.sandbox.webhook_secret)


def line(amount: int = 104_500, currency: str = "usd", quantity: int = 1) -> dict[str, Any]:
    """One line of an order."""
    product = {"name": "Cardiology for Primary Care", "description": "Physician, in person"}
    return {"price_data": {"currency": currency, "unit_amount": amount, "product_data": product}, "quantity": quantity}


ORDER: dict[str, Any] = {
    "mode": "payment",
    "ui_mode": "hosted_page",
    "line_items": [line()],
    "client_reference_id": "17",
    "customer_email": "m.thackeray@example.com",
    "metadata": {"payment_id": "17"},
    "payment_intent_data": {"metadata": {"payment_id": "17"}},
    "success_url": "http://127.0.0.1:5000/thanks?session_id={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://127.0.0.1:5000/cancel",
}


class Clock:
    """The sandbox's clock; a test may move it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def http() -> Iterator[Http]:
    """Connections that take no proxy from the environment, closed at the end."""
    with Http() as session:
        session.trust_env = False
        yield session


@pytest.fixture(autouse=True)
def _quiet_sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe, "enable_telemetry", False)


@pytest.fixture
def account(clock: Clock, http: Http) -> Iterator[Account]:
    with Sandbox(clock=clock) as sandbox:
        yield Account(sandbox, http)


@pytest.fixture
def heard(account: Account) -> Callable[[], list[str]]:
    """The types of everything that happened so far, oldest first."""

    def types() -> list[str]:
        return [event.type for event in account.client().v1.events.list({"limit": 100})][::-1]

    return types
