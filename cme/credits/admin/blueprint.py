"""The blueprint of the credits room for staff."""

from flask import Blueprint

bp = Blueprint("credits_admin", __name__)
