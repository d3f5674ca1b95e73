"""The door: checking people in to a session by name, by badge, or with a code on a screen."""

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import staff_only
from cme.catalog.models import Seminar
from cme.catalog.queries import seminar_by_slug
from cme.errors import Refusal
from cme.forms import clean_line
from cme.pages import page
from cme.registration import presence, queries
from cme.registration.admin.blueprint import bp, words
from cme.registration.dossier import registration_by_ref
from cme.registration.forms.attendance import DoorForm
from cme.registration.models import CONFIRMED
from cme.registration.presence import Door, Guest
from cme.registration.qr import qr_of
from cme.registration.rules.attendance import SCAN, STAFF, code_now, seconds_left
from cme.registration.services.attendance import sessions_for, take_back
from cme.registration.services.checking_in import check_in


def seminar_at(slug: str) -> Seminar:
    """A seminar, whatever its status."""
    return seminar_by_slug(slug, preview=True) or abort(404)


def door_at(slug: str, number: str = "") -> Door | None:
    """The door of a session: the one asked for, else the one people come to now; none where there are no sessions."""
    seminar, now = seminar_at(slug), gateways.clock()
    found = presence.session_numbered(seminar, number) if number else presence.current_session(seminar, now=now)
    if found is None and number:
        abort(404)
    return Door(seminar, *found, now) if found else None


@bp.route("/admin/check-in")
@staff_only("attendance")
def doors() -> Any:
    """List the seminars people come to about now."""
    return page("registration/admin/doors.html", seminars=presence.doors(now=gateways.clock()), presence=presence)


@bp.route("/admin/seminars/<slug>/check-in", methods=["GET", "POST"])
@staff_only("attendance")
def door(slug: str) -> Any:
    """Check people in to one session, by name or by badge."""
    here = door_at(slug, request.args.get("session", ""))
    if here is None:
        return page("registration/admin/no_sessions.html", seminar=seminar_at(slug))
    form, q = DoorForm(), words()
    if form.validate_on_submit():
        try:
            q, last = _let_in(here, form)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".door", slug=slug, session=here.number, q=q or None, last=last or None), 303)
    asked = request.args.get("last", "")
    last_one = next((each for each in here.guests if each.registration.ref == asked), None)
    sessions = presence.numbered(here.seminar)
    shown: dict[str, Any] = {"door": here, "guests": here.matching(q), "q": q, "last": last_one, "sessions": sessions}
    return page("registration/admin/door.html", form=form, **shown)


def _let_in(here: Door, form: DoorForm) -> tuple[str, str]:
    """Check in whom the form means; answers what to search for next, and who came last."""
    typed = clean_line(form.code.data) or ""
    ref, what = form.pressed
    if ref:
        _act(here, ref, what)
        return words() if what == "undo" else "", ref
    found = queries.REF.search(typed.upper())
    meant = here.matching(found[0] if found else typed) if typed else []
    if not meant:
        raise Refusal("Nobody registered for this session fits. Try part of the name, or the email address.")
    if len(meant) > 1:
        return typed, ""
    ref = meant[0].registration.ref
    _act(here, ref, "now", source=SCAN if found else STAFF)
    return "", ref


def _act(here: Door, ref: str, what: str, source: str = STAFF) -> None:
    guest: Guest = next((each for each in here.guests if each.registration.ref == ref), None) or abort(404)
    who = {"by": current_user, "now": gateways.clock()}
    if what == "undo":
        take_back(guest.registration.id, here.session.id, **who)
        flash(f"{guest.name} is no longer checked in", "ok")
    else:
        check_in(guest.registration.id, here.session.id, source=source, is_whole=what == "all", **who)


@bp.route("/admin/check-in/<ref>", methods=["GET", "POST"])
@staff_only("attendance")
def badge(ref: str) -> Any:
    """Check in whose badge was scanned, with one press."""
    registration = registration_by_ref(ref) or abort(404)
    now, form = gateways.clock(), DoorForm()
    if form.validate_on_submit():
        number, what = form.pressed
        _, session = presence.session_numbered(registration.seminar, number) or abort(400)
        try:
            check_in(registration.id, session.id, source=SCAN, by=current_user, now=now, is_whole=what == "all")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".badge", ref=ref), 303)
        registration = registration_by_ref(ref) or abort(404)
    theirs = set(sessions_for(registration))
    sessions = [pair for pair in presence.numbered(registration.seminar) if pair[1] in theirs]
    on_file = {each.session.id: each for each in presence.lines_of(registration)}
    current = presence.current_session(registration.seminar, now=now)
    today = [Door(registration.seminar, *pair, now) for pair in sessions if current and pair[1].on == current[1].on]
    shown: dict[str, Any] = {
        "registration": registration,
        "doors": today,
        "current": current and current[0],
        "on_file": on_file,
    }
    return page("registration/admin/badge.html", form=form, is_confirmed=registration.status == CONFIRMED, **shown)


@bp.route("/admin/seminars/<slug>/sessions/<n>/code")
@staff_only("attendance")
def session_code(slug: str, n: str) -> Any:
    """Show the code of a session on the screen in the room; it changes every twenty seconds."""
    here = door_at(slug, n) or abort(404)
    code = code_now(current_app.config["SECRET_KEY"], here.session.id, here.now)
    address = settings.public_url(url_for("registration.check_in"))
    shown: dict[str, Any] = {
        "code": code,
        "address": address,
        "qr": qr_of(f"{address}?code={code}"),
        "left": seconds_left(here.now),
    }
    return page("registration/admin/session_code.html", door=here, **shown)
