"""What the rooms to the right know of a seminar and keep with it; the roof hands it in."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from flask import Flask, current_app

from cme.accounts.models import Account
from cme.catalog.models import Seminar
from cme.catalog.rules import Finding

Check = Callable[[Seminar], Iterable[Finding]]


class Copy(Protocol):
    """What else of one seminar goes into another that is started from it."""

    def __call__(self, source_id: int, copy_id: int, *, by: Account | None, now: datetime) -> None:
        """Bring it over; done twice, it is there once."""


def init_app(app: Flask, *checks: Check, copies: Iterable[Copy] = ()) -> None:
    """Keep what else to ask before a seminar is published, and what else to copy with it."""
    app.extensions["further"] = checks
    app.extensions["copies"] = tuple(copies)


def findings(seminar: Seminar) -> list[Finding]:
    """What the other rooms find."""
    checks: tuple[Check, ...] = current_app.extensions.get("further", ())
    return [finding for check in checks for finding in check(seminar)]


def copy(source_id: int, copy_id: int, *, by: Account | None, now: datetime) -> None:
    """Bring over what the other rooms keep."""
    copies: tuple[Copy, ...] = current_app.extensions.get("copies", ())
    for each in copies:
        each(source_id, copy_id, by=by, now=now)
