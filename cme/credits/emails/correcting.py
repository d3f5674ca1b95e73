"""Letters about what staff decided afterwards: a claim corrected or withdrawn, more time granted or refused."""

from collections.abc import Sequence
from datetime import datetime

from cme.credits.certificate import Snapshot
from cme.credits.models import Extension
from cme.mail import Letter, write_letter
from cme.registration.models import Registration


def claim_corrected(
    registration: Registration, papers: Sequence[Snapshot], replaced: Sequence[str], why: str, *, at: datetime
) -> Letter:
    """Send the way to the new certificates, and say which ones count no more and why."""
    account = registration.account
    return write_letter(
        "credits/claim_corrected",
        key=f"claim-corrected:{papers[0].code}",
        to=account.email,
        subject=f"Your corrected certificate: {papers[0].activity_title}",
        at=at,
        account_id=account.id,
        papers=papers,
        replaced=replaced,
        why=why,
    )


def claim_withdrawn(registration: Registration, numbers: Sequence[str], why: str, *, at: datetime) -> Letter:
    """Say that credit counts no more, why, and whom to ask."""
    account, title = registration.account, registration.seminar.title
    return write_letter(
        "credits/claim_withdrawn",
        key=f"claim-withdrawn:{numbers[0]}",
        to=account.email,
        subject=f"Your certificate was withdrawn: {title}",
        at=at,
        account_id=account.id,
        title=title,
        numbers=numbers,
        why=why,
    )


def extension_decided(registration: Registration, extension: Extension, *, at: datetime) -> Letter:
    """Say until when credit can be claimed after all, or why it cannot."""
    account, seminar = registration.account, registration.seminar
    granted = extension.until is not None
    subject = "You have more time to claim" if granted else "About your request for more time"
    return write_letter(
        "credits/extension_decided",
        key=f"extension-decided:{extension.id}",
        to=account.email,
        subject=f"{subject}: {seminar.title}",
        at=at,
        account_id=account.id,
        extension=extension,
        title=seminar.title,
        page=f"/registrations/{registration.ref}/claim",
    )
