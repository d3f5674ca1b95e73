"""What the page of a seminar says, and whether one can register: everything that is the same for all who look."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from cme.catalog import program, rules, timeline, tuition
from cme.catalog.cards import Card, card_of, day_in, in_order
from cme.catalog.filters import slug_of
from cme.catalog.independence import Independence, disclosed, is_mitigated, told
from cme.catalog.models import CANCELLED, PUBLISHED, Disclosure, Faculty, Offering, Seminar
from cme.catalog.program import Day
from cme.catalog.rules.policies import policy_in_words
from cme.catalog.timeline import Milestone
from cme.catalog.tuition import Rate, rates
from cme.settings import Provider
from cme.values import MODE_LABELS, Mode, Money


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


@dataclass(frozen=True)
class Person:
    """Somebody in control of content, with what learners are told about them."""

    who: Faculty
    role: str
    relationships: list[Disclosure]
    is_told: bool  # whether all of it is decided
    has_any: bool

    @property
    def line(self) -> str:
        """What they disclosed, in a line."""
        if not self.relationships:
            nothing = "No relevant relationship" if self.has_any else "Nothing to disclose"
            return nothing if self.is_told else "Disclosure not stated yet"
        ties = "; ".join(f"{tie.nature}, {tie.company}" for tie in self.relationships)
        mitigated = all(is_mitigated(tie) for tie in self.relationships)
        return f"{ties[:1].upper()}{ties[1:]}{' (mitigated)' if mitigated else ''}"


@dataclass(frozen=True)
class Rooms:
    """The hotel: its group rate, until when, and where to book."""

    name: str
    note: str
    url: str
    rate: Money | None
    until: date | None
    is_over: bool


@dataclass(frozen=True)
class Leaflet:
    """Everything the page of a seminar says."""

    seminar: Seminar
    us: Provider
    card: Card
    ways: list[Offering]
    way: Offering | None
    standing: Standing
    now: datetime
    today: date
    days: list[Day]
    people: list[Person]
    independence: Independence
    statements: list[rules.Statement]
    refunds: list[str]

    @property
    def has_profiles(self) -> bool:
        """Whether its faculty have pages of their own: those of a published seminar do."""
        return self.seminar.status == PUBLISHED

    @property
    def is_on_demand(self) -> bool:
        """Whether it is there at any time, and not held."""
        return self.seminar.learning_format == rules.ENDURING

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

    @property
    def ends_on(self) -> date:
        """The last day of all."""
        return (self.is_on_demand and self.seminar.terminates_on) or self.seminar.ends_on

    @property
    def claim_by(self) -> date:
        """The last day to claim credit: on demand never after the activity terminates."""
        window = self.seminar.claim_window_days
        days = self.us.claim_window_days if window is None else window
        return self.ends_on if self.is_on_demand else self.ends_on + timedelta(days=days)

    @property
    def access_until(self) -> date | None:
        """The last day to watch for somebody who registers today."""
        return tuition.access_until(self.way, self.today) if self.is_on_demand and self.way else None

    def access_of(self, registration: Any) -> date | None:
        """The last day to watch for somebody who registered."""
        if not self.is_on_demand:
            return None
        bought_at = registration.confirmed_at or registration.created_at
        return tuition.access_until(registration.offering, day_in(self.seminar.time_zone, bought_at))

    @property
    def specialty_value(self) -> str:
        """The specialty as an address asks for it."""
        return slug_of(self.seminar.specialty)

    @property
    def zone_name(self) -> str:
        """Eastern, as people call the seminar's zone."""
        return program.zone_name(self.seminar.time_zone)

    @property
    def daily_hours(self) -> str:
        """The hours of each day, where it is held."""
        return "" if self.is_on_demand else program.daily_hours(self.days)

    @property
    def has_tracks(self) -> bool:
        """Whether sessions run side by side."""
        return any(line.is_beside for day in self.days for line in day.lines)

    @property
    def length(self) -> str:
        """How long it takes, as estimated, or else as long as the agenda is."""
        minutes = self.seminar.estimated_minutes or rules.credit_minutes(self.seminar.sessions)
        return program.in_hours(minutes) if minutes else ""

    @property
    def medium(self) -> str:
        """By what one learns."""
        return " or ".join(MODE_LABELS[Mode(way.mode)].lower() for way in self.ways).capitalize()

    @property
    def teachers(self) -> list[Person]:
        """Directors and faculty, who have a portrait."""
        return [person for person in self.people if person.role in ("director", "faculty")]

    @property
    def tuition(self) -> tuple[list[str], list[tuple[str, list[str]]]]:
        """The tuition table: its columns, and a row of amounts for each group."""
        return tuition.table(self.ways, self.today)

    @property
    def early_until(self) -> date | None:
        """The day the last early rate ends."""
        return tuition.early_until(self.ways, self.today)

    @property
    def milestones(self) -> list[Milestone]:
        """The days that matter, in their order."""
        early = timeline.early_days(self.seminar)
        steps = tuition.policy_of(self.seminar).steps
        return timeline.milestones(self.seminar, steps, claim_by=self.claim_by, early=early, today=self.today)

    @property
    def rooms(self) -> Rooms | None:
        """The hotel, where one is named."""
        at = self.seminar
        if not (at.hotel or at.hotel_name):
            return None
        rate = Money(at.hotel_rate_minor) if at.hotel_rate_minor else None
        url = at.hotel_url if at.hotel_url and urlsplit(at.hotel_url).scheme in ("http", "https") else ""
        is_over = at.hotel_cutoff_on is not None and at.hotel_cutoff_on < self.today
        return Rooms(at.hotel_name, at.hotel, url, rate, at.hotel_cutoff_on, is_over)


def _person(who: Faculty, role: str, day: date) -> Person:
    said = told(who.disclosures, day)
    is_told = bool(said) and all(one.is_decided for one in said)
    relevant = [one for one in said if one.is_relevant]
    return Person(who, role, relevant, is_told, any(one.has_relationship for one in said))


def _chosen(ways: list[Offering], mode: str | None) -> Offering | None:
    with_seats = [way for way in ways if way.status == "open" and way.seats_left]
    asked = [way for way in ways if way.mode == mode]
    return next(iter([*asked, *with_seats, *ways]), None)


def leaflet(seminar: Seminar, us: Provider, *, mode: str | None, now: datetime) -> Leaflet:
    """Set the page of a seminar for somebody who would attend in this mode, or in the first that has seats."""
    today = day_in(seminar.time_zone, now)
    ways = in_order(seminar.offerings)
    way = _chosen(ways, mode)
    is_paid = any(tier.amount_minor for each in ways for tier in each.tiers)
    day = today if seminar.terminates_on else min(today, seminar.ends_on)
    return Leaflet(
        seminar=seminar,
        us=us,
        card=card_of(seminar, now=now),
        ways=ways,
        way=way,
        standing=standing(seminar, way, now=now),
        now=now,
        today=today,
        days=program.days_of(seminar),
        people=[_person(one.faculty, one.role, day) for one in seminar.people],
        independence=disclosed(seminar, today),
        statements=rules.statements(seminar, us),
        refunds=_refunds(seminar, ways, today) if is_paid else [],
    )


def _refunds(seminar: Seminar, ways: list[Offering], today: date) -> list[str]:
    policy, modes = tuition.policy_of(seminar), {way.mode for way in ways}
    return policy_in_words(policy, starts_on=seminar.starts_on, today=today, modes=modes)
