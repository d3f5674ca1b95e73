"""What is known of a PDF that somebody dropped here."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import defer

from cme.credits import credential, numbers
from cme.credits.models import Certificate, Document, IssuerKey
from cme.credits.queries.certificates import certificate_by_code
from cme.database import db

ISSUED, WHOLE, CHANGED, STRANGE, UNREADABLE = "issued", "whole", "changed", "strange", "unreadable"
TAIL, FRONT = "tail", "front"
MOST_ENDS, MOST_STARTS = 32, 8
START = re.compile(rb"%PDF-")
END = re.compile(rb"%%EOF[\r\n]{0,2}")
LINK = re.compile(rb"/verify/([0-9A-Z]{26})(?![0-9A-Z])")


class Findings(Protocol):
    """What an examiner finds."""

    @property
    def verdict(self) -> str:
        """What the file came to."""

    @property
    def changes(self) -> tuple[str, ...]:
        """Where it was changed."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """What calls itself a credential inside."""


class Examiner(Protocol):
    """Whoever looks into a file."""

    def examine(self, pdf: bytes, *, certificates: Iterable[str], original: bytes = b"") -> Findings:
        """Look at one file."""


class Key(Protocol):
    """The key of the moment."""

    certificate_pem: str
    is_demo: bool

    @property
    def key_id(self) -> str:
        """Its name."""

    @property
    def jwk(self) -> dict[str, Any]:
        """Its public half."""


@dataclass(frozen=True)
class Looked:
    """What a dropped file is: as we issued it, changed since, or nothing of ours; and which certificate it names."""

    verdict: str
    certificate: Certificate | None = None
    changes: tuple[str, ...] = ()


def keys_of(issuer: Key) -> list[tuple[str, dict[str, Any], str]]:
    """Every key that speaks for us, today's first: name, public half, certificate; demo keys speak in a demo only."""
    known = db.session.execute(
        select(IssuerKey.key_id, IssuerKey.jwk, IssuerKey.certificate_pem, IssuerKey.is_demo).order_by(
            IssuerKey.id.desc()
        )
    )
    today = (issuer.key_id, issuer.jwk, issuer.certificate_pem)
    others = [
        (key_id, jwk, pem) for key_id, jwk, pem, is_demo in known if key_id != today[0] and is_demo <= issuer.is_demo
    ]
    return [today, *others]


def look_at(pdf: bytes, *, examiner: Examiner, issuer: Key) -> Looked:
    """Say what a file is; nothing of it is kept."""
    if found := _document(hashlib.sha256(pdf).hexdigest()):
        return Looked(ISSUED, found.certificate)
    keys = keys_of(issuer)
    beginning = _document(*_beginnings(pdf))
    origin = beginning.certificate if beginning else None
    rest = _document(*_rests(pdf)) if origin is None else None
    if rest is not None:
        return Looked(CHANGED, rest.certificate, (FRONT,))
    certificates = [pem for *_, pem in keys]
    db.session.rollback()  # looking takes its time, and nobody should wait for our read meanwhile
    findings = examiner.examine(pdf, certificates=certificates)
    if origin is not None:
        return Looked(CHANGED, origin, findings.changes or (TAIL,))
    named = _named(findings.tokens, keys) or _linked(pdf)
    if findings.verdict == CHANGED and named is not None:
        issued = db.session.scalar(select(Document.content).where(Document.certificate_id == named.id)) or b""
        findings = examiner.examine(pdf, certificates=certificates, original=issued)
    if findings.verdict in ("unsigned", "foreign"):
        return Looked(STRANGE, named)
    if findings.verdict == UNREADABLE and named is not None:
        return Looked(CHANGED, named)
    return Looked(findings.verdict, named, findings.changes)


def _document(*digests: str) -> Document | None:
    """The document we issued with one of these fingerprints."""
    chosen = select(Document).where(Document.sha256.in_(digests)).order_by(Document.id.desc()).limit(1)
    return db.session.scalar(chosen.options(defer(Document.content)))


def _beginnings(pdf: bytes) -> Iterator[str]:
    """Fingerprints of the file as it may have been before something was added behind an end of it."""
    marks = list(END.finditer(pdf))[:MOST_ENDS]
    ends = sorted({end for mark in marks for end in range(mark.start() + 5, mark.end() + 1)})
    read, digest = 0, hashlib.sha256()
    for end in ends:
        digest.update(pdf[read:end])
        read = end
        yield digest.hexdigest()


def _rests(pdf: bytes) -> Iterator[str]:
    """Fingerprints of the file without what may have been put in front of it."""
    for mark in list(START.finditer(pdf))[:MOST_STARTS]:
        if mark.start():
            yield hashlib.sha256(pdf[mark.start() :]).hexdigest()


def _named(tokens: Sequence[str], keys: Sequence[tuple[str, dict[str, Any], str]]) -> Certificate | None:
    """The certificate of the first attached credential that one of our keys did sign."""
    for token in tokens:
        code = credential.code_in(token, [(key_id, jwk) for key_id, jwk, _ in keys])
        if code and (found := certificate_by_code(code)):
            return found
    return None


def _linked(pdf: bytes) -> Certificate | None:
    """The certificate a file's own link leads to, where it can be read without taking the file apart."""
    codes = {code.decode() for code in LINK.findall(pdf)}
    if len(codes) != 1:
        return None
    read = numbers.read_code(codes.pop())
    return certificate_by_code(read) if read else None
