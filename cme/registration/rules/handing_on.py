"""Handing a seat to a colleague: until when an offer stands, and what it may cost."""

from datetime import datetime, timedelta

from cme.errors import Refusal
from cme.values import Money

OFFER_LIFE = timedelta(days=14)
MOST_LETTERS = 5  # from one registration, so that nobody is bothered from here
ACCEPTED, WITHDRAWN, EXPIRED = "accepted", "withdrawn", "expired"


class OwnSeat(Refusal):
    """The colleague is the person who goes already."""

    message = "This is your own seat. Sign in with the account of the colleague who takes it over."


class OfferSpent(Refusal):
    """The offer ran out, was taken back, or the seat is not there any more."""

    message = "This seat is no longer offered to you. Ask your colleague what has changed."


class DearerGroup(Refusal):
    """The colleague's tuition is higher than what was paid."""

    def __init__(self, price: Money, paid: Money) -> None:
        super().__init__(
            f"Your tuition for this seminar would be {price}, and {paid} was the tuition of this seat. "
            "Call us: we are glad to help."
        )


class OftenAsked(Refusal):
    """Too many letters went out for one seat."""

    message = "You have asked several colleagues already. Call us: we are glad to help."


def offer_until(now: datetime, starts_at: datetime) -> datetime:
    """When an offer made now runs out: in two weeks, and not past the start."""
    return min(now + OFFER_LIFE, starts_at)
