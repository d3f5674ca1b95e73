"""The blueprint of the credits room, and what each of its pages asks first."""

from typing import Any

from flask import Blueprint, abort, request
from flask_login import current_user

from cme.credits import numbers, queries
from cme.credits.models import Certificate
from cme.pages import page
from cme.registration.models import Registration
from cme.registration.queries import registration_of

bp = Blueprint("credits", __name__)


def mine(ref: str) -> Registration:
    """The signed-in person's registration, or a page that says it is not there."""
    return (registration_of(current_user.id, ref) if numbers.is_code(ref) else None) or abort(404)


@bp.app_template_global()
def my_certificate(registration: Registration) -> Certificate | None:
    """The certificate that came of a registration, for the pages of other rooms."""
    return queries.certificate_of_registration(registration.id)


def here() -> str:
    """The address the request came from."""
    return request.remote_addr or "unknown"


def refused(template: str, standing: queries.Standing, **words: Any) -> Any:
    """Show why this cannot be done now: to a question with 200, to an attempt with 409."""
    status = 409 if request.method == "POST" else 200
    return page(template, status, standing=standing, registration=standing.registration, **words)
