"""What somebody can register for: the ways to attend a seminar, what each costs them, and whether it is open."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from cme.accounts.rules import TIER_LABELS
from cme.catalog.models import Offering, PriceTier, Seminar
from cme.catalog.queries import in_order
from cme.errors import Refusal
from cme.pages import long_date
from cme.registration import queries, rules, steps
from cme.registration.queries import Quote
from cme.values import MODE_LABELS, Mode, Money


@dataclass(frozen=True)
class Way:
    """One way to attend, as one person sees it today."""

    offering: Offering
    today: date
    now: datetime
    quote: Quote | None = None
    refusal: Refusal | None = None

    @property
    def label(self) -> str:
        """In person, Sarasota."""
        mode, city = MODE_LABELS[Mode(self.offering.mode)], self.offering.seminar.city
        return f"{mode}, {city}" if self.offering.mode == Mode.IN_PERSON and city else mode

    @property
    def note(self) -> str:
        """How many seats are left, or why there is none to have."""
        left = self.offering.seats_left
        if self.refusal:
            return "Full" if isinstance(self.refusal, rules.SeminarFull) else "Closed"
        seats = f"{left} seat{'' if left == 1 else 's'} left"
        return f"{seats}. Watch until {self.access_until}" if self.access_until else seats

    @property
    def access_until(self) -> str:
        """The last day to watch for somebody who buys today; empty where nothing limits it."""
        return long_date(queries.access_until(self.offering, self.now))

    @property
    def tier(self) -> PriceTier | None:
        """The group this person's tuition is set for."""
        return next((tier for tier in self.offering.tiers if self.quote and tier.tier == self.quote.tier), None)

    @property
    def full_price(self) -> Money | None:
        """What it costs once the early rate has ended, where that is another amount."""
        if self.quote is None or self.tier is None or not self.quote.is_early:
            return None
        return Money(self.tier.amount_minor, self.offering.currency)

    @property
    def prices(self) -> list[tuple[str, Money]]:
        """Today's tuition of each group, for somebody who has not said which is theirs."""
        return [(TIER_LABELS[tier.tier], tier.price_on(self.today)) for tier in self.offering.tiers]

    @property
    def lines(self) -> list[tuple[str, Any]]:
        """The tuition, step by step."""
        if self.quote is None or self.tier is None:
            return []
        name = f"{TIER_LABELS[self.quote.tier]}, {MODE_LABELS[Mode(self.offering.mode)].lower()}"
        if self.full_price is None or self.tier.early_until is None:
            return [(name, self.quote.price)]
        until = f"{self.tier.early_until:%B} {self.tier.early_until.day}"
        saved = Money(self.quote.price.minor - self.full_price.minor, self.full_price.currency)
        return [(name, self.full_price), (f"Early rate, to {until}", saved)]


def ways_to_attend(seminar: Seminar, certification_type: str | None, *, now: datetime) -> list[Way]:
    """Every way to attend a seminar, in person first, with this person's tuition or the reason there is none."""
    today = now.astimezone(ZoneInfo(seminar.time_zone)).date()
    return [_way(offering, certification_type, today, now) for offering in in_order(seminar.offerings)]


def _way(offering: Offering, certification_type: str | None, today: date, now: datetime) -> Way:
    quote, refusal = None, None
    try:
        queries.check_on_sale(offering, now=now)
        if offering.status != "open":
            raise rules.RegistrationClosed
        if not offering.seats_left or steps.somebody_waits(offering.id):
            raise rules.SeminarFull("This seminar is full: no seat is left.")
        if certification_type:
            quote = queries.quote(offering, certification_type, now=now)
    except Refusal as reason:
        refusal = reason
    return Way(offering, today, now, quote, refusal)
