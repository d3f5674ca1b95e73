"""What learners said, added up, for staff to read and to hand on; names appear nowhere."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from flask import Response, abort

from cme import gateways
from cme.access import staff_only
from cme.catalog.models import Seminar
from cme.catalog.queries import seminar_by_slug
from cme.catalog.queries.faculty import faculty_by_slug
from cme.credits.admin.blueprint import bp
from cme.credits.queries import opinions
from cme.credits.rules.tallies import FEWEST, Tally
from cme.pages import page
from cme.registration.exports import safe_cell


@bp.route("/admin/evaluations")
@staff_only("claims")
def evaluations() -> Any:
    """List the seminars with how many evaluated them, and how they were rated overall."""
    lines = opinions.seminars_evaluated(now=gateways.clock())
    return page("credits/admin/evaluations.html", lines=lines, fewest=FEWEST)


@bp.route("/admin/evaluations/<slug>")
@staff_only("claims")
def evaluation_report(slug: str) -> Any:
    """Show what was said of one seminar."""
    report = opinions.report_of(_seminar(slug))
    return page("credits/admin/evaluation_report.html", report=report, seminar=report.seminar, fewest=FEWEST)


@bp.route("/admin/evaluations/<slug>.csv")
@staff_only("claims")
def evaluation_csv(slug: str) -> Any:
    """What was said of one seminar as a file: sums and words, never a row for a person."""
    report = opinions.report_of(_seminar(slug))
    out = io.StringIO(newline="")
    sheet = csv.writer(out)
    sheet.writerow(["Asked", "About", "Answers", "Mean", "Choice", "Chosen", "Words"])
    for when, tallies in (("", report.tallies), ("Three months later: ", report.later)):
        for row in (row for each in tallies for row in _rows(when, each)):
            sheet.writerow([safe_cell(cell) for cell in row])
    response = Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-evaluation.csv"'
    return response


@bp.route("/admin/evaluations/faculty/<slug>")
@staff_only("claims")
def speaker_report(slug: str) -> Any:
    """Show how somebody who teaches was rated, seminar by seminar; made to be handed to them."""
    person = faculty_by_slug(slug) or abort(404)
    found = opinions.report_about(person)
    return page("credits/admin/speaker_report.html", person=person, found=found, fewest=FEWEST)


def _rows(when: str, tally: Tally) -> Iterator[list[Any]]:
    about = tally.about.partition(":")[0]
    head = [f"{when}{tally.label}", about, tally.answered, tally.mean]
    if not tally.is_shown:
        yield [*head, f"Not shown: fewer than {FEWEST} answers", "", ""]
        return
    for choice, count in tally.counts:
        yield [*head, choice, count, ""]
    for words in tally.texts:
        yield [*head, "", "", words]


def _seminar(slug: str) -> Seminar:
    return seminar_by_slug(slug, preview=True) or abort(404)
