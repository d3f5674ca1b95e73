"""Claiming credit in one visit: the sessions, the evaluation, the attestation."""

from typing import Any

from flask import Response, abort, flash, redirect, request, session, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.accounts import queries as accounts
from cme.accounts.rules import IDENTIFIERS, DetailsMissing, as_written, name_warnings
from cme.accounts.services import save_details
from cme.credits import queries, rules, services
from cme.credits.calendars import deadline_file
from cme.credits.forms import ClaimForm, DetailsHereForm, SessionsForm, claim_form
from cme.credits.views.blueprint import bp, here, mine, refused
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.pages import page
from cme.registration.models import Registration

CHOICES = "claims"  # in the signed session: what was ticked for each of the last few claims under way
MOST_UNDER_WAY = 4
Answer = Any


@bp.route("/registrations/<ref>/claim", methods=["GET", "POST"])
@learners_only
def claim(ref: str) -> Answer:
    """Claim credit; where something is in the way, say what, and mend it or lead there."""
    registration, now = mine(ref), gateways.clock()
    standing = queries.standing_of(registration, now=now)
    if standing.certificate is not None:
        return redirect(url_for(".certificate", code=standing.certificate.code), 303)
    step = _step()
    details = DetailsHereForm(missing_letters=missing_letters) if step == "details" else None
    if details is not None and details.validate_on_submit():
        return _save_details(ref, details)
    try:
        rules.check_claimable(standing.case, now=now)
    except DetailsMissing:
        return _gate(standing, details)
    except rules.EvaluationMissing as refusal:
        if step != "sessions":
            if request.method == "GET":
                return redirect(url_for(".evaluation", ref=ref), 303)
            return refused("credits/claim_closed.html", standing, refusal=refusal)
    except Refusal as refusal:
        return refused("credits/claim_closed.html", standing, refusal=refusal)
    return _sessions(standing) if step == "sessions" else _attest(standing, details)


def _step() -> str:
    """The step somebody is at; whoever sends amounts or the attestation claims, wherever they come from."""
    if request.method == "GET":
        return "attest" if request.args.get("step") == "attest" else "sessions"
    if "credits" in request.form or "attests" in request.form:
        return "attest"
    sent = request.form.get("step")
    return sent if sent in {"details", "sessions"} else "attest"


def _gate(standing: queries.Standing, form: DetailsHereForm | None) -> Answer:
    """Say in the owner's words what is missing, with the two fields right there."""
    return page(
        "credits/claim_blocked.html",
        form.status if form is not None else 409 if request.method == "POST" else 200,
        standing=standing,
        registration=standing.registration,
        form=form or _details_shown(),
        missing=current_user.details_missing(),
        sessions=queries.sessions_attended(standing.registration),
    )


def _details_shown() -> DetailsHereForm:
    on_file = {
        "professional_name": current_user.professional_name,
        "certification_type": current_user.certification_type or "",
    }
    return DetailsHereForm(missing_letters=missing_letters, formdata=None, data=on_file)


def _save_details(ref: str, form: DetailsHereForm) -> Answer:
    """Keep the name and the certification type, and go on with the claim."""
    save_details(
        current_user.id,
        professional_name=form.professional_name.data,
        certification_type=form.certification_type.data,
        specialty=current_user.specialty or "",
        phone=current_user.phone or "",
        now=gateways.clock(),
    )
    for warning in name_warnings(form.professional_name.data):
        flash(warning, "warn")
    return redirect(url_for(".claim", ref=ref, step="attest" if request.args.get("step") == "attest" else None), 303)


def _sessions(standing: queries.Standing) -> Answer:
    """Step 1: which sessions, pre-ticked from attendance."""
    registration, case = standing.registration, standing.case
    main = next(iter(case.limits))
    form = SessionsForm(case.most(main), _choice(registration.ref))
    sessions = queries.sessions_attended(registration)
    if form.validate_on_submit():
        amount = queries.amounts_of(case, sessions, form.choice)[main]
        if amount or case.most(main) == amount:
            _remember(registration.ref, form.choice)
            evaluate = case.evaluation_required and not case.has_evaluated
            address = url_for(".evaluation", ref=registration.ref) if evaluate else _attest_url(registration)
            return redirect(address, 303)
        form.refuse(rules.NothingTicked())
    choice = form.choice if form.is_submitted() and not form.errors else _choice(registration.ref)
    return page(
        "credits/claim.html",
        form=form,
        choice=choice,
        amount=queries.amounts_of(case, sessions, choice)[main],
        sessions=sessions,
        **_words(standing),
    )


