"""All certificates of a seminar, for staff: printing them, handing them out, reminding who has not claimed."""

from typing import Any

from flask import Response, abort, flash, redirect, stream_with_context, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog.models import Seminar
from cme.catalog.queries import seminar_by_slug
from cme.credits import numbers
from cme.credits.admin.blueprint import bp
from cme.credits.archive import zipped
from cme.credits.forms.bulk import PrintForm, RemindForm
from cme.credits.queries import bulk
from cme.credits.services.bulk import start_run
from cme.credits.services.reminding import remind_unclaimed, reminded_today
from cme.errors import Refusal
from cme.pages import page


def any_seminar(slug: str) -> Seminar:
    """A seminar, whatever its state, or a page that says it is not there."""
    return seminar_by_slug(slug, preview=True) or abort(404)


@bp.route("/admin/seminars/<slug>/certificates", methods=["GET", "POST"])
@staff_only("claims")
def certificates(slug: str) -> Any:
    """Show how many certificates there are and how many are printed, and print the rest."""
    seminar, form, now = any_seminar(slug), PrintForm(), gateways.clock()
    if form.validate_on_submit():
        try:
            ref = start_run(seminar.id, again=form.again.data, form_id=form.form_id.data, by=current_user, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".print_run", slug=slug, ref=ref), 303)
    seminar = any_seminar(slug)
    waiting = bulk.unclaimed(seminar.id, now=now)
    return page(
        "credits/admin/certificates.html",
        form=form,
        seminar=seminar,
        shelf=bulk.shelf_of(seminar.id),
        runs=[(run, bulk.is_alive(run)) for run in bulk.runs_of(seminar.id)],
        unclaimed=len(waiting),
    )


@bp.route("/admin/seminars/<slug>/certificates/runs/<ref>")
@staff_only("claims")
def print_run(slug: str, ref: str) -> Any:
    """Show how far the press is; the page looks again by itself until all is printed."""
    seminar = any_seminar(slug)
    run = (bulk.run_of(seminar.id, ref) if numbers.is_code(ref) else None) or abort(404)
    return page(
        "credits/admin/print_run.html",
        seminar=seminar,
        run=run,
        is_alive=bulk.is_alive(run),
        failures=bulk.failures_of(run) if run.failed else [],
    )


@bp.route("/admin/seminars/<slug>/certificates.zip")
@staff_only("claims")
def certificates_zip(slug: str) -> Any:
    """Hand out every printed certificate in one file, sent as it is written."""
    seminar = any_seminar(slug)
    if not bulk.shelf_of(seminar.id).printed:
        flash("No certificate is printed yet: print them first")
        return redirect(url_for(".certificates", slug=slug), 303)
    pieces = stream_with_context(zipped(bulk.papers_of(seminar.id)))
    response = Response(pieces, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="certificates-{slug}.zip"'
    return response


@bp.route("/admin/seminars/<slug>/unclaimed", methods=["GET", "POST"])
@staff_only("claims")
def unclaimed(slug: str) -> Any:
    """Show who could claim and has not, before any letter is written; then write to them."""
    seminar, form, now = any_seminar(slug), RemindForm(), gateways.clock()
    if form.validate_on_submit():
        count = remind_unclaimed(seminar.id, by=current_user, now=now)
        flash(f"{count} {'letter' if count == 1 else 'letters'} written", "ok" if count else "info")
        return redirect(url_for(".unclaimed", slug=slug), 303)
    found = bulk.unclaimed(seminar.id, now=now)
    written = reminded_today(seminar.id, now=now)
    return page(
        "credits/admin/unclaimed.html",
        form=form,
        seminar=seminar,
        found=found,
        written=written,
        to_write=len([each for each in found if each.registration.id not in written]),
    )
