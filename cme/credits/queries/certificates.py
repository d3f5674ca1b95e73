"""What is known of certificates."""

from sqlalchemy import func, select

from cme.credits import numbers
from cme.credits.certificate import Snapshot
from cme.credits.models import LEARNING, VALID, Award, Certificate, Claim, Document
from cme.database import db


def is_number_taken(number: str) -> bool:
    """Whether a certificate carries this number."""
    return db.session.scalar(select(Certificate.id).where(Certificate.number == number)) is not None


def certificate_of(account_id: int, code: str) -> Certificate | None:
    """A person's own certificate."""
    return db.session.scalar(select(Certificate).where(Certificate.account_id == account_id, Certificate.code == code))


def certificate_by_code(code: str) -> Certificate | None:
    """The certificate a link or a QR code leads to."""
    return db.session.scalar(select(Certificate).where(Certificate.code == code))


def certificate_by_number(typed: str, name: str) -> Certificate | None:
    """The certificate somebody has in hand, told by its number and a word of the name on it."""
    number = numbers.read_number(typed, "")
    if number is None:
        return None
    # Without its prefix a number is found by the rest: the provider may have had another name when it was drawn.
    same = Certificate.number.endswith(number) if number.startswith("-") else Certificate.number == number
    found = db.session.scalar(select(Certificate).where(same))
    if found is None or not numbers.is_named(name, snapshot_of(found).professional_name):
        return None
    return found


def snapshot_of(certificate: Certificate) -> Snapshot:
    """Every printed word of a certificate."""
    return Snapshot.from_json(certificate.snapshot)


def document_of(certificate_id: int) -> Document | None:
    """The printed bytes of a certificate, once the press has printed them."""
    return db.session.scalar(select(Document).where(Document.certificate_id == certificate_id))


def certificate_of_registration(registration_id: int, kind: str = LEARNING) -> Certificate | None:
    """The certificate of the claim that counts: of what was learned, or of what was taught."""
    chosen = select(Certificate).join(Award).join(Claim).where(Claim.registration_id == registration_id)
    chosen = chosen.where(Claim.status == VALID, Claim.kind == kind)
    return db.session.scalar(chosen.order_by(Certificate.id).limit(1))


def is_place_taken(place: int) -> bool:
    """Whether a place in the status lists belongs to a certificate already."""
    return db.session.scalar(select(Certificate.id).where(Certificate.status_index == place)) is not None


def revoked_places(number: int, size: int) -> list[int]:
    """The places in one status list whose certificates no longer stand, counted from its first."""
    first = number * size
    places = select(Certificate.status_index - first).where(
        Certificate.status_index.between(first, first + size - 1), Certificate.status != VALID
    )
    return list(db.session.scalars(places))


def last_place() -> int:
    """The highest place in the status lists that belongs to a certificate."""
    return db.session.scalar(select(func.max(Certificate.status_index))) or 0


def successor_of(certificate: Certificate, account_id: int) -> Certificate | None:
    """The certificate that took the place of one, for its owner: others must ask them for it."""
    if certificate.superseded_by is None or certificate.account_id != account_id:
        return None
    return db.session.get(Certificate, certificate.superseded_by)
