"""How a seminar looks in a list, and where in a list it stands."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from cme.catalog.facets import Choice, Facets
from cme.catalog.models import CANCELLED, Offering, Seminar
from cme.catalog.places import state_name
from cme.catalog.rules import ENDURING
from cme.values import Credits, CreditType, Mode, Money

Item = TypeVar("Item")
PER_PAGE = 20
TONES = ("marine", "teal", "indigo", "plum", "moss", "clay", "slate")
TONE_OF = {
    "cardiology": "marine",
    "emergency medicine": "clay",
    "endocrinology": "teal",
    "women's health": "plum",
    "neurology": "indigo",
    "psychiatry": "indigo",
    "pediatrics": "teal",
    "pain medicine": "slate",
    "geriatrics": "moss",
    "internal medicine": "marine",
    "palliative care": "plum",
}


@dataclass(frozen=True)
class Pages(Generic[Item]):
    """One page of a list, and where in the list it stands."""

    items: list[Item]
    page: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def is_beyond(self) -> bool:
        """Whether somebody asked for a page after the last."""
        return self.page > self.pages

    @property
    def first(self) -> int:
        """The number of the first item shown."""
        return (self.page - 1) * self.per_page + 1

    @property
    def last(self) -> int:
        """The number of the last item shown."""
        return self.first + len(self.items) - 1

    @property
    def has_prev(self) -> bool:
        """Whether there is a page before."""
        return self.page > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a page after."""
        return self.page < self.pages


@dataclass(frozen=True)
class Card:
    """What a list shows of a seminar."""

    slug: str
    title: str
    summary: str
    specialty_label: str
    tone: str
    contour: int
    starts_on: date | None
    ends_on: date | None
    city: str
    state: str
    modes: tuple[str, ...]
    credits: Credits | None
    from_price: Money | None
    early_until: date | None
    seats_left: int
    topic_tags: tuple[str, ...]
    is_cancelled: bool = False
    is_registered: bool = False
    country: str = "US"
    credit_types: tuple[str, ...] = ()
    has_waitlist: bool = False  # every open way to attend is full, and one can wait

    @property
    def is_on_demand(self) -> bool:
        """Whether any day will do."""
        return self.starts_on is None

    @property
    def place(self) -> str:
        """Sarasota, FL."""
        return ", ".join(part for part in (self.city, self.state) if part)

    @property
    def state_name(self) -> str:
        """Florida."""
        return state_name(self.state)

    @property
    def mode_label(self) -> str:
        """In person or livestream."""
        words = {Mode.IN_PERSON: "in person", Mode.LIVESTREAM: "livestream", Mode.ON_DEMAND: "on demand"}
        return " or ".join(words[Mode(mode)] for mode in self.modes).capitalize()

    @property
    def month(self) -> str:
        """The month it starts in, to group a list by; what has no date comes last."""
        return f"{self.starts_on:%Y-%m}" if self.starts_on else "any"

    @property
    def month_label(self) -> str:
        """March 2027."""
        return f"{self.starts_on:%B %Y}" if self.starts_on else "Any day"

    @property
    def is_full(self) -> bool:
        """Whether no seat is left in any way of attending."""
        return not self.seats_left

    @property
    def is_free(self) -> bool:
        """Whether nobody pays."""
        return self.from_price is not None and not self.from_price.minor


@dataclass(frozen=True)
class Found:
    """What a search answers: one page of cards, what else can be chosen, and how the search was read."""

    pages: Pages[Card]
    facets: Facets
    corrected: str = ""  # what was searched for instead of a word nobody knows; empty when nothing was put right
    month: Choice | None = None  # the month the month view shows: all its seminars are in `pages`
    kept_out: Mapping[str, int] = field(default_factory=dict)  # by filter, how many more there were without it


def tone_of(specialty: str) -> str:
    """The colour of a specialty's cover; one we do not know keeps its own too."""
    return TONE_OF.get(specialty.casefold()) or TONES[zlib.crc32(specialty.encode()) % len(TONES)]


