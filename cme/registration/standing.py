"""Where a registration stands, told from its own state and from that of its money."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from cme.accounts.rules import TIER_LABELS
from cme.catalog.models import CANCELLED as OFF
from cme.catalog.models import Seminar
from cme.catalog.rules.policies import policy_in_words
from cme.catalog.values import days_after, first_moment, last_moment
from cme.registration import queries, rules
from cme.registration.checkout.moves import MOVED
from cme.registration.models import (
    CANCELLED,
    CONFIRMED,
    CREATING,
    OFFERED,
    OPEN,
    PAID,
    PAYABLE,
    PROCESSING,
    WAITLISTED,
    Payment,
    Refund,
    Registration,
)
from cme.values import MODE_LABELS, Mode, Money, Policy


class Stage(StrEnum):
    """What the person has to know, and can do next."""

    REVIEW = "review"  # check the answers, then pay
    PREPARING = "preparing"  # Stripe has not answered yet
    OPEN = "open"  # a payment page is waiting
    PROCESSING = "processing"  # a bank debit is on its way
    IN_REVIEW = "in-review"  # staff decide
    WAITLISTED = "waitlisted"  # in line for a seat
    OFFERED = "offered"  # a seat is theirs to take, for a while
    LAPSED = "lapsed"  # the hold has ended, the seat goes back any moment
    CONFIRMED = "confirmed"
    CALLED_OFF = "called-off"  # we cancelled the seminar: they choose what becomes of their place
    GIVEN_UP = "given-up"  # a seat that was theirs, cancelled; some of the money may be on its way back
    ON_HOLD = "on-hold"  # given up, and the tuition kept for another seminar
    MOVED = "moved"  # another place took over from this one
    ENDED = "ended"
    RETURNED = "returned"  # money came too late and goes back


GONE = (Stage.GIVEN_UP, Stage.ON_HOLD, Stage.MOVED)
CAN_PAY = (Stage.REVIEW, Stage.PREPARING, Stage.OPEN)
OF_PAYMENT = {CREATING: Stage.PREPARING, OPEN: Stage.OPEN, PROCESSING: Stage.PROCESSING}
IN_LINE = {WAITLISTED: Stage.WAITLISTED, OFFERED: Stage.OFFERED}
BACK = ("requested", "pending", "succeeded")


@dataclass(frozen=True)
class Standing:
    """A registration with the money behind it."""

    registration: Registration
    now: datetime

    @property
    def stage(self) -> Stage:
        """What the person has to know, and can do next."""
        registration = self.registration
        if registration.status == CONFIRMED:
            return Stage.CALLED_OFF if registration.seminar.status == OFF else Stage.CONFIRMED
        if registration.status == CANCELLED and registration.confirmed_at is not None:
            return self._given_up
        if any(payment.review_since for payment in registration.payments):
            return Stage.IN_REVIEW
        if registration.status in rules.ENDED:
            return Stage.RETURNED if self.paid else Stage.ENDED
        if registration.status in IN_LINE:
            return IN_LINE[registration.status]
        if self.payable is not None:
            return OF_PAYMENT[self.payable.status]
        is_over = registration.hold_until is not None and registration.hold_until <= self.now
        return Stage.LAPSED if is_over else Stage.REVIEW

    @property
    def _given_up(self) -> Stage:
        if self.registration.credit_until is not None:
            return Stage.ON_HOLD
        return Stage.MOVED if self.registration.end_reason == MOVED else Stage.GIVEN_UP

    @property
    def payable(self) -> Payment | None:
        """The attempt that can still bring money."""
        return next((payment for payment in self.registration.payments if payment.status in PAYABLE), None)

    @property
    def last(self) -> Payment | None:
        """The latest attempt to pay."""
        return self.registration.payments[-1] if self.registration.payments else None

    @property
    def paid(self) -> list[Payment]:
        """The payments that arrived."""
        return [payment for payment in self.registration.payments if payment.status == PAID]

    @property
    def refunds(self) -> list[Refund]:
        """What went back, or is about to."""
        return [refund for payment in self.paid for refund in payment.refunds]

    @property
    def received(self) -> Money:
        """All that arrived."""
        return Money(sum(payment.amount_minor for payment in self.paid), self.registration.currency)

    @property
    def returned(self) -> Money:
        """All that went back, or is on its way."""
        back = sum(refund.amount_minor for refund in self.refunds if refund.status in BACK)
        return Money(back, self.registration.currency)

    @property
    def kept(self) -> Money:
        """What was paid, less what went back."""
        return Money(self.received.minor - self.returned.minor, self.registration.currency)

    @property
    def due(self) -> Money:
        """What there is to pay: an open attempt keeps its price."""
        return self.payable.amount if self.payable else self.registration.to_pay

    @property
    def line(self) -> str:
        """Physician, in person."""
        mode = MODE_LABELS[Mode(self.registration.offering.mode)]
        return f"{TIER_LABELS[self.registration.tier]}, {mode.lower()}"

    @property
    def access_until(self) -> date | None:
        """The last day to watch what was bought on demand."""
        return queries.access_until(self.registration.offering, self.registration.confirmed_at or self.now)

    @property
    def access_is_over(self) -> bool:
        """Whether that day has passed."""
        until = self.access_until
        return until is not None and self.now >= last_moment(until, self.registration.seminar.time_zone)

    @property
    def money_word(self) -> tuple[str, str]:
        """The state of the money in a word for staff, with the key of its colour."""
        stage = self.stage
        if stage is Stage.IN_REVIEW or any(payment.review_since for payment in self.registration.payments):
            return "failed", "In review"
        if self.registration.disputed_at:
            return "disputed", "Disputed"
        if self.returned.minor:
            whole = self.returned.minor >= self.received.minor
            return ("cancelled", "Refunded") if whole else ("partially_refunded", "Part refunded")
        if self.registration.status in IN_LINE:
            return self.registration.status, "Offered" if stage is Stage.OFFERED else "On the waitlist"
        if self.registration.status == CONFIRMED:
            return ("paid", "Paid") if self.paid else ("free", "Free" if not self.due.minor else "Waived")
        return ("processing", "Processing") if stage is Stage.PROCESSING else ("held", "Not paid")

    @property
    def refund_terms(self) -> list[str]:
        """What comes back to whoever cancels, as this person accepted it."""
        registration = self.registration
        mode = registration.offering.mode
        seminar, moved = registration.seminar, registration.transfers
        price = registration.amount_due  # what was carried on from an earlier place is tuition as well
        return terms_in_words(registration.policy, price, seminar, now=self.now, mode=mode, transfers=moved)


@dataclass(frozen=True)
class ClaimTime:
    """When credit can be claimed: live after the end, on demand from the release."""

    opens: datetime
    until: datetime | None
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether it has begun."""
        return self.opens <= self.now

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.until is not None and self.until < self.now


