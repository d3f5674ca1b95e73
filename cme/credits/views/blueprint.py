"""The blueprint of the credits room, and what each of its pages asks first."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, request
from flask_login import current_user

from cme import gateways, limits
from cme.credits import numbers, queries
from cme.credits.models import Certificate
from cme.pages import page
from cme.registration.models import Registration
from cme.registration.queries import registration_of

bp = Blueprint("credits", __name__)
ZONE = ZoneInfo("America/New_York")  # the provider's
MOST_GUESSES, GUESSES_PER = 10, timedelta(minutes=5)


def mine(ref: str) -> Registration:
    """The signed-in person's registration, or a page that says it is not there."""
    return (registration_of(current_user.id, ref) if numbers.is_code(ref) else None) or abort(404)


@bp.app_template_global()
def my_certificate(registration: Registration) -> Certificate | None:
    """The certificate that came of a registration, for the pages of other rooms."""
    return queries.certificate_of_registration(registration.id)


def today() -> date:
    """The day it is at the provider's."""
    return gateways.clock().astimezone(ZONE).date()


def here() -> str:
    """The address the request came from."""
    return request.remote_addr or "unknown"


def guessed(now: datetime) -> None:
    """Count a code or a number nobody has, and refuse whoever tries too many."""
    limits.count("verify", here(), most=MOST_GUESSES, per=GUESSES_PER, now=now)


def refused(template: str, standing: queries.Standing, **words: Any) -> Any:
    """Show why this cannot be done now: to a question with 200, to an attempt with 409."""
    status = 409 if request.method == "POST" else 200
    return page(template, status, standing=standing, registration=standing.registration, **words)
