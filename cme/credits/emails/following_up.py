"""The letter three months after a seminar."""

from datetime import datetime

from cme.mail import Letter, write_letter
from cme.registration.models import Registration


def follow_up_asked(registration: Registration, *, at: datetime) -> Letter:
    """Ask what somebody changed since."""
    account = registration.account
    return write_letter(
        "credits/follow_up",
        key=f"follow-up:{registration.id}",
        to=account.email,
        subject=f"Three months on: {registration.seminar.title}",
        at=at,
        account_id=account.id,
        registration=registration,
        seminar=registration.seminar,
    )