def day_in(zone: str, now: datetime) -> date:
    """The day it is in a seminar's zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def in_order(offerings: Sequence[Offering]) -> list[Offering]:
    """The ways to attend, in person first."""
    order = list(Mode)
    return sorted(offerings, key=lambda offering: order.index(Mode(offering.mode)))


def seats_left(offerings: Sequence[Offering]) -> int:
    """The seats left in the first way to attend that has any."""
    return next((o.seats_left for o in in_order(offerings) if o.status == "open" and o.seats_left), 0)


@dataclass(frozen=True)
class PriceStep:
    """The cheapest way in until the end of a day; without a day, from then on."""

    until: date | None
    price: Money
    early_until: date | None  # the early rate this price is


def price_steps(offerings: Sequence[Offering]) -> list[PriceStep]:
    """What the cheapest way in costs as the days go by; nothing where nothing is sold."""
    tiers = [tier for offering in offerings for tier in offering.tiers]
    days = sorted({tier.early_until for tier in tiers if tier.early_until})
    steps: list[PriceStep] = []
    for until in (*days, None) if tiers else ():
        on = until or date.max
        price, tier = min(((tier.price_on(on), tier) for tier in tiers), key=lambda pair: pair[0].minor)
        step = PriceStep(until, price, tier.early_until if price.minor < tier.amount_minor else None)
        if steps and (steps[-1].price, steps[-1].early_until) == (step.price, step.early_until):
            steps.pop()
        steps.append(step)
    return steps


def ways_in(seminar: Seminar) -> list[Offering]:
    """The ways to attend that are open, in person first."""
    return in_order([offering for offering in seminar.offerings if offering.status == "open"])


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def face_of(seminar: Seminar) -> dict[str, Any]:
    """What a card shows of a seminar whatever the day and the seats, ready to be kept as JSON."""
    ways = ways_in(seminar) or in_order(seminar.offerings)
    ama = seminar.designation_of(CreditType.AMA_PRA_1)
    is_on_demand = seminar.learning_format == ENDURING
    return {
        "slug": seminar.slug,
        "title": seminar.title,
        "summary": seminar.summary,
        "specialty": seminar.specialty,
        "zone": seminar.time_zone,
        "starts_on": None if is_on_demand else _iso(seminar.starts_on),
        "ends_on": None if is_on_demand else _iso(seminar.ends_on),
        "city": seminar.city,
        "state": seminar.state,
        "country": seminar.country,
        "modes": [offering.mode for offering in ways],
        "credits": ama.maximum if ama else None,
        "credit_types": [found.credit_type for found in seminar.designations if found.maximum and not found.is_pending],
        "prices": [
            [_iso(step.until), step.price.minor, step.price.currency, _iso(step.early_until)]
            for step in price_steps(ways)
        ],
        "topics": list(seminar.topics),
    }


def card_from(face: dict[str, Any], seats: Mapping[str, int], *, now: datetime, **more: bool) -> Card:
    """The card with a seminar's face, on this day, with these seats left by way of attending."""
    today = day_in(face["zone"], now).isoformat()
    open_steps = (step for step in face["prices"] if step[0] is None or today <= step[0])
    _, minor, currency, early_until = next(open_steps, (None, None, "USD", None))
    return Card(
        slug=face["slug"],
        title=face["title"],
        summary=face["summary"],
        specialty_label=face["specialty"],
        tone=tone_of(face["specialty"]),
        contour=zlib.crc32(face["slug"].encode()) % 6 + 1,
        starts_on=_day(face["starts_on"]),
        ends_on=_day(face["ends_on"]),
        city=face["city"],
        state=face["state"],
        modes=tuple(face["modes"]),
        credits=None if face["credits"] is None else Credits(face["credits"]),
        from_price=None if minor is None else Money(minor, currency),
        early_until=_day(early_until),
        seats_left=next((seats[mode] for mode in Mode if seats.get(mode, 0) > 0), 0),
        topic_tags=tuple(face["topics"]),
        country=face["country"],
        credit_types=tuple(face["credit_types"]),
        has_waitlist=bool(seats) and not any(left > 0 for left in seats.values()),
        **more,
    )


def card_of(seminar: Seminar, *, now: datetime, is_registered: bool = False) -> Card:
    """The card of a seminar, from what is loaded of it."""
    seats = {offering.mode: offering.seats_left for offering in ways_in(seminar)}
    is_cancelled = seminar.status == CANCELLED
    return card_from(face_of(seminar), seats, now=now, is_cancelled=is_cancelled, is_registered=is_registered)
