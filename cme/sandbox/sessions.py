"""Checkout Sessions, and the customer who pays through one."""

from urllib.parse import quote

from . import objects
from .accepted import BANK_DEBITS, SMALLEST_CHARGE
from .errors import ApiError, BadParameter
from .shop import Shop
from .store import Json

HALF_AN_HOUR, A_DAY = 1800, 86_400


class CannotPay(ApiError):
    """The session no longer takes money, or not in this way."""


def create(shop: Shop, given: Json) -> Json:
    """Open a session for one payment."""
    now = shop.now()
    expires_at = given.get("expires_at", now + A_DAY)
    if not now + HALF_AN_HOUR <= expires_at <= now + A_DAY:
        side = "at least 30 minutes" if expires_at < now + HALF_AN_HOUR else "less than 24 hours"
        raise BadParameter(
            f"The `expires_at` timestamp must be {side} from Checkout Session creation.", param="expires_at"
        )
    currency = _currency(given)
    total = sum(item["price_data"]["unit_amount"] * item["quantity"] for item in given["line_items"])
    if total < SMALLEST_CHARGE[currency]:
        smallest = f"{SMALLEST_CHARGE[currency]} minor units of {currency}"
        raise ApiError(
            f"The Checkout Session's total amount due must be at least {smallest}.",
            code="amount_too_small", param="line_items", kept=False,
        )  # fmt: skip
    for feature in ("automatic_tax", "invoice_creation", "phone_number_collection"):
        if given.get(feature, {}).get("enabled"):
            raise BadParameter(f"The sandbox does not play {feature}", param=f"{feature}[enabled]")
    return shop.store.put(
        objects.session(
            now, given, currency=currency, total=total, methods=_methods(given, currency), expires_at=expires_at
        )
    )


def _currency(given: Json) -> str:
    if not given["line_items"]:
        raise BadParameter("Missing required param: line_items.", param="line_items", code="parameter_missing")
    named = {item["price_data"]["currency"] for item in given["line_items"]} | {
        given.get("currency", given["line_items"][0]["price_data"]["currency"])
    }
    if len(named) > 1:
        raise BadParameter("All line items must have the same currency.", param="line_items")
    currency = str(named.pop())
    if currency not in SMALLEST_CHARGE:
        raise BadParameter(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(SMALLEST_CHARGE)}",
            param="line_items[0][price_data][currency]",
        )
    return currency


def _methods(given: Json, currency: str) -> list[str]:
    """What the customer may pay with; nothing asked means the dashboard's choice, which has a bank debit in it."""
    debit = {"usd": "us_bank_account", "eur": "sepa_debit", "gbp": "bacs_debit"}.get(currency)
    asked = given.get("allowed_payment_method_types") or ["card", *([debit] if debit else [])]
    return [method for method in asked if method not in given.get("excluded_payment_method_types", [])]


def retrieve(shop: Shop, given: Json, session_id: str) -> Json:
    """The session as it now stands."""
    return shop.fetch("checkout.session", session_id)


def listed(shop: Shop, given: Json) -> Json:
    """Sessions, newest first."""
    return shop.page("/v1/checkout/sessions", "checkout.session", given, "payment_intent", "status")


def expire(shop: Shop, given: Json, session_id: str) -> Json:
    """Close an open session before its time."""
    session = shop.fetch("checkout.session", session_id)
    if session["status"] != "open":
        raise ApiError(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. "
            f"This Checkout Session has a status of {session['status']}.",
            code="checkout_session_not_open",
        )  # fmt: skip
    return _expire(shop, session)


def lapse(shop: Shop) -> None:
    """Expire every open session whose time has passed."""
    with shop.store.transaction():
        for session_id in shop.store.lapsed(shop.now()):
            _expire(shop, shop.fetch("checkout.session", session_id))


def _expire(shop: Shop, session: Json) -> Json:
    session["status"] = "expired"
    shop.emit("checkout.session.expired", session)
    return shop.store.put(session)


def pay(shop: Shop, session_id: str, email: str = "") -> Json:
    """Pay by card, at once; paying twice is paying once."""
    return _complete(shop, session_id, "card", email)


def pay_later(shop: Shop, session_id: str, email: str = "") -> Json:
    """Promise a bank debit: the session is complete, the money comes in days or never."""
    return _complete(shop, session_id, "debit", email)


