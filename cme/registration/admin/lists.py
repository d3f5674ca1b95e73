"""Registrations and payments, for staff."""

from typing import Any

from flask import current_app, request

from cme import gateways
from cme.access import staff_only
from cme.pages import page
from cme.registration import desk, queries
from cme.registration.admin.blueprint import bp, paged, status_among, words
from cme.registration.models import ACTIVE, FAILED, PAID, PAYABLE
from cme.registration.rules import ABANDONED, ENDED, EXPIRED
from cme.registration.stuck import everything

REGISTRATIONS = (*ACTIVE, *ENDED)
PAYMENTS = ("review", PAID, *PAYABLE, EXPIRED, FAILED, ABANDONED)


@bp.route("/admin/registrations")
@staff_only("registrations")
def registrations() -> Any:
    """Every registration, newest first."""
    q, chosen, number = words(), status_among(REGISTRATIONS), request.args.get("page", 1, type=int)
    found = paged(queries.registrations_page(q=q, status=chosen, number=number))
    return page("registration/admin/registrations.html", found=found, q=q, chosen=chosen, statuses=REGISTRATIONS)


@bp.route("/admin/payments")
@staff_only("payments")
def payments() -> Any:
    """Every attempt to pay, newest first, and what was taken in."""
    q, chosen, number = words(), status_among(PAYMENTS), request.args.get("page", 1, type=int)
    found = paged(queries.payments_page(q=q, status=chosen, number=number))
    money: dict[str, Any] = {"takings": desk.takings(), "in_review": desk.in_review(), "statuses": PAYMENTS}
    money["stuck"] = len(everything(now=gateways.clock(), mode=current_app.config["PAYMENTS_MODE"]))
    return page("registration/admin/payments.html", found=found, q=q, chosen=chosen, now=gateways.clock(), **money)
