"""Verifying a certificate, for anybody."""

from datetime import timedelta
from typing import Any

from flask import abort, redirect, url_for

from cme import gateways, limits, settings
from cme.access import public
from cme.credits import numbers, queries
from cme.credits.certificate import qr_of
from cme.credits.forms import VerifyForm
from cme.credits.views.blueprint import bp, here
from cme.errors import Refusal
from cme.pages import page

MOST_LOOKUPS, PER = 10, timedelta(minutes=5)


@bp.route("/verify", methods=["GET", "POST"])
@public
def verify_lookup() -> Any:
    """Find the certificate somebody has in hand, by its number and a word of the name on it."""
    form, now = VerifyForm(), gateways.clock()
    if form.validate_on_submit():
        try:
            limits.check("verify", here(), most=MOST_LOOKUPS, now=now)
            found = queries.certificate_by_number(form.number.data, form.name.data)
            if found is not None:
                return redirect(url_for(".verify", code=found.code), 303)
            limits.count("verify", here(), most=MOST_LOOKUPS, per=PER, now=now)
            form.number.errors = [*form.number.errors, numbers.NOT_FOUND]
        except Refusal as refusal:
            form.refuse(refusal)
    prefix, example = (
        numbers.number_prefix(settings.provider().name),
        qr_of(settings.public_url(url_for(".verify_lookup"))),
    )
    return page("credits/verify_lookup.html", form=form, prefix=prefix, qr=example)


@bp.route("/verify/<code>")
@public
def verify(code: str) -> Any:
    """Say to anybody whether a certificate is valid, and what stands on it."""
    now = gateways.clock()
    read = numbers.read_code(code)
    found = queries.certificate_by_code(read) if read else None
    if found is None:
        limits.count("verify", here(), most=MOST_LOOKUPS, per=PER, now=now)
        abort(404)
    shown = page("credits/verify.html", certificate=found, paper=queries.snapshot_of(found), now=now)
    return (*shown, {"X-Robots-Tag": "noindex"})
