"""Idempotency keys as Stripe keeps them: for a day, with the first answer, whatever it was."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import ApiError
from .store import Store

A_DAY = 86_400


@dataclass(frozen=True)
class Kept:
    """The answer given the first time."""

    status: int
    body: str
    request_id: str


def fingerprint(method: str, path: str, pairs: Iterable[tuple[str, str]]) -> str:
    """What makes two requests the same request."""
    return hashlib.sha256(json.dumps([method, path, sorted(pairs)]).encode()).hexdigest()


def begin(store: Store, key: str, print_: str, request_id: str, *, now: float) -> Kept | None:
    """Take the key for this request, or hand back what it already answered."""
    with store.transaction():
        store.run("DELETE FROM answer WHERE begun_at < ?", now - A_DAY)
        rows = store.run("SELECT * FROM answer WHERE key = ?", key)
        if not rows:
            store.run(
                "INSERT INTO answer (key, fingerprint, begun_at, request_id) VALUES (?, ?, ?, ?)",
                key, print_, now, request_id,
            )  # fmt: skip
            return None
    row = rows[0]
    if row["fingerprint"] != print_:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same endpoint and the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    if row["status"] is None:
        raise ApiError(
            "There is currently another in-progress request using this Idempotent Key (that probably means you "
            "submitted twice, and the other request is still going through).",
            status=409, kind="idempotency_error", code="idempotency_key_in_use",
        )  # fmt: skip
    return Kept(row["status"], row["body"], row["request_id"])


def keep(store: Store, key: str, status: int, body: str) -> None:
    """Remember the answer under its key."""
    store.run("UPDATE answer SET status = ?, body = ? WHERE key = ?", status, body, key)


def forget(store: Store, key: str) -> None:
    """Give the key back: nothing was done under it."""
    store.run("DELETE FROM answer WHERE key = ? AND status IS NULL", key)
