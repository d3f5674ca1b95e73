"""Printing certificates: one when its turn comes, or all of a seminar at once."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import Flask, current_app

from cme.credits import queries
from cme.credits.certificate import Snapshot, assets_of, html_of, sha256_of
from cme.credits.models import Certificate, Document
from cme.credits.services.credentials import Issuer, credential_of, remember_key
from cme.database import db, lock, transaction
from cme.values import Attached

CREDENTIAL = "credential.jwt"


class Press(Protocol):
    """Whoever turns a page into a PDF."""

    def render(self, html: str, attached: Sequence[Attached] = ()) -> bytes:
        """Print one document, with files inside."""


class Printer(Press, Protocol):
    """A press that can call in others of its kind."""

    def many(self) -> AbstractContextManager["Crew"]:
        """As many presses as there are processors."""


class Crew(Press, Protocol):
    """Several presses at work beside each other."""

    @property
    def size(self) -> int:
        """How many there are."""


class PrintDiffers(Exception):
    """A certificate printed again is not the one that was issued."""


@dataclass(frozen=True)
class Printed:
    """How the printing of one certificate went; nothing went wrong where there is no error."""

    certificate_id: int
    error: Exception | None = None


def print_certificate(certificate_id: int, *, press: Press, issuer: Issuer, now: datetime) -> None:
    """Print a certificate from its snapshot, sign it and keep the bytes, once; printing again must give the same.

    The credential is made first, and is printed into the paper: later it would be another.
    """
    credential = credential_of(certificate_id, issuer=issuer, now=now)
    snapshot = queries.snapshot_of(db.session.get_one(Certificate, certificate_id))
    db.session.rollback()  # the press takes its time, and nobody should wait for our read meanwhile
    pdf = press.render(html_of(snapshot), _attached(snapshot, credential))
    unsigned, known = sha256_of(pdf), queries.document_of(certificate_id)
    db.session.rollback()
    signed = issuer.sign_pdf(pdf, at=now) if known is None else b""
    with transaction():
        certificate = lock(Certificate, certificate_id)
        known = queries.document_of(certificate.id)
        if known is None:
            remember_key(issuer, now=now)  # the credential may be older, and signed by the key before this one
            db.session.add(
                Document(
                    certificate_id=certificate.id,
                    content=signed,
                    unsigned_sha256=unsigned,
                    sha256=sha256_of(signed),
                    key_id=issuer.key_id,
                    rendered_at=now,
                )
            )
        elif known.unsigned_sha256 != unsigned:
            raise PrintDiffers(_difference(certificate))


def _attached(snapshot: Snapshot, credential: str) -> list[Attached]:
    """The credential as a file; the first version of certificates was printed without."""
    if snapshot.version == 1:
        return []
    about = f"Certificate {snapshot.number} as a signed Open Badges 3.0 credential (VC-JWT)"
    return [Attached(CREDENTIAL, "application/vc+jwt", about, credential)]


def _difference(certificate: Certificate) -> str:
    """Say that a certificate came out differently, and which of its files have changed since, if any."""
    today = assets_of(certificate.snapshot_version)
    changed = [name for name, fingerprint in certificate.assets.items() if today.get(name) != fingerprint]
    why = f" Changed since: {', '.join(changed)}." if changed else ""
    return f"Certificate {certificate.number} printed again is not the one that was issued.{why}"


def print_many(certificate_ids: Iterable[int], *, press: Printer, issuer: Issuer, now: datetime) -> Iterator[Printed]:
    """Print certificates on all processors and tell of each when it is done; never more than a few are in the air."""
    app = current_app.app_context().app
    with press.many() as crew, ThreadPoolExecutor(crew.size + 1) as hands:
        air: set[Future[Printed]] = set()
        for certificate_id in certificate_ids:
            air.add(hands.submit(_print_one, app, certificate_id, crew, issuer, now))
            if len(air) > crew.size * 2:
                done, air = wait(air, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in done)
        yield from (each.result() for each in air)


def _print_one(app: Flask, certificate_id: int, press: Press, issuer: Issuer, now: datetime) -> Printed:
    """Print one of many; what goes wrong with it must not stop the others."""
    with app.app_context():
        try:
            print_certificate(certificate_id, press=press, issuer=issuer, now=now)
        except Exception as error:
            return Printed(certificate_id, error)
        return Printed(certificate_id)
