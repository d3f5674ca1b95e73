"""The desk's blueprint, and what its lists share."""

from typing import Any

from flask import Blueprint, request

from cme.catalog.queries import Pages
from cme.forms import clean_line
from cme.registration.queries import Part

bp = Blueprint("registration_admin", __name__)


def words() -> str:
    """What staff search for, without what no text has."""
    typed = clean_line(request.args.get("q", "")) or ""
    return "".join(character for character in typed if character.isprintable())[:100]


def status_among(known: tuple[str, ...]) -> str:
    """The status asked for, if there is such a one."""
    asked = request.args.get("status", "")
    return asked if asked in known else ""


def paged(part: Part[Any]) -> Pages[Any]:
    """A part of a list with what the pager needs to know."""
    return Pages(part.items, part.number, part.total, part.per)
