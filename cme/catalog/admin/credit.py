"""How a seminar's credit was counted, for staff and for an auditor."""

from typing import Any

from flask import abort

from cme import settings
from cme.access import staff_only
from cme.catalog import queries, rules
from cme.catalog.admin.blueprint import bp
from cme.catalog.rules.designated import supported_minutes
from cme.pages import page


@bp.route("/admin/seminars/<slug>/credit")
@staff_only("seminars")
def credit(slug: str) -> Any:
    """Show the working: every session, what it counts for and why, and beside the sum what is designated."""
    seminar = queries.seminar_by_slug(slug, preview=True) or abort(404)
    return page(
        "catalog/admin/credit.html",
        seminar=seminar,
        supported=rules.credit_for(supported_minutes(seminar)),
        is_estimated=seminar.learning_format == rules.ENDURING,
        working=rules.working(seminar.sessions),
        topics={rules.TOPICS[code]: minutes for code, minutes in rules.topic_minutes(seminar.sessions).items()},
        statements=rules.statements(seminar, settings.provider()),
        claimants=rules.claimants,
    )
