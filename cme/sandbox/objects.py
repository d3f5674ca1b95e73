"""Stripe's objects as API 2026-10-28.endive shapes them; fields that begin with _ are ours and never leave."""

import secrets
import string
from typing import Any

from .store import Json

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """An id nobody can guess."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def nothing_in(names: str) -> Json:
    """Fields that are there and empty, as Stripe sends them."""
    return dict.fromkeys(names.split())


def session(now: int, given: Json, *, currency: str, total: int, methods: list[str], expires_at: int) -> Json:
    """A Checkout Session, open and unpaid."""
    return nothing_in(
        """after_expiration billing_address_collection branding_settings cancel_url client_reference_id client_secret
        collected_information consent consent_collection currency_conversion customer customer_account customer_details
        customer_email excluded_payment_method_types integration_identifier invoice locale managed_payments
        origin_context payment_intent payment_link payment_method_configuration_details permissions
        presentment_details recovered_from redirect_on_completion return_url saved_payment_method_options setup_intent
        shipping_address_collection shipping_cost submit_type subscription url wallet_options"""
    ) | {
        "id": new_id("cs_test_", 58),
        "object": "checkout.session",
        "adaptive_pricing": given.get("adaptive_pricing", {"enabled": False}),
        "allow_promotion_codes": given.get("allow_promotion_codes"),
        "allowed_payment_method_types": given.get("allowed_payment_method_types"),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": given.get("billing_address_collection"),
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "created": now,
        "currency": currency,
        "custom_fields": [],
        "custom_text": nothing_in("after_submit shipping_address submit terms_of_service_acceptance")
        | given.get("custom_text", {}),
        "customer_creation": given.get("customer_creation", "if_required"),
        "customer_details": customer(given["customer_email"]) if given.get("customer_email") else None,
        "customer_email": given.get("customer_email"),
        "discounts": [],
        "expires_at": expires_at,
        "excluded_payment_method_types": given.get("excluded_payment_method_types"),
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": given.get("metadata", {}),
        "mode": "payment",
        "optional_items": [],
        "origin_context": given.get("origin_context"),
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": methods,
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "submit_type": given.get("submit_type"),
        "success_url": given["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "_display_name": given.get("branding_settings", {}).get("display_name"),
        "_intent": given.get("payment_intent_data", {}),
        "_items": [line_item(item, currency) for item in given["line_items"]],
    }


def customer(email: str) -> Json:
    """What a session knows of the person who pays."""
    return nothing_in("address business_name individual_name name phone tax_ids") | {
        "email": email, "tax_exempt": "none"
    }  # fmt: skip


def line_item(given: Json, currency: str) -> Json:
    """One line of a session."""
    product = given["price_data"]["product_data"]
    total = given["price_data"]["unit_amount"] * given["quantity"]
    return {
        "id": new_id("li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": product["name"],
        "metadata": {},
        "price": None,
        "quantity": given["quantity"],
        "_details": product.get("description"),
    }


def intent(now: int, paid_for: Json) -> Json:
    """The PaymentIntent that comes into being when the customer first tries to pay."""
    intent_id, data = new_id("pi_3"), paid_for["_intent"]
    return nothing_in(
        """amount_details application application_fee_amount automatic_payment_methods canceled_at cancellation_reason
        customer customer_account excluded_payment_method_types last_payment_error latest_charge managed_payments
        next_action on_behalf_of payment_method payment_method_configuration_details payment_record processing review
        setup_future_usage shipping source transfer_data transfer_group"""
    ) | {
        "id": intent_id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": paid_for["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "capture_method": "automatic_async",
        "client_secret": new_id(f"{intent_id}_secret_"),
        "confirmation_method": "automatic",
        "created": now,
        "currency": paid_for["currency"],
        "description": data.get("description"),
        "livemode": False,
        "metadata": data.get("metadata", {}),
        "payment_method_options": {},
        "payment_method_types": paid_for["payment_method_types"],
        "receipt_email": data.get("receipt_email"),
        "statement_descriptor": data.get("statement_descriptor"),
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
    }


def charge(now: int, pays: Json, *, email: str | None, method: str, status: str) -> Json:
    """One try at taking the money."""
    settled = status == "succeeded"
    return nothing_in(
        """application application_fee application_fee_amount authorization_code balance_transaction customer
        failure_balance_transaction failure_code failure_message on_behalf_of receipt_number receipt_url review
        shipping source source_transfer transfer transfer_data transfer_group"""
    ) | {
        "id": new_id("ch_3"),
        "object": "charge",
        "amount": pays["amount"],
        "amount_captured": pays["amount"] if settled else 0,
        "amount_refunded": 0,
        "billing_details": {"address": None, "email": email, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": "CME SANDBOX",
        "captured": settled,
        "created": now,
        "currency": pays["currency"],
        "description": pays["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": pays["metadata"],
        "outcome": None,
        "paid": settled,
        "payment_intent": pays["id"],
        "payment_method": new_id("pm_1"),
        "payment_method_details": {"type": method, method: _method_details(method)},
        "radar_options": {},
        "receipt_email": pays["receipt_email"],
        "refunded": False,
        "statement_descriptor": pays["statement_descriptor"],
        "statement_descriptor_suffix": pays["statement_descriptor_suffix"],
        "status": status,
    }


def _method_details(method: str) -> Json:
    if method != "card":
        return {"last4": "6789"}
    return nothing_in("checks country fingerprint installments mandate network three_d_secure wallet") | {
        "brand": "visa", "exp_month": 12, "exp_year": 2034, "funding": "credit", "last4": "4242"
    }  # fmt: skip


def refund(now: int, charged: Json, amount: int, *, status: str, reason: str | None, metadata: Json) -> Json:
    """Money on its way back."""
    return nothing_in(
        """balance_transaction customer customer_account description failure_balance_transaction failure_reason
        instructions_email next_action pending_reason presentment_details receipt_number source_transfer_reversal
        transfer_reversal"""
    ) | {
        "id": new_id("re_3"),
        "object": "refund",
        "amount": amount,
        "charge": charged["id"],
        "created": now,
        "currency": charged["currency"],
        "destination_details": {"type": charged["payment_method_details"]["type"]},
        "metadata": metadata,
        "payment_intent": charged["payment_intent"],
        "payment_method": charged["payment_method"],
        "reason": reason,
        "status": status,
    }


def dispute(now: int, charged: Json, *, reason: str, inquiry: bool) -> Json:
    """A customer who goes to the bank; an inquiry moves no money."""
    deadline = now + 14 * 86_400
    return {
        "id": new_id("du_1"),
        "object": "dispute",
        "amount": charged["amount"],
        "balance_transactions": [],
        "charge": charged["id"],
        "created": now,
        "currency": charged["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": deadline, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False,
            "submission_count": 0, "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "network_reason_code": "10.4" if reason == "fraudulent" else None,
        "payment_intent": charged["payment_intent"],
        "payment_method_details": None,
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }  # fmt: skip


def event(now: int, kind: str, thing: Json) -> Json:
    """What happened, with the object as it was then."""
    return {
        "id": new_id("evt_1"),
        "object": "event",
        "account": None,
        "api_version": API_VERSION,
        "context": None,
        "created": now,
        "data": {"object": thing},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def listed(url: str, things: list[Any], *, has_more: bool = False) -> Json:
    """A page of a list."""
    return {"object": "list", "url": url, "has_more": has_more, "data": things}
