"""What seminars can be chosen by: values with their labels and counts, and the ranges of credit and price."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from cme.values import CREDIT_NAMES, MODE_LABELS, Credits, CreditType, Mode, Money

LONGEST_SLUG = 120
PRICES = {"free": "Free", "500": "Up to $500", "1000": "Up to $1,000"}
# The first amount of a range belongs to it, the last one to the next: nothing is counted twice.
AMOUNTS = {
    "0-5": "Under 5 credits",
    "5-10": "5 to 10 credits",
    "10-20": "10 to 20 credits",
    "20-": "20 credits or more",
}


@dataclass(frozen=True)
class Choice:
    """A value somebody can choose, its label, and how many upcoming seminars have it."""

    value: str
    label: str
    count: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Facets:
    """Everything seminars can be chosen by, each counted under the filters in use but its own."""

    specialties: list[Choice] = field(default_factory=list)
    topics: list[Choice] = field(default_factory=list)
    states: list[Choice] = field(default_factory=list)
    months: list[Choice] = field(default_factory=list)
    formats: list[Choice] = field(default_factory=list)
    credits: list[Choice] = field(default_factory=list)
    countries: list[Choice] = field(default_factory=list)
    mandates: list[Choice] = field(default_factory=list)
    amounts: list[Choice] = field(default_factory=list)
    prices: list[Choice] = field(default_factory=list)
    free: int = 0
    open: int = 0  # with seats left
    total: int = 0  # upcoming seminars, whatever is asked
    # The character that stands for a facet's value where seminars are counted.
    characters: Mapping[tuple[str, str], str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def span(self) -> str:
        """The months seminars start in: January to August 2027."""
        if not self.months:
            return ""
        (first, year), (last, last_year) = (choice.label.split() for choice in (self.months[0], self.months[-1]))
        if (first, year) == (last, last_year):
            return f"{first} {year}"
        return f"{first} to {last} {year}" if year == last_year else f"{first} {year} to {last} {last_year}"


def slug_of(label: str) -> str:
    """The word for a label in an address: Women's health is womens-health."""
    plain = unicodedata.normalize("NFKD", label.casefold().replace("'", "").replace("’", ""))
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return "-".join(words)[:LONGEST_SLUG].rstrip("-")  # one sign may stand for eighteen letters


def price_label(price: str) -> str:
    """Say a price somebody asks for."""
    return PRICES.get(price) or f"Up to {Money(int(price) * 100)}"


def most_minor(price: str) -> int:
    """The highest price somebody asks for, in cents; 0 for free."""
    return 0 if price == "free" else int(price) * 100


def month_label(month: str) -> str:
    """March 2027, for 2027-03; ValueError for what is no month."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def amount_label(value: str) -> str:
    """Say a range of credit somebody asks for: 3 to 7 credits."""
    low, _, high = value.partition("-")
    return AMOUNTS.get(value) or (f"{low} to {high} credits" if high else f"{low} credits or more")


def amount_bounds(value: str) -> tuple[int, int | None]:
    """The least amount in a range, in hundredths, and the first beyond it; one typed by hand holds both its ends."""
    low, _, high = value.partition("-")
    least, most = Credits.parse(low).hundredths, Credits.parse(high).hundredths if high else None
    return least, most if most is None or value in AMOUNTS else most + 1


def counted(values: Iterable[tuple[str, str]]) -> list[Choice]:
    """Choices with their counts, by label, from every (value, label) there is."""
    labels: dict[str, str] = {}
    counts: dict[str, int] = {}
    for value, label in values:
        labels.setdefault(value, label)
        counts[value] = counts.get(value, 0) + 1
    found = [Choice(value, labels[value], count) for value, count in counts.items() if value]
    return sorted(found, key=lambda choice: choice.label.casefold())


def formats(counts: Mapping[str, int]) -> list[Choice]:
    """The ways to attend, in their own order."""
    return [Choice(mode.value, MODE_LABELS[mode], counts.get(mode, 0)) for mode in Mode]


def credit_types(counts: Mapping[str, int]) -> list[Choice]:
    """The types of credit, in their own order."""
    return [Choice(kind.value, CREDIT_NAMES[kind], counts.get(kind, 0)) for kind in CreditType]
