"""Signing in and out: a sign-in is a row that can be ended; the browser holds its random id, the row the hash."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update

from cme import limits
from cme.accounts import queries, rules
from cme.accounts.models import Account, LoginSession
from cme.accounts.services.hashing import NOBODYS, hash_password, is_outdated, is_password
from cme.database import db, lock, retried, rows, transaction
from cme.errors import Refusal

WINDOW = timedelta(minutes=5)
MOST_FROM_ONE_ADDRESS, MOST_FROM_EVERYWHERE = 10, 100
NOTICED_EVERY = timedelta(minutes=1)


def _let_try(key: str, address: str, now: datetime) -> None:
    limits.check("sign-in", key, address, most=MOST_FROM_ONE_ADDRESS, now=now)
    limits.check("sign-in", key, most=MOST_FROM_EVERYWHERE, now=now)
    db.session.rollback()  # nothing is held, and nothing goes stale, while a password is hashed


def prove(email: str, kept: str | None, password: str, *, address: str, now: datetime, refusal: type[Refusal]) -> str:
    """Let the right password pass and give its hash; refuse a wrong one, and take as long where there is none."""
    key = rules.email_key(email)
    _let_try(key, address, now)
    fits = is_password(kept or NOBODYS, password)
    _let_try(key, address, now)  # tries that came at the same time are counted by now
    if kept is None or not fits:
        limits.count("sign-in", key, address, most=MOST_FROM_ONE_ADDRESS, per=WINDOW, now=now)
        limits.count("sign-in", key, most=MOST_FROM_EVERYWHERE, per=WINDOW, now=now)
        raise refusal
    limits.forget("sign-in", key, address)
    limits.forget("sign-in", key)
    return kept


@retried
def sign_in(email: str, password: str, *, keep: bool, user_agent: str, address: str, now: datetime) -> str:
    """Let a person in who knows their password, and give the id of the new sign-in."""
    found = queries.holder_of(email)
    account_id, known = (found.id, found.password_hash) if found else (0, None)
    kept = prove(email, known, password, address=address, now=now, refusal=rules.WrongSignIn)
    renewed = hash_password(password) if is_outdated(kept) else kept
    with transaction():
        account = lock(Account, account_id)
        if account.password_hash == kept:
            account.password_hash = renewed
            return _new_sign_in(account, keep=keep, user_agent=user_agent, now=now)
    # The password was changed while we looked at the old one: look again.
    return sign_in(email, password, keep=keep, user_agent=user_agent, address=address, now=now)


@retried
def open_sign_in(account_id: int, *, user_agent: str, now: datetime) -> str:
    """Let a person in who has just proven who they are in another way."""
    with transaction():
        return _new_sign_in(lock(Account, account_id), keep=False, user_agent=user_agent, now=now)


def _new_sign_in(account: Account, *, keep: bool, user_agent: str, now: datetime) -> str:
    if account.status != "active":
        raise rules.WrongSignIn
    sign_in_id = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(
            account_id=account.id,
            id_hash=queries.hash_of(sign_in_id),
            keep=keep,
            user_agent=user_agent[:250],
            created_at=now,
            last_seen_at=now,
            expires_at=now + rules.stay(is_staff=account.is_staff, keep=keep).total,
        )
    )
    return sign_in_id


@retried
def notice(sign_in_id: str, last_seen_at: datetime, *, now: datetime) -> None:
    """Remember that a person is still here; once a minute is often enough."""
    if now - last_seen_at < NOTICED_EVERY:
        return
    with transaction() as session:
        mine = (LoginSession.id_hash == queries.hash_of(sign_in_id), LoginSession.last_seen_at < now)
        session.execute(update(LoginSession).where(*mine).values(last_seen_at=now))


@retried
def sign_out(sign_in_id: str, *, now: datetime) -> None:
    """End a sign-in; a copy of its cookie is worth nothing from now on."""
    with transaction() as session:
        mine = (LoginSession.id_hash == queries.hash_of(sign_in_id), LoginSession.ended_at.is_(None))
        session.execute(update(LoginSession).where(*mine).values(ended_at=now))


@retried
def end_other_sign_ins(account_id: int, sign_in_id: str | None, *, now: datetime) -> int:
    """End every sign-in of a person but the one they ask from, and say how many that were."""
    with transaction():
        return end_sign_ins(account_id, now=now, but=sign_in_id)


def end_sign_ins(account_id: int, *, now: datetime, but: str | None = None) -> int:
    """End a person's sign-ins, inside the caller's transaction."""
    theirs = [LoginSession.account_id == account_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > now]
    if but is not None:
        theirs.append(LoginSession.id_hash != queries.hash_of(but))
    return rows(db.session.execute(update(LoginSession).where(*theirs).values(ended_at=now)))
