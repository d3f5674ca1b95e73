"""Webinar logs: read, looked at, then written down."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog.models import Seminar
from cme.errors import Refusal
from cme.fields import blame
from cme.pages import page
from cme.registration import queries, reckoning
from cme.registration.admin.blueprint import bp
from cme.registration.admin.check_in import seminar_at
from cme.registration.forms.attendance import ApplyForm, LogForm
from cme.registration.rules.webinar_log import LogUnreadable
from cme.registration.services.webinar_logs import apply_log, read_log


@bp.route("/admin/seminars/<slug>/attendance/import", methods=["GET", "POST"])
@staff_only("attendance")
def webinar_log(slug: str) -> Any:
    """Take in the log of a webinar; nothing counts yet."""
    seminar, form = seminar_at(slug), LogForm()
    form.offer(seminar.time_zone)
    ref = _read(seminar, form) if form.validate_on_submit() else None
    if ref:
        return redirect(url_for(".webinar_log_found", slug=slug, ref=ref), 303)
    return page("registration/admin/log.html", form=form, seminar=seminar, logs=reckoning.imports_of(seminar.id))


def _read(seminar: Seminar, form: LogForm) -> str | None:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        blame(form.file, "Choose the attendee report")
        return None
    how = {"file_name": sent.filename, "zone": form.zone.data, "form_id": form.form_id.data}
    try:
        return read_log(seminar.id, sent.stream.read(), **how, by=current_user, now=gateways.clock())
    except LogUnreadable as refusal:
        blame(form.file, str(refusal))
    except Refusal as refusal:
        form.refuse(refusal)
    return None


@bp.route("/admin/seminars/<slug>/attendance/import/<ref>", methods=["GET", "POST"])
@staff_only("attendance")
def webinar_log_found(slug: str, ref: str) -> Any:
    """Show what a log would write down, and write it down once staff say so."""
    seminar, form = seminar_at(slug), ApplyForm()
    found = reckoning.import_by_ref(seminar.id, ref) if queries.REF.fullmatch(ref) else None
    log = found or abort(404)
    if form.validate_on_submit():
        names = set(form.names.data or ())
        shown = form.shown.data or ""
        try:
            people = apply_log(log.id, shown=shown, names=names, by=current_user, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Written down for {people} {'person' if people == 1 else 'people'}", "ok")
            return redirect(url_for(".webinar_log_found", slug=slug, ref=ref), 303)
    return page("registration/admin/log_found.html", form=form, seminar=seminar, log=log, found=reckoning.reckon(log))
