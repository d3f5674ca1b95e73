"""The letters of this room: to join, and about the password."""

from datetime import datetime

from cme import settings
from cme.accounts.models import Account
from cme.mail import Letter, write_letter


def join(email: str, token: str, *, form_id: str, until: datetime, at: datetime) -> Letter:
    """Send whoever owns an address the link with which they finish their account."""
    return write_letter(
        "accounts/join",
        key=f"join:{form_id}",
        to=email,
        subject="Finish creating your account",
        at=at,
        link=settings.public_url(f"/verify-email/{token}"),
        until=until,
    )


def already_joined(email: str, account_id: int, *, form_id: str, at: datetime) -> Letter:
    """Say to the owner of an account that they have one."""
    return write_letter(
        "accounts/already_joined",
        key=f"already-joined:{form_id}",
        to=email,
        subject=f"You have an account with {settings.provider().name}",
        at=at,
        account_id=account_id,
        sign_in=settings.public_url("/sign-in"),
        forgot=settings.public_url("/forgot-password"),
    )


def reset(email: str, account_id: int | None, token: str, *, form_id: str, until: datetime, at: datetime) -> Letter:
    """Send the link to choose a new password; written for a stranger too, whose letter is torn up."""
    return write_letter(
        "accounts/reset",
        key=f"reset:{form_id}",
        to=email,
        subject="Choose a new password",
        at=at,
        account_id=account_id,
        link=settings.public_url(f"/reset-password/{token}"),
        until=until,
    )


def password_changed(account: Account, *, key: str, at: datetime) -> Letter:
    """Tell the owner of an account that its password was changed."""
    return write_letter(
        "accounts/password_changed",
        key=f"password-changed:{key}",
        to=account.email,
        subject="Your password was changed",
        at=at,
        account_id=account.id,
        changed_at=at,
    )
