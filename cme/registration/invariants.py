"""The promises about seats and money, as far as the database can tell."""

from collections.abc import Iterator
from datetime import datetime


def breaches(*, now: datetime) -> Iterator[str]:
    """Say where a promise is broken."""
    yield from ()
