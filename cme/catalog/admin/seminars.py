"""Seminars, for staff: the list, the editor, publishing."""

from datetime import date, datetime
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import staff_only
from cme.catalog import desk, filters, further, independence, queries, rules, services
from cme.catalog.admin.blueprint import bp
from cme.catalog.admin.versions import version_of
from cme.catalog.cards import card_of
from cme.catalog.errors import NotReady, SlugTaken
from cme.catalog.forms import NewSeminarForm, SeminarForm
from cme.catalog.forms.fields import blame
from cme.catalog.forms.fill import shown
from cme.catalog.forms.policy import PolicyForm
from cme.catalog.independence import Standing
from cme.catalog.models import PUBLISHED, Faculty, Seminar
from cme.catalog.rules.policies import policy_in_words
from cme.errors import EditedMeanwhile, Refusal
from cme.pages import page
from cme.values import MODE_LABELS, Mode

ON_DEMAND = (
    *("released_on", "reviewed_on", "terminates_on", "pass_mark"),
    *("estimated_minutes", "method", "bibliography", "access_days"),
)
ASSESSMENT = ("assessment",)
# The publish checks as the editor shows them: what each is about, and the findings' fields that keep it open.
CHECKS = (
    ("Title, summary and description", ("title", "slug", "summary", "description")),
    ("Dates, time zone and place", ("starts_on", "ends_on", "time_zone", "venue", "hotel", "hotel_cutoff_on")),
    ("Audience and learning objectives", ("audience", "objectives")),
    ("Learning format and accreditation", ("learning_format", "providership", "joint_providers")),
    ("What on-demand learners are told", ON_DEMAND),
    ("Assessment", ASSESSMENT),
    ("Agenda", ("sessions", "topics", "day_themes")),
    ("Designated credit, supported by the agenda", ("maximum", "designations")),
    ("Faculty and their disclosures", ("people",)),
    ("Commercial support", ("commercial_support",)),
    ("Ways to attend and seats", ("offerings",)),
    ("Tuition for every group", ("tiers",)),
)
MORE = {"sessions": 4, "designations": 1, "people": 1, "supporters": 1, "steps": 1}


@bp.route("/admin/seminars")
@staff_only("seminars")
def seminars() -> Any:
    """List every seminar."""
    now = gateways.clock()
    view = request.args.get("view", "upcoming")
    mode, sort = request.args.get("format", ""), request.args.get("sort", "date")
    number, _ = filters.page_number(request.args)
    asked = {
        "view": view if view in desk.VIEWS else "upcoming",
        "q": filters.printable(request.args.get("q", ""), filters.LONGEST_SEARCH),
        "format": mode if mode in list(MODE_LABELS) else "",
        "sort": sort if sort in desk.SORTS else "date",
    }
    words = asked["q"].split()[: filters.MOST_WORDS]
    found = desk.seminars(
        view=asked["view"], words=words, mode=asked["format"], sort=asked["sort"], page=number, now=now
    )
    words_of_page = {"asked": asked, "views": desk.VIEWS, "counts": desk.counts(now=now), "now": now}
    return page("catalog/admin/seminars.html", 404 if found.is_beyond else 200, found=found, **words_of_page)


