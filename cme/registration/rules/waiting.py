"""Waiting for a seat: how long an offered one is kept, and how a place in the line is called."""

from datetime import date, datetime, timedelta

from cme.errors import Refusal

OFFER = timedelta(hours=24)
LEAST_OFFER = timedelta(minutes=30)
CHOICE = timedelta(days=5)  # to say what becomes of a place at a seminar that we called off


class SeatFree(Refusal):
    """There is nothing to wait for."""

    message = "A seat is free, so there is no need to wait: register for it."


class OthersWait(Refusal):
    """A seat is free, and it belongs to whoever waits for it."""

    message = "This seminar is full: the free seat is being offered to the people who wait for one. You can wait too."


class SeatOffered(Refusal):
    """The wait ended while somebody wanted to leave the line."""

    message = "A seat was offered to you meanwhile. Accept it or decline it."


class OfferEnded(Refusal):
    """The seat was not taken in time, or was declined."""

    message = "This offer has ended, and the seat has gone to the next in line. Nothing was charged."


def offer_until(now: datetime, closes: datetime | None) -> datetime:
    """Until when an offered seat is kept: a day, or a quarter of the time left; never beyond the close."""
    if closes is None:
        return now + OFFER
    return min(now + max(LEAST_OFFER, min(OFFER, (closes - now) / 4)), closes)


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 11th."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"


def choose_until(called_off_on: date) -> date:
    """The last day to choose what becomes of a place; then everything goes back by itself."""
    return called_off_on + CHOICE
