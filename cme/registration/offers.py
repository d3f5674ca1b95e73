"""What somebody can register for: the ways to attend a seminar, what each costs them, and whether it is open."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cme.accounts.rules import TIER_LABELS
from cme.catalog.models import Offering, PriceTier, Seminar
from cme.catalog.queries import in_order
from cme.errors import Refusal
from cme.pages import long_date
from cme.registration import codes, queries, rules, steps
from cme.registration.models import PromoCode, Registration
from cme.registration.queries import Quote
from cme.registration.rules.codes import CodeRefused
from cme.values import MODE_LABELS, Mode, Money


@dataclass(frozen=True)
class Way:
    """One way to attend, as one person sees it today."""

    offering: Offering
    today: date
    now: datetime
    quote: Quote | None = None
    refusal: Refusal | None = None
    code: PromoCode | None = None
    off: Money | None = None
    code_refusal: CodeRefused | None = None

    def with_code(self, code: PromoCode, account_id: int) -> "Way":
        """The same way with what a promo code takes off, or why it cannot be used here."""
        if self.quote is None:
            return self
        try:
            return replace(
                self, code=code, off=codes.discount(code, self.offering, self.quote, account_id, now=self.now)
            )
        except CodeRefused as reason:
            return replace(self, code_refusal=reason)

    @property
    def is_full(self) -> bool:
        """Whether only a seat is missing."""
        return isinstance(self.refusal, rules.SeminarFull)

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
            return "Full" if self.is_full else "Closed"
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
    def price(self) -> Money | None:
        """What this person would pay."""
        if self.quote is None:
            return None
        return Money(self.quote.price.minor - (self.off.minor if self.off else 0), self.quote.price.currency)

    @property
    def full_price(self) -> Money | None:
        """What it costs without early rate and promo code, where that is another amount."""
        if self.tier is None or self.price is None or self.price.minor == self.tier.amount_minor:
            return None
        return Money(self.tier.amount_minor, self.offering.currency)

    @property
    def shown(self) -> dict[str, int]:
        """Every amount the page shows for this way, by tuition group."""
        if self.quote and self.price:
            return {self.quote.tier: self.price.minor}
        return {tier.tier: tier.price_on(self.today).minor for tier in self.offering.tiers}

    @property
    def prices(self) -> list[tuple[str, Money]]:
        """Today's tuition of each group, for somebody who has not said which is theirs."""
        return [(TIER_LABELS[tier.tier], tier.price_on(self.today)) for tier in self.offering.tiers]

    @property
    def lines(self) -> list[tuple[str, Money]]:
        """The tuition, step by step."""
        if self.quote is None or self.tier is None:
            return []
        return [*_tuition(self.tier, self.offering, self.quote.price), *_off(self.code, self.off)]


def bill(registration: Registration) -> list[tuple[str, Money]]:
    """What a place costs, step by step: tuition, early rate, promo code, what an earlier place paid."""
    offering, price = registration.offering, Money(registration.list_minor, registration.currency)
    tier = next((each for each in offering.tiers if each.tier == registration.tier), None)
    name = _named(registration.tier, offering)
    lines = [(name, price)] if tier is None else _tuition(tier, offering, price)
    lines += _off(registration.promo, Money(registration.discount_minor, registration.currency))
    if registration.carried_minor:
        lines.append(("Paid for your earlier place", Money(-registration.carried_minor, registration.currency)))
    return lines


def _named(tier: str, offering: Offering) -> str:
    return f"{TIER_LABELS[tier]}, {MODE_LABELS[Mode(offering.mode)].lower()}"


def _tuition(tier: PriceTier, offering: Offering, price: Money) -> list[tuple[str, Money]]:
    """The price, or the full price and what the early rate takes off it."""
    name = _named(tier.tier, offering)
    if tier.early_until is None or tier.early_minor != price.minor or tier.early_minor == tier.amount_minor:
        return [(name, price)]
    until = f"{tier.early_until:%B} {tier.early_until.day}"
    saved = Money(price.minor - tier.amount_minor, price.currency)
    return [(name, Money(tier.amount_minor, price.currency)), (f"Early rate, to {until}", saved)]


def _off(code: PromoCode | None, off: Money | None) -> list[tuple[str, Money]]:
    if off is None or not off.minor:
        return []
    return [(f"Promo code {code.code}" if code else "Discount", Money(-off.minor, off.currency))]


def shown_in(ways: Iterable[Way]) -> str:
    """Every amount a page shows, as its form carries it: in-person.physician=109500."""
    amounts = ((way.offering.mode, tier, minor) for way in ways for tier, minor in way.shown.items())
    return " ".join(f"{mode}.{tier}={minor}" for mode, tier, minor in amounts)


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
