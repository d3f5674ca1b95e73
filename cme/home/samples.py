"""Every letter the house writes, about somebody invented: what staff see before anybody gets one."""

from typing import Any

from flask import abort, request

from cme import gateways
from cme.access import staff_only
from cme.accounts import samples as accounts
from cme.catalog import samples as catalog
from cme.credits import samples as credits
from cme.home.blueprint import bp
from cme.mail import Sample
from cme.pages import page, policy
from cme.registration import samples as registration

SAMPLES: dict[str, Sample] = accounts.SAMPLES | catalog.SAMPLES | registration.SAMPLES | credits.SAMPLES
ROOMS = {
    "accounts": "Accounts",
    "catalog": "Faculty and directors",
    "registration": "Registrations",
    "credits": "Credit",
}
# A letter brings its styles along and nothing else; in its frame nothing runs, and it leads nowhere.
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; frame-ancestors 'self'"


@bp.route("/admin/letters/samples")
@staff_only("letters")
def letter_samples() -> Any:
    """List every kind of letter: when it is sent, and to whom."""
    now = gateways.clock()
    found = [(name, each, each.rehearse(now)) for name, each in SAMPLES.items()]
    rooms = {title: [line for line in found if line[0].startswith(f"{room}/")] for room, title in ROOMS.items()}
    return page("home/letter_samples.html", rooms=rooms)


@bp.route("/admin/letters/samples/<path:name>")
@staff_only("letters")
def letter_sample(name: str) -> Any:
    """Show one kind of letter in both of its forms."""
    sample = SAMPLES.get(name) or abort(404)
    letter = sample.rehearse(gateways.clock())
    if request.args.get("form") == "html":
        return letter.html, 200, {"Content-Security-Policy": LETTER_POLICY}
    shown, status = page("home/letter_sample.html", name=name, sample=sample, letter=letter)
    return shown, status, {"Content-Security-Policy": policy(frames="'self'")}
