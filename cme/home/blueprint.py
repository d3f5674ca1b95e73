"""The blueprint of the pages that gather from several rooms."""

from flask import Blueprint

bp = Blueprint("home", __name__)
