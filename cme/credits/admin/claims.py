"""Claims, for staff: who claimed what, and who waits for an answer."""

from typing import Any

from flask import request

from cme import gateways
from cme.access import staff_only
from cme.catalog.queries import Pages
from cme.credits.admin.blueprint import bp
from cme.credits.models import SUPERSEDED, TEACHING, VALID, VOID
from cme.credits.queries import desk
from cme.forms import clean_line
from cme.pages import page

STATUSES = {VALID: "Valid", SUPERSEDED: "Replaced", VOID: "Withdrawn", TEACHING: "Teaching credit"}


@bp.route("/admin/claims")
@staff_only("claims")
def claims() -> Any:
    """Show what was claimed, the newest first, narrowed by what staff look for."""
    typed = clean_line(request.args.get("q", "")) or ""
    q = "".join(character for character in typed if character.isprintable())[:100]
    known = {each.slug: each for each in desk.claimed_seminars()}
    status, slug = request.args.get("status", ""), request.args.get("seminar", "")
    status, slug = status if status in STATUSES else "", slug if slug in known else ""
    number = request.args.get("page", 1, type=int)
    part = desk.claims_page(q=q, status=status, seminar=slug, number=number)
    return page(
        "credits/admin/claims.html",
        found=Pages(part.items, part.number, part.total, part.per),
        q=q,
        chosen=status,
        slug=slug,
        seminars=known.values(),
        statuses=STATUSES,
        waiting=desk.extensions_waiting(),
        teachers=len(desk.teachers_waiting(gateways.clock())),
    )


@bp.route("/admin/claims/waiting")
@staff_only("claims")
def claims_waiting() -> Any:
    """Show who asks for more time to claim, and who taught and has no credit for it."""
    now = gateways.clock()
    return page(
        "credits/admin/waiting.html", requests=desk.extensions_asked(), teachers=desk.teachers_waiting(now), now=now
    )
