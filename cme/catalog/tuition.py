"""What it costs to come: tuition by group and by day, and for one person in a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cme import settings
from cme.accounts.rules import TIER_LABELS, CertificationType
from cme.catalog import rules
from cme.catalog.models import Offering, Seminar
from cme.values import MODE_LABELS, Mode, Money, Policy


@dataclass(frozen=True)
class Rate:
    """Tuition for one group today; `full` and `early_until` where the early rate still holds."""

    tier: str
    label: str
    price: Money
    full: Money | None = None
    early_until: date | None = None

    @property
    def price_label(self) -> str:
        """$1,095, or Free."""
        return str(self.price) if self.price.minor else "Free"

    def early_left(self, today: date) -> str:
        """How long the early rate still holds: 12 days left."""
        if self.early_until is None:
            return ""
        days = (self.early_until - today).days
        return "today is the last day" if not days else f"{days} day{'' if days == 1 else 's'} left"

    def as_for(self, kind: CertificationType) -> str:
        """Your tuition as a nurse practitioner: $695 until Mar 1, then $795."""
        price = self.price_label if self.price.minor else "free"
        if self.full is not None and self.early_until is not None:
            price = f"{price} until {self.early_until:%b} {self.early_until.day}, then {self.full}"
        return f"Your tuition {named(kind)}: {price}"


def named(kind: CertificationType) -> str:
    """Somebody's profession inside a sentence: as a nurse practitioner or other APRN."""
    if kind.code == "other":
        return "in your profession"
    noun = kind.label.split(" (")[0]
    noun = f"{noun[0].lower()}{noun[1:]}"
    return f"as {'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def rates(way: Offering, today: date) -> list[Rate]:
    """Tuition today, in the order of the groups."""
    found = []
    tiers = {tier.tier: tier for tier in way.tiers}
    for key, label in TIER_LABELS.items():
        if tier := tiers.get(key):
            price, full = tier.price_on(today), Money(tier.amount_minor, way.currency)
            early = tier.early_until is not None and tier.early_minor is not None and today <= tier.early_until
            found.append(Rate(key, label, price, full if early else None, tier.early_until if early else None))
    return found


def table(ways: Iterable[Offering], today: date) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """The tuition of all groups in all ways to attend: the columns, and a row of amounts for each group."""
    columns: list[str] = []
    amounts: dict[str, list[str]] = {}
    for way in ways:
        label, found = MODE_LABELS[Mode(way.mode)], {rate.tier: rate for rate in rates(way, today)}
        early = any(rate.full for rate in found.values())
        columns += [f"{label}, early", label] if early else [label]
        for tier in TIER_LABELS:
            rate = found.get(tier)
            now, full = (_said(rate.price), _said(rate.full or rate.price)) if rate else ("–", "–")
            amounts.setdefault(tier, []).extend([now, full] if early else [now])
    return columns, [(TIER_LABELS[tier], row) for tier, row in amounts.items() if set(row) != {"–"}]


def _said(price: Money) -> str:
    return str(price) if price.minor else "Free"


def early_until(ways: Iterable[Offering], today: date) -> date | None:
    """The day the last early rate ends."""
    return max((rate.early_until for way in ways for rate in rates(way, today) if rate.early_until), default=None)


def access_until(way: Offering, bought_on: date) -> date | None:
    """The last day somebody may watch what they bought on demand that day; None where nothing limits it."""
    if way.mode != Mode.ON_DEMAND:
        return None
    seminar = way.seminar
    return rules.access_until(
        bought_on,
        access_days=way.access_days,
        released_on=seminar.released_on,
        terminates_on=seminar.terminates_on,
    )


def policy_of(seminar: Seminar) -> Policy:
    """What becomes of the tuition when somebody cannot come: the seminar's own policy, or the provider's."""
    return settings.provider().policy if seminar.policy is None else Policy.from_json(seminar.policy)
