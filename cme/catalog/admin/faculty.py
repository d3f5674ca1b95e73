"""Those in control of content, for staff: who they are, what they disclosed, and what was decided on it."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog import filters, independence
from cme.catalog.admin.blueprint import bp
from cme.catalog.forms.faculty import AskForm, DecisionForm, FacultyForm
from cme.catalog.independence import Standing
from cme.catalog.models import Disclosure, Faculty
from cme.catalog.queries import faculty as queries
from cme.catalog.services import faculty as services
from cme.errors import EditedMeanwhile, Refusal
from cme.pages import page

STATES = {
    Standing.WAITING: "To decide",
    Standing.MISSING: "Missing",
    Standing.EXPIRED: "Expired",
    Standing.EXPIRES_SOON: "Expires soon",
    Standing.CURRENT: "Current",
}


@bp.route("/admin/faculty")
@staff_only("seminars")
def faculty() -> Any:
    """List everybody who ever taught or planned, with how it stands with their disclosure."""
    today = independence.day_of(gateways.clock())
    number, _ = filters.page_number(request.args)
    state = request.args.get("state", "")
    asked = {
        "state": state if state in list(STATES) else "",
        "q": filters.printable(request.args.get("q", ""), filters.LONGEST_SEARCH),
    }
    words = asked["q"].split()[: filters.MOST_WORDS]
    found = queries.faculty_page(words=words, state=asked["state"], page=number, today=today)
    rows = [
        (person, independence.standing(person.disclosures, today), independence.valid_until(person.disclosures, today))
        for person in found.items
    ]
    counts = queries.standings(today)
    return page(
        "catalog/admin/faculty.html",
        404 if found.is_beyond else 200,
        **{"found": found, "rows": rows, "asked": asked, "states": STATES, "counts": counts},
    )


@bp.route("/admin/faculty/<slug>", methods=["GET", "POST"])
@staff_only("seminars")
def person(slug: str) -> Any:
    """Show and change somebody's profile."""
    someone, theirs = _someone(slug), []
    form = _profile(someone)
    if form.validate_on_submit():
        try:
            services.save_faculty(
                someone.id, form.values(), seen=form.seen.data or "", by=current_user, now=gateways.clock()
            )
        except Refusal as refusal:
            form.refuse(refusal)
            if isinstance(refusal, EditedMeanwhile):
                theirs = _compare(form, _profile(_someone(slug), typed=False))
        else:
            flash("Saved.", "success")
            return redirect(url_for(".person", slug=slug), 303)
    return _page(slug, profile=form, theirs=theirs)


@bp.route("/admin/faculty/<slug>/decide", methods=["POST"])
@staff_only("seminars")
def decide(slug: str) -> Any:
    """Say whether a relationship is relevant, and how it was mitigated."""
    disclosure = queries.disclosure_of(_someone(slug), request.form.get("number"))
    if disclosure is None:
        flash("This relationship is not on file. Nothing was saved.", "warn")
        return redirect(url_for(".person", slug=slug), 303)
    form, theirs = _decision(disclosure), []
    if form.validate():
        try:
            services.decide(
                disclosure.id, form.values(), seen=form.seen.data or "", by=current_user, now=gateways.clock()
            )
        except Refusal as refusal:
            form.refuse(refusal)
            if isinstance(refusal, EditedMeanwhile):
                theirs = _compare(form, _decision(disclosure, typed=False))
        else:
            flash("Decision saved.", "success")
            return redirect(url_for(".person", slug=slug, _anchor="disclosures"), 303)
    return _page(slug, decision=form, theirs=theirs)


@bp.route("/admin/faculty/<slug>/ask", methods=["POST"])
@staff_only("seminars")
def ask(slug: str) -> Any:
    """Send somebody a link to disclose by."""
    someone, form = _someone(slug), AskForm()
    if form.validate():
        try:
            services.ask_to_disclose(someone.id, form_id=form.form_id.data or "", by=current_user, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"A link is on its way to {_someone(slug).email}.", "success")
            return redirect(url_for(".person", slug=slug), 303)
    return _page(slug, asking=form)


def _someone(slug: str) -> Faculty:
    return queries.faculty_by_slug(slug) or abort(404)


def _profile(someone: Faculty, *, typed: bool = True) -> FacultyForm:
    shown = {name: getattr(someone, name) for name in queries.EDITED[Faculty]}
    shown["seen"] = queries.fingerprint(someone)
    return FacultyForm(data=shown) if typed else FacultyForm(formdata=None, data=shown)


def _decision(disclosure: Disclosure, *, typed: bool = True) -> DecisionForm:
    judged = "no" if disclosure.is_decided else None  # what waits for staff has nothing ticked
    shown = {
        "number": str(disclosure.id),
        "seen": queries.fingerprint(disclosure),
        "relevant": "yes" if disclosure.is_relevant else judged,
        "mitigation": disclosure.mitigation,
        "mitigated_on": disclosure.mitigated_on,
    }
    prefix = f"d{disclosure.id}"
    form = DecisionForm(data=shown) if typed else DecisionForm(formdata=None, data=shown)
    for each in form:
        each.id = f"{prefix}-{each.short_name}"
    return form


def _compare(form: Any, saved: Any) -> list[tuple[str, str]]:
    """What somebody else saved meanwhile; whoever has seen that may save over it."""
    form.seen.data = saved.seen.data
    shown = [field for field in saved if field.name not in ("seen", "number", "csrf_token")]
    return [(field.label.text, str(field.data or "Empty")) for field in shown if field.data != form[field.name].data]


def _page(
    slug: str,
    *,
    profile: FacultyForm | None = None,
    decision: DecisionForm | None = None,
    asking: AskForm | None = None,
    theirs: list[tuple[str, str]] | None = None,
) -> Any:
    someone = _someone(slug)
    today = independence.day_of(gateways.clock())
    current = independence.in_force(someone.disclosures, today)
    typed = {decision.number.data: decision} if decision else {}
    forms = {
        found.id: typed.get(str(found.id)) or _decision(found, typed=False)
        for found in current
        if found.has_relationship
    }
    return page(
        "catalog/admin/person.html",
        form=next((form for form in (decision, asking, profile) if form is not None), None),
        profile=profile or _profile(someone, typed=False),
        decisions=forms,
        decision=decision,
        asking=asking or AskForm(formdata=None),
        theirs=theirs,
        person=someone,
        current=current,
        former=[found for found in reversed(someone.disclosures) if found not in current],
        standing=independence.standing(someone.disclosures, today),
        until=independence.valid_until(someone.disclosures, today),
        states=STATES,
        excluding=independence.EXCLUDING,
        seminars=queries.seminars_of(someone),
        requests=queries.requests_of(someone),
        has_page=queries.profile_by_slug(slug) is not None,
    )
