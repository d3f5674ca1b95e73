"""The catalog, seminar pages, articles and the plain texts."""

from flask import Blueprint, abort

from cme.access import public

bp = Blueprint("catalog", __name__)


@bp.route("/seminars")
@public
def seminars():
    abort(501)


@bp.route("/seminars/<slug>")
@public
def seminar(slug: str):
    abort(501)


@bp.route("/articles")
@public
def articles():
    abort(501)


@bp.route("/articles/<slug>")
@public
def article(slug: str):
    abort(501)


@bp.route("/articles/category/<slug>")
@public
def category(slug: str):
    abort(501)


@bp.route("/terms")
@public
def terms():
    abort(501)


@bp.route("/privacy")
@public
def privacy():
    abort(501)


@bp.route("/refunds")
@public
def refunds():
    abort(501)


@bp.route("/accessibility")
@public
def accessibility():
    abort(501)


@bp.route("/contact")
@public
def contact():
    abort(501)
