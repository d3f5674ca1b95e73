"""How a seminar looks in a list, and where in a list it stands."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
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


def card_of(seminar: Seminar, *, now: datetime, is_registered: bool = False) -> Card:
    """The card of a seminar, from what is loaded of it."""
    today = day_in(seminar.time_zone, now)
    ways = in_order([o for o in seminar.offerings if o.status == "open"] or seminar.offerings)
    tiers = [(tier.price_on(today), tier) for offering in ways for tier in offering.tiers]
    price, cheapest = min(tiers, key=lambda pair: pair[0].minor, default=(None, None))
    ama = seminar.designation_of(CreditType.AMA_PRA_1)
    on_demand = seminar.learning_format == ENDURING
    return Card(
        slug=seminar.slug,
        title=seminar.title,
        summary=seminar.summary,
        specialty_label=seminar.specialty,
        tone=tone_of(seminar.specialty),
        contour=zlib.crc32(seminar.slug.encode()) % 6 + 1,
        starts_on=None if on_demand else seminar.starts_on,
        ends_on=None if on_demand else seminar.ends_on,
        city=seminar.city,
        state=seminar.state,
        modes=tuple(offering.mode for offering in ways),
        credits=ama.credits if ama else None,
        from_price=price,
        early_until=cheapest.early_until if cheapest and price and price.minor < cheapest.amount_minor else None,
        seats_left=seats_left(seminar.offerings),
        topic_tags=tuple(seminar.topics),
        is_cancelled=seminar.status == CANCELLED,
        is_registered=is_registered,
    )
