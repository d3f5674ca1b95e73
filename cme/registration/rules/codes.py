"""Promo codes: how they are typed, whom they fit, what they take off."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from cme.accounts.rules import TIER_LABELS
from cme.errors import Refusal
from cme.values import LEAST_CHARGE, MODE_LABELS, Mode, Money

LEAST_CODE, MOST_CODE = 3, 40
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")


class CodeRefused(Refusal):
    """A promo code cannot be used; every no about codes is one of these."""

    message = "This promo code cannot be used here."


class CodeUnreadable(CodeRefused):
    """No code is written like that."""

    message = (
        f"A promo code has {LEAST_CODE} to {MOST_CODE} letters (A to Z), digits and hyphens. "
        "Type it as it stands in your letter."
    )


class CodeUnknown(CodeRefused):
    """Nobody issued this code."""

    message = "We do not know this promo code. Check the spelling, or leave the field empty."


class CodeDoesNotFit(CodeRefused):
    """The code is for other people, other seminars or other days."""


class CodeUsedUp(CodeRefused):
    """Somebody else took the last use."""

    message = "This promo code has been used up. Leave the field empty to register without it."


class CodeUsedBefore(CodeRefused):
    """Each person may use the code once."""

    message = "You have used this promo code before; each person can use it once. Leave the field empty to go on."


class CodeNotNeeded(CodeRefused):
    """There is nothing to take off."""

    message = "There is nothing to pay here, so no promo code is needed. Leave the field empty."


class CodeInTheWay(CodeRefused):
    """A code belongs to the first price of a place, before anything is paid."""

    message = "A promo code can be entered while a seat is held and no payment has begun."


@dataclass(frozen=True)
class Terms:
    """What a code takes off, for whom and when; how often it was used is counted elsewhere."""

    code: str
    percent: int | None = None
    amount_minor: int | None = None
    currency: str = "USD"
    first_on: date | None = None
    last_on: date | None = None
    seminar_id: int | None = None
    tiers: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    is_active: bool = True

    @property
    def benefit(self) -> str:
        """20% off, or $50 off."""
        if self.percent is not None:
            return f"{self.percent}% off"
        return f"{Money(self.amount_minor or 0, self.currency)} off"

    @property
    def whom(self) -> str:
        """The groups and ways to attend it is limited to; empty where it is not."""
        ways = [MODE_LABELS[Mode(each)].lower() for each in self.modes]
        return ", ".join([*(TIER_LABELS[each] for each in self.tiers), *ways])


def clean_code(typed: str | None) -> str:
    """A code as it is compared: in capitals, without spaces, with plain hyphens; empty when nothing was typed."""
    text = unicodedata.normalize("NFKC", (typed or "")[: MOST_CODE * 8]).translate(DASHES)
    text = "".join(text.upper().split())
    if text and not (re.fullmatch(r"[A-Z0-9]+(-[A-Z0-9]+)*", text) and LEAST_CODE <= len(text) <= MOST_CODE):
        raise CodeUnreadable
    return text


def check_code(terms: Terms, *, seminar_id: int, tier: str, mode: str, today: date) -> None:
    """Let a code be used for a seat on a day of the seminar's calendar, or say why it cannot."""
    code = terms.code
    if not terms.is_active:
        raise CodeDoesNotFit(f"The promo code {code} is no longer valid. Leave the field empty to go on without it.")
    if terms.first_on and today < terms.first_on:
        raise CodeDoesNotFit(f"The promo code {code} can be used from {_day(terms.first_on)} on.")
    if terms.last_on and today > terms.last_on:
        raise CodeDoesNotFit(f"The promo code {code} could be used until {_day(terms.last_on)}.")
    if terms.seminar_id not in (None, seminar_id):
        raise CodeDoesNotFit(f"The promo code {code} is for another seminar.")
    if not _is_among(mode, terms.modes):
        ways = " or ".join(MODE_LABELS[Mode(each)].lower() for each in terms.modes)
        raise CodeDoesNotFit(f"The promo code {code} is for another way to attend: {ways}.")
    if not _is_among(tier, terms.tiers):
        raise CodeDoesNotFit(f"The promo code {code} is for another group than yours.")


def take_off(price: Money, terms: Terms) -> Money:
    """What a code takes off a price: percent rounded half up, never more than the price.

    A rest too small to be charged is given free: a card cannot pay 30 cents, and nobody is asked for them otherwise.
    """
    if terms.percent is not None:
        off = (price.minor * terms.percent + 50) // 100
    elif terms.currency != price.currency:
        raise CodeDoesNotFit(f"The promo code {terms.code} is for prices in another currency.")
    else:
        off = terms.amount_minor or 0
    is_chargeable = price.minor - off >= LEAST_CHARGE[price.currency]
    return Money(off if is_chargeable else price.minor, price.currency)


def _is_among(what: str, known: Collection[str]) -> bool:
    return not known or what in known


def _day(day: date) -> str:
    return f"{day:%B}\N{NO-BREAK SPACE}{day.day}, {day.year}"
