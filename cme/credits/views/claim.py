"""Claiming credit."""

from typing import Any

from flask import redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.accounts.rules import DetailsMissing
from cme.credits import queries, rules, services
from cme.credits.forms import claim_form
from cme.credits.views.blueprint import bp, here, mine, refused
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.pages import page


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
