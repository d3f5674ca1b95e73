"""What is known of accounts."""

import hashlib
from datetime import datetime

from sqlalchemy import select

from cme.accounts.models import Account, LoginSession
from cme.database import db


def hash_of(secret: str) -> str:
    """The form in which a random secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def signed_in(sign_in_id: str, *, now: datetime) -> Account | None:
    """The person a sign-in belongs to, while it lasts."""
    found = db.session.execute(
        select(Account)
        .join(LoginSession, LoginSession.account_id == Account.id)
        .where(
            LoginSession.id_hash == hash_of(sign_in_id),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > now,
            Account.status == "active",
        )
    ).scalar_one_or_none()
    if found is not None:
        found.__dict__["sign_in_id"] = sign_in_id
    return found
