"""What the page of a seminar says: agenda by day, tuition, statements, disclosures, and whether one can register."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import combinations

from cme.accounts.rules import TIER_LABELS
from cme.catalog import rules, texts
from cme.catalog.cards import Card, card_of, day_in, in_order
from cme.catalog.filters import slug_of
from cme.catalog.models import CANCELLED, PUBLISHED, AgendaSession, Disclosure, Faculty, Offering, Seminar
from cme.settings import Provider
from cme.values import MODE_LABELS, Credits, CreditType, Mode, Money

ZONES = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Mountain",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Atlantic",
}


class Standing(StrEnum):
    """Where a seminar stands for somebody who would like to register."""

    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    UNDER_WAY = "under way"
    ENDED = "ended"
    CANCELLED = "cancelled"
    HIDDEN = "hidden"  # a draft or withdrawn, shown to staff


def standing(seminar: Seminar, way: Offering | None, *, now: datetime) -> Standing:
    """Whether somebody can register this way, and why not."""
    today = day_in(seminar.time_zone, now)
    on_demand = seminar.learning_format == rules.ENDURING
    if seminar.status == CANCELLED:
        return Standing.CANCELLED
    if seminar.status != PUBLISHED:
        return Standing.HIDDEN
    if (on_demand and seminar.terminates_on and seminar.terminates_on < today) or (
        not on_demand and seminar.ends_at <= now
    ):
        return Standing.ENDED
    if not on_demand and seminar.starts_at <= now:
        return Standing.UNDER_WAY
    if way is None or way.status != "open":
        return Standing.CLOSED
    return Standing.OPEN if way.seats_left else Standing.FULL


def _hours(starts: time, ends: time) -> str:
    first, last = (f"{at.hour % 12 or 12}:{at:%M}" for at in (starts, ends))
    halves = ["am" if at.hour < 12 else "pm" for at in (starts, ends)]
    return f"{first}{f' {halves[0]}' if halves[0] != halves[1] else ''} – {last} {halves[1]}"


@dataclass(frozen=True)
class Day:
    """One day of the agenda."""

    on: date
    sessions: list[AgendaSession]

    @property
    def lines(self) -> list[tuple[AgendaSession, str, Credits]]:
        """Each session with its hours and the credit its own minutes carry."""
        return [(one, _hours(one.starts, one.ends), rules.credit_for(one.minutes)) for one in self.sessions]

    @property
    def credits(self) -> Credits:
        """The credit the day supports."""
        return rules.designated_maximum(self.sessions)


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


@dataclass(frozen=True)
class Person:
    """Somebody in control of content, with what learners are told about them."""

    who: Faculty
    role: str
    relationships: list[Disclosure]
    has_any: bool

    @property
    def line(self) -> str:
        """What they disclosed, in a line."""
        if not self.relationships:
            return "No relevant relationship" if self.has_any else "Nothing to disclose"
        ties = "; ".join(f"{tie.nature}, {tie.company}" for tie in self.relationships)
        mitigated = all(tie.mitigated_on for tie in self.relationships)
        return f"{ties[:1].upper()}{ties[1:]}{' (mitigated)' if mitigated else ''}"


@dataclass(frozen=True)
class Leaflet:
    """Everything the page of a seminar says."""

    seminar: Seminar
    card: Card
    ways: list[Offering]
    way: Offering | None
    standing: Standing
    today: date
    days: list[Day]
    people: list[Person]
    designation: str
    accreditation: str
    refunds: list[str]

    @property
    def rates(self) -> list[Rate]:
        """Tuition for the chosen way to attend."""
        return rates(self.way, self.today) if self.way else []

    def rate_of(self, tier: str | None) -> Rate:
        """The rate of one group; the first for somebody we do not know."""
        return next((rate for rate in self.rates if rate.tier == tier), self.rates[0])

    @property
    def other_with_seats(self) -> Offering | None:
        """Another way to attend that still has seats."""
        return next((way for way in self.ways if way is not self.way and way.status == "open" and way.seats_left), None)

    def claim_by(self, us: Provider) -> date:
        """The last day to claim credit."""
        window = self.seminar.claim_window_days
        return self.seminar.ends_on + timedelta(days=us.claim_window_days if window is None else window)

    @property
    def specialty_value(self) -> str:
        """The specialty as an address asks for it."""
        return slug_of(self.seminar.specialty)

    @property
    def zone_name(self) -> str:
        """Eastern time, as people call the seminar's zone."""
        return ZONES.get(self.seminar.time_zone, self.seminar.time_zone.replace("_", " "))

    @property
    def has_tracks(self) -> bool:
        """Whether sessions run side by side."""
        return any(
            a.ends_at > b.starts_at and b.ends_at > a.starts_at
            for day in self.days
            for a, b in combinations([session for session in day.sessions if session.counts], 2)
        )

    @property
    def are_mitigated(self) -> bool:
        """Whether every relevant relationship has been mitigated."""
        return all(tie.mitigated_on for person in self.tied for tie in person.relationships)

    @property
    def teachers(self) -> list[Person]:
        """Directors and faculty, who have a portrait."""
        return [person for person in self.people if person.role in ("director", "faculty")]

    @property
    def behind(self) -> list[Person]:
        """Planners and reviewers."""
        return [person for person in self.people if person.role not in ("director", "faculty")]

    @property
    def tied(self) -> list[Person]:
        """Everybody with a relevant relationship."""
        return [person for person in self.people if person.relationships]

    @property
    def untied(self) -> list[Person]:
        """Everybody without."""
        return [person for person in self.people if not person.relationships]

    @property
    def tuition(self) -> tuple[list[str], list[tuple[str, list[str]]]]:
        """The tuition table: its columns, and a row of amounts for each group."""
        columns: list[str] = []
        amounts: dict[str, list[str]] = {}
        for way in self.ways:
            label, found = MODE_LABELS[Mode(way.mode)], {rate.tier: rate for rate in rates(way, self.today)}
            early = any(rate.full for rate in found.values())
            columns += [f"{label}, early", label] if early else [label]
            for tier in TIER_LABELS:
                rate = found.get(tier)
                now, full = (str(rate.price), str(rate.full or rate.price)) if rate else ("–", "–")
                amounts.setdefault(tier, []).extend([now, full] if early else [now])
        return columns, [(TIER_LABELS[tier], row) for tier, row in amounts.items() if set(row) != {"–"}]

    @property
    def early_until(self) -> date | None:
        """The day the last early rate ends."""
        return max((r.early_until for way in self.ways for r in rates(way, self.today) if r.early_until), default=None)


