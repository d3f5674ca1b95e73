"""Registering, paying and what follows, for the person who goes; the webhook."""

from flask import Blueprint, abort

from cme.access import learners_only, public

bp = Blueprint("registration", __name__)


@bp.route("/seminars/<slug>/register", methods=["GET", "POST"])
@learners_only
def register(slug: str):
    abort(501)


@bp.route("/registrations/<ref>")
@learners_only
def show(ref: str):
    abort(501)


@bp.route("/registrations/<ref>/checkout", methods=["POST"])
@learners_only
def checkout(ref: str):
    abort(501)


@bp.route("/registrations/<ref>/thanks")
@learners_only
def thanks(ref: str):
    abort(501)


@bp.route("/registrations/<ref>/cancel", methods=["GET", "POST"])
@learners_only
def cancel(ref: str):
    abort(501)


@bp.route("/webhooks/stripe", methods=["POST"])
@public
def stripe_webhook():
    abort(501)


CSRF_EXEMPT = (stripe_webhook,)
