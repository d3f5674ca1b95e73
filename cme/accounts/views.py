"""Joining, signing in and out, forgotten passwords, Account Details."""

from flask import Blueprint, Flask, abort
from flask_login import LoginManager

from cme import gateways
from cme.access import learners_only, public
from cme.accounts import queries

bp = Blueprint("accounts", __name__)


@bp.route("/join", methods=["GET", "POST"])
@public
def join():
    abort(501)


@bp.route("/verify-email/<token>", methods=["GET", "POST"])
@public
def verify_email(token: str):
    abort(501)


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in():
    abort(501)


@bp.route("/sign-out", methods=["POST"])
@public
def sign_out():
    abort(501)


@bp.route("/forgot-password", methods=["GET", "POST"])
@public
def forgot_password():
    abort(501)


@bp.route("/reset-password/<token>", methods=["GET", "POST"])
@public
def reset_password(token: str):
    abort(501)


@bp.route("/account", methods=["GET", "POST"])
@learners_only
def details():
    abort(501)


@bp.route("/account/security", methods=["GET", "POST"])
@learners_only
def security():
    abort(501)


def init_app(app: Flask) -> None:
    """Teach the application who is signed in."""
    manager = LoginManager(app)
    manager.login_view = "accounts.sign_in"
    manager.session_protection = None
    manager.user_loader(lambda sign_in_id: queries.signed_in(sign_in_id, now=gateways.clock()))
