"""The parameters the sandbox accepts: a part of Stripe's, under Stripe's names; held against the SDK by a test."""

from .params import Flag, Hash, Many, Metadata, Moments, OneOf, Text, Url, Whole

# The smallest charge Stripe takes, in minor units, and so the currencies the sandbox knows.
SMALLEST_CHARGE = {
    "usd": 50, "eur": 50, "gbp": 30, "cad": 50, "aud": 50, "nzd": 50, "chf": 50, "sgd": 50, "hkd": 400, "jpy": 50,
    "mxn": 1000, "sek": 300, "nok": 300, "dkk": 250,
}  # fmt: skip
WITHOUT_MINOR_UNIT = {"jpy"}
BANK_DEBITS = ("us_bank_account", "sepa_debit", "bacs_debit", "acss_debit", "au_becs_debit")
METHODS = ("card", "link", *BANK_DEBITS)

EXPAND = Many(Text(200), most=20)
EMAIL = Text(512, pattern=r"[^@\s]+@[^@\s.]+\.[^@\s]+|[^@\s]+@localhost")
ENABLED = Hash({"enabled": Flag()}, required=("enabled",))
PAGING = {"limit": Whole(1, 100), "starting_after": Text(200), "ending_before": Text(200), "expand": EXPAND}

ONLY_EXPAND = Hash({"expand": EXPAND})

CREATE_SESSION = Hash(
    {
        "adaptive_pricing": Hash({"enabled": Flag()}),
        "allow_promotion_codes": Flag(),
        "allowed_payment_method_types": Many(OneOf(METHODS)),
        "automatic_tax": ENABLED,
        "billing_address_collection": OneOf(("auto", "required")),
        "branding_settings": Hash({"display_name": Text(200)}),
        "cancel_url": Url(),
        "client_reference_id": Text(200),
        "currency": Text(3),
        "custom_text": Hash({"submit": Hash({"message": Text(1200)}, required=("message",))}),
        "customer_creation": OneOf(("always", "if_required"), ours=("if_required",)),
        "customer_email": EMAIL,
        "excluded_payment_method_types": Many(OneOf(("card", *BANK_DEBITS))),
        "expand": EXPAND,
        "expires_at": Whole(),
        "invoice_creation": ENABLED,
        "line_items": Many(
            Hash(
                {
                    "price_data": Hash(
                        {
                            "currency": Text(3),
                            "product_data": Hash(
                                {
                                    "name": Text(250),
                                    "description": Text(5000),
                                    "images": Many(Url(), most=8),
                                    "metadata": Metadata(),
                                },
                                required=("name",),
                            ),
                            "tax_behavior": OneOf(("exclusive", "inclusive", "unspecified")),
                            "unit_amount": Whole(0, 99_999_999),
                        },
                        required=("currency", "product_data", "unit_amount"),
                    ),
                    "quantity": Whole(1, 999_999),
                },
                required=("price_data", "quantity"),
            )
        ),
        "locale": OneOf(("auto", "en", "en-GB", "es", "fr", "de")),
        "metadata": Metadata(),
        "mode": OneOf(("payment", "setup", "subscription"), ours=("payment",)),
        "origin_context": OneOf(("mobile_app", "web")),
        "payment_intent_data": Hash(
            {
                "description": Text(1000),
                "metadata": Metadata(),
                "receipt_email": EMAIL,
                "statement_descriptor": Text(22),
                "statement_descriptor_suffix": Text(22),
            }
        ),
        "phone_number_collection": ENABLED,
        "submit_type": OneOf(("auto", "book", "donate", "pay", "subscribe"), ours=("auto", "book", "pay")),
        "success_url": Url(),
        "ui_mode": OneOf(("elements", "embedded_page", "form", "hosted_page"), ours=("hosted_page",)),
    },
    required=("mode", "line_items", "success_url"),
)
LIST_SESSIONS = Hash(
    PAGING | {"created": Moments(), "payment_intent": Text(200), "status": OneOf(("complete", "expired", "open"))}
)
CREATE_REFUND = Hash(
    {
        "amount": Whole(1),
        "charge": Text(200),
        "expand": EXPAND,
        "metadata": Metadata(),
        "payment_intent": Text(200),
        "reason": OneOf(("duplicate", "fraudulent", "requested_by_customer")),
    }
)
LIST_REFUNDS = Hash(PAGING | {"charge": Text(200), "created": Moments(), "payment_intent": Text(200)})
LIST_DISPUTES = Hash(PAGING | {"charge": Text(200), "created": Moments(), "payment_intent": Text(200)})
LIST_EVENTS = Hash(
    PAGING | {"created": Moments(), "delivery_success": Flag(), "type": Text(200), "types": Many(Text(200), most=20)}
)
