"""What staff say of a seminar: everything the editor can change, in one piece and already well formed."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cme.values import Policy


def moment_of(day: date, at: time, zone: str) -> datetime:
    """The moment of a local time; ValueError for one that the clocks skip, the first of two where they go back."""
    local = datetime.combine(day, at, ZoneInfo(zone))
    moment = local.astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"The clocks in {zone} skip {at:%H:%M} on {day}.")
    return moment


def first_moment(day: date, zone: str) -> datetime:
    """When a day begins there, be it not at midnight."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def last_moment(day: date, zone: str) -> datetime:
    """When a day is over there."""
    return first_moment(day + timedelta(days=1), zone)


def days_after(moment: datetime, days: int, zone: str) -> datetime:
    """The same time of the day so many days later there, whether or not the clocks change on the way."""
    local = moment.astimezone(ZoneInfo(zone))
    return (local + timedelta(days=days)).astimezone(UTC)


@dataclass(frozen=True)
class TierValues:
    """Tuition for one group of certification types."""

    tier: str
    amount_minor: int
    early_minor: int | None = None
    early_until: date | None = None


@dataclass(frozen=True)
class OfferingValues:
    """One way to attend."""

    mode: str
    capacity: int = 0
    is_open: bool = True
    webcast_url: str | None = None
    access_days: int | None = None
    tiers: tuple[TierValues, ...] = ()


@dataclass(frozen=True)
class SessionValues:
    """One item of the agenda; without a number it is a new one."""

    title: str
    on: date
    starts: time
    ends: time
    kind: str = "instruction"
    track: str = ""
    mode: str = "both"
    number: int | None = None
    teachers: tuple[str, ...] = ()  # slugs of faculty
    topic_minutes: dict[str, int] = field(default_factory=dict)  # by the codes of rules.TOPICS


@dataclass(frozen=True)
class DesignationValues:
    """What the seminar is designated for in one type of credit, in hundredths, and what its approver said."""

    credit_type: str
    maximum: int
    step: int = 25
    approval_number: str = ""
    approved_from: date | None = None
    approved_until: date | None = None
    is_pending: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DisclosureValues:
    """What somebody disclosed: a relationship with a company, or with an empty name that there is none."""

    company: str = ""
    nature: str = ""
    is_relevant: bool = False
    is_decided: bool = True  # whether staff have said if it is relevant
    mitigation: str = ""
    mitigated_on: date | None = None


@dataclass(frozen=True)
class PersonValues:
    """Somebody in control of the content: known by slug, or new by name."""

    role: str = "faculty"
    slug: str = ""
    name: str = ""
    credentials: str = ""
    title: str = ""
    affiliation: str = ""
    disclosure: DisclosureValues | None = None  # None leaves what is known


@dataclass(frozen=True)
class SupportValues:
    """Commercial support: who gave it, and what, when it was not money."""

    source: str
    nature: str = ""


@dataclass(frozen=True)
class SeminarValues:
    """A seminar as its editor shows it."""

    title: str
    starts_on: date
    ends_on: date
    time_zone: str = "America/New_York"
    slug: str = ""  # made from the title when empty
    summary: str = ""
    description: str = ""
    audience: str = ""
    objectives: tuple[str, ...] = ()
    specialty: str = ""
    topics: tuple[str, ...] = ()
    learning_format: str = "live activity"
    venue: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    country: str = "US"
    hotel: str = ""
    hotel_name: str = ""
    hotel_url: str | None = None
    hotel_rate_minor: int | None = None
    hotel_cutoff_on: date | None = None
    providership: str = "direct"
    joint_providers: tuple[str, ...] = ()
    no_commercial_support: bool = False
    commercial_support: tuple[SupportValues, ...] = ()
    evaluation_required: bool = True
    tracks_attendance: bool = True
    claim_window_days: int | None = None
    pass_mark: int | None = None
    released_on: date | None = None
    reviewed_on: date | None = None
    terminates_on: date | None = None
    estimated_minutes: int | None = None
    method: str = ""
    bibliography: str = ""
    day_themes: dict[str, str] = field(default_factory=dict)  # by day, as 2027-03-15
    maximum: int = 0  # AMA PRA Category 1 Credit, in hundredths
    designations: tuple[DesignationValues, ...] = ()  # every other type of credit
    offerings: tuple[OfferingValues, ...] = field(default=())
    sessions: tuple[SessionValues, ...] = field(default=())
    people: tuple[PersonValues, ...] = field(default=())
    policy: Policy | None = None  # none: the provider's


@dataclass(frozen=True)
class ArticleValues:
    """An article as its editor shows it; its category is known by slug, or new by name."""

    title: str
    slug: str = ""  # made from the title when empty
    summary: str = ""
    body: str = ""
    category: str = ""
    new_category: str = ""
    author: str = ""
    published_on: date | None = None
    specialty: str = ""
    topics: tuple[str, ...] = ()
