"""A first word with Stripe's test mode: whether it takes what we send, and answers as we read it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import stripe

from cme import settings
from cme.registration import rules
from cme.registration.checkout import conversation
from cme.registration.checkout.conversation import outside


def walk(*, payments: stripe.StripeClient, now: datetime) -> Iterator[str]:
    """Create a session, repeat the request under its key, look at it, expire it; says what was seen at each step."""
    key = conversation.key("smoke", int(now.timestamp()))
    request = _request(now)
    made = outside(payments).v1.checkout.sessions.create(request, {"idempotency_key": key})
    yield f"created {made.id}: {made.status}, {made.amount_total} {made.currency}, live mode {made.livemode}"
    again = outside(payments).v1.checkout.sessions.create(request, {"idempotency_key": key})
    yield f"asked again under the same key: {'the same session' if again.id == made.id else 'ANOTHER SESSION'}"
    expand: Any = {"expand": ["payment_intent.latest_charge"]}
    seen = outside(payments).v1.checkout.sessions.retrieve(made.id, expand)
    yield f"fetched: {seen.status}, {seen.payment_status}, ours {conversation.is_ours(seen)}"
    closed = outside(payments).v1.checkout.sessions.expire(made.id)
    yield f"expired: {closed.status}"


def _request(now: datetime) -> Any:
    price = {"currency": "usd", "unit_amount": 100, "product_data": {"name": "Smoke test"}}
    ours = conversation.marks(payment_id=0)
    page = settings.public_url("/registrations/smoke-test")
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": [{"price_data": price, "quantity": 1}],
        "client_reference_id": "0",
        "metadata": ours,
        "payment_intent_data": {"metadata": ours},
        "expires_at": int((now + rules.SESSION).timestamp()),
        "success_url": page + "/thanks?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": page + "/cancel",
        "adaptive_pricing": {"enabled": False},
        "branding_settings": {"display_name": settings.provider().name},
    }
