"""Links that work once: the letter carries the token, the row only its hash."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from cme.accounts.models import OneTimeLink
from cme.accounts.queries import hash_of
from cme.accounts.rules import LinkSpent
from cme.database import db, insert

LIFETIMES = {"join": timedelta(hours=24), "reset": timedelta(hours=1)}


def new_link(purpose: str, *, form_id: str, now: datetime, **facts: Any) -> str | None:
    """Draw a link and give its token, inside the caller's transaction; None when this form has been sent before."""
    token = secrets.token_urlsafe(32)
    drawn = insert(OneTimeLink).values(
        purpose=purpose,
        token_hash=hash_of(token),
        form_id=form_id,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
        **facts,
    )
    once = drawn.on_conflict_do_nothing(index_elements=[OneTimeLink.form_id]).returning(OneTimeLink.id)
    return token if db.session.scalar(once) else None


def take_link(purpose: str, token: str, *, now: datetime) -> OneTimeLink:
    """Hold a link that still works and use it up, inside the caller's transaction."""
    wanted = select(OneTimeLink).where(OneTimeLink.token_hash == hash_of(token), OneTimeLink.purpose == purpose)
    link = db.session.scalar(wanted.with_for_update())
    if link is None or not link.is_open(now):
        raise LinkSpent
    link.used_at = now
    return link


def close_links(purpose: str, *, now: datetime, **whose: Any) -> None:
    """Let no other link of this person work any more, and forget what such links kept."""
    others = update(OneTimeLink).where(OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None))
    db.session.execute(others.filter_by(**whose).values(used_at=now, password_hash=None))
