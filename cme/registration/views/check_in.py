"""Checking oneself in to a session, with the code on the screen in the room."""

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import learners_only
from cme.errors import Refusal
from cme.pages import page
from cme.registration import presence, queries
from cme.registration.forms.attendance import CheckInForm
from cme.registration.models import Registration
from cme.registration.rules.attendance import SIGNS, cleaned
from cme.registration.services.checking_in import check_in_by_code, open_sessions
from cme.registration.views.blueprint import bp


@bp.route("/check-in", methods=["GET", "POST"])
@learners_only
def check_in() -> Any:
    """Ask for the code on the screen, or take it from the picture that was scanned."""
    now, form = gateways.clock(), CheckInForm()
    if form.validate_on_submit():
        try:
            secret = current_app.config["SECRET_KEY"]
            present = check_in_by_code(current_user, form.code.data or "", secret=secret, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"You are checked in: {present.session}, {present.minutes} minutes", "ok")
            return redirect(url_for(".check_in"), 303)
    elif request.method == "GET":
        form.code.data = cleaned(request.args.get("code", ""))[:SIGNS]
    running = open_sessions(current_user.id, now=now)
    came = {mine.id: queries.attended_by_session(mine.id) for mine, _ in running}
    return page("registration/check_in.html", form=form, running=running, came=came)


@bp.app_template_global()
def can_check_in(registration: Registration) -> bool:
    """Whether somebody has a session to check in to now, for the page of their registration."""
    return presence.can_check_in(registration, now=gateways.clock())
