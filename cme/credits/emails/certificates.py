"""The letter that the certificate is ready."""

from collections.abc import Sequence
from datetime import datetime

from cme.credits.certificate import Snapshot
from cme.credits.models import Certificate
from cme.mail import Letter, write_letter
from cme.registration.models import Registration


def certificate_issued(
    registration: Registration,
    certificate: Certificate,
    snapshot: Snapshot,
    *,
    at: datetime,
    further: Sequence[Snapshot] = (),
) -> Letter:
    """Send the way to the certificate and to further ones of the same claim, and the numbers to verify them by."""
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
        further=further,
    )
