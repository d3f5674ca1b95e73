"""Rosters and attendance, for staff."""

from datetime import date
from typing import Any

from flask import Response, abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only, wants_fragment
from cme.errors import Refusal
from cme.pages import page
from cme.registration import desk, services
from cme.registration.admin.blueprint import bp, words
from cme.registration.desk import Roster
from cme.registration.forms import AttendanceForm


@bp.route("/admin/seminars/<slug>/roster")
@staff_only("registrations")
def roster(slug: str) -> Any:
    """Who comes to a seminar, and who was there on which day."""
    return _roster(desk.roster_of(slug, now=gateways.clock()) or abort(404))


def _roster(roster: Roster, form: AttendanceForm | None = None) -> Any:
    q = words()
    lines = [line for line in roster.lines if line.matches(q.split())]
    form = form or AttendanceForm(formdata=None)
    return page("registration/admin/roster.html", form=form, roster=roster, lines=lines, q=q)


@bp.route("/admin/seminars/<slug>/attendance", methods=["POST"])
@staff_only("attendance")
def attendance(slug: str) -> Any:
    """Write down that one person, or everybody, was there on a day."""
    roster = desk.roster_of(slug, now=gateways.clock()) or abort(404)
    form = AttendanceForm()
    try:
        where = _mark(roster, form)
    except Refusal as refusal:
        if wants_fragment():
            return Response(str(refusal), refusal.status, mimetype="text/plain")
        form.refuse(refusal)
        return _roster(roster, form)
    if wants_fragment():
        return "", 204
    return redirect(url_for(".roster", slug=slug, q=words() or None, _anchor=where), 303)


def _mark(roster: Roster, form: AttendanceForm) -> str | None:
    if everybody_on := form.all_on:
        _mark_everybody(roster, everybody_on)
        return None
    ref, day, present = form.one or abort(400)
    line = desk.person_on(roster, ref) or abort(404)
    desk.check_day(roster, day)
    services.mark_one(line.registration.id, day, present=present, by=current_user, now=gateways.clock())
    return f"r-{ref}"


def _mark_everybody(roster: Roster, day: date) -> None:
    desk.check_day(roster, day)
    confirmed = [line.registration.id for line in roster.confirmed()]
    count = services.mark_day(confirmed, day, by=current_user, now=gateways.clock())
    flash(f"{count} marked present on {day:%B} {day.day}", "ok")
