"""Evaluation, claim, certificate, transcript and verification."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways, limits, settings
from cme.access import learners_only, public
from cme.accounts.rules import DetailsMissing
from cme.credits import numbers, queries, rules, services
from cme.credits.certificate import qr_of
from cme.credits.forms import EvaluationForm, VerifyForm, claim_form
from cme.credits.models import Certificate
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.gateways.press import PressError
from cme.pages import page
from cme.registration.models import Registration
from cme.registration.queries import registration_of

bp = Blueprint("credits", __name__)

MOST_LOOKUPS, PER = 10, timedelta(minutes=5)


def mine(ref: str) -> Registration:
    """The signed-in person's registration, or a page that says it is not there."""
    return (registration_of(current_user.id, ref) if numbers.is_code(ref) else None) or abort(404)


@bp.app_template_global()
def my_certificate(registration: Registration) -> Certificate | None:
    """The certificate that came of a registration, for the pages of other rooms."""
    return queries.certificate_of_registration(registration.id)


def here() -> str:
    """The address the request came from."""
    return request.remote_addr or "unknown"


def refused(template: str, standing: queries.Standing, **words: Any) -> Any:
    """Show why this cannot be done now: to a question with 200, to an attempt with 409."""
    status = 409 if request.method == "POST" else 200
    return page(template, status, standing=standing, registration=standing.registration, **words)


@bp.route("/registrations/<ref>/evaluation", methods=["GET", "POST"])
@learners_only
def evaluation(ref: str) -> Any:
    """Ask how the seminar was, and go on to the claim."""
    registration, now = mine(ref), gateways.clock()
    standing, onwards = queries.standing_of(registration, now=now), url_for(".claim", ref=ref)
    if standing.case.has_evaluated:
        return redirect(onwards, 303)
    try:
        rules.check_participation(standing.case, now=now)
    except Refusal as refusal:
        return refused("credits/claim_closed.html", standing, refusal=refusal)
    form = EvaluationForm()
    if form.validate_on_submit():
        try:
            services.submit_evaluation(registration.id, form.answers, form_id=form.form_id.data, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Thank you for your evaluation", "ok")
            return redirect(onwards, 303)
    return page("credits/evaluation.html", registration=registration, standing=standing, form=form)


@bp.route("/registrations/<ref>/claim", methods=["GET", "POST"])
@learners_only
def claim(ref: str) -> Any:
    """Claim credit; where something is in the way, say what, and lead there."""
    registration, now = mine(ref), gateways.clock()
    standing = queries.standing_of(registration, now=now)
    if standing.certificate is not None:
        return redirect(url_for(".certificate", code=standing.certificate.code), 303)
    sessions = queries.sessions_attended(registration)
    try:
        rules.check_claimable(standing.case, now=now)
    except DetailsMissing:
        return refused(
            "credits/claim_blocked.html", standing, missing=current_user.details_missing(), sessions=sessions
        )
    except rules.EvaluationMissing as refusal:
        if request.method == "GET":
            return redirect(url_for(".evaluation", ref=ref))
        return refused("credits/claim_closed.html", standing, refusal=refusal)
    except Refusal as refusal:
        return refused("credits/claim_closed.html", standing, refusal=refusal)
    form = claim_form(standing.case)
    if form.validate_on_submit():
        try:
            [code, *_] = services.claim_credit(
                registration.id,
                form.asked,
                attested=form.attests.data,
                address=here(),
                form_id=form.form_id.data,
                now=now,
                may_print=missing_letters,
                shown=form.shown.data or None,
            )
        except rules.DetailsChanged as refusal:
            form = claim_form(standing.case, afresh=True)
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".certificate", code=code), 303)
    most = {kind: standing.case.most(kind) for kind in standing.case.limits}
    main = next(iter(most))
    return page(
        "credits/claim.html",
        form=form,
        registration=registration,
        standing=standing,
        sessions=sessions,
        main=main,
        most=most,
        attestation=rules.attestation_for(main),
    )


def own(code: str) -> Certificate:
    """The signed-in person's certificate, or a page that says it is not there."""
    return (queries.certificate_of(current_user.id, code) if numbers.is_code(code) else None) or abort(404)


@bp.route("/certificates/<code>")
@learners_only
def certificate(code: str) -> Any:
    """Show a person their certificate and where to get it on paper."""
    found = own(code)
    snapshot = queries.snapshot_of(found)
    return page("credits/certificate.html", certificate=found, paper=snapshot, qr=qr_of(snapshot.verify_url))


@bp.route("/certificates/<code>.pdf")
@learners_only
def certificate_pdf(code: str) -> Any:
    """Hand out the printed bytes; a certificate not printed yet waits for the press."""
    found = own(code)
    number, name = found.id, f"certificate-{found.number}.pdf"
    document = queries.document_of(number)
    if document is None:
        try:
            services.print_certificate(number, press=gateways.printer(), now=gateways.clock())
        except PressError:
            again, back = url_for(".certificate_pdf", code=code), url_for(".certificate", code=code)
            waiting = page("errors/printing.html", 503, what="Your certificate", again=again, back=back)
            response = Response(waiting[0], 503)
            response.headers["Retry-After"] = "10"
            return response
        document = queries.document_of(number) or abort(503)
    response = Response(document.content, mimetype=document.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.set_etag(document.unsigned_sha256)
    return response.make_conditional(request)


@bp.route("/transcript")
@learners_only
def transcript() -> Any:
    """Everything a person has earned, by year."""
    lines = queries.transcript_of(current_user.id)
    years = sorted({line.year for line in lines}, reverse=True)
    year = request.args.get("year", type=int)
    shown = [line for line in lines if line.year == year] if year in years else lines
    return page(
        "credits/transcript.html",
        lines=shown,
        totals=queries.totals_of(shown),
        years=years,
        year=year if year in years else None,
    )


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
