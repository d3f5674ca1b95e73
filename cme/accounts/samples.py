"""The letters of this room about somebody invented, for staff to look at."""

from datetime import timedelta

from cme.accounts import emails
from cme.accounts.models import Account
from cme.mail import Sample

SOMEBODY = "jordan@example.org"
SAMPLE = "sample"


def somebody() -> Account:
    """A physician who never was."""
    return Account(id=0, email=SOMEBODY, professional_name="Jordan A. Sample, MD", certification_type="md")


SAMPLES = {
    "accounts/join": Sample(
        "When somebody asks for an account",
        "The address that was typed",
        lambda at: emails.join(SOMEBODY, SAMPLE, form_id=SAMPLE, until=at + timedelta(days=1), at=at),
    ),
    "accounts/already_joined": Sample(
        "When somebody asks for an account with an address that has one",
        "The owner of the account",
        lambda at: emails.already_joined(SOMEBODY, 0, form_id=SAMPLE, at=at),
    ),
    "accounts/reset": Sample(
        "When somebody forgot the password",
        "The owner of the account",
        lambda at: emails.reset(SOMEBODY, 0, SAMPLE, form_id=SAMPLE, until=at + timedelta(hours=1), at=at),
    ),
    "accounts/password_changed": Sample(
        "When a password was changed",
        "The owner of the account",
        lambda at: emails.password_changed(somebody(), key=SAMPLE, at=at),
    ),
}
