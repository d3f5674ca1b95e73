"""The catalog's blueprint, which every file of views fills."""

from flask import Blueprint

bp = Blueprint("catalog", __name__)
