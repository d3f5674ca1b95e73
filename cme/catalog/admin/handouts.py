"""Handouts of a seminar, for staff."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog import files, queries, services
from cme.catalog.admin.blueprint import bp
from cme.catalog.errors import NotHandedOut
from cme.catalog.forms import HandoutForm
from cme.catalog.forms.fields import blame
from cme.catalog.models import Seminar
from cme.errors import Refusal
from cme.pages import page

ROOM_FOR_WORDS = 64 * 1024  # beside the file a form carries its title, its tokens and the lines between


@bp.url_value_preprocessor
def take_large_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let staff, and nobody else, send files that are larger than forms may be; asked before the form is read."""
    is_upload = request.method == "POST" and endpoint == "catalog_admin.handouts"
    if is_upload and current_user.is_authenticated and current_user.may("seminars"):
        request.max_content_length = files.MOST_BYTES + ROOM_FOR_WORDS


@bp.route("/admin/seminars/<slug>/handouts", methods=["GET", "POST"])
@staff_only("seminars")
def handouts(slug: str) -> Any:
    """List what learners take home, and hand out another file."""
    seminar = _seminar(slug)
    form = HandoutForm()
    if request.method == "POST" and form.validate() and _add(form, seminar):
        flash("Handed out. Registered learners can download it.", "success")
        return redirect(url_for(".handouts", slug=slug), 303)
    return page(
        "catalog/admin/handouts.html",
        seminar=seminar,
        form=form,
        handouts=queries.handouts_of(seminar.id),
        together=queries.handed_out_bytes(seminar.id),
        most=files.MOST_TOGETHER,
    )


@bp.route("/admin/seminars/<slug>/handouts/<ref>/remove", methods=["POST"])
@staff_only("seminars")
def remove_handout(slug: str, ref: str) -> Any:
    """Take a file back."""
    seminar = _seminar(slug)
    found = queries.handout_by_ref(ref) or abort(404)
    if found.seminar_id != seminar.id:
        abort(404)
    services.remove_handout(ref, by=current_user, now=gateways.clock())
    flash("Removed. Nobody can download it any more.", "success")
    return redirect(url_for(".handouts", slug=slug), 303)


def _seminar(slug: str) -> Seminar:
    return queries.seminar_by_slug(slug, preview=True) or abort(404)


def _add(form: HandoutForm, seminar: Seminar) -> bool:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        blame(form.file, "Choose a file")
        return False
    try:
        services.add_handout(
            seminar.id,
            title=form.title.data or "",
            file_name=sent.filename,
            content=sent.stream.read(files.MOST_BYTES + 1),
            by=current_user,
            form_id=form.form_id.data,
            now=gateways.clock(),
        )
    except NotHandedOut as refusal:
        blame(form.file, str(refusal))
        return False
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True
