"""How every letter about a registration is written."""

from datetime import datetime
from typing import Any

from cme.mail import Letter, write_letter
from cme.registration.models import Registration


def write(name: str, registration: Registration, key: str, subject: str, *, at: datetime, **words: Any) -> Letter:
    """Write one letter to the person who goes; the key makes it one."""
    account = registration.account
    return write_letter(
        f"registration/{name}",
        key=key,
        to=account.email,
        subject=subject,
        at=at,
        account_id=account.id,
        registration=registration,
        seminar=registration.seminar,
        offering=registration.offering,
        account=account,
        **words,
    )