def _person(who: Faculty, role: str, today: date) -> Person:
    told = [one for one in who.disclosures if one.expires_on >= today] or who.disclosures
    return Person(who, role, [one for one in told if one.is_relevant], any(one.has_relationship for one in told))


def _chosen(ways: list[Offering], mode: str | None) -> Offering | None:
    with_seats = [way for way in ways if way.status == "open" and way.seats_left]
    asked = [way for way in ways if way.mode == mode]
    return next(iter([*asked, *with_seats, *ways]), None)


def leaflet(seminar: Seminar, us: Provider, *, mode: str | None, now: datetime) -> Leaflet:
    """Set the page of a seminar for somebody who would attend in this mode, or in the first that has seats."""
    today = day_in(seminar.time_zone, now)
    ways = in_order(seminar.offerings)
    way = _chosen(ways, mode)
    days = sorted({session.on for session in seminar.sessions})
    ama = seminar.designation_of(CreditType.AMA_PRA_1)
    is_paid = any(tier.amount_minor for each in ways for tier in each.tiers)
    statement = (us.name, us.accreditor, us.accreditor_short, seminar.providership, seminar.joint_providers)
    return Leaflet(
        seminar=seminar,
        card=card_of(seminar, now=now),
        ways=ways,
        way=way,
        standing=standing(seminar, way, now=now),
        today=today,
        days=[Day(on, [session for session in seminar.sessions if session.on == on]) for on in days],
        people=[_person(one.faculty, one.role, min(today, seminar.ends_on)) for one in seminar.people],
        designation=rules.designation_statement(us.name, seminar.learning_format, ama.credits, CreditType.AMA_PRA_1)
        if ama and ama.maximum
        else "",
        accreditation=rules.accreditation_statement(*statement),
        refunds=texts.refund_terms(us.refund_steps, seminar.starts_on, today) if is_paid else [],
    )
