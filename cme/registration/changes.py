"""What somebody can do about a place they have, and what would come of it in money and dates."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cme.catalog import models as catalog
from cme.database import db
from cme.registration import earned, funds, queries, rules
from cme.registration.models import (
    CONFIRMED,
    PAID,
    Dispute,
    Payment,
    Registration,
)
from cme.registration.rules import Answer, Outcome
from cme.values import Mode, Money, Policy

LOST_NOTHING = ("won", "warning_closed", "prevented")


@dataclass(frozen=True)
class Changes:
    """The changes of one place, as its policy has them at one moment."""

    registration: Registration
    now: datetime

    @cached_property
    def policy(self) -> Policy:
        """The policy as this person accepted it."""
        return Policy.from_json(self.registration.policy)

    @property
    def today(self) -> date:
        """The day in the seminar's own calendar."""
        return self.now.astimezone(ZoneInfo(self.registration.seminar.time_zone)).date()

    @property
    def mode(self) -> str:
        """The way they attend."""
        return self.registration.offering.mode

    @property
    def has_begun(self) -> bool:
        """Whether it is too late to change anything; what is on demand begins with its release."""
        return self.registration.seminar.starts_at <= self.now

    @property
    def is_called_off(self) -> bool:
        """Whether we cancelled the seminar."""
        return self.registration.seminar.status == catalog.CANCELLED

    @cached_property
    def left(self) -> Money:
        """What is left of all that was paid."""
        return funds.value(self.registration)

    @cached_property
    def refund(self) -> Outcome:
        """What comes back to whoever cancels now, and why."""
        if self.is_called_off:
            return refund_on(self.registration, self.left, self.today, is_called_off=True, left=self.left)
        paid, most = paid_for(self.registration), _most(self.registration)
        return refund_on(self.registration, paid, self.today, left=self.left, most=most)

    @property
    def back_to(self) -> str:
        """How money comes back: the way it came."""
        by_hand = {payment.means != "card" for payment in funds.payments_behind(self.registration)}
        if by_hand == {True}:
            return "by check or bank transfer"
        if True in by_hand:
            return "the way you paid"
        sources = {_source(self.registration, payment) for payment, _ in funds.shares(self.registration, self.left)}
        return f"to {sources.pop()}" if len(sources) == 1 else "to the cards or accounts you paid with"

    @property
    def kept(self) -> Money:
        """What would not come back."""
        return Money(self.left.minor - self.refund.amount.minor, self.left.currency)

    @property
    def cancel(self) -> Answer:
        """Whether they may give up the seat."""
        return rules.may_cancel(has_begun=self.has_begun, is_called_off=self.is_called_off)

    @property
    def hold(self) -> Answer:
        """Whether the tuition may stay with us for later."""
        is_paid, off = self.left.minor > 0, self.is_called_off
        return rules.may_hold(self.policy, mode=self.mode, has_begun=self.has_begun, is_paid=is_paid, is_called_off=off)

    @property
    def hold_until(self) -> date:
        """The last day on which tuition put on hold now can be used."""
        return rules.hold_ends_on(self.policy, self.today)

    @property
    def transfer(self) -> Answer:
        """Whether they may move to another seminar."""
        times, off = self.registration.transfers, self.is_called_off
        return rules.may_transfer(
            self.policy, mode=self.mode, has_begun=self.has_begun, transfers=times, is_called_off=off
        )

    @property
    def transfer_until(self) -> date:
        """The last day on which the other seminar may begin."""
        return rules.transfer_ends_on(self.policy, self.registration.seminar.starts_on)

    @property
    def switch(self) -> Answer:
        """Whether they may attend the same seminar in another way."""
        return rules.may_switch(
            self.policy,
            mode=self.mode,
            has_begun=self.has_begun,
            has_other=bool(self.other_modes),
            is_called_off=self.is_called_off,
        )

    @property
    def other_modes(self) -> list[str]:
        """The other ways to attend that can be switched to."""
        live = (Mode.IN_PERSON, Mode.LIVESTREAM)
        return [
            each.mode for each in self.registration.seminar.offerings if each.mode in live and each.mode != self.mode
        ]

    @property
    def substitute(self) -> Answer:
        """Whether a colleague may take the seat."""
        return rules.may_substitute(
            self.policy, mode=self.mode, has_begun=self.has_begun, is_called_off=self.is_called_off
        )


def check_free(registration: Registration) -> None:
    """Let somebody change a place that is theirs and that nothing else hangs on, or say what does."""
    if registration.status != CONFIRMED:
        raise rules.MovedMeanwhile
    if earned.has_earned(registration.id):
        raise rules.ClaimedOrAttended
    if queries.pending_move(registration.id):
        raise rules.MovePending
    if queries.open_substitution(registration.id):
        raise rules.SubstitutePending
    check_money(registration)


def check_money(registration: Registration) -> None:
    """Let money go its way unless a bank questions it, or staff are looking at it."""
    behind = [payment.id for payment in funds.payments_behind(registration)]
    disputed = select(Dispute.id).where(Dispute.payment_id.in_(behind), Dispute.status.not_in(LOST_NOTHING))
    if db.session.scalar(disputed.limit(1)):
        raise rules.Disputed
    reviewed = select(Payment.id).where(
        Payment.registration_id.in_([place.id for place in funds.places(registration)]),
        Payment.review_since.is_not(None),
        Payment.settled_at.is_(None),
    )
    if db.session.scalar(reviewed.limit(1)):
        raise rules.UnderReview


def _source(registration: Registration, payment: Payment) -> str:
    """Your Visa ending in 4242; of a colleague who paid for the place before, nothing."""
    if payment.registration.account_id != registration.account_id:
        return "the card or account it was paid with"
    if not payment.reference:
        return "the card or account you paid with"
    return f"your {payment.reference.replace('Account ', 'account ')}"


def paid_for(registration: Registration) -> Money:
    """What was paid for a place, with what was carried on to it: at most its price."""
    received = sum(payment.amount_minor for payment in funds.payments_behind(registration) if payment.status == PAID)
    return Money(min(received, registration.amount_due_minor), registration.currency)


def refund_on(
    registration: Registration,
    paid: Money,
    day: date,
    *,
    is_called_off: bool = False,
    left: Money | None = None,
    most: Money | None = None,
) -> Outcome:
    """What comes back for a place given up on a day of the seminar's calendar."""
    mine = [place for place in funds.places(registration) if place.account_id == registration.account_id]
    return rules.refund_for(
        Policy.from_json(registration.policy),
        paid,
        starts_on=registration.seminar.starts_on,
        today=day,
        mode=registration.offering.mode,
        is_invited=any(place.invitation_at for place in mine),
        is_called_off=is_called_off,
        left=left,
        most=most,
    )


def _most(registration: Registration) -> Money | None:
    """What a move can keep refundable: what was so when the earlier place was given up, and what was paid since."""
    old = registration.moved_from
    if old is None or old.ended_at is None:
        return None
    then = old.ended_at.astimezone(ZoneInfo(old.seminar.time_zone)).date()
    called_off_at = old.seminar.cancelled_at if old.seminar.status == catalog.CANCELLED else None
    was_off = called_off_at is not None and called_off_at <= old.ended_at
    back = refund_on(old, paid_for(old), then, is_called_off=was_off, most=_most(old)).amount.minor
    return Money(min(back, registration.carried_minor) + registration.to_pay.minor, registration.currency)
