"""Stripe's webhook: who speaks is checked first, then the event takes effect; the answer says whether to tell again."""

from datetime import datetime

import stripe
from flask import Request, current_app
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from cme.database import db
from cme.errors import Refusal
from cme.registration import checkout

MOST = 1_000_000  # bytes
DONE, REFUSED, AGAIN = 200, 400, 503


def receive(request: Request, *, payments: stripe.StripeClient, now: datetime) -> tuple[str, int]:
    """Answer one telling: done, refused, or tell us again; never a word of why."""
    event = _verified(request)
    if event is None:
        return "", REFUSED
    try:
        outcome = checkout.hear(event, payments=payments, now=now)
    except (Refusal, OperationalError, stripe.StripeError) as error:
        db.session.rollback()
        current_app.logger.warning("event %s %s again later: %s", event.id, event.type, type(error).__name__)
        return "", AGAIN
    except Exception:
        # A fault of ours must not lose a payment: Stripe keeps telling for three days.
        db.session.rollback()
        current_app.logger.exception("event %s %s failed", event.id, event.type)
        return "", AGAIN
    current_app.logger.info("event %s %s: %s", event.id, event.type, outcome)
    return "", DONE


def _verified(request: Request) -> checkout.Heard | None:
    """The event, if Stripe signed it with one of our secrets and it belongs to our kind of money."""
    body = _body(request)
    if body is None:
        return None
    for secret in current_app.config["STRIPE_WEBHOOK_SECRETS"]:
        try:
            event = stripe.Webhook.construct_event(body, request.headers.get("Stripe-Signature", ""), secret)
        except stripe.SignatureVerificationError:
            continue
        except (ValueError, AttributeError, TypeError):
            return None  # signed, but no event; or signed with letters that no signature has
        return _ours(event)
    return None


def _body(request: Request) -> bytes | None:
    request.max_content_length = MOST
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None


def _ours(event: stripe.Event) -> checkout.Heard | None:
    if not {"id", "type", "object", "livemode", "created", "data"} <= set(event.to_dict()) or event.object != "event":
        return None
    if event.livemode != (current_app.config["PAYMENTS_MODE"] == "live"):
        current_app.logger.critical("event %s is of the wrong kind of money: livemode %s", event.id, event.livemode)
        return None
    return checkout.heard(event)
