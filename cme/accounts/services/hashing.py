"""Passwords as they are kept: Argon2id, slow on purpose and never more than two at once."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# Each hash takes 19 MiB and a processor: a crowd at the door waits here instead of taking the whole house down.
HASHING = threading.BoundedSemaphore(2)
# The hash of a password nobody was told: a sign-in without an account takes as long as any other.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$Snt6YBfRJU5cvFTo2fhiXA$iH1QR23v5b7zJfRmvKP2ZkL7ZmF5SDg7xg17c5LooXs"


def _exact(password: str) -> str:
    """Every character counts; only how a keyboard composes a letter with its accent does not."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """The form in which a password is kept."""
    with HASHING:
        return HASHER.hash(_exact(password))


def is_password(kept: str, password: str) -> bool:
    """Whether this is the password; an account without one has none that fits."""
    with HASHING:
        try:
            return HASHER.verify(kept, _exact(password))
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with less work than we ask today."""
    return HASHER.check_needs_rehash(kept)
