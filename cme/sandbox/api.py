"""Stripe's API: who asks, what they ask, one answer per idempotency key."""

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from flask import Blueprint, Response, request

from . import accepted, idempotency, refunds, sessions
from .errors import ApiError, surprise
from .faults import REQUEST_FAULTS, Fault
from .objects import API_VERSION, new_id
from .params import Hash, nested
from .shop import Shop
from .store import Json

Command = Callable[..., Json]


def _intent(shop: Shop, given: Json, intent_id: str) -> Json:
    return shop.fetch("payment_intent", intent_id)


def _charge(shop: Shop, given: Json, charge_id: str) -> Json:
    return shop.fetch("charge", charge_id)


def _dispute(shop: Shop, given: Json, dispute_id: str) -> Json:
    return shop.fetch("dispute", dispute_id)


def _disputes(shop: Shop, given: Json) -> Json:
    return shop.page("/v1/disputes", "dispute", given, "charge", "payment_intent")


def _event(shop: Shop, given: Json, event_id: str) -> Json:
    return shop.fetch("event", event_id)


def _events(shop: Shop, given: Json) -> Json:
    def passes(event: Json) -> bool:
        told = given.get("delivery_success", event["_delivered"]) == event["_delivered"]
        kinds = given.get("types", [given.get("type", "*")])
        return told and any(fnmatchcase(event["type"], kind) for kind in kinds)

    return shop.page("/v1/events", "event", given, passes=passes)


ROUTES: list[tuple[str, str, Hash, Command]] = [
    ("POST", "/v1/checkout/sessions", accepted.CREATE_SESSION, sessions.create),
    ("GET", "/v1/checkout/sessions", accepted.LIST_SESSIONS, sessions.listed),
    ("GET", "/v1/checkout/sessions/<session_id>", accepted.ONLY_EXPAND, sessions.retrieve),
    ("POST", "/v1/checkout/sessions/<session_id>/expire", accepted.ONLY_EXPAND, sessions.expire),
    ("POST", "/v1/refunds", accepted.CREATE_REFUND, refunds.create),
    ("GET", "/v1/refunds", accepted.LIST_REFUNDS, refunds.listed),
    ("GET", "/v1/refunds/<refund_id>", accepted.ONLY_EXPAND, refunds.retrieve),
    ("GET", "/v1/payment_intents/<intent_id>", accepted.ONLY_EXPAND, _intent),
    ("GET", "/v1/charges/<charge_id>", accepted.ONLY_EXPAND, _charge),
    ("GET", "/v1/disputes", accepted.LIST_DISPUTES, _disputes),
    ("GET", "/v1/disputes/<dispute_id>", accepted.ONLY_EXPAND, _dispute),
    ("GET", "/v1/events", accepted.LIST_EVENTS, _events),
    ("GET", "/v1/events/<event_id>", accepted.ONLY_EXPAND, _event),
]


def check_key(key: str) -> None:
    """Let the holder of the secret key in, and nobody else."""
    given = request.authorization
    token = (given.token or given.username or "") if given else ""
    if not token:
        raise ApiError("You did not provide an API key.", status=401, kept=False)
    if token != key:
        raise ApiError(f"Invalid API Key provided: {token[:8]}****", status=401, kept=False)
    asked = request.headers.get("Stripe-Version", API_VERSION)
    if asked != API_VERSION:
        raise ApiError(f"The sandbox speaks Stripe's API {API_VERSION}, not {asked[:40]}", kept=False)


def api(shop: Shop, key: str) -> Blueprint:
    """The pages under /v1."""
    bp = Blueprint("api", __name__)

    def route(schema: Hash, command: Command) -> Callable[..., Response]:
        return lambda **ids: _answer(shop, key, schema, command, ids)

    for method, rule, schema, command in ROUTES:
        name = f"{method} {rule}".replace(".", "_")
        bp.add_url_rule(rule, name, route(schema, command), methods=[method])

    def unknown(rest: str) -> Response:
        no = ApiError(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
        return _response(no.status, json.dumps(no.body), new_id("req_", 14))

    bp.add_url_rule("/v1/<path:rest>", "unknown", unknown, methods=["GET", "POST", "DELETE"])
    return bp


def _answer(shop: Shop, secret_key: str, schema: Hash, command: Command, ids: dict[str, str]) -> Response:
    request_id = new_id("req_", 14)
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    mine = False
    try:
        check_key(secret_key)
        fault = shop.faults.take(REQUEST_FAULTS, request.path, f"{request.method} {request.path}")
        # Read by the outermost layer, which alone can drop a connection (server.py).
        request.environ["sandbox.lost"] = bool(fault and fault.kind == "lost_answer")
        if fault and fault.kind == "rate_limit":
            raise ApiError("Request rate limit exceeded.", status=429, code="rate_limit", kept=False)
        pairs = list((request.form if request.method == "POST" else request.args).items(multi=True))
        if key:
            print_ = idempotency.fingerprint(request.method, request.path, pairs)
            kept = idempotency.begin(shop.store, key, print_, request_id, now=shop.clock())
            if kept:
                return _response(kept.status, kept.body, request_id, key=key, original=kept.request_id)
            mine = True
        if fault and fault.kind == "slow":
            shop.faults.dawdle(fault.seconds)
        sessions.lapse(shop)
        with shop.store.transaction():
            status, body = _act(shop, schema.read(nested(pairs)), command, ids, fault)
            if key:
                idempotency.keep(shop.store, key, status, body)
    except ApiError as no:
        status, body = no.status, json.dumps(no.body, indent=2)
        if key and mine and no.kept:
            idempotency.keep(shop.store, key, status, body)
    finally:
        if key and mine:
            idempotency.forget(shop.store, key)
    return _response(status, body, request_id, key=key)


def _act(shop: Shop, given: Json, command: Command, ids: dict[str, str], fault: Fault | None) -> tuple[int, str]:
    if fault and fault.kind == "error_500":
        raise surprise()
    expands = given.pop("expand", [])
    done = command(shop, given, **{name: unquote(value) for name, value in ids.items()})
    shown: dict[str, Any] = done if done["object"] == "list" else shop.public(done)
    for path in expands:
        shop.expand(shown, path)
    if fault and fault.kind == "error_500_acted":
        no = surprise()
        return no.status, json.dumps(no.body, indent=2)
    return 200, json.dumps(shown, indent=2)


def _response(status: int, body: str, request_id: str, *, key: str | None = None, original: str = "") -> Response:
    answer = Response(body, status, mimetype="application/json")
    answer.headers["Request-Id"] = request_id
    answer.headers["Stripe-Version"] = API_VERSION
    answer.headers["Cache-Control"] = "no-store"
    if key:
        answer.headers["Idempotency-Key"] = key
    if original:
        answer.headers["Idempotent-Replayed"] = "true"
        answer.headers["Original-Request"] = original
    return answer
