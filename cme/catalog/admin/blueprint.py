"""The blueprint of the catalog's staff pages, which every file here fills."""

from flask import Blueprint

bp = Blueprint("catalog_admin", __name__)
