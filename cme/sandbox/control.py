"""The levers behind the scenes: faults, acts and books, over HTTP, for whoever holds the secret key."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from . import refunds, sessions
from .api import check_key
from .errors import ApiError
from .shop import Shop
from .store import Json
from .webhooks import Postman

Act = Callable[..., Json]


def expire(shop: Shop, session_id: str) -> Json:
    """Close a session as the API would."""
    with shop.store.transaction():
        return sessions.expire(shop, {}, session_id)


ACTS: dict[str, Act] = {
    "pay": sessions.pay,
    "pay_later": sessions.pay_later,
    "decline": sessions.decline,
    "settle": sessions.settle,
    "fail": sessions.fail,
    "expire": expire,
    "refund": refunds.from_dashboard,
    "settle_refund": refunds.settle,
    "fail_refund": refunds.fail,
    "dispute": refunds.dispute,
    "win_dispute": lambda shop, session_id: refunds.close_dispute(shop, session_id, won=True),
    "lose_dispute": lambda shop, session_id: refunds.close_dispute(shop, session_id, won=False),
}


def control(shop: Shop, key: str, postman: Postman) -> Blueprint:
    """POST /_faults {kind, count, path, seconds} · POST /_act {act, id, …} · POST /_deliver · POST /_clock {now}
    · GET /_books, /_faults."""
    bp = Blueprint("control", __name__)
    usual_clock = shop.clock

    @bp.before_request
    def holder_of_the_key() -> None:
        check_key(key)

    @bp.errorhandler(ApiError)
    def no(error: ApiError) -> tuple[Response, int]:
        return jsonify(error.body), error.status

    @bp.errorhandler(ValueError)
    @bp.errorhandler(TypeError)
    def wrong(error: Exception) -> tuple[Response, int]:
        return jsonify(ApiError(str(error)).body), 400

    @bp.route("/_faults", methods=["GET", "POST", "DELETE"])
    def faults() -> Response:
        if request.method == "POST":
            shop.faults.next(**_words())
        if request.method == "DELETE":
            shop.faults.clear()
            shop.faults.release()
        return jsonify(shop.faults.listed())

    @bp.post("/_act")
    def act() -> Response:
        words = _words()
        name, subject = words.pop("act", ""), words.pop("id", "")
        if name not in ACTS:
            raise ValueError(f"Unknown act {name!r}; one of {', '.join(ACTS)}")
        return jsonify(shop.public(ACTS[name](shop, subject, **words)))

    @bp.post("/_deliver")
    def deliver() -> Response:
        return jsonify(postman.deliver(**_words()))

    @bp.post("/_clock")
    def clock() -> Response:
        """Stop the shop's clock at `now`, in seconds since the epoch; without it the clock goes again."""
        given = _words().get("now")
        stopped = None if given is None else float(given)
        shop.clock = usual_clock if stopped is None else lambda: stopped
        return jsonify({"now": shop.now()})

    @bp.get("/_books")
    def books() -> Response:
        return jsonify(shop.books())

    return bp


def _words() -> dict[str, Any]:
    if request.mimetype == "application/x-www-form-urlencoded":
        return request.form.to_dict()
    given = request.get_json(silent=True)
    if given is None and not request.get_data():
        return {}
    if not isinstance(given, dict):
        raise ValueError("Send a JSON object")
    return given
