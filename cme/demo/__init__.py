"""The demo data: a believable year of seminars, people and claims; invented, and the same every time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from cme import settings
from cme.database import transaction
from cme.demo import catalog, desk, going, own
from cme.errors import Refusal

DONE = "demo"


class NoDemo(Refusal):
    """Demo data needs a house it cannot harm."""

    message = "Demo data is for development with PAYMENTS_MODE=sandbox; nothing was written."


def fill(*, now: datetime, payments: Callable[[], Any] | None) -> str:
    """Fill the house, or finish what was cut off; each step looks first whether it was done."""
    if settings.current(DONE) is not None:
        return "The demo data is there already."
    if payments is None:
        raise NoDemo
    catalog.publish(now=now)
    people = going.join(now=now)
    going.register_all(people, payments=payments(), now=now)
    desk.run(people, payments=payments(), now=now)
    going.attend_and_claim(people, now=now)
    own.add(people, now=now)
    with transaction():
        settings.save(DONE, {"filled": True}, by=None, at=now)
    return f"{len(people)} people, a year of seminars, and what they claimed."
