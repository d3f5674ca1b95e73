"""The provider's settings and the texts for everybody: each saving is a new version, the older stay."""

from datetime import datetime

from flask import g

from cme import audit, settings
from cme.accounts.models import Account
from cme.database import refusing, retried, transaction
from cme.errors import EditedMeanwhile


def _save(key: str, value: dict[str, object], *, version: int, by: Account | None, now: datetime) -> settings.Setting:
    with transaction() as session, refusing(uq_setting_key_version=EditedMeanwhile):
        current = settings.current(key)
        if version != (current.version if current else 0):
            raise EditedMeanwhile
        saved = settings.save(key, value, by=by.id if by else None, at=now)
        session.flush()
        audit.record(by, "saved setting", saved, at=now, key=key, version=saved.version)
    g.pop("provider", None)
    return saved


@retried
def save_provider(provider: settings.Provider, *, version: int, by: Account | None, now: datetime) -> settings.Setting:
    """Decide how the provider introduces itself and which policies hold from now on."""
    return _save("provider", provider.to_json(), version=version, by=by, now=now)


@retried
def save_text(key: str, title: str, body: str, *, version: int, by: Account | None, now: datetime) -> settings.Setting:
    """Put a new version of a text before everybody."""
    return _save(f"text:{key}", {"title": title, "body": body}, version=version, by=by, now=now)
