"""Receipts and letters on paper, for the person they are about."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import learners_only
from cme.catalog.leaflet import Standing, leaflet
from cme.catalog.queries import card_of, seminar_by_slug
from cme.errors import Refusal
from cme.gateways.letters import missing_letters
from cme.gateways.press import MissingLetters, PressError
from cme.pages import page
from cme.registration.forms.papers import InvitationForm
from cme.registration.models import INVITATION, Paper, Registration
from cme.registration.papers import letters, shelf
from cme.registration.papers.issue import DEMOS, mode_of
from cme.registration.papers.money import day_of
from cme.registration.papers.pages import page_of
from cme.registration.rules.papers import CannotBePrinted, NoReceipt, NothingToApprove, check_invitable
from cme.registration.services import papers
from cme.registration.views.blueprint import REF, bp, my_own
from cme.values import Policy

OPEN = (Standing.OPEN, Standing.FULL)


def handed_out(file_name: str, what: str, render: Callable[[], bytes], *, back: str) -> Any:
    """A printed paper; a page that tries again while the press is busy, or says which letters nobody can print."""
    try:
        pdf = render()
    except MissingLetters as missing:
        raise CannotBePrinted.without(missing.letters) from missing
    except PressError:
        again = request.full_path.rstrip("?")
        waiting = page("errors/printing.html", 503, what=f"Your {what.lower()}", again=again, back=back)
        response = Response(waiting[0], 503)
        response.headers["Retry-After"] = "10"
        return response
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response.set_etag(hashlib.sha256(pdf).hexdigest())
    return response.make_conditional(request)


def hand_out(paper: Paper, *, back: str) -> Any:
    """A paper that was issued."""
    name = f"{paper.kind}-{paper.number}.pdf"
    what = shelf.NAMES[paper.kind]
    return handed_out(name, what, lambda: papers.pdf_of(paper, press=gateways.printer()), back=back)


@bp.app_template_global()
def papers_of(registration: Registration) -> list[tuple[str, Paper]]:
    """The papers of a registration with their names, for the pages that list them."""
    return [(shelf.NAMES[paper.kind], paper) for paper in shelf.papers_of(registration.id)]


@bp.route("/registrations/<ref>/receipt.pdf")
@learners_only
def receipt(ref: str) -> Any:
    """Hand out the latest receipt, or say that nothing was paid yet."""
    registration = my_own(ref)
    paper = shelf.latest(registration.id)
    if paper is None:
        raise NoReceipt
    return hand_out(paper, back=url_for(".show", ref=ref))


@bp.route("/registrations/<ref>/papers/<paper_ref>.pdf")
@learners_only
def paper(ref: str, paper_ref: str) -> Any:
    """Hand out one paper of the person who asks."""
    registration = my_own(ref)
    found = shelf.paper_of(registration.id, paper_ref) if REF.fullmatch(paper_ref) else None
    return hand_out(found or abort(404), back=url_for(".show", ref=ref))


@bp.route("/registrations/<ref>/invitation", methods=["GET", "POST"])
@learners_only
def invitation(ref: str) -> Any:
    """Say what an invitation letter changes, ask whose name it is to bear, and issue it."""
    registration, form, now = my_own(ref), InvitationForm(), gateways.clock()
    if form.validate_on_submit():
        name, country = form.name.data, form.country.data
        try:
            papers.invite(registration.id, name, country, by=current_user, now=now, may_print=missing_letters)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your invitation letter is issued", "ok")
            return redirect(url_for(".invitation", ref=ref), 303)
    registration = my_own(ref)
    issued = shelf.latest(registration.id, INVITATION)
    return page(
        "registration/invitation.html",
        form=form,
        registration=registration,
        seminar=registration.seminar,
        issued=issued,
        policy=Policy.from_json(registration.policy),
        refusal=None if issued else _why_not(registration),
        card=card_of(registration.seminar, now=now),
    )


def _why_not(registration: Registration) -> Refusal | None:
    seminar, mode = registration.seminar, registration.offering.mode
    try:
        check_invitable(registration.status, mode, seminar.status, ends_at=seminar.ends_at, now=gateways.clock())
    except Refusal as refusal:
        return refusal
    return None


@bp.route("/registrations/<ref>/invitation.pdf")
@learners_only
def invitation_pdf(ref: str) -> Any:
    """Hand out the invitation letter again; where there is none, lead to the page that issues it."""
    found = shelf.latest(my_own(ref).id, INVITATION)
    if found is None:
        return redirect(url_for(".invitation", ref=ref), 303)
    return hand_out(found, back=url_for(".invitation", ref=ref))


@bp.route("/seminars/<slug>/pre-approval.pdf")
@learners_only
def pre_approval(slug: str) -> Any:
    """Hand out a letter with which an employer can approve somebody's attendance before anything is paid."""
    seminar, now = seminar_by_slug(slug) or abort(404), gateways.clock()
    told = leaflet(seminar, settings.provider(), mode=None, now=now)
    if told.standing is Standing.HIDDEN:
        abort(404)
    if told.standing not in OPEN:
        raise NothingToApprove
    address = url_for("catalog.seminar", slug=slug)
    words = letters.pre_approval(
        told,
        current_user,
        on=day_of(now),
        is_demo=mode_of(None) in DEMOS,
        address=settings.public_url(address),
    )
    html = page_of(words)
    name, what = f"pre-approval-{slug}.pdf", "Letter"
    return handed_out(name, what, lambda: gateways.printer().render(html), back=address)