def _complete(shop: Shop, session_id: str, how: str, email: str) -> Json:
    with shop.store.transaction():
        session = _payable(shop, session_id)
        if session["status"] == "complete":
            return session
        method = bank_debit(session) if how == "debit" else "card"
        if method not in session["payment_method_types"]:
            raise CannotPay(f"This session does not take {'bank debits' if how == 'debit' else 'cards'}.")
        if not session["customer_details"]:
            session["customer_details"] = objects.customer(email or "guest@example.com")
        intent, charge = _try(shop, session, str(method), "succeeded" if how == "card" else "pending")
        if how == "card":
            _received(intent)
            session["payment_status"] = "paid"
        else:
            intent["status"] = "processing"
        session["status"] = "complete"
        for thing in (charge, intent, session):
            shop.store.put(thing)
        shop.emit("checkout.session.completed", session)
        return session


def bank_debit(session: Json) -> str | None:
    """The bank debit this session takes, if any."""
    return next((method for method in session["payment_method_types"] if method in BANK_DEBITS), None)


def decline(shop: Shop, session_id: str) -> Json:
    """Have the card refused; the session stays open for another try."""
    with shop.store.transaction():
        session = _payable(shop, session_id)
        if session["status"] == "complete":
            return session
        intent, charge = _try(shop, session, "card", "failed")
        _refused(intent, charge, "card_declined", "Your card was declined.")
        for thing in (charge, intent, session):
            shop.store.put(thing)
        return session


def settle(shop: Shop, session_id: str) -> Json:
    """Let the promised bank debit arrive."""
    with shop.store.transaction():
        session, intent, charge = _promised(shop, session_id)
        charge |= {"status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"]}
        _received(intent)
        session["payment_status"] = "paid"
        for thing in (charge, intent, session):
            shop.store.put(thing)
        shop.emit("checkout.session.async_payment_succeeded", session)
        return session


def bounce(shop: Shop, session_id: str) -> Json:
    """Let the promised bank debit fail; the session stays complete and unpaid, only the intent tells."""
    with shop.store.transaction():
        session, intent, charge = _promised(shop, session_id)
        charge["status"] = "failed"
        _refused(intent, charge, "insufficient_funds", "The customer's account has insufficient funds.")
        shop.store.put(charge)
        shop.store.put(intent)
        shop.emit("checkout.session.async_payment_failed", session)
        return session


def fail(shop: Shop, session_id: str) -> Json:
    """Make the payment fail in whichever way it still can."""
    promised = shop.fetch("checkout.session", session_id)["status"] == "complete"
    return bounce(shop, session_id) if promised else decline(shop, session_id)


def success_url(session: Json) -> str:
    """Where the customer goes after paying; only the literal placeholder is filled in."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", quote(session["id"]))


def _payable(shop: Shop, session_id: str) -> Json:
    lapse(shop)
    session = shop.fetch("checkout.session", session_id)
    if session["status"] == "expired":
        raise CannotPay("This Checkout Session has expired.")
    return session


def _promised(shop: Shop, session_id: str) -> tuple[Json, Json, Json]:
    session = shop.fetch("checkout.session", session_id)
    intent = shop.fetch("payment_intent", session["payment_intent"] or "")
    if intent["status"] != "processing":
        raise CannotPay("No bank debit is on its way for this session.")
    return session, intent, shop.fetch("charge", intent["latest_charge"])


def _try(shop: Shop, session: Json, method: str, status: str) -> tuple[Json, Json]:
    """A new charge on the session's intent, which comes into being with the first try."""
    if session["payment_intent"]:
        intent = shop.fetch("payment_intent", session["payment_intent"])
    else:
        intent = shop.store.put(objects.intent(shop.now(), session))
        session["payment_intent"] = intent["id"]
    email = (session["customer_details"] or {}).get("email")
    charge = objects.charge(shop.now(), intent, email=email, method=method, status=status)
    intent |= {"latest_charge": charge["id"], "payment_method": charge["payment_method"], "last_payment_error": None}
    return intent, charge


def _received(intent: Json) -> None:
    intent |= {"status": "succeeded", "amount_received": intent["amount"]}


def _refused(intent: Json, charge: Json, code: str, message: str) -> None:
    charge |= {"failure_code": code, "failure_message": message}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": {"charge": charge["id"], "code": code, "message": message, "type": "card_error"},
    }
