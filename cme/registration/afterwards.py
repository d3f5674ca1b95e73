"""What became of a place that was somebody's: money on its way back, tuition kept for later, the place it led to."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cme.database import db
from cme.registration import funds, rules
from cme.registration.models import ACTIVE, CANCELLED, Refund, Registration
from cme.values import Money

SENT_BACK = ("requested", "pending", "succeeded")


@dataclass(frozen=True)
class Afterwards:
    """A place given up, with what followed."""

    registration: Registration
    now: datetime

    @cached_property
    def refunds(self) -> list[Refund]:
        """What went back since the place ended, or is about to, the oldest first."""
        ended = self.registration.ended_at
        found = [refund for payment in funds.payments_behind(self.registration) for refund in payment.refunds]
        return sorted((one for one in found if ended is None or one.created_at >= ended), key=lambda one: one.id)

    @property
    def back(self) -> Money:
        """All of it that arrives by itself."""
        sent = sum(refund.amount_minor for refund in self.refunds if refund.status in SENT_BACK)
        return Money(sent, self.registration.currency)

    @property
    def is_theirs(self) -> bool:
        """Whether they paid it all themselves: what a colleague paid for the seat goes back to the colleague."""
        person = self.registration.account_id
        return all(refund.payment.registration.account_id == person for refund in self.refunds)

    @property
    def is_stuck(self) -> bool:
        """Whether something could not be sent, so that staff pay it back another way."""
        return any(refund.status in (rules.FAILED, rules.REFUSED) for refund in self.refunds)

    @cached_property
    def worth(self) -> Money:
        """What is left of the money behind the place."""
        return funds.value(self.registration)

    @property
    def hold_is_over(self) -> bool:
        """Whether the last day to use tuition on hold has passed, in the seminar's own calendar."""
        until, zone = self.registration.credit_until, ZoneInfo(self.registration.seminar.time_zone)
        return until is not None and until < self.now.astimezone(zone).date()

    @cached_property
    def successor(self) -> Registration | None:
        """The place that took over from this one, or is about to; the newest where there were several."""
        found = select(Registration).where(Registration.moved_from_id == self.registration.id)
        return db.session.scalar(found.order_by(Registration.id.desc()).limit(1))

    @property
    def pending(self) -> Registration | None:
        """A move begun with this tuition and not paid yet."""
        found = self.successor
        return found if found is not None and found.status in ACTIVE else None


def on_hold(account_id: int, *, now: datetime) -> list[Afterwards]:
    """Tuition of one person that waits for another seminar, what ends first before the rest."""
    found = select(Registration).where(
        Registration.account_id == account_id,
        Registration.status == CANCELLED,
        Registration.credit_until.is_not(None),
    )
    kept = [Afterwards(one, now) for one in db.session.scalars(found.order_by(Registration.credit_until))]
    return [one for one in kept if one.worth.minor and not one.hold_is_over]
