"""Stripe, through its own SDK over HTTP; the sandbox is only another address."""

import os
import time
from collections.abc import Callable
from threading import BoundedSemaphore, get_ident
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stripe import StripeClient

IN_A_REQUEST = (3, 8)  # seconds to connect, seconds to answer
AT_ONCE = 1  # of the four threads gunicorn.conf.py gives a process: the other three have pages to show
BRIEFLY = 1.0  # seconds


class Line:
    """The line to Stripe, where few wait at once; whoever finds it taken for longer than a moment is told so.

    Without it a Stripe that hangs would take every thread, and with them the pages that need no Stripe.
    """

    def __init__(self, ask: Callable[..., Any], at_once: int) -> None:
        self._ask, self._free = ask, BoundedSemaphore(at_once)
        self._since: dict[int, float] = {}

    def __call__(self, *asked: Any, **more: Any) -> Any:
        """Ask, or say that others wait already."""
        import stripe

        if not self._free.acquire(timeout=0 if self._hangs() else BRIEFLY):
            raise stripe.APIConnectionError("Others wait for Stripe already.")
        self._since[get_ident()] = time.monotonic()
        try:
            return self._ask(*asked, **more)
        finally:
            del self._since[get_ident()]
            self._free.release()

    def _hangs(self) -> bool:
        oldest = min(list(self._since.values()), default=None)
        return oldest is not None and time.monotonic() - oldest > BRIEFLY


def stripe_gateway(config: Any) -> "Callable[[], StripeClient] | None":
    """Make a client when first asked, one per process: a connection does not survive a fork."""
    if config.payments_mode == "off":
        return None
    made: dict[int, StripeClient] = {}

    def client() -> "StripeClient":
        process = os.getpid()
        if process not in made:
            made[process] = new_client(config.stripe_secret_key, config.stripe_api_base, at_once=AT_ONCE)
        return made[process]

    return client


def new_client(
    key: str, base: str | None, timeout: tuple[int, int] = IN_A_REQUEST, *, at_once: int | None = None
) -> "StripeClient":
    """A client that never retries by itself: the database remembers what to repeat, and with which key."""
    import requests
    import stripe

    stripe.enable_telemetry = False
    session = requests.Session()
    session.trust_env = base is None  # a proxy may stand before Stripe, never before our own loopback
    http = stripe.RequestsClient(timeout=timeout, session=session)
    if at_once is not None:
        http.request = Line(http.request, at_once)
    return stripe.StripeClient(
        key, base_addresses={"api": base.rstrip("/")} if base else {}, max_network_retries=0, http_client=http
    )
