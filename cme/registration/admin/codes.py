"""Promo codes, for staff."""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog.models import Seminar
from cme.catalog.queries import seminar_by_slug
from cme.errors import EditedMeanwhile, Refusal
from cme.fields import blame
from cme.pages import date_range, page
from cme.registration import codes as uses
from cme.registration import services
from cme.registration.admin.blueprint import bp, words
from cme.registration.forms.codes import EditCodeForm, NewCodeForm, SwitchForm, shown
from cme.registration.models import PromoCode
from cme.registration.rules.codes import CodeRefused
from cme.registration.services.codes import CodeTaken, FewerThanUsed


@bp.route("/admin/codes")
@staff_only("payments")
def codes() -> Any:
    """Every promo code with its uses, those in use first."""
    q = words()
    return page("registration/admin/codes.html", codes=uses.issued(q.split()), q=q, form=SwitchForm(formdata=None))


@bp.route("/admin/codes/new", methods=["GET", "POST"])
@staff_only("payments")
def new_code() -> Any:
    """Issue a promo code."""
    form = NewCodeForm()
    form.offer(_seminars())
    if form.validate_on_submit():
        values = form.values(_number_of(form), is_active=True)
        try:
            name = services.add_code(
                form.code.data or "", values, form_id=form.form_id.data, by=current_user, now=gateways.clock()
            )
        except CodeTaken as refusal:
            blame(form.code, str(refusal))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Issued: {name}", "success")
            return redirect(url_for(".codes"), 303)
    return page("registration/admin/code.html", form=form, code=None, theirs=None)


@bp.route("/admin/codes/<code>", methods=["GET", "POST"])
@staff_only("payments")
def edit_code(code: str) -> Any:
    """Change what a promo code gives from now on."""
    promo, theirs = _code(code), None
    form = EditCodeForm(data=shown(promo))
    form.offer(_seminars(promo.seminar))
    if form.validate_on_submit():
        values = form.values(_number_of(form), is_active=promo.is_active)
        seen = int(form.seen.data) if (form.seen.data or "").isdecimal() else 0
        try:
            services.edit_code(promo.id, values, seen=seen, by=current_user, now=gateways.clock())
        except FewerThanUsed as refusal:
            blame(form.most_uses, str(refusal))
        except Refusal as refusal:
            form.refuse(refusal)
            if isinstance(refusal, EditedMeanwhile):
                theirs = _code(code)
                form.seen.data = str(theirs.version)
        else:
            flash("Saved. Seats that are confirmed keep their price.", "success")
            return redirect(url_for(".codes"), 303)
    return page("registration/admin/code.html", form=form, code=_code(code), theirs=theirs)


@bp.route("/admin/codes/<code>/switch", methods=["POST"])
@staff_only("payments")
def switch_code(code: str) -> Any:
    """Let a promo code be used, or no longer."""
    promo, form = _code(code), SwitchForm()
    on = form.on.data == "yes"
    services.switch_code(promo.id, on=on, by=current_user, now=gateways.clock())
    flash(f"{promo.code} can be used again." if on else f"{promo.code} is switched off.", "success")
    return redirect(url_for(".codes"), 303)


def _code(name: str) -> PromoCode:
    try:
        return uses.find(name) or abort(404)
    except CodeRefused:
        abort(404)


def _seminars(chosen: Seminar | None = None) -> list[tuple[str, str]]:
    """The seminars a code may be for: those on sale or about to be, and the one it is for already."""
    found = uses.seminars_to_choose()
    found += [chosen] if chosen and chosen not in found else []
    return [(each.slug, f"{each.title}, {date_range(each.starts_on, each.ends_on)}") for each in found]


def _number_of(form: EditCodeForm) -> int | None:
    found = seminar_by_slug(form.seminar.data, preview=True) if form.seminar.data else None
    return found.id if found else None
