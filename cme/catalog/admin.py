"""Seminars and settings, for staff."""

from flask import Blueprint, abort

from cme.access import staff_only

bp = Blueprint("catalog_admin", __name__)


@bp.route("/admin/seminars")
@staff_only("seminars")
def seminars():
    abort(501)


@bp.route("/admin/seminars/new", methods=["GET", "POST"])
@staff_only("seminars")
def new():
    abort(501)


@bp.route("/admin/seminars/<slug>", methods=["GET", "POST"])
@staff_only("seminars")
def edit(slug: str):
    abort(501)


@bp.route("/admin/seminars/<slug>/publish", methods=["POST"])
@staff_only("seminars")
def publish(slug: str):
    abort(501)


@bp.route("/admin/seminars/<slug>/withdraw", methods=["POST"])
@staff_only("seminars")
def withdraw(slug: str):
    abort(501)


@bp.route("/admin/settings", methods=["GET", "POST"])
@staff_only("settings")
def settings():
    abort(501)
