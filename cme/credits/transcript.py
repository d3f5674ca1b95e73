"""A transcript to take away: on paper, for spreadsheets, for other programs."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from cme.accounts.models import Account
from cme.credits.certificate import long_date
from cme.credits.queries.overviews import WAYS, Overview
from cme.credits.queries.transcripts import Line
from cme.credits.rules.goals import TYPE_NAMES
from cme.credits.rules.transcripts import Wanted
from cme.pages import is_plain_latin, italics
from cme.registration.exports import safe_cell
from cme.settings import Provider
from cme.values import Credits, CreditType

VERSION = 1
HERE, OWN = "claimed", "entered by the person"
HEADS = ("Id", "Activity", "Provider", "Dates", "Counts for", "Format", "Credit type", "Credits", "Source")
MORE_HEADS = ("Certificate number", "Verify at", "Note")
# Type by type in a list: the name without what only a sentence needs.
SHORT = {CreditType.AMA_PRA_1.value: "AMA PRA Category 1 Credit™"}
PLAIN_NAMES = TYPE_NAMES | SHORT
TYPE_MARKS = {kind: italics(name) for kind, name in PLAIN_NAMES.items()}


@dataclass(frozen=True, kw_only=True)
class Paper:
    """The words of a printed transcript."""

    title: str
    provider: str
    provider_lines: Sequence[str]
    name: str
    certification: str
    part: str
    printed: str
    printed_on: str
    totals: Sequence[tuple[str, Credits, Credits]]
    here: Sequence[Line]
    own: Sequence[Line]
    verify_at: str


def part_of(wanted: Wanted) -> str:
    """What of somebody's credit is shown, in words."""
    parts = [str(wanted.year)] if wanted.year else []
    if wanted.first or wanted.last:
        span = [f"from {long_date(wanted.first)}"] if wanted.first else []
        parts.append(" ".join([*span, *([f"until {long_date(wanted.last)}"] if wanted.last else [])]))
    if wanted.kind:
        parts.append(f"{PLAIN_NAMES[wanted.kind]} only")
    told = ", ".join(parts) or "all credit"
    return told[0].upper() + told[1:]


def paper_of(shown: Overview, person: Account, provider: Provider, *, on: date, verify: str) -> Paper:
    """Put a transcript into the words that are printed."""
    address = urlsplit(verify)
    name = person.professional_name or person.email
    return Paper(
        title=f"Transcript of {name}",
        provider=provider.name,
        provider_lines=[line for line in (provider.address, f"{provider.email}, {provider.phone}") if line],
        name=name,
        certification=person.certification.label if person.certification else "",
        part=part_of(shown.wanted),
        printed=long_date(on),
        printed_on=on.isoformat(),
        totals=[(PLAIN_NAMES[kind], here, own) for kind, here, own in shown.totals],
        here=[line for line in shown.lines if not line.is_own],
        own=[line for line in shown.lines if line.is_own],
        verify_at=address.netloc + address.path,
    )


def html_of(paper: Paper) -> str:
    """The page for the press."""
    template = current_app.jinja_env.get_template("credits/papers/transcript.html")
    words: dict[str, Any] = {"paper": paper, "ways": WAYS, "type_names": TYPE_MARKS}
    return template.render(**words, italics=italics, is_plain_latin=is_plain_latin)


def csv_of(lines: Sequence[Line], verify: str) -> bytes:
    """A transcript for spreadsheets, in which nothing typed is run as a formula; UTF-8 with a mark at its start."""
    out = io.StringIO(newline="")
    sheet = csv.writer(out)
    sheet.writerow([*HEADS, *MORE_HEADS])
    for line in lines:
        kind, dates = PLAIN_NAMES[line.credit_type], line.dates.replace("\N{NO-BREAK SPACE}", " ")
        way = "Elsewhere" if line.is_own else f"{WAYS[line.mode]}{', teaching' if line.is_teaching else ''}"
        cells = [line.id, line.title, line.provider, dates, line.on.isoformat(), way, kind, line.amount]
        cells += [OWN if line.is_own else HERE, line.number, f"{verify}/{line.code}" if line.code else "", line.note]
        sheet.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def json_of(shown: Overview, person: Account, provider: Provider, *, verify: str, now: datetime) -> str:
    """A transcript for other programs; the ids stay the same from one export to the next."""
    told: dict[str, Any] = {
        "version": VERSION,
        "exported_at": now.isoformat(),
        "issuer": provider.name,
        "person": {"name": person.professional_name, "certification_type": person.certification_type},
        "asked_for": shown.wanted.address,
        "totals": [
            {"credit_type": kind, "claimed": str(here), "entered": str(own)} for kind, here, own in shown.totals
        ],
        "credits": [_entry(line, verify) for line in shown.lines],
        "goals": [
            {
                "id": goal.ref,
                "name": goal.name,
                "credit_type": goal.credit_type,
                "credits": str(Credits(goal.credits)),
                "from": goal.starts_on and goal.starts_on.isoformat(),
                "by": goal.due_on.isoformat(),
                "done": str(far.credit.done),
                "topics": [{**_amounts(asdict(step)), "topic": step.topic} for step in far.topics],
            }
            for goal, far in shown.goals
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _amounts(step: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(Credits(**step[name])) for name in ("needed", "done")}


def _entry(line: Line, verify: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": line.id,
        "source": "entered" if line.is_own else "claimed",
        "title": line.title,
        "provider": line.provider,
        "dates": line.dates.replace("\N{NO-BREAK SPACE}", " "),
        "counts_for": line.on.isoformat(),
        "credit_type": line.credit_type,
        "credit_name": PLAIN_NAMES[line.credit_type],
        "credits": str(line.amount),
        "topic_minutes": dict(line.topics),
    }
    if line.is_own:
        return told | {"note": line.note}
    kind = "teaching" if line.is_teaching else "learning"
    return told | {
        "format": line.mode,
        "kind": kind,
        "certificate": line.number,
        "verify": f"{verify}/{line.code}",
    }
