"""New passwords: which may be chosen, and changing one's own."""

from datetime import datetime

from zxcvbn import zxcvbn

from cme import audit
from cme.accounts import emails, rules
from cme.accounts.models import Account
from cme.accounts.services.hashing import hash_password
from cme.accounts.services.signing_in import end_sign_ins, prove
from cme.database import db, lock, retried, transaction
from cme.values import new_code

LEAST_SCORE = 3  # of 4: more than a hundred million guesses
LONGEST_GUESSED = 72  # what lies beyond only makes it harder, and would take long to judge


def check_password(password: str, email: str) -> None:
    """Let a new password pass, or say what is wrong with it."""
    rules.check_password(password, email)
    known = [email, *email.replace("@", ".").split(".")]
    if zxcvbn(password[:LONGEST_GUESSED], user_inputs=known)["score"] < LEAST_SCORE:
        raise rules.WeakPassword


def replace_password(account: Account, password_hash: str, *, did: str, now: datetime) -> None:
    """Keep a new password and tell its owner, inside the caller's transaction."""
    account.password_hash, account.updated_at = password_hash, now
    emails.password_changed(account, key=new_code(), at=now)
    audit.record(account, did, account, at=now)


@retried
def change_password(
    account_id: int, current: str, new: str, *, sign_in_id: str | None, address: str, now: datetime
) -> None:
    """Change the password for someone who knows the old one, and end their other sign-ins."""
    account = db.session.get_one(Account, account_id)
    email, kept = account.email, account.password_hash
    check_password(new, email)
    prove(email, kept, current, address=address, now=now, refusal=rules.WrongPassword)
    password_hash = hash_password(new)
    with transaction():
        account = lock(Account, account_id)
        if account.password_hash != kept:  # somebody reset it while we looked at the old one
            raise rules.WrongPassword
        end_sign_ins(account_id, now=now, but=sign_in_id)
        replace_password(account, password_hash, did="changed password", now=now)
