"""Who may take a seat, for how much, until when; how registrations and payments move from one state to the next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cme.accounts.rules import CERTIFICATION_TYPES, Tier
from cme.errors import Refusal
from cme.values import Mode, Money

HELD, CONFIRMED, WAITLISTED, OFFERED = ACTIVE = ("held", "confirmed", "waitlisted", "offered")
EXPIRED, CANCELLED = ENDED = ("expired", "cancelled")
SEATED = (HELD, CONFIRMED, OFFERED)
CREATING, OPEN, PROCESSING = PAYABLE = ("creating", "open", "processing")
PAID, FAILED, ABANDONED = ("paid", "failed", "abandoned")
REQUESTED, PENDING, SUCCEEDED, REFUSED = ("requested", "pending", "succeeded", "refused")

Map = Mapping[str, frozenset[str]]

REGISTRATION: Map = {
    HELD: frozenset({CONFIRMED, EXPIRED, CANCELLED}),
    CONFIRMED: frozenset({CANCELLED}),
    WAITLISTED: frozenset({OFFERED, CANCELLED}),
    OFFERED: frozenset({HELD, EXPIRED, CANCELLED}),
    EXPIRED: frozenset({CONFIRMED}),  # a late payment, while a seat is free
    CANCELLED: frozenset(),
}
PAYMENT: Map = {
    CREATING: frozenset({OPEN, ABANDONED}),
    OPEN: frozenset({PAID, PROCESSING, EXPIRED}),
    PROCESSING: frozenset({PAID, FAILED}),
    PAID: frozenset(),
    EXPIRED: frozenset({PAID}),  # late payments, only through a session fetched and checked
    FAILED: frozenset({PAID}),
    ABANDONED: frozenset({PAID}),
}
REFUND: Map = {
    REQUESTED: frozenset({PENDING, SUCCEEDED, FAILED, REFUSED}),
    PENDING: frozenset({SUCCEEDED, FAILED}),
    SUCCEEDED: frozenset({FAILED}),  # banks send money back, even weeks later
    FAILED: frozenset(),
    REFUSED: frozenset({PENDING, SUCCEEDED, FAILED}),  # Stripe's list knew better
}

HOLD = timedelta(minutes=15)
SESSION = timedelta(minutes=31)  # Stripe wants at least 30; clocks differ
AFTER_SESSION = timedelta(minutes=10)
LEAST_SESSION = timedelta(minutes=30)
KEY_LIFE = timedelta(hours=23)  # Stripe forgets an idempotency key after 24 hours
SETTLEMENT = timedelta(days=14)  # a bank debit may take this long to arrive


class MovedMeanwhile(Refusal):
    """The record is no longer in the state this step starts from."""

    message = "This registration has changed meanwhile. Reload the page to see where it stands."


class RegistrationClosed(Refusal):
    """The seminar takes no more registrations."""

    message = "Registration for this seminar is closed."


class SeminarFull(Refusal):
    """No seat is left."""

    message = "This seminar is full: the last seat was taken while you were registering. Nothing was charged."


class AlreadyRegistered(Refusal):
    """This person already has a seat; `ref` names the registration."""

    message = "You are already registered for this seminar."
    ref: str | None = None


class DetailsFirst(Refusal):
    """Tuition depends on the certification type, which is not set."""

    message = "Tuition depends on your Certification Type. Set it under Account Details first, then come back."


class NotForSale(Refusal):
    """No price is set for this person's group."""

    message = "Tuition for your certification type is not set for this seminar. Call us: we are glad to help."


class FormUsed(Refusal):
    """Somebody else sent this very form."""

    message = "The form had run out. Open the page again."


class PriceChanged(Refusal):
    """The price is no longer the one the page showed."""

    message = "The tuition has changed since you opened the page. Nothing was charged: check the new amount."


class PaymentsOff(Refusal):
    """This installation takes no payments."""

    message = "Online payment is not available at the moment. Call us: we are glad to help."
    status = 503


class PaymentDelayed(Refusal):
    """Stripe did not answer in time; the very same request will be repeated."""

    message = (
        "We are preparing your payment, and it takes longer than usual. Your seat stays held and nothing was charged: "
        "wait a few seconds, then try again."
    )
    status = 503


