"""The certificate as paper: every printed word in a snapshot, and the snapshot as a page for the press."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from cme.pages import is_plain_latin, italics
from cme.registration.qr import qr_of
from cme.values import Credits, CreditType

VERSION = 2
CREDIT, PARTICIPATION, CONTACT, TEACHING = "credit", "participation", "contact", "teaching"
HEADINGS = {
    CREDIT: "Certificate of Credit",
    PARTICIPATION: "Certificate of Participation",
    CONTACT: "Certificate of Contact Hours",
    TEACHING: "Certificate of Teaching Credit",
}
# Nursing and pharmacy want a certificate that says nothing of anybody else's credit.
OWN_PAPER = (CreditType.ANCC, CreditType.ACPE)
NO_BREAK = "\N{NO-BREAK SPACE}"
STATIC = Path(__file__).resolve().parents[1] / "static"
FRAMES = {1: "img/certificate-frame.svg", 2: "img/certificate-frame-2.svg"}
NOT_IN_XML = dict.fromkeys({*range(32), 0xFFFE, 0xFFFF} - {9, 10, 13})


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
    # Since version 2: what each board asks to be said, the term of a recording, and the credit it stands for by type.
    statements: tuple[str, ...] = ()
    term: str = ""
    granted: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_awarded(self) -> bool:
        """Whether the amount printed was earned; on a certificate of participation it is what was designated."""
        return self.kind != PARTICIPATION

    def to_json(self) -> str:
        """The one spelling of this snapshot, fit for comparing and hashing."""
        words = {name: value for name, value in asdict(self).items() if name in WORDS[self.version]}
        return json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Snapshot":
        """Read a snapshot back, of this version or an older one; ValueError when it is not one of ours."""
        words = json.loads(text)
        if not isinstance(words, dict) or words.get("version") not in WORDS:
            raise ValueError("Not a certificate snapshot of a version we know")
        if words.keys() != WORDS[words["version"]]:
            raise ValueError("A certificate snapshot with words missing or added")
        read: dict[str, Any] = {name: tuple(said) if isinstance(said, list) else said for name, said in words.items()}
        return cls(**read)

    @property
    def words(self) -> str:
        """Everything printed, in one text: what must be checked for letters no font has."""
        words = [value for name, value in asdict(self).items() if name not in ("version", "granted")]
        return "\n".join(word if isinstance(word, str) else "\n".join(word) for word in words)


KNOWN_SINCE_2 = {"statements", "term", "granted"}
WORDS = {
    1: {word.name for word in fields(Snapshot)} - KNOWN_SINCE_2,
    2: {word.name for word in fields(Snapshot)},
}


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
    unit: str = "",
    other_credits: Sequence[str] = (),
    topic_lines: Sequence[str] = (),
    statements: Sequence[str] = (),
    term: str = "",
    granted: Mapping[str, str] | None = None,
) -> Snapshot:
    """Put a certificate into words: the amount earned, or hours and the designated maximum for who only took part."""
    amount = designated if kind == PARTICIPATION else claimed
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
        credit_unit=unit or f"AMA PRA Category 1 Credit{'' if amount.hundredths == 100 else 's'}™",
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
        statements=tuple(statements),
        term=term,
        granted=dict(granted or {}),
    )


def kind_of(credit_type: str, *, is_teaching: bool = False) -> str:
    """Which certificate credit is printed on: of teaching, of contact hours, of credit or of participation."""
    if is_teaching:
        return TEACHING
    if credit_type in OWN_PAPER:
        return CONTACT
    return CREDIT if credit_type == CreditType.AMA_PRA_1 else PARTICIPATION


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
    template = current_app.jinja_env.get_template(f"{folder_of(snapshot.version)}/certificate.html")
    tools = {"italics": italics, "is_plain_latin": is_plain_latin, "qr": qr_of(snapshot.verify_url)}
    page = template.render(paper=snapshot, **tools)
    return page if snapshot.version == 1 else page.translate(NOT_IN_XML)


def folder_of(version: int) -> str:
    """Where the template of a version lies, among the templates."""
    return f"credits/certificate/v{version}"


@cache
def assets_of(version: int) -> dict[str, str]:
    """What certificates of a version are drawn with, by file name: template, style sheet, frame and fonts."""
    drawn = {}
    for name in ("certificate.html", "certificate.css"):
        file = Path(current_app.root_path, str(current_app.template_folder), folder_of(version), name)
        drawn[f"{folder_of(version)}/{name}"] = hashlib.sha256(file.read_bytes()).hexdigest()
    for file in (STATIC / FRAMES[version], *sorted((STATIC / "fonts" / "print").glob("*.ttf"))):
        drawn[f"static/{file.relative_to(STATIC)}"] = hashlib.sha256(file.read_bytes()).hexdigest()
    return drawn


def sha256_of(pdf: bytes) -> str:
    """The fingerprint under which a printed paper, not yet signed, is remembered."""
    return hashlib.sha256(pdf).hexdigest()


def words_hash(snapshot: str) -> str:
    """The fingerprint of every printed word, for the audit log."""
    return hashlib.sha256(snapshot.encode()).hexdigest()