@bp.route("/admin/seminars/new", methods=["GET", "POST"])
@staff_only("seminars")
def new() -> Any:
    """Start a seminar."""
    form = NewSeminarForm(data={"policy": PolicyForm.shown(settings.provider().policy)})
    if request.method == "GET":
        form.sessions.add(8)
        form.people.add(2)
        form.designations.add(1)
        form.supporters.add(1)
        form.policy.form.steps.add(1)
    form.offer(desk.faculty_names())
    if request.method == "POST" and not _wants_rows(form) and form.validate():
        try:
            seminar = services.create_seminar(
                form.values(), by=current_user, form_id=form.form_id.data, now=gateways.clock()
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash("Draft created. It is not in the catalog yet.", "success")
            return redirect(url_for(".edit", slug=seminar.slug), 303)
    return _editor(form)


@bp.route("/admin/seminars/<slug>", methods=["GET", "POST"])
@staff_only("seminars")
def edit(slug: str) -> Any:
    """Edit a seminar."""
    seminar = _seminar(slug)
    form = _form(seminar)
    if request.method == "POST" and not _wants_rows(form) and _save(form, seminar):
        flash(_saved(seminar), "success")
        return redirect(url_for(".edit", slug=seminar.slug), 303)
    return _editor(form, seminar)


@bp.route("/admin/seminars/<slug>/publish", methods=["POST"])
@staff_only("seminars")
def publish(slug: str) -> Any:
    """Save what the editor shows, if it was sent along, and publish."""
    seminar = _seminar(slug)
    form = _form(seminar)
    if "title" in request.form and not _save(form, seminar):
        return _editor(form, seminar)
    try:
        services.publish(seminar.id, by=current_user, now=gateways.clock())
    except Refusal as refusal:
        form = _form(seminar, typed=False)
        _refuse(form, refusal)
        return _editor(form, seminar, lacking=getattr(refusal, "findings", None))
    flash("Published. The seminar is in the catalog.", "success")
    return redirect(url_for(".edit", slug=seminar.slug), 303)


@bp.route("/admin/seminars/<slug>/withdraw", methods=["POST"])
@staff_only("seminars")
def withdraw(slug: str) -> Any:
    """Take a seminar out of the catalog; what was typed and not saved stays in the editor."""
    seminar = _seminar(slug)
    form = _form(seminar, typed="title" in request.form)
    unsaved = form.differences(_form(seminar, typed=False))
    try:
        services.withdraw(seminar.id, by=current_user, now=gateways.clock())
    except Refusal as refusal:
        _refuse(form, refusal)
        return _editor(form, seminar)
    flash("Withdrawn. The seminar is no longer in the catalog.", "success")
    if unsaved:
        form.version.data = str(seminar.version)
        return _editor(form, seminar)
    return redirect(url_for(".edit", slug=seminar.slug), 303)


def _seminar(slug: str) -> Seminar:
    return queries.seminar_by_slug(slug, preview=True) or abort(404)


def _form(seminar: Seminar, *, typed: bool = True) -> SeminarForm:
    today = gateways.clock().date()
    words = shown(seminar, today=today)
    form = SeminarForm(data=words) if typed else SeminarForm(formdata=None, data=words)
    if request.method == "GET" or not typed:
        for name, number in MORE.items():
            form.rows(name).add(number)
    form.offer(desk.faculty_names(), seminar.time_zone)
    return form


def _wants_rows(form: SeminarForm) -> bool:
    """Whether somebody asked for more rows, or to count the agenda's credit again; then nothing is saved."""
    name = request.form.get("more", "")
    if name in MORE:
        form.rows(name).add_asked(MORE[name])
        form.offer(desk.faculty_names())
    return bool(name)


def _save(form: SeminarForm, seminar: Seminar) -> bool:
    if not form.validate():
        return False
    try:
        services.save_seminar(
            seminar.id, form.values(), version=version_of(form), by=current_user, now=gateways.clock()
        )
    except Refusal as refusal:
        if isinstance(refusal, EditedMeanwhile):
            # Whoever has seen the other version may save over it.
            form.version.data = str(seminar.version)
            saved = _form(seminar, typed=False)
            if form.says_the_same(saved):
                return True  # sent twice: what was typed is what stands
            form.theirs = form.differences(saved)
        _refuse(form, refusal)
        if isinstance(refusal, NotReady):
            form.lacking = refusal.findings
        return False
    return True


def _saved(seminar: Seminar) -> str:
    over = [MODE_LABELS[Mode(o.mode)].lower() for o in seminar.offerings if o.taken > o.capacity]
    note = f" There are now fewer seats than people {' and '.join(over)}; everyone keeps theirs." if over else ""
    return f"Saved.{note}"


def _refuse(form: SeminarForm, refusal: Refusal) -> None:
    if isinstance(refusal, SlugTaken):
        blame(form.slug, str(refusal))
    else:
        form.refuse(refusal)


def _editor(form: SeminarForm, seminar: Seminar | None = None, lacking: list[rules.Finding] | None = None) -> Any:
    now = gateways.clock()
    findings = _findings(seminar, now) if seminar else []
    form.show_days()
    checks = _checks(form, findings)
    return page(
        "catalog/admin/edit.html",
        form=form,
        seminar=seminar,
        card=card_of(seminar, now=now) if seminar else None,
        checks=checks,
        is_open=sum(1 for _, found in checks if found),
        lacking=lacking or form.lacking,
        usual=". ".join(policy_in_words(settings.provider().policy)) + ".",
        specialties=desk.specialties(),
        known=[person.faculty.slug for person in seminar.people] if seminar else [],
        names=dict(desk.faculty_names()),
        standing={person.faculty.slug: _standing(person.faculty, now) for person in seminar.people} if seminar else {},
        asked_for=request.form.get("more", ""),
        statements=rules.statements(seminar, settings.provider()) if seminar else [],
        handouts=len(queries.handouts_of(seminar.id)) if seminar else 0,
    )


def _checks(form: SeminarForm, findings: list[rules.Finding]) -> list[tuple[str, list[rules.Finding]]]:
    found = [(label, fields, [each for each in findings if each.field in fields]) for label, fields in CHECKS]
    is_enduring = form.learning_format.data == rules.ENDURING
    own = (ON_DEMAND, ASSESSMENT)  # of what is on demand
    return [(label, open_) for label, fields, open_ in found if open_ or is_enduring or fields not in own]


def _standing(person: Faculty, now: datetime) -> tuple[Standing, date | None]:
    """How it stands with somebody's disclosure, and until when all of it holds."""
    today = independence.day_of(now)
    return independence.standing(person.disclosures, today), independence.valid_until(person.disclosures, today)


def _findings(seminar: Seminar, now: datetime) -> list[rules.Finding]:
    # What is published was ready on its day; that time goes by since is no fault. On demand it is offered every day.
    then = min(now, seminar.published_at) if seminar.status == PUBLISHED and seminar.published_at else now
    today = min(now, max(then, seminar.starts_at)).date()
    if seminar.learning_format == rules.ENDURING:
        today = min(now.date(), seminar.terminates_on or now.date())
    return [*rules.publish_findings(seminar, now=then, today=today), *further.findings(seminar)]
