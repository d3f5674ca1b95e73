"""Rosters, attendance, registrations and payments, for staff."""

from flask import Blueprint, abort

from cme.access import staff_only

bp = Blueprint("registration_admin", __name__)


@bp.route("/admin/registrations")
@staff_only("registrations")
def registrations():
    abort(501)


@bp.route("/admin/seminars/<slug>/roster")
@staff_only("registrations")
def roster(slug: str):
    abort(501)


@bp.route("/admin/seminars/<slug>/attendance", methods=["POST"])
@staff_only("attendance")
def attendance(slug: str):
    abort(501)


@bp.route("/admin/payments")
@staff_only("payments")
def payments():
    abort(501)
