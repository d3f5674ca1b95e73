"""What somebody had typed when their sign-in ended: it waits, sealed, on the sign-in page, for nobody but them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

LASTS = timedelta(hours=24)
MOST = 200_000  # bytes of a form as it was sent


class Words(NamedTuple):
    """A form that was not taken: whose it is, when it came, where it was to go, and its fields in their order."""

    account_id: int
    sent_at: float
    path: str
    fields: list[tuple[str, str]]


def is_worth_keeping(name: str) -> bool:
    """Whether a field holds words of a person: no token of the old page, and never a password."""
    name = name.casefold()
    return name not in {"csrf_token", "current"} and "password" not in name and not name.startswith("new")


def typed(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The fields of a sent form that may be shown to its person again."""
    return [(name, value) for name, value in form.items(multi=True) if is_worth_keeping(name)]


def _sealer() -> URLSafeSerializer:
    config = current_app.config
    return URLSafeSerializer([*config["SECRET_KEY_FALLBACKS"], config["SECRET_KEY"]], salt="kept words")


def seal(words: Words) -> str:
    """Close the words with a seal that only this house can make."""
    return str(_sealer().dumps(words))


def unseal(sealed: str | None, account_id: int, *, now: datetime) -> Words | None:
    """The words under a seal of ours, if they are this person's and not too old."""
    try:
        words = Words(*_sealer().loads(sealed or ""))
    except BadSignature:
        return None
    fresh = now - LASTS < datetime.fromtimestamp(words.sent_at, now.tzinfo)
    return words if fresh and words.account_id == account_id else None
