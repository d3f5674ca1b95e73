"""Money going back: refunds asked for by the API or the dashboard, and disputes."""

from . import objects
from .accepted import BANK_DEBITS
from .errors import ApiError, missing
from .shop import Shop
from .store import Json


def create(shop: Shop, given: Json) -> Json:
    """Send back what is left of a charge, or a part of it."""
    charge = _charge(shop, given)
    left = charge["amount"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    if charge["disputed"]:
        raise ApiError(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if not left:
        raise ApiError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        raise ApiError(
            f"Refund amount ({amount} {charge['currency']}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    slow = charge["payment_method_details"]["type"] in BANK_DEBITS
    refund = objects.refund(
        shop.now(), charge, amount, status="pending" if slow else "succeeded",
        reason=given.get("reason"), metadata=given.get("metadata", {}),
    )  # fmt: skip
    shop.store.put(refund)
    _count(shop, charge, amount)
    shop.emit("refund.created", refund)
    shop.emit("charge.refunded", charge)
    return refund


def _charge(shop: Shop, given: Json) -> Json:
    if not given.get("charge") and not given.get("payment_intent"):
        raise ApiError("One of the following params should be provided: charge, payment_intent.", kept=False)
    charge_id = given.get("charge")
    if given.get("payment_intent"):
        latest = shop.fetch("payment_intent", given["payment_intent"])["latest_charge"]
        if charge_id and charge_id != latest:
            raise ApiError("The charge does not belong to the PaymentIntent.", param="charge")
        charge_id = latest
    charge = shop.store.get("charge", charge_id or "")
    if charge is None:
        raise missing("charge", str(charge_id))
    if charge["status"] != "succeeded":
        raise ApiError(f"Charge {charge['id']} has not succeeded, so nothing can be refunded.")
    return charge


def _count(shop: Shop, charge: Json, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    shop.store.put(charge)


def retrieve(shop: Shop, given: Json, refund_id: str) -> Json:
    """The refund as it now stands."""
    return shop.fetch("refund", refund_id)


def listed(shop: Shop, given: Json) -> Json:
    """Refunds, newest first."""
    return shop.page("/v1/refunds", "refund", given, "charge", "payment_intent")


def from_dashboard(shop: Shop, session_id: str, amount: int | None = None) -> Json:
    """Refund as staff at Stripe's dashboard would: without our metadata."""
    with shop.store.transaction():
        intent = shop.fetch("checkout.session", session_id)["payment_intent"] or ""
        given = {"payment_intent": intent, "reason": "requested_by_customer"}
        return create(shop, given if amount is None else given | {"amount": amount})


def settle(shop: Shop, refund_id: str) -> Json:
    """Let a pending refund arrive."""
    return _end(shop, refund_id, "succeeded", ("pending",), ("refund.updated",))


def fail(shop: Shop, refund_id: str) -> Json:
    """Let a refund come back, even weeks after it succeeded."""
    return _end(shop, refund_id, "failed", ("pending", "succeeded"), ("refund.updated", "refund.failed"))


def _end(shop: Shop, refund_id: str, status: str, before: tuple[str, ...], told: tuple[str, ...]) -> Json:
    with shop.store.transaction():
        refund = shop.fetch("refund", refund_id)
        if refund["status"] not in before:
            raise ApiError(f"Refund {refund_id} is already {refund['status']}.")
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = "lost_or_stolen_card"
            _count(shop, shop.fetch("charge", refund["charge"]), -refund["amount"])
        shop.store.put(refund)
        for kind in told:
            shop.emit(kind, refund)
        return refund


def dispute(shop: Shop, session_id: str, reason: str = "fraudulent", *, inquiry: bool = False) -> Json:
    """Have the customer dispute the payment; an inquiry takes no money."""
    with shop.store.transaction():
        intent = shop.fetch("checkout.session", session_id)["payment_intent"] or ""
        charge = _charge(shop, {"payment_intent": intent})
        if charge["disputed"]:
            raise ApiError("This payment is disputed already.")
        opened = shop.store.put(objects.dispute(shop.now(), charge, reason=reason, inquiry=inquiry))
        shop.store.put(charge | {"disputed": not inquiry})
        shop.emit("charge.dispute.created", opened)
        if not inquiry:
            shop.emit("charge.dispute.funds_withdrawn", opened)
        return opened


def open_disputes(shop: Shop, intent_id: str) -> list[Json]:
    """The disputes of a payment the bank has not decided."""
    return shop.store.find(
        "dispute", lambda each: each["payment_intent"] == intent_id and each["status"].endswith("needs_response")
    )


def close_dispute(shop: Shop, session_id: str, *, won: bool) -> Json:
    """Let the bank decide."""
    with shop.store.transaction():
        intent = shop.fetch("checkout.session", session_id)["payment_intent"] or ""
        open_ones = open_disputes(shop, intent)
        if not open_ones:
            raise ApiError("No dispute is open on this payment.")
        closing = open_ones[0]
        inquiry = closing["status"].startswith("warning")
        closing["status"] = "warning_closed" if inquiry else "won" if won else "lost"
        shop.store.put(closing)
        shop.emit("charge.dispute.updated", closing)
        shop.emit("charge.dispute.closed", closing)
        if won and not inquiry:
            shop.emit("charge.dispute.funds_reinstated", closing)
        return closing