def _attest(standing: queries.Standing, details: DetailsHereForm | None = None) -> Answer:
    """Step 3: check what the certificate will say, attest, and claim."""
    registration, case, now = standing.registration, standing.case, gateways.clock()
    choice, sessions = _choice(registration.ref), queries.sessions_attended(registration)
    amounts = queries.amounts_of(case, sessions, choice)
    on_file = accounts.identifiers_of(current_user.id)
    form = claim_form(case, amounts, on_file=on_file, afresh=details is not None)
    if details is None and form.validate_on_submit():
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
                ticked=choice.ticked,
                identifiers=form.identifiers,
            )
        except rules.DetailsChanged as refusal:
            form = claim_form(case, amounts, on_file=on_file, afresh=True)
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            _forget(registration.ref)
            return redirect(url_for(".certificate", code=code), 303)
    return _check_page(standing, form, details, on_file, choice.of(sessions))


def _check_page(
    standing: queries.Standing,
    form: ClaimForm,
    details: DetailsHereForm | None,
    on_file: dict[str, str],
    chosen: list[queries.Attended],
) -> Answer:
    words = _words(standing)
    return page(
        "credits/claim_attest.html",
        (details or form).status,
        form=form,
        details=details or _details_shown(),
        on_file=on_file,
        chosen=chosen,
        attestation=rules.attestation_for(words["main"]),
        asks=rules.asked_for,
        needed=lambda kind: rules.NEEDED.get(kind, ()),
        reported=_reported(standing.case, on_file),
        has_errors=form.has_errors or bool(details and details.has_errors),
        **words,
    )


def _reported(case: rules.Case, on_file: dict[str, str]) -> list[tuple[str, str]]:
    """The numbers on file that the types on offer are reported under."""
    used = rules.used_by(case.limits, on_file)
    return [(IDENTIFIERS[kind].title, as_written(kind, value)) for kind, value in used.items()]


def _words(standing: queries.Standing) -> dict[str, Any]:
    """What both pages of a claim say."""
    registration, case, now = standing.registration, standing.case, gateways.clock()
    until = queries.deadline_of(registration, case)
    return {
        "registration": registration,
        "standing": standing,
        "case": case,
        "main": next(iter(case.limits)),
        "most": {kind: case.most(kind) for kind in case.limits},
        "until": until,
        "left": rules.time_left(until, now, registration.seminar.time_zone) if until else "",
        "claimed_before": queries.same_hours(registration),
    }


def _attest_url(registration: Registration) -> str:
    return url_for(".claim", ref=registration.ref, step="attest")


# What was ticked travels in the signed session: it is nobody's record until it is claimed.


def _choice(ref: str) -> queries.Choice:
    kept = session.get(CHOICES, {}).get(ref)
    return queries.Choice(frozenset(kept[0]), kept[1]) if kept else queries.Choice()


def _remember(ref: str, choice: queries.Choice) -> None:
    under_way = {each: kept for each, kept in session.get(CHOICES, {}).items() if each != ref}
    newest = list(under_way.items())[-(MOST_UNDER_WAY - 1) :]
    session[CHOICES] = dict([*newest, (ref, [sorted(choice.ticked or ()), choice.less])])


def _forget(ref: str) -> None:
    if ref in session.get(CHOICES, {}):
        session[CHOICES] = {each: kept for each, kept in session[CHOICES].items() if each != ref}


@bp.route("/registrations/<ref>/claim/deadline.ics")
@learners_only
def claim_deadline(ref: str) -> Answer:
    """Give the last day to claim to a calendar."""
    registration, now = mine(ref), gateways.clock()
    until = queries.deadline_of(registration, queries.case_of(registration, now=now)) or abort(404)
    answer = Response(deadline_file(registration, until, now=now), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="claim-deadline.ics"'
    return answer
