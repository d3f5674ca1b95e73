"""Everything the person who asks has earned, to look at and to take away."""

import hashlib
from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import learners_only
from cme.catalog.rules import TOPICS
from cme.credits import transcript as papers
from cme.credits.queries.overviews import WAYS, Overview, overview_of
from cme.credits.rules.transcripts import marks
from cme.credits.views.blueprint import bp, today
from cme.gateways.press import MissingLetters, PressError
from cme.pages import page
from cme.registration.rules.papers import CannotBePrinted


def shown() -> Overview:
    """What the address asks for."""
    return overview_of(current_user.id, request.args, today=today())


def verify_address() -> str:
    """Where anybody can verify a certificate."""
    return settings.public_url(url_for("credits.verify_lookup"))


def handed_out(body: bytes | str, media_type: str, ending: str) -> Any:
    """A file to keep."""
    response = Response(body, mimetype=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="transcript-{today()}.{ending}"'
    return response


@bp.route("/transcript")
@learners_only
def transcript() -> Any:
    """Everything a person has earned: by year, by type, and toward their goals."""
    found = shown()
    return page(
        "credits/transcript.html",
        shown=found,
        ways=WAYS,
        marks=marks(found.chart.most),
        topics=TOPICS,
        type_names=papers.TYPE_MARKS,
        plain_names=papers.PLAIN_NAMES,
    )


@bp.route("/transcript.pdf")
@learners_only
def transcript_pdf() -> Any:
    """Print it."""
    words = papers.paper_of(shown(), current_user, settings.provider(), on=today(), verify=verify_address())
    html = papers.html_of(words)
    try:
        pdf = gateways.printer().render(html)
    except MissingLetters as missing:
        raise CannotBePrinted.without(missing.letters) from missing
    except PressError:
        again, back = request.full_path.rstrip("?"), url_for(".transcript")
        response = Response(page("errors/printing.html", 503, what="Your transcript", again=again, back=back)[0], 503)
        response.headers["Retry-After"] = "10"
        return response
    response = handed_out(pdf, "application/pdf", "pdf")
    response.set_etag(hashlib.sha256(pdf).hexdigest())
    return response.make_conditional(request)


@bp.route("/transcript.csv")
@learners_only
def transcript_csv() -> Any:
    """Give it to a spreadsheet."""
    return handed_out(papers.csv_of(shown().lines, verify_address()), "text/csv", "csv")


@bp.route("/transcript.json")
@learners_only
def transcript_json() -> Any:
    """Give it to another program."""
    told = papers.json_of(shown(), current_user, settings.provider(), verify=verify_address(), now=gateways.clock())
    return handed_out(told, "application/json", "json")
