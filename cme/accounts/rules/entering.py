"""Who may come in: e-mail addresses, passwords, how long a sign-in lasts."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from cme.errors import Refusal


def email_key(email: str) -> str:
    """The form in which two addresses are the same: case apart, dots and +tags as they are."""
    return unicodedata.normalize("NFC", email.strip()).casefold()


LEAST_PASSWORD, MOST_PASSWORD = 12, 256


class WeakPassword(Refusal):
    """The password is one that others would try."""

    message = "This password is easy to guess. Choose a longer one, or a few words that do not belong together."
    status = 422


def check_password(password: str, email: str) -> None:
    """Let a new password pass by its length and what it tells of its owner; what it is made of is free."""
    if len(password) < LEAST_PASSWORD:
        raise WeakPassword(f"Enter a password of at least {LEAST_PASSWORD} characters")
    if len(password) > MOST_PASSWORD:
        raise WeakPassword(f"Enter a password of {MOST_PASSWORD} characters or fewer")
    key = email_key(email)
    own = [part for part in (key, key.partition("@")[0]) if len(part) > 4]
    if any(part in password.casefold() for part in own):
        raise WeakPassword("Enter a password that does not contain your email address")


class WrongSignIn(Refusal):
    """Nobody signs in with this email and this password; which of the two is wrong is not told."""

    message = "The email or the password is not right. Check both and try again."
    status = 422


class WrongPassword(Refusal):
    """The password that should prove who is asking is not theirs."""

    message = "Enter your current password"
    status = 422


class LinkSpent(Refusal):
    """A link from a letter was used, has expired, or never was."""

    message = "This link no longer works."
    status = 410


class AlreadyJoined(Refusal):
    """The address got its account by another link."""

    message = "There is an account with this address already. Sign in to it."


class NobodyThere(Refusal):
    """No account, or no role, has this name."""

    message = "There is no account with this address. The person joins first, then gets the role."


@dataclass(frozen=True)
class Stay:
    """How long a sign-in lasts: without a word from the browser, and at most."""

    idle: timedelta
    total: timedelta


STAFF_STAY = Stay(idle=timedelta(hours=1), total=timedelta(hours=12))
VISIT = Stay(idle=timedelta(hours=24), total=timedelta(hours=24))
KEPT = Stay(idle=timedelta(hours=24), total=timedelta(days=30))


def stay(*, is_staff: bool, keep: bool) -> Stay:
    """How long this person's sign-in lasts; staff see other people's records and are asked more often."""
    return STAFF_STAY if is_staff else KEPT if keep else VISIT


BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
SPOKEN = {"Edg": "Edge", "OPR": "Opera", "Mac OS": "Mac"}


def device(user_agent: str) -> str:
    """A browser's name for itself, as short as people say it: Firefox on Windows."""
    found = [next((name for name in names if name in user_agent), None) for names in (BROWSERS, SYSTEMS)]
    return " on ".join(SPOKEN.get(name, name) for name in found if name) or "A browser"
