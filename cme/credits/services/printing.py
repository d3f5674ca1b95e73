"""Printing certificates."""

from datetime import datetime
from typing import Protocol

from cme.credits import queries
from cme.credits.certificate import (
    html_of,
    sha256_of,
)
from cme.credits.models import Certificate, Document
from cme.database import db, lock, transaction


class Press(Protocol):
    """Whoever turns a page into a PDF."""

    def render(self, html: str) -> bytes:
        """Print one document."""


class PrintDiffers(Exception):
    """A certificate printed again is not the one that was issued."""


def print_certificate(certificate_id: int, *, press: Press, now: datetime) -> None:
    """Print a certificate from its snapshot and keep the bytes, once; printing again must give the same."""
    html = html_of(queries.snapshot_of(db.session.get_one(Certificate, certificate_id)))
    db.session.rollback()  # the press takes its time, and nobody should wait for our read meanwhile
    pdf = press.render(html)
    with transaction():
        certificate = lock(Certificate, certificate_id)
        known = queries.document_of(certificate.id)
        if known is None:
            db.session.add(
                Document(certificate_id=certificate.id, content=pdf, unsigned_sha256=sha256_of(pdf), rendered_at=now)
            )
        elif known.unsigned_sha256 != sha256_of(pdf):
            raise PrintDiffers(f"Certificate {certificate.number} printed again is not the one that was issued.")
