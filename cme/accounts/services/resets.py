"""Forgotten passwords: from outside nobody can tell whether an address has an account."""

from contextlib import suppress
from datetime import datetime, timedelta

from cme import limits
from cme.accounts import emails, queries, rules
from cme.accounts.models import Account
from cme.accounts.services.hashing import hash_password
from cme.accounts.services.links import LIFETIMES, close_links, new_link, take_link
from cme.accounts.services.passwords import check_password, replace_password
from cme.accounts.services.signing_in import end_sign_ins
from cme.database import db, lock, retried, transaction
from cme.errors import TooManyTries

LETTERS_A_DAY = 5
ASKED_FROM_ONE_ADDRESS = 20


class _TornUp(Exception):
    """The letter was for nobody."""


@retried
def ask_for_reset(email: str, *, form_id: str, address: str, now: datetime) -> None:
    """Send the owner of an account a link to choose a new password; send a stranger nothing and say nothing."""
    try:
        limits.count("reset", address, most=ASKED_FROM_ONE_ADDRESS, per=timedelta(hours=1), now=now)
    except TooManyTries as refusal:
        raise TooManyTries("Too many letters were asked for from here. Wait an hour, then try again.") from refusal
    try:
        limits.count("reset-letters", rules.email_key(email), most=LETTERS_A_DAY, per=timedelta(days=1), now=now)
    except TooManyTries:
        return  # nobody's mailbox is to be flooded, and nobody is to learn whose it would be
    with transaction() as session:
        found = queries.holder_of(email)
        account = found if found and found.status == "active" else None
        token = new_link("reset", form_id=form_id, now=now, account_id=account.id if account else None)
        if token is None:
            return
        # A stranger's letter is written too and torn up at once, so that both answers take the same time.
        with suppress(_TornUp), session.begin_nested():
            to, number = (account.email, account.id) if account else (email, None)
            emails.reset(to, number, token, form_id=form_id, until=now + LIFETIMES["reset"], at=now)
            if account is None:
                raise _TornUp


@retried
def reset_password(token: str, password: str, *, now: datetime) -> None:
    """Choose a new password by a letter's link; all sign-ins end, for whoever had the old one may be among them."""
    link = queries.link("reset", token)
    if link is None or not link.is_open(now) or link.account_id is None:
        raise rules.LinkSpent
    email = db.session.get_one(Account, link.account_id).email
    check_password(password, email)
    db.session.rollback()
    password_hash = hash_password(password)
    with transaction():
        link = take_link("reset", token, now=now)
        account = lock(Account, link.account_id)
        if account.status != "active":
            raise rules.LinkSpent
        close_links("reset", now=now, account_id=account.id)
        end_sign_ins(account.id, now=now)
        replace_password(account, password_hash, did="reset password", now=now)
    limits.forget("sign-in", rules.email_key(email))
