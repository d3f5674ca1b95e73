"""The sandbox as a whole: an application, a server on the loopback, a postman."""

import ipaddress
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from werkzeug.serving import WSGIRequestHandler, make_server

from . import refunds, sessions
from .api import api
from .control import control, expire
from .pages import pages
from .shop import Shop
from .store import Json, Store
from .webhooks import BACKOFF, Postman, Send, payload_of, sender, signature

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY_PREFIX = "sk_test_sandbox"
SIGNING = "whsec_sandbox"


class NotLoopback(ValueError):
    """The sandbox was asked to face a network."""


def require_loopback(host: str) -> str:
    """Only this machine may talk to the sandbox, and it talks to nobody else."""
    try:
        good = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        good = False
    if not good:
        raise NotLoopback(f"The sandbox stays on the loopback, so {host!r} is refused. Use 127.0.0.1 or ::1.")
    return host


class QuietHandler(WSGIRequestHandler):
    """One request per connection and nothing on the console."""

    protocol_version = "HTTP/1.0"  # a kept-alive connection would outlive the server's end

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


def create_app(shop: Shop, key: str, postman: Postman) -> Flask:
    """The sandbox's own small application."""
    app = Flask(__name__, static_folder="assets", static_url_path="/assets")
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000

    @app.before_request
    def this_machine_only() -> None:
        try:
            require_loopback(urlsplit(f"//{request.host}").hostname or "")
        except NotLoopback:
            abort(403)  # some other site's name pointed at this machine

    @app.after_request
    def careful(answer: Response) -> Response:
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return answer

    app.register_blueprint(api(shop, key))
    app.register_blueprint(control(shop, key, postman))
    app.register_blueprint(pages(shop))
    return app


def losing_answers(app: "WSGIApplication") -> "WSGIApplication":
    """Drop the connection instead of answering, where a fault asks for it."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = app(environ, start_response)
        if not environ.get("sandbox.lost"):
            return body
        getattr(body, "close", lambda: None)()
        raise ConnectionAbortedError("sandbox fault: lost_answer")

    return answer


class Sandbox:
    """A Stripe to develop and test against. Use it as a context manager; `base` is its address."""

    def __init__(
        self,
        *,
        key: str = KEY_PREFIX,
        webhook_secret: str = SIGNING,
        webhook_url: str | None = None,
        send: Send | None = None,
        database: str | Path = ":memory:",
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
        backoff: Sequence[float] = BACKOFF,
        background: bool = False,
    ):
        if not key.startswith(KEY_PREFIX):
            raise ValueError(f"The sandbox takes only keys that start with {KEY_PREFIX}")
        if webhook_url:
            if urlsplit(webhook_url).scheme != "http":
                raise ValueError("The webhook address starts with http://")
            require_loopback(urlsplit(webhook_url).hostname or "")
            send = send or sender(webhook_url)
        require_loopback(host)
        self.key = key
        self.webhook_secret = webhook_secret
        self.shop = Shop(Store(database), clock=clock)
        self.faults = self.shop.faults
        self.postman = Postman(self.shop, secret=webhook_secret, send=send, backoff=backoff)
        self.shop.on_event = self.postman.wake
        app = create_app(self.shop, key, self.postman)
        self._server = make_server(
            host, port, losing_answers(app.wsgi_app), threaded=True, request_handler=QuietHandler
        )
        shown = f"[{host}]" if ":" in host else host
        self.port = self._server.port
        self.base = self.shop.base = f"http://{shown}:{self.port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="sandbox-server", daemon=True)
        self._background = background

    def __enter__(self) -> Self:
        """Start to answer."""
        self._thread.start()
        if self._background:
            self.postman.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop, and let go of the port and the file."""
        self.faults.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.postman.close()
        self.shop.store.close()

    def reset(self) -> None:
        """Start afresh between tests: nothing sold, nothing broken."""
        self.shop.store.clear()
        self.faults.clear()

    def pay(self, session_id: str) -> Json:
        """Be the customer who pays by card."""
        return sessions.pay(self.shop, session_id)

    def pay_later(self, session_id: str) -> Json:
        """Be the customer who promises a bank debit."""
        return sessions.pay_later(self.shop, session_id)

    def settle(self, session_id: str) -> Json:
        """Be the bank whose debit arrives."""
        return sessions.settle(self.shop, session_id)

    def fail(self, session_id: str) -> Json:
        """Decline the card of an open session, or bounce the bank debit of a complete one."""
        return sessions.fail(self.shop, session_id)

    def expire(self, session_id: str) -> Json:
        """Let a session's time be up."""
        return expire(self.shop, session_id)

    def refund(self, session_id: str, amount: int | None = None) -> Json:
        """Be the member of staff who refunds in Stripe's dashboard."""
        return refunds.from_dashboard(self.shop, session_id, amount)

    def settle_refund(self, refund_id: str) -> Json:
        """Let a pending refund arrive."""
        return refunds.settle(self.shop, refund_id)

    def fail_refund(self, refund_id: str) -> Json:
        """Let a refund come back."""
        return refunds.fail(self.shop, refund_id)

    def dispute(self, session_id: str, reason: str = "fraudulent", *, inquiry: bool = False) -> Json:
        """Be the customer who goes to the bank."""
        return refunds.dispute(self.shop, session_id, reason, inquiry=inquiry)

    def close_dispute(self, session_id: str, *, won: bool) -> Json:
        """Be the bank that decides."""
        return refunds.close_dispute(self.shop, session_id, won=won)

    def event_for(self, object_id: str, kind: str) -> bytes:
        """The latest event of this type about a session, or about its charge, refund or dispute, as sent."""
        thing = self.shop.store.get("checkout.session", object_id) or {}
        about = {object_id, thing.get("payment_intent")} - {None}
        for event in self.shop.store.find("event", lambda each: each["type"] == kind):
            told = event["data"]["object"]
            if about & {told["id"], told.get("payment_intent"), told.get("charge")}:
                return payload_of(self.shop, event)
        raise LookupError(f"No {kind} has happened to {object_id}")

    def signed(self, payload: bytes, at: int | None = None) -> str:
        """The Stripe-Signature header for these bytes."""
        return signature(self.webhook_secret, payload, at)

    def deliver(self, *, late: bool = False) -> list[tuple[str, int]]:
        """Send the waiting webhooks now; answers each event's type and the status it met."""
        return self.postman.deliver(late=late)

    def books(self) -> dict[str, list[dict[str, Any]]]:
        """Every session, intent, charge, refund and dispute."""
        return self.shop.books()
