"""The letter that the certificate is ready."""

from datetime import datetime

from cme.credits.certificate import Snapshot
from cme.credits.models import Certificate
from cme.mail import Letter, write_letter
from cme.registration.models import Registration


def certificate_issued(
    registration: Registration, certificate: Certificate, snapshot: Snapshot, *, at: datetime
) -> Letter:
    """Send the way to the certificate, and the number under which others can verify it."""
    account = registration.account
    return write_letter(
        "credits/certificate",
        key=f"certificate:{certificate.code}",
        to=account.email,
        subject=f"Your certificate: {snapshot.activity_title}",
        at=at,
        account_id=account.id,
        certificate=certificate,
        snapshot=snapshot,
    )
