"""Joining: ask, read the letter, finish; from outside every asking looks alike, so nobody learns who has an account."""

from datetime import datetime, timedelta
from typing import NamedTuple

from cme import audit, limits, settings
from cme.accounts import emails, queries, rules
from cme.accounts.models import Account
from cme.accounts.services.hashing import hash_password
from cme.accounts.services.links import LIFETIMES, close_links, new_link, take_link
from cme.accounts.services.passwords import check_password
from cme.database import refusing, retried, transaction
from cme.errors import TooManyTries

HOUR = timedelta(hours=1)


class Joined(NamedTuple):
    """A new account, and the page its person was on the way to."""

    account_id: int
    next_path: str | None


@retried
def ask_to_join(
    email: str, password: str, *, form_id: str, address: str, now: datetime, next_path: str | None = None
) -> None:
    """Send a letter that lets the owner of the address finish, or one that says they have an account already."""
    check_password(password, email)
    key = rules.email_key(email)
    try:
        limits.count("join", address, key, most=5, per=HOUR, now=now)
        limits.count("join", address, most=20, per=HOUR, now=now)
    except TooManyTries as refusal:
        raise TooManyTries("Too many accounts were asked for from here. Wait an hour, then try again.") from refusal
    password_hash = hash_password(password)  # for those who have an account too: the answer takes its time either way
    with transaction():
        known = queries.holder_of(email)
        token = new_link(
            "join",
            form_id=form_id,
            now=now,
            email=key,
            account_id=known.id if known else None,
            password_hash=None if known else password_hash,
            payload={"email": email.strip(), "next": next_path},
        )
        if token is None:
            return
        if known:
            emails.already_joined(known.email, known.id, form_id=form_id, at=now)
        else:
            emails.join(email.strip(), token, form_id=form_id, until=now + LIFETIMES["join"], at=now)


@retried
def finish_joining(token: str, *, now: datetime) -> Joined:
    """Make the account its letter promised; the link works once, however many tabs it is opened in."""
    with transaction() as session, refusing(uq_account_email_key=rules.AlreadyJoined):
        link = take_link("join", token, now=now)
        if link.password_hash is None or link.payload is None:
            raise rules.LinkSpent
        account = Account(
            email=link.payload["email"],
            email_key=link.email,
            password_hash=link.password_hash,
            form_id=link.form_id,
            terms_version=settings.terms_version(),
            created_at=now,
            updated_at=now,
        )
        session.add(account)
        session.flush()
        link.account_id, link.password_hash = account.id, None
        next_path = link.payload["next"]
        close_links("join", email=link.email, now=now)
        audit.record(account, "joined", account, at=now, personal={"email": account.email})
        return Joined(account.id, next_path)
