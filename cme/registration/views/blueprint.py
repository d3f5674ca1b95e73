"""The blueprint of the registration room, and what each of its pages asks first."""

from typing import Any

import stripe
from flask import Blueprint, abort, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.registration import queries
from cme.registration.kept import what_stays
from cme.registration.models import Registration
from cme.registration.standing import Standing

bp = Blueprint("registration", __name__)
REF = queries.REF


def my_own(ref: str) -> Registration:
    """The registration of the person who asks; anybody else's is not there."""
    found = queries.registration_of(current_user.id, ref) if REF.fullmatch(ref) else None
    return found or abort(404)


def stripe_here() -> stripe.StripeClient | None:
    """The conversation with Stripe, where there is one."""
    return gateways.stripe() if gateways.here().payments else None


def to_registration(ref: str) -> Any:
    """Go to the page that says where a registration stands."""
    return redirect(url_for("registration.show", ref=ref), 303)


def words_of(standing: Standing) -> dict[str, Any]:
    """What every page about a registration shows."""
    registration = standing.registration
    return {
        "standing": standing,
        "registration": registration,
        "seminar": registration.seminar,
        "offering": registration.offering,
        "account": registration.account,
        "stays": what_stays(registration),
    }
