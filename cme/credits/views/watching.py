"""Watching what was recorded."""

from typing import Any
from urllib.parse import urlsplit

from flask import abort, redirect, request, url_for

from cme import gateways
from cme.access import learners_only
from cme.credits import queries, services
from cme.credits.rules.watching import read_ranges
from cme.credits.views.blueprint import bp, mine
from cme.errors import Refusal
from cme.forms import Form
from cme.pages import page, policy
from cme.registration.models import Registration

PER_REPORT = 15  # seconds from one report of the player to the next
LONGEST = 1_000_000


class WatchForm(Form):
    """A button beside a recording."""


@bp.route("/registrations/<ref>/watch")
@learners_only
def watch(ref: str) -> Any:
    """List what there is to watch, and how far somebody is."""
    registration = mine(ref)
    course = queries.course_of(registration, now=gateways.clock())
    return page("credits/watch.html", registration=registration, course=course)


@bp.route("/registrations/<ref>/watch/<place>", methods=["GET", "POST"])
@learners_only
def recording(ref: str, place: str) -> Any:
    """Play a recording from where somebody left off; take their word where no player tells us."""
    registration, form, now = mine(ref), WatchForm(), gateways.clock()
    watched = _watched(registration, place)
    number = watched.number
    if form.validate_on_submit():
        try:
            if request.form.get("do") == "watched":
                services.say_watched(registration.id, number, now=now)
            else:
                services.begin_watching(registration.id, number, now=now)
            return redirect(url_for(".recording", ref=ref, place=number), 303)
        except Refusal as refusal:
            form.refuse(refusal)
    course = queries.course_of(registration, now=now)
    if course.closed:
        return page("credits/watch.html", form.status, registration=registration, course=course)
    words: dict[str, Any] = {"course": course, "watched": course.watched[number - 1], "per": PER_REPORT}
    shown = page("credits/recording.html", registration=registration, form=form, **words)
    return (*shown, {"Content-Security-Policy": policy(media=_sources(watched))})


@bp.route("/registrations/<ref>/watch/<place>/begin", methods=["POST"])
@learners_only
def begin_watching(ref: str, place: str) -> Any:
    """Hear from the player that it plays."""
    registration = mine(ref)
    number = _watched(registration, place).number
    try:
        services.begin_watching(registration.id, number, now=gateways.clock())
    except Refusal as refusal:
        return {"refused": str(refusal)}, refusal.status
    return "", 204


@bp.route("/registrations/<ref>/watch/<place>/progress", methods=["POST"])
@learners_only
def watch_progress(ref: str, place: str) -> Any:
    """Hear from the player what was played since."""
    registration, now = mine(ref), gateways.clock()
    number = _watched(registration, place).number
    try:
        played = read_ranges(request.form.get("played", ""))
        position = min(LONGEST, int(request.form.get("position", "0")[:9]))
    except ValueError:
        abort(400)
    try:
        found = services.report_watching(registration.id, number, played, position=position, now=now)
    except Refusal as refusal:
        return {"refused": str(refusal)}, refusal.status
    return {"percent": found.percent, "done": found.is_done}


def _watched(registration: Registration, place: str) -> queries.Watched:
    """The recording of this number, or a page that says it is not there."""
    found = {str(each.number): each for each in queries.watched_by(registration)}
    return found.get(place) or abort(404)


def _sources(watched: queries.Watched) -> str:
    """Where the player may load from: the recording's own house and its captions', nothing else."""
    addresses = [watched.recording.url, watched.recording.captions_url or ""] if not watched.is_stream else []
    parts = [urlsplit(address) for address in addresses]
    return " ".join(sorted({"'self'", *(f"{each.scheme}://{each.netloc}" for each in parts if each.netloc)}))