def claim_time(registration: Registration, window: timedelta, *, now: datetime) -> ClaimTime:
    """When this person can claim credit."""
    seminar, zone = registration.seminar, registration.seminar.time_zone
    if registration.offering.mode == Mode.ON_DEMAND:
        until = last_moment(seminar.terminates_on, zone) if seminar.terminates_on else None
        return ClaimTime(first_moment(seminar.released_on or seminar.starts_on, zone), until, now)
    days = window.days if seminar.claim_window_days is None else seminar.claim_window_days
    return ClaimTime(seminar.ends_at, days_after(seminar.ends_at, days, zone), now)


def terms_in_words(
    policy: Mapping[str, Any],
    paid: Money,
    seminar: Seminar,
    *,
    now: datetime,
    mode: str | None = None,
    transfers: int = 0,
) -> list[str]:
    """What an accepted policy still promises after so many transfers, one sentence each; nothing for what is free."""
    if not paid.minor:
        return []
    modes = {offering.mode for offering in seminar.offerings}
    if mode is not None:
        modes = {mode} if mode == Mode.ON_DEMAND else modes - {Mode.ON_DEMAND}
    promised = Policy.from_json(dict(policy))
    return policy_in_words(
        replace(promised, transfers=max(0, promised.transfers - transfers)),
        starts_on=seminar.starts_on,
        today=now.astimezone(ZoneInfo(seminar.time_zone)).date(),
        modes=modes,
        currency=paid.currency,
    )
