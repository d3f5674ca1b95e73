"""Those who teach: a page about each, and the page on which they disclose by a link of their own."""

from typing import Any

from flask import abort, current_app, redirect, request, url_for

from cme import gateways
from cme.access import public
from cme.catalog import independence
from cme.catalog.forms.faculty import DisclosureForm, said
from cme.catalog.models import DisclosureRequest
from cme.catalog.queries import faculty as queries
from cme.catalog.services import faculty as services
from cme.catalog.views.blueprint import bp
from cme.errors import Refusal
from cme.pages import page


@bp.route("/faculty/<slug>")
@public
def faculty(slug: str) -> Any:
    """Show somebody who is part of a published seminar, and what of theirs is ahead."""
    person = queries.profile_by_slug(slug) or abort(404)
    now = gateways.clock()
    told = independence.sorted_by_ties([person], independence.day_of(now))
    return page("catalog/faculty.html", person=person, told=told, cards=queries.upcoming_of(person, now=now))


@bp.route("/disclosures/<token>", methods=["GET", "POST"])
@public
def disclose(token: str) -> Any:
    """Let somebody disclose by the link of a letter, or correct what they said; nobody keeps the page."""
    now = gateways.clock()
    asked = queries.request_by_token(token)
    if asked is None or not queries.is_open(asked, now):
        return _unkept(page("catalog/disclosure_spent.html", status=404 if asked is None else 410))
    is_answered = asked.answered_at is not None
    if is_answered and request.method == "GET" and "correct" not in request.args:
        return _unkept(_thanks(asked, token))
    told = independence.in_force(asked.faculty.disclosures, independence.day_of(now))
    form = DisclosureForm(data=said(told, is_answer=is_answered))
    if request.method == "GET" and len(form.relationships) < 2:
        form.relationships.add(2 - len(form.relationships))
    if request.method == "POST" and not _wants_rows(form) and form.validate():
        try:
            services.answer(token, form.values(), address=request.remote_addr or "unknown", now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".disclose", token=token), 303)
    return _unkept(page("catalog/disclose.html", form=form, asked=asked, token=token))


def _thanks(asked: DisclosureRequest, token: str) -> Any:
    told = independence.in_force(asked.faculty.disclosures, independence.day_of(gateways.clock()))
    until = min((found.expires_on for found in told), default=None)
    return page("catalog/disclosed.html", asked=asked, token=token, told=told, until=until)


def _wants_rows(form: DisclosureForm) -> bool:
    if "more" not in request.form:
        return False
    form.relationships.add_asked(1)
    return True


def _unkept(answer: Any) -> Any:
    """Let neither caches nor crawlers keep what a personal link shows."""
    response = current_app.make_response(answer)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
