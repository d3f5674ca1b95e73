"""What goes along with a letter, made from what is true when the letter leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cme.database import db
from cme.registration import calendars
from cme.registration.models import Paper, Registration
from cme.registration.services.papers import Press, pdf_of


@dataclass(frozen=True)
class Enclosure:
    """One file in an envelope."""

    name: str
    media_type: str
    content: bytes


def enclose(wanted: Sequence[dict[str, Any]], *, press: Press) -> list[Enclosure]:
    """Make all that a letter promises, or raise: it never leaves without."""
    return [_made(each, press) for each in wanted]


def _made(wanted: dict[str, Any], press: Press) -> Enclosure:
    if wanted["kind"] == "calendar":
        registration = db.session.get_one(Registration, wanted["registration"])
        return Enclosure(wanted["name"], "text/calendar", calendars.file_of(registration))
    paper = db.session.get_one(Paper, wanted["paper"])
    return Enclosure(wanted["name"], "application/pdf", pdf_of(paper, press=press))
