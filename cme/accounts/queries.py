"""What is known of accounts."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import joinedload

from cme.accounts import rules
from cme.accounts.models import Account, Identifier, LoginSession, OneTimeLink
from cme.database import db

PEOPLE_PER_PAGE = 50


def hash_of(secret: str) -> str:
    """The form in which a random secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


# Written once, for it is asked at every visit; with the roles, for every page asks what this person may.
LASTING = (
    select(Account, LoginSession)
    .join(LoginSession, LoginSession.account_id == Account.id)
    .where(
        LoginSession.id_hash == bindparam("id_hash"),
        LoginSession.ended_at.is_(None),
        LoginSession.expires_at > bindparam("now"),
        Account.status == "active",
    )
    .options(joinedload(Account.roles))
)


def signed_in(sign_in_id: str, *, now: datetime) -> Account | None:
    """The person a sign-in belongs to, while it lasts."""
    found = db.session.execute(LASTING, {"id_hash": hash_of(sign_in_id), "now": now}).unique().one_or_none()
    if found is None:
        return None
    account, sign_in = found
    if sign_in.last_seen_at + rules.stay(is_staff=account.is_staff, keep=sign_in.keep).idle <= now:
        return None
    return account.came_by(sign_in_id, sign_in.last_seen_at)


def whose_sign_in(sign_in_id: str) -> int | None:
    """The number of the account a sign-in belongs to, whether it still lasts or has ended."""
    return db.session.scalar(select(LoginSession.account_id).where(LoginSession.id_hash == hash_of(sign_in_id)))


def account_by_email(email: str) -> Account | None:
    """The account with this address."""
    return db.session.scalar(select(Account).where(Account.email_key == rules.email_key(email)))


class Holder(NamedTuple):
    """Who holds an address, as far as strangers at the door may make us look."""

    id: int
    email: str
    status: str
    password_hash: str


def holder_of(email: str) -> Holder | None:
    """Who holds this address; their roles stay unread, so that finding somebody takes as long as finding nobody."""
    wanted = select(Account.id, Account.email, Account.status, Account.password_hash)
    found = db.session.execute(wanted.where(Account.email_key == rules.email_key(email))).one_or_none()
    return Holder(*found) if found else None


def link(purpose: str, token: str) -> OneTimeLink | None:
    """The link that was sent with this token, whether it still works or not."""
    wanted = select(OneTimeLink).where(OneTimeLink.token_hash == hash_of(token), OneTimeLink.purpose == purpose)
    return db.session.scalar(wanted)


def owner_of(link: OneTimeLink) -> Account | None:
    """Whose link it is, if they can sign in."""
    owner = db.session.get(Account, link.account_id) if link.account_id else None
    return owner if owner is not None and owner.status == "active" else None


def sign_ins_of(account_id: int, *, now: datetime) -> list[LoginSession]:
    """Where a person is signed in, the latest first."""
    still = (LoginSession.ended_at.is_(None), LoginSession.expires_at > now)
    mine = select(LoginSession).where(LoginSession.account_id == account_id, *still)
    return list(db.session.scalars(mine.order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())))


def identifiers_of(account_id: int) -> dict[str, str]:
    """The numbers others know a person by, by kind."""
    mine = select(Identifier.kind, Identifier.value).where(Identifier.account_id == account_id)
    return {kind: value for kind, value in db.session.execute(mine)}


def people(words: str, *, page: int) -> Pagination:
    """The people whose address or name contains these words, page by page."""
    wanted = select(Account).order_by(Account.email_key)
    if words:
        in_name = Account.professional_name.icontains(words, autoescape=True)
        wanted = wanted.where(or_(Account.email_key.contains(rules.email_key(words), autoescape=True), in_name))
    return db.paginate(wanted, page=page, per_page=PEOPLE_PER_PAGE, max_per_page=PEOPLE_PER_PAGE, error_out=False)
