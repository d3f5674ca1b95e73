"""What stands at the front door and in the middle of the house: pages that gather from several rooms."""

from flask import Blueprint, abort

from cme.access import learners_only, public, staff_only

bp = Blueprint("home", __name__)


@bp.route("/")
@public
def index():
    abort(501)


@bp.route("/my")
@learners_only
def my():
    abort(501)


@bp.route("/admin")
@staff_only("dashboard")
def admin():
    abort(501)


@bp.route("/admin/letters")
@staff_only("letters")
def letters():
    abort(501)


@bp.route("/admin/letters/<int(max=9007199254740991):number>")
@staff_only("letters")
def letter(number: int):
    abort(501)


@bp.route("/health/live")
@public
def live():
    abort(501)


@bp.route("/health/ready")
@public
def ready():
    abort(501)
