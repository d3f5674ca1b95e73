"""Stripe's webhook: who speaks is checked first, then the event takes effect; the answer says whether to tell again."""

import json
import re
from datetime import datetime

import stripe
from flask import Request, current_app
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from cme.database import db
from cme.errors import Refusal
from cme.registration import checkout
from cme.registration.checkout.conversation import moment

MOST = 1_000_000  # bytes
TOLERANCE = 300  # seconds
NAME, KIND = re.compile(r"[\w.:-]{1,100}", re.ASCII), re.compile(r"[a-z0-9_.]{1,80}", re.ASCII)
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
    """The event, if Stripe signed it with one of our secrets just now and it belongs to our kind of money."""
    body, header = _body(request), request.headers.get("Stripe-Signature", "")
    if body is None or not _is_signed(body, header, TOLERANCE):
        return None
    # Stripe's own check only looks back: a signature for a later day would be good until then, again and again.
    if _is_signed(body, header, -TOLERANCE):
        return None
    event = _read(body)
    if event is not None and event.livemode != (current_app.config["PAYMENTS_MODE"] == "live"):
        current_app.logger.critical("event %s is of the wrong kind of money: livemode %s", event.id, event.livemode)
        return None
    return event


def _is_signed(body: bytes, header: str, tolerance: int) -> bool:
    """Whether one of our secrets signed this, no longer than so many seconds ago."""
    for secret in current_app.config["STRIPE_WEBHOOK_SECRETS"]:
        try:
            return bool(stripe.WebhookSignature.verify_header(body, header, secret, tolerance))
        except stripe.SignatureVerificationError:
            continue
        except (ValueError, TypeError):
            return False  # no text, or signed with letters that no signature has
    return False


def _body(request: Request) -> bytes | None:
    request.max_content_length = MOST
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None


def _read(body: bytes) -> checkout.Heard | None:
    """What a body says, if it has the shape of an event: even what is signed may be anything."""
    try:
        event = json.loads(body)
        thing = event["data"]["object"]
        name, kind, about = event["id"], event["type"], thing.get("id", "")
        known = event["object"] == "event" and type(event["livemode"]) is bool and type(event["created"]) is int
        known = known and all(isinstance(text, str) for text in (name, kind, about))
        known = known and bool(NAME.fullmatch(name) and KIND.fullmatch(kind) and (not about or NAME.fullmatch(about)))
        return checkout.Heard(name, kind, about, event["livemode"], moment(event["created"])) if known else None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        return None
