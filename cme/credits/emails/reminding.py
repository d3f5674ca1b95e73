"""The letter to somebody who took part and has not claimed."""

from datetime import date, datetime

from cme.mail import Letter, write_letter
from cme.registration.models import Registration


def reminder_key(registration: Registration, day: date) -> str:
    """The name of the letter: one to a person in a day."""
    return f"claim-reminder:{registration.id}:{day}"


def claim_reminder(registration: Registration, *, key: str, lacks: str, until: datetime | None, at: datetime) -> Letter:
    """Say that credit waits, what has to be done first, and until when."""
    account, seminar = registration.account, registration.seminar
    return write_letter(
        "credits/claim_reminder",
        key=key,
        to=account.email,
        subject=f"Claim your credit: {seminar.title}",
        at=at,
        account_id=account.id,
        seminar=seminar,
        lacks=lacks,
        until=until,
        page=f"/registrations/{registration.ref}/claim",
    )
