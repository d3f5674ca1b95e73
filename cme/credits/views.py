"""Evaluation, claim, certificate, transcript and verification."""

from flask import Blueprint, abort

from cme.access import learners_only, public

bp = Blueprint("credits", __name__)


@bp.route("/registrations/<ref>/evaluation", methods=["GET", "POST"])
@learners_only
def evaluation(ref: str):
    abort(501)


@bp.route("/registrations/<ref>/claim", methods=["GET", "POST"])
@learners_only
def claim(ref: str):
    abort(501)


@bp.route("/certificates/<code>")
@learners_only
def certificate(code: str):
    abort(501)


@bp.route("/certificates/<code>.pdf")
@learners_only
def certificate_pdf(code: str):
    abort(501)


@bp.route("/transcript")
@learners_only
def transcript():
    abort(501)


@bp.route("/verify", methods=["GET", "POST"])
@public
def verify_lookup():
    abort(501)


@bp.route("/verify/<code>")
@public
def verify(code: str):
    abort(501)
