"""People, for staff."""

from flask import Blueprint, abort

from cme.access import staff_only

bp = Blueprint("accounts_admin", __name__)


@bp.route("/admin/people")
@staff_only("people")
def people():
    abort(501)