class PaymentImpossible(Refusal):
    """Stripe will not take this payment; staff are told."""

    message = (
        "The payment could not be prepared. Nothing was charged and your seat was given back. We are looking into it."
    )


class PaymentOnItsWay(Refusal):
    """A bank debit was promised and has not arrived."""

    message = "Your bank payment is on its way. Your seat is kept until the bank decides: do not pay again."


class AlreadyPaid(Refusal):
    """The seat is paid for."""

    message = "Your seat is already confirmed. There is nothing more to pay."


class HoldEnded(Refusal):
    """The seat was given back before it was paid."""

    message = "Your seat was held for a limited time, which has passed. Nothing was charged: register again."


class NotYetKnown(Refusal):
    """Stripe tells us of something that is ours, and that we cannot find; it will tell us again."""

    message = "We do not know this payment yet."
    status = 503


class NotRefundable(Refusal):
    """There is not that much to give back."""

    message = "That is more than can be refunded for this payment."


class Disputed(Refusal):
    """The bank decides about this money now."""

    message = "This payment is disputed at the bank, so it cannot be refunded here."


class AttendanceImpossible(Refusal):
    """Nobody can have attended that."""

    message = "Enter no more minutes than the session lasts, for sessions of this seminar."


class NotAttending(Refusal):
    """Only confirmed people can have attended."""

    message = "Attendance can be marked for confirmed registrations only."


def move(along: Map, status: str, to: str) -> str:
    """Take one step along a map, or refuse."""
    if to not in along[status]:
        raise MovedMeanwhile
    return to


def tier_for(certification_type: str | None, offered: Collection[str]) -> str:
    """The tuition tier of a certification type; where it is not offered, the nearest that is, never a cheaper guess."""
    kind = CERTIFICATION_TYPES.get(certification_type or "")
    if kind is None:
        raise DetailsFirst
    nearest = {
        Tier.PHYSICIAN: (Tier.PHYSICIAN, Tier.CLINICIAN),
        Tier.CLINICIAN: (Tier.CLINICIAN, Tier.PHYSICIAN),
        Tier.TRAINEE: (Tier.TRAINEE, Tier.PHYSICIAN if kind.is_physician else Tier.CLINICIAN, Tier.PHYSICIAN),
    }
    for tier in nearest[kind.tier]:
        if tier in offered:
            return tier
    raise NotForSale


def closes_at(mode: str, *, starts_at: datetime, terminates_on: date | None, zone: str) -> datetime | None:
    """When the last person can register: at the start; on demand at the end of the last day, or never."""
    if mode != Mode.ON_DEMAND:
        return starts_at
    if terminates_on is None:
        return None
    return datetime.combine(terminates_on + timedelta(days=1), time(), ZoneInfo(zone))


def check_on(status: str, *, closes: datetime | None, now: datetime, mode: str = Mode.IN_PERSON) -> None:
    """Let somebody attend a seminar that takes place and has not begun, or say why not."""
    if status == CANCELLED:
        raise RegistrationClosed("This seminar has been cancelled.")
    if status != "published":
        raise RegistrationClosed
    if closes is not None and now >= closes:
        over = "this activity has ended" if mode == Mode.ON_DEMAND else "the seminar has begun"
        raise RegistrationClosed(f"Registration is closed: {over}.")


def payment_methods(*, closes: datetime | None, now: datetime) -> list[str] | None:
    """The methods a payment may use: cards alone when a bank debit could arrive after the close; None for any."""
    if closes is None or closes - now >= SETTLEMENT:
        return None
    return ["card"]


@dataclass(frozen=True)
class RefundTerm:
    """What comes back to somebody who cancels until the end of a day."""

    until: date
    amount: Money


def policy_snapshot(steps: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    """The refund terms as a registration keeps them: later changes do not touch it."""
    ordered = sorted((dict(step) for step in steps), key=lambda step: -step["days_before"])
    return {"steps": ordered}


def refund_terms(policy: Mapping[str, Any], paid: Money, starts_on: date) -> list[RefundTerm]:
    """The deadlines of an accepted policy, in the seminar's own calendar, earliest first."""
    terms = []
    for step in policy.get("steps", ()):
        part = paid.minor * step["percent"] // 100 - step["fee_minor"]
        terms.append(RefundTerm(starts_on - timedelta(days=step["days_before"]), Money(max(0, part), paid.currency)))
    return terms
