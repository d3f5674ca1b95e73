"""Claims, for staff."""

from flask import Blueprint, abort

from cme.access import staff_only

bp = Blueprint("credits_admin", __name__)


@bp.route("/admin/claims")
@staff_only("claims")
def claims():
    abort(501)
