"""What else keeps a seminar from being published, as the rooms to the right know; the roof hands it in."""

from collections.abc import Callable, Iterable

from flask import Flask, current_app

from cme.catalog.models import Seminar
from cme.catalog.rules import Finding

Check = Callable[[Seminar], Iterable[Finding]]


def init_app(app: Flask, *checks: Check) -> None:
    """Keep what else to ask."""
    app.extensions["further"] = checks


def findings(seminar: Seminar) -> list[Finding]:
    """What the other rooms find."""
    checks: tuple[Check, ...] = current_app.extensions.get("further", ())
    return [finding for check in checks for finding in check(seminar)]
