"""Stripe, through its own SDK over HTTP; the sandbox is only another address."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stripe import StripeClient

IN_A_REQUEST = (3, 8)  # seconds to connect, seconds to answer


def stripe_gateway(config: Any) -> "Callable[[], StripeClient] | None":
    """Make a client when first asked, one per process: a connection does not survive a fork."""
    if config.payments_mode == "off":
        return None
    made: dict[int, StripeClient] = {}

    def client() -> "StripeClient":
        process = os.getpid()
        if process not in made:
            made[process] = new_client(config.stripe_secret_key, config.stripe_api_base)
        return made[process]

    return client


def new_client(key: str, base: str | None, timeout: tuple[int, int] = IN_A_REQUEST) -> "StripeClient":
    """A client that never retries by itself: the database remembers what to repeat, and with which key."""
    import requests
    import stripe

    stripe.enable_telemetry = False
    session = requests.Session()
    session.trust_env = base is None  # a proxy may stand before Stripe, never before our own loopback
    return stripe.StripeClient(
        key,
        base_addresses={"api": base.rstrip("/")} if base else {},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=timeout, session=session),
    )
