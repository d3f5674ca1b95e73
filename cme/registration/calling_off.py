"""What calling a seminar off would do: whom it concerns, and how much money goes back."""

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import select

from cme.catalog.models import Seminar
from cme.database import db
from cme.registration import funds
from cme.registration.models import ACTIVE, CONFIRMED, HELD, Registration
from cme.values import Money


@dataclass(frozen=True)
class Consequences:
    """Everybody with a place or in line, and the money behind the places."""

    paid: int = 0  # they choose what becomes of their money
    free: int = 0  # confirmed, with nothing to pay back
    held: int = 0  # not paid yet
    waiting: int = 0  # in line, or offered a seat
    money: list[Money] = field(default_factory=list)  # what goes back at most, a sum for each currency

    @property
    def letters(self) -> int:
        """How many are written to."""
        return self.paid + self.free + self.held + self.waiting


def consequences(seminar: Seminar) -> Consequences:
    """What happens to whom when this seminar is called off now."""
    found = select(Registration).where(Registration.seminar_id == seminar.id, Registration.status.in_(ACTIVE))
    counts: dict[str, int] = defaultdict(int)
    sums: dict[str, int] = defaultdict(int)
    for each in db.session.scalars(found):
        worth = funds.value(each) if each.status == CONFIRMED else None
        if worth is not None and worth.minor:
            sums[worth.currency] += worth.minor
            counts["paid"] += 1
        else:
            counts[{CONFIRMED: "free", HELD: "held"}.get(each.status, "waiting")] += 1
    return Consequences(**counts, money=[Money(minor, currency) for currency, minor in sorted(sums.items())])
