"""The desk's blueprint, and what its lists share."""

from typing import Any

import stripe
from flask import Blueprint, current_app, request

from cme import gateways
from cme.catalog.queries import Pages
from cme.errors import Refusal
from cme.forms import clean_line
from cme.registration.checkout import send_refund
from cme.registration.queries import Part

bp = Blueprint("registration_admin", __name__)


def words() -> str:
    """What staff search for, without what no text has."""
    typed = clean_line(request.args.get("q", "")) or ""
    return "".join(character for character in typed if character.isprintable())[:100]


def status_among(known: tuple[str, ...]) -> str:
    """The status asked for, if there is such a one."""
    asked = request.args.get("status", "")
    return asked if asked in known else ""


def paged(part: Part[Any]) -> Pages[Any]:
    """A part of a list with what the pager needs to know."""
    return Pages(part.items, part.number, part.total, part.per)


def stripe_here() -> stripe.StripeClient | None:
    """The conversation with Stripe, where there is one."""
    return gateways.stripe() if gateways.here().payments else None


def send_back(made: list[int] | None) -> None:
    """Send refunds on their way; what Stripe does not answer now, the next round asks again."""
    client = stripe_here()
    if client is None:
        return
    for number in made or ():
        try:
            send_refund(number, payments=client, now=gateways.clock())
        except (stripe.StripeError, Refusal) as error:
            current_app.logger.warning("refund %s goes with the next round: %s", number, type(error).__name__)
