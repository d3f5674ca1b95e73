"""Throwing away what has run out."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from cme.accounts.models import LoginSession, OneTimeLink
from cme.database import rows, transaction

LINKS_KEPT = timedelta(days=1)  # long enough to tell a late visitor that the link has expired
SIGN_INS_KEPT = timedelta(days=30)


def tidy(*, now: datetime) -> dict[str, int]:
    """Forget links that expired and sign-ins that ended, and say how many."""
    with transaction() as session:
        links = session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at <= now - LINKS_KEPT))
        long_ago = now - SIGN_INS_KEPT
        over = or_(LoginSession.ended_at <= long_ago, LoginSession.expires_at <= long_ago)
        sign_ins = session.execute(delete(LoginSession).where(over))
        return {"links": rows(links), "sign_ins": rows(sign_ins)}
