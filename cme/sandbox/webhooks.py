"""Telling the application what happened: signed, at least once, with patience."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from sqlite3 import Row
from threading import Event, Lock, Thread
from urllib.parse import urlsplit

from . import sessions
from .shop import Shop
from .store import Json

Send = Callable[[bytes, str], int]
BACKOFF = (1, 2, 5, 15, 60, 300)
NO_ANSWER = 0


def signature(secret: str, payload: bytes, at: int | None = None) -> str:
    """The Stripe-Signature header; signed on the real clock, because receivers check it against theirs."""
    moment = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), b"%d." % moment + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def payload_of(shop: Shop, event: Json) -> bytes:
    """The bytes to send: the same at every try."""
    return json.dumps(shop.public(event) | {"pending_webhooks": 1}, indent=2).encode()


def sender(url: str, timeout: float = 5) -> Send:
    """A sender that posts to one loopback address: no proxy, no redirects."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")

    def send(payload: bytes, header: str) -> int:
        connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=timeout)
        headers = {"Content-Type": "application/json", "Stripe-Signature": header, "User-Agent": "Stripe/1.0 (sandbox)"}
        try:
            connection.request("POST", path or "/", payload, headers)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return NO_ANSWER
        finally:
            connection.close()

    return send


class Postman:
    """Carries the queue of events to the application, by hand or in the background."""

    def __init__(self, shop: Shop, *, secret: str, send: Send | None, backoff: Sequence[float] = BACKOFF):
        self.shop = shop
        self.secret = secret
        self.send = send
        self.backoff = tuple(backoff)
        self._carrying = Lock()
        self._wake = Event()
        self._closing = False
        self._thread: Thread | None = None

    def deliver(self, *, late: bool = False) -> list[tuple[str, int]]:
        """Send what waits, whatever its back-off, and say what came of it; delayed events only if `late`."""
        rows = self.shop.store.run("SELECT * FROM delivery WHERE state = 'queued' ORDER BY fault = 'reordered', seq")
        return self._carry([row for row in rows if late or row["fault"] != "delayed"])

    def _deliver_due(self) -> None:
        now = time.time()
        self._carry(
            self.shop.store.run(
                "SELECT * FROM delivery WHERE state = 'queued' AND due_at <= ? ORDER BY due_at, seq", now
            )
        )

    def _carry(self, rows: list[Row]) -> list[tuple[str, int]]:
        with self._carrying:
            return [result for row in rows for result in self._carry_one(row)]

    def _carry_one(self, row: Row) -> list[tuple[str, int]]:
        event = self.shop.store.get("event", row["event_id"])
        if event is None or event["_delivered"] or self.send is None:
            return []
        payload = payload_of(self.shop, event)
        copies = 2 if row["fault"] == "repeated" else 1
        statuses = [self.send(payload, signature(self.secret, payload)) for _ in range(copies)]
        with self.shop.store.transaction():
            if 200 <= statuses[-1] < 300:
                self.shop.store.put(event | {"_delivered": True, "pending_webhooks": 0})
                self._mark(row, "sent", 0)
            elif row["attempts"] >= len(self.backoff):
                self._mark(row, "failed", 0)
            else:
                self._mark(row, "queued", self.backoff[row["attempts"]])
        return [(event["type"], status) for status in statuses]

    def _mark(self, row: Row, state: str, wait: float) -> None:
        self.shop.store.run(
            "UPDATE delivery SET state = ?, attempts = attempts + 1, due_at = ? WHERE seq = ?",
            state, time.time() + wait, row["seq"],
        )  # fmt: skip

    def start(self) -> None:
        """Work in the background from now on: deliver what is due, expire what has lapsed."""
        self._thread = Thread(target=self._work, name="sandbox-postman", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._closing:
            self._wake.clear()
            sessions.lapse(self.shop)
            self._deliver_due()
            self._wake.wait(0.5)

    def wake(self) -> None:
        """Something happened: look at the queue now."""
        self._wake.set()

    def close(self) -> None:
        """Finish the letter in hand, and stop."""
        self._closing = True
        self._wake.set()
        if self._thread:
            self._thread.join()
