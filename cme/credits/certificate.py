"""The certificate as paper: every printed word in a snapshot, and the snapshot as a page for the press."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from urllib.parse import urlsplit

import segno
from flask import current_app

from cme.pages import is_plain_latin, italics
from cme.values import Credits

VERSION = 1
CREDIT, PARTICIPATION = "credit", "participation"
HEADINGS = {CREDIT: "Certificate of Credit", PARTICIPATION: "Certificate of Participation"}
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Every word on a certificate, kept as it was issued."""

    version: int = VERSION
    kind: str
    heading: str
    professional_name: str
    provider_name: str
    activity_title: str
    learning_format: str
    held: str
    dates: str
    location: str
    hours: str
    credit_amount: str
    credit_unit: str
    other_credits: tuple[str, ...]
    topic_lines: tuple[str, ...]
    accreditation_statement: str
    designation_statement: str
    signatory_name: str
    signatory_title: str
    issued: str
    issued_on: str
    number: str
    code: str
    verify_url: str
    verify_at: str

    def to_json(self) -> str:
        """The one spelling of this snapshot, fit for comparing and hashing."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Snapshot":
        """Read a snapshot back; ValueError when it is not one of ours."""
        words = json.loads(text)
        if not isinstance(words, dict) or words.get("version") != VERSION:
            raise ValueError("Not a certificate snapshot of a version we know")
        if words.keys() != {field.name for field in fields(cls)}:
            raise ValueError("A certificate snapshot with words missing or added")
        return cls(**{**words, **{name: tuple(words[name]) for name in ("other_credits", "topic_lines")}})

    @property
    def words(self) -> str:
        """Everything printed, in one text: what must be checked for letters no font has."""
        words = [value for name, value in asdict(self).items() if name != "version"]
        return "\n".join(word if isinstance(word, str) else "\n".join(word) for word in words)


def compose(
    *,
    kind: str,
    professional_name: str,
    provider_name: str,
    activity_title: str,
    learning_format: str,
    dates: str,
    designated: Credits,
    accreditation_statement: str,
    designation_statement: str,
    signatory_name: str,
    signatory_title: str,
    issued_on: date,
    number: str,
    code: str,
    public_url: str,
    claimed: Credits | None = None,
    hours: Credits | None = None,
    location: str = "",
    held: str = "held",
    other_credits: Sequence[str] = (),
    topic_lines: Sequence[str] = (),
) -> Snapshot:
    """Put a certificate into words: the credit claimed for physicians, hours and the designated maximum for others."""
    amount = claimed if kind == CREDIT else designated
    if amount is None:
        raise ValueError("A certificate of credit needs the credit claimed")
    base = public_url.rstrip("/")
    return Snapshot(
        kind=kind,
        heading=HEADINGS[kind],
        professional_name=professional_name,
        provider_name=provider_name,
        activity_title=activity_title,
        learning_format=learning_format,
        held=held,
        dates=dates,
        location=location,
        hours=_hours(hours) if hours is not None and kind == PARTICIPATION else "",
        credit_amount=str(amount),
        credit_unit="AMA PRA Category 1 Credit™" if amount.hundredths == 100 else "AMA PRA Category 1 Credits™",
        other_credits=tuple(other_credits),
        topic_lines=tuple(topic_lines),
        accreditation_statement=accreditation_statement,
        designation_statement=designation_statement,
        signatory_name=signatory_name,
        signatory_title=signatory_title,
        issued=long_date(issued_on),
        issued_on=issued_on.isoformat(),
        number=number,
        code=code,
        verify_url=f"{base}/verify/{code}",
        verify_at=urlsplit(base).netloc + urlsplit(base).path + "/verify",
    )


def long_date(day: date) -> str:
    """A date as printed, which never breaks at the end of a line: March 18, 2027."""
    return f"{day:%B} {day.day}, {day.year}".replace(" ", NO_BREAK)


def date_span(first: date, last: date) -> str:
    """The days of a seminar as printed: March 15–18, 2027, or March 30 – April 2, 2027."""
    if first == last:
        return long_date(first)
    if first.year != last.year:
        return f"{long_date(first)}{NO_BREAK}– {long_date(last)}"
    if first.month != last.month:
        return f"{first:%B}{NO_BREAK}{first.day}{NO_BREAK}– {long_date(last)}"
    return f"{first:%B}{NO_BREAK}{first.day}–{last.day},{NO_BREAK}{last.year}"


def _hours(hours: Credits) -> str:
    return f"{hours} hour" if hours.hundredths == 100 else f"{hours} hours"


def html_of(snapshot: Snapshot) -> str:
    """The page for the press, from the template of the snapshot's own version."""
    template = current_app.jinja_env.get_template(f"credits/certificate/v{snapshot.version}/certificate.html")
    tools = {"italics": italics, "is_plain_latin": is_plain_latin, "qr": qr_of(snapshot.verify_url)}
    return template.render(paper=snapshot, **tools)


def sha256_of(pdf: bytes) -> str:
    """The fingerprint under which a printed paper, not yet signed, is remembered."""
    return hashlib.sha256(pdf).hexdigest()


def words_hash(snapshot: str) -> str:
    """The fingerprint of every printed word, for the audit log."""
    return hashlib.sha256(snapshot.encode()).hexdigest()


def qr_of(url: str) -> dict[str, str | int]:
    """An address as a QR picture: its side in modules, and the dark runs as one SVG path to be stroked."""
    # A fixed mask spares the search for the prettiest; every reader copes.
    rows = list(segno.make(url, error="m", mask=3, micro=False, boost_error=False).matrix)
    runs = [
        f"M{dark.start()} {y}.5h{len(dark[0])}"
        for y, row in enumerate(rows)
        for dark in re.finditer("1+", "".join(map(str, row)))
    ]
    return {"side": len(rows), "path": "".join(runs)}
