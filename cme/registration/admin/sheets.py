"""Paper at the door: badges to print, a sheet to sign, and keying in who signed."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways, settings
from cme.access import staff_only
from cme.errors import Refusal
from cme.pages import page
from cme.registration import presence
from cme.registration.admin.blueprint import bp, words
from cme.registration.admin.check_in import door_at, seminar_at
from cme.registration.forms.attendance import SheetForm
from cme.registration.models import CONFIRMED
from cme.registration.qr import qr_of
from cme.registration.queries import roster
from cme.registration.services.attendance import key_sheet
from cme.values import Mode


@bp.route("/admin/seminars/<slug>/badges")
@staff_only("attendance")
def badges(slug: str) -> Any:
    """Badges for everybody who comes to the room, or for those searched for; their codes lead to check-in."""
    seminar, q = seminar_at(slug), words()
    here = [each for each in roster(seminar.id) if each.status == CONFIRMED and each.offering.mode == Mode.IN_PERSON]
    found = [each for each in here if all(word in _told(each) for word in q.casefold().split())]
    codes = [(each, qr_of(settings.public_url(url_for(".badge", ref=each.ref)))) for each in found]
    return page("registration/admin/badges.html", seminar=seminar, badges=codes, q=q)


def _told(registration: Any) -> str:
    return f"{registration.account.professional_name or ''} {registration.account.email}".casefold()


@bp.route("/admin/seminars/<slug>/sign-in-sheet")
@staff_only("attendance")
def sign_in_sheet(slug: str) -> Any:
    """A sheet to print and sign, for one session."""
    here = door_at(slug, request.args.get("session", ""))
    if here is None:
        return page("registration/admin/no_sessions.html", seminar=seminar_at(slug))
    return page("registration/admin/sign_in_sheet.html", door=here, sessions=presence.numbered(here.seminar))


@bp.route("/admin/seminars/<slug>/sessions/<n>/sheet", methods=["GET", "POST"])
@staff_only("attendance")
def sheet(slug: str, n: str) -> Any:
    """Key in who signed the sheet of a session."""
    here, form = door_at(slug, n), SheetForm()
    if here is None:
        return page("registration/admin/no_sessions.html", seminar=seminar_at(slug))
    if form.validate_on_submit():
        signed = set(form.signed.data or ())
        those = [each.registration.id for each in here.guests if each.registration.ref in signed]
        try:
            new = key_sheet(here.session.id, those, by=current_user, now=gateways.clock())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"{new} written down for {here.session.title}", "ok")
            return redirect(url_for(".sheet", slug=slug, n=n), 303)
        here = door_at(slug, n) or here
    return page("registration/admin/sheet.html", form=form, door=here, sessions=presence.numbered(here.seminar))
