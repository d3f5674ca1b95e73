"""Credentials: a certificate as machines read it, signed once and kept, and a list of those that no longer stand."""

import secrets
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select

from cme import settings
from cme.credits import credential, queries
from cme.credits.models import Certificate, IssuerKey
from cme.database import db, insert, lock, retried, transaction


class Issuer(Protocol):
    """Whoever signs certificates."""

    certificate_pem: str
    is_demo: bool

    @property
    def key_id(self) -> str:
        """The name of the key."""

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half of the key."""

    def sign_pdf(self, pdf: bytes, *, at: datetime) -> bytes:
        """Sign a PDF so that every later change shows."""

    def sign_token(self, claims: dict[str, Any], *, kid: str, typ: str = "JWT") -> str:
        """Sign a credential."""


def remember_key(issuer: Issuer, *, now: datetime) -> None:
    """Keep the public half of a key that signs, inside the caller's transaction, to publish it as long as we exist."""
    row = insert(IssuerKey).values(
        key_id=issuer.key_id,
        jwk=issuer.jwk,
        certificate_pem=issuer.certificate_pem,
        is_demo=issuer.is_demo,
        first_used_at=now,
    )
    db.session.execute(row.on_conflict_do_nothing(index_elements=[IssuerKey.key_id]))


@retried
def credential_of(certificate_id: int, *, issuer: Issuer, now: datetime) -> str:
    """The credential of a certificate, signed when first asked for and the same for ever after."""
    with transaction():
        certificate = lock(Certificate, certificate_id)
        if certificate.credential is None:
            remember_key(issuer, now=now)
            certificate.status_index = _free_place()
            claims = credential.claims_of(
                certificate, queries.snapshot_of(certificate), public_url=settings.public_url("")
            )
            kid = credential.key_url(settings.public_url(""), issuer.key_id)
            certificate.credential = issuer.sign_token(claims, kid=kid)
        token = certificate.credential
    return token


def _free_place() -> int:
    """Draw a place in a status list, so that places do not tell who claimed after whom; a list is filled by half."""
    begun = db.session.scalar(select(func.count(Certificate.status_index))) or 0
    first = begun // (credential.PLACES // 2) * credential.PLACES
    while queries.is_place_taken(place := first + secrets.randbelow(credential.PLACES)):
        pass
    return place
