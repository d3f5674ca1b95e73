"""The certificates of the person who asks."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.catalog.queries import related_seminars
from cme.credits import numbers, queries, services
from cme.credits.models import Certificate
from cme.credits.queries.claims import certificates_of_claim
from cme.credits.queries.desk import heir_of
from cme.credits.views.blueprint import bp
from cme.gateways.press import PressError
from cme.pages import page
from cme.registration.qr import qr_of


def own(code: str) -> Certificate:
    """The signed-in person's certificate, or a page that says it is not there."""
    return (queries.certificate_of(current_user.id, code) if numbers.is_code(code) else None) or abort(404)


@bp.route("/certificates/<code>")
@learners_only
def certificate(code: str) -> Any:
    """Show a person their certificate and where to get it on paper."""
    found = own(code)
    snapshot, seminar = queries.snapshot_of(found), found.award.seminar
    return page(
        "credits/certificate.html",
        certificate=found,
        paper=snapshot,
        qr=qr_of(snapshot.verify_url),
        heir=heir_of(found),
        further=[each for each in certificates_of_claim(found.award.claim_id) if each.id != found.id],
        ahead=related_seminars(seminar.specialty, seminar.topics, now=gateways.clock()),
    )


@bp.route("/certificates/<code>.pdf")
@learners_only
def certificate_pdf(code: str) -> Any:
    """Hand out the printed bytes; a certificate not printed yet waits for the press."""
    found = own(code)
    number, name = found.id, f"certificate-{found.number}.pdf"
    document = queries.document_of(number)
    if document is None:
        try:
            services.print_certificate(number, press=gateways.printer(), issuer=gateways.issuer(), now=gateways.clock())
        except PressError:
            again, back = url_for(".certificate_pdf", code=code), url_for(".certificate", code=code)
            waiting = page("errors/printing.html", 503, what="Your certificate", again=again, back=back)
            response = Response(waiting[0], 503)
            response.headers["Retry-After"] = "10"
            return response
        document = queries.document_of(number) or abort(503)
    response = Response(document.content, mimetype=document.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.set_etag(document.sha256 or document.unsigned_sha256)
    return response.make_conditional(request)
