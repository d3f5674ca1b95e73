"""Verifying a certificate, for anybody: by number, by code, or by the file itself."""

from datetime import timedelta
from typing import Any

from flask import abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from cme import gateways, limits, settings
from cme.access import public
from cme.credits import numbers, queries
from cme.credits.forms import VerifyFileForm, VerifyForm
from cme.credits.rules.correcting import REASONS
from cme.credits.views.blueprint import MOST_GUESSES, bp, guessed, here
from cme.errors import Busy, Refusal
from cme.gateways.examining import ExaminerBusy
from cme.pages import page
from cme.registration.qr import qr_of

MOST_FILES, FILES_PER = 20, timedelta(minutes=5)
MOST_BYTES = 2 * 1024 * 1024  # twenty times what we print
ROOM_FOR_WORDS = 64 * 1024
NOT_A_CERTIFICATE = {
    "no-pdf": "This is no PDF. Choose the certificate as we sent it, a file that ends in .pdf.",
    "encrypted": "This PDF is locked with a password. Our certificates never are: check the number printed on it.",
    "unreadable": "This PDF is damaged or was changed: it cannot be read. Check the number printed on it instead.",
}


@bp.url_value_preprocessor
def take_files(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let a certificate be larger than a form may be; asked before the form is read."""
    if endpoint == "credits.verify_file" and request.method == "POST":
        request.max_content_length = MOST_BYTES + ROOM_FOR_WORDS


@bp.route("/verify", methods=["GET", "POST"])
@public
def verify_lookup() -> Any:
    """Find the certificate somebody has in hand, by its number and a word of the name on it."""
    form, now = VerifyForm(), gateways.clock()
    if form.validate_on_submit():
        try:
            limits.check("verify", here(), most=MOST_GUESSES, now=now)
            found = queries.certificate_by_number(form.number.data, form.name.data)
            if found is not None:
                return redirect(url_for(".verify", code=found.code), 303)
            guessed(now)
            form.number.errors = [*form.number.errors, numbers.NOT_FOUND]
        except Refusal as refusal:
            form.refuse(refusal)
    return _lookup(form, VerifyFileForm(formdata=None))


@bp.route("/verify/file", methods=["GET", "POST"])
@public
def verify_file() -> Any:
    """Say whether a certificate somebody dropped here is as we issued it; nothing of the file is kept."""
    if request.method == "GET":
        return redirect(url_for(".verify_lookup"), 303)
    form, now = VerifyFileForm(), gateways.clock()
    sent = request.files.get("file")
    if not form.validate() or sent is None or not sent.filename:
        return _not_looked_at(form, "Choose the PDF of the certificate")
    limits.count("verify-file", here(), most=MOST_FILES, per=FILES_PER, now=now)
    pdf = sent.stream.read(MOST_BYTES + 1)
    if len(pdf) > MOST_BYTES:
        raise RequestEntityTooLarge
    try:
        looked = queries.look_at(pdf, examiner=gateways.examiner(), issuer=gateways.issuer())
    except ExaminerBusy as busy:
        raise Busy from busy
    if looked.verdict in NOT_A_CERTIFICATE:
        return _not_looked_at(form, NOT_A_CERTIFICATE[looked.verdict])
    paper = queries.snapshot_of(looked.certificate) if looked.certificate else None
    words: dict[str, Any] = {
        "looked": looked,
        "certificate": looked.certificate,
        "paper": paper,
        "reasons": REASONS.values(),
    }
    shown = page("credits/verify_file.html", **words, now=now)
    return (*shown, {"X-Robots-Tag": "noindex"})


@bp.route("/verify/<code>")
@public
def verify(code: str) -> Any:
    """Say to anybody whether a certificate is valid, and what stands on it."""
    now = gateways.clock()
    read = numbers.read_code(code)
    found = queries.certificate_by_code(read) if read else None
    if found is None:
        guessed(now)
        abort(404)
    heir = queries.successor_of(found, current_user.id) if current_user.is_authenticated else None
    words: dict[str, Any] = {
        "certificate": found,
        "paper": queries.snapshot_of(found),
        "heir": heir,
        "reasons": REASONS.values(),
    }
    shown = page("credits/verify.html", **words, now=now)
    return (*shown, {"X-Robots-Tag": "noindex"})


def _not_looked_at(form: VerifyFileForm, why: str) -> Any:
    form.file.errors = [why]
    return _lookup(VerifyForm(formdata=None), form)


def _lookup(form: VerifyForm, file_form: VerifyFileForm) -> Any:
    prefix = numbers.number_prefix(settings.provider().name)
    example = qr_of(settings.public_url(url_for(".verify_lookup")))
    return page(
        "credits/verify_lookup.html",
        422 if file_form.errors else form.status,
        has_errors=form.has_errors or file_form.has_errors,
        form=form,
        file_form=file_form,
        prefix=prefix,
        qr=example,
    )
