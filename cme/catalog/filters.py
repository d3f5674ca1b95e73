"""What somebody asks of the catalog, read from the address: what makes no sense is put right and said so."""

import calendar
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from cme.values import CREDIT_NAMES, MODE_LABELS, CreditType, Mode, Money

SORTS = {"date": "Soonest first", "price": "Lowest price", "credits": "Most credits"}
PRICES = {"free": "Free", "500": "Up to $500", "1000": "Up to $1,000"}
YES, NO = {"1", "yes", "true", "on"}, {"0", "no", "false", "off"}
LONGEST_SEARCH, MOST_WORDS, MOST_CHOICES, LAST_PAGE = 100, 10, 20, 1_000_000
MOST_DOLLARS = 1_000_000


class Address(Protocol):
    """The query of an address: several values by name."""

    def getlist(self, name: str) -> list[str]:
        """All values of one name."""


@dataclass(frozen=True)
class Choice:
    """A value somebody can choose, its label, and how many upcoming seminars have it."""

    value: str
    label: str
    count: int = 0


@dataclass(frozen=True)
class Facets:
    """Everything the upcoming seminars can be chosen by."""

    specialties: list[Choice]
    topics: list[Choice]
    states: list[Choice]
    months: list[Choice]
    formats: list[Choice]
    credits: list[Choice]
    total: int = 0

    @property
    def span(self) -> str:
        """The months seminars start in: January to August 2027."""
        if not self.months:
            return ""
        (first, year), (last, last_year) = (choice.label.split() for choice in (self.months[0], self.months[-1]))
        if (first, year) == (last, last_year):
            return f"{first} {year}"
        return f"{first} to {last} {year}" if year == last_year else f"{first} {year} to {last} {last_year}"


@dataclass(frozen=True)
class Filters:
    """What somebody asks of the catalog; `notices` says what had to be put right."""

    q: str = ""
    topic: tuple[Choice, ...] = ()
    specialty: tuple[Choice, ...] = ()
    format: tuple[Choice, ...] = ()
    credit: tuple[Choice, ...] = ()
    state: tuple[Choice, ...] = ()
    first: date | None = None
    last: date | None = None
    price: str = ""
    open: bool = False
    sort: str = "date"
    page: int = 1
    notices: tuple[str, ...] = field(default=(), compare=False)

    @property
    def words(self) -> list[str]:
        """The words to look for, all of which must be found."""
        return self.q.split()

    @property
    def most_minor(self) -> int | None:
        """The highest price asked for, in cents; 0 for free."""
        if not self.price:
            return None
        return 0 if self.price == "free" else int(self.price) * 100

    @property
    def chips(self) -> list[tuple[str, "Filters"]]:
        """Each filter in use, by its label, with the filters that stay when it is taken away."""
        found: list[tuple[str, Filters]] = [(f"“{self.q}”", self.without(q=""))] if self.q else []
        for name in ("format", "specialty", "credit", "topic", "state"):
            chosen: tuple[Choice, ...] = getattr(self, name)
            found += [(one.label, self.without(**{name: tuple(c for c in chosen if c != one)})) for one in chosen]
        if self.first:
            found.append((f"From {_day(self.first)}", self.without(first=None)))
        if self.last:
            found.append((f"To {_day(self.last)}", self.without(last=None)))
        if self.price:
            found.append((price_label(self.price), self.without(price="")))
        if self.open:
            found.append(("Hide full seminars", self.without(open=False)))
        return found

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the form that sorts carries along, so that nothing is lost without a script."""
        asked = self.query(page=1, sort="date").items()
        return [(name, value) for name, values in asked for value in (values if isinstance(values, list) else [values])]

    @property
    def prices(self) -> list[tuple[str, str]]:
        """The prices to choose from, with the one chosen by hand among them."""
        return [*PRICES.items(), *([(self.price, price_label(self.price))] if self.price not in {"", *PRICES} else [])]

    def without(self, **changes: Any) -> "Filters":
        """The same with something changed, from its first page on."""
        return replace(self, page=1, **changes)

    def query(self, page: int | None = None, sort: str | None = None) -> dict[str, Any]:
        """The address's query that asks the same; what is not asked for is left out."""
        page, sort = page or self.page, sort or self.sort
        asked: dict[str, Any] = {"q": self.q, "price": self.price, "open": "1" if self.open else ""}
        for name in ("topic", "specialty", "format", "credit", "state"):
            asked[name] = [choice.value for choice in getattr(self, name)]
        asked["from"], asked["to"] = _iso(self.first), _iso(self.last)
        asked["sort"] = "" if sort == "date" else sort
        asked["page"] = "" if page == 1 else page
        return {name: value for name, value in asked.items() if value}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(day: date) -> str:
    return f"{day:%B} {day.year}" if day.day == 1 else f"{day:%B} {day.day}, {day.year}"


def price_label(price: str) -> str:
    """Say a price somebody asks for."""
    return PRICES.get(price) or f"Up to {Money(int(price) * 100)}"


def slug_of(label: str) -> str:
    """The word for a label in an address: Women's health is womens-health."""
    plain = unicodedata.normalize("NFKD", label.casefold().replace("'", "").replace("’", ""))
    return "-".join(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))


def printable(text: str, most: int) -> str:
    """The text as it can be looked for, stored and shown: no control characters, no half characters, not too long."""
    composed = unicodedata.normalize("NFC", text[: 4 * most])
    clean = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Cn", "Co"} else c for c in composed)
    return " ".join(clean.split())[:most].strip()


class _Reader:
    """Reads one address and remembers what had to be put right."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.notices: list[str] = []

    def text(self, name: str) -> str:
        """The first value of a name, as typed."""
        return next((value.strip() for value in self.address.getlist(name) if value.strip()), "")

    def leave_out(self, value: str, why: str) -> None:
        """Say that a value was ignored."""
        self.notices.append(f"“{printable(value, 40)}” {why}")

    def search(self) -> str:
        asked = self.text("q")
        found = " ".join(printable(asked, LONGEST_SEARCH).split()[:MOST_WORDS])
        if found != " ".join(asked.split()):
            self.notices.append(f"We searched for “{found}”." if found else "There was nothing to search for.")
        return found

    def choices(self, name: str, known: Sequence[Choice]) -> tuple[Choice, ...]:
        """The values of a name that can be chosen; each once."""
        by_value = {choice.value: choice for choice in known}
        found: dict[str, Choice] = {}
        for value in self.address.getlist(name)[:MOST_CHOICES]:
            choice = by_value.get(slug_of(value[:200])) or by_value.get(value.strip().upper())
            if choice:
                found[choice.value] = choice
            elif value.strip():
                self.leave_out(value, f"is not a {name} of our upcoming seminars, so it was left out.")
        return tuple(found.values())

    def day(self, name: str, *, end: bool = False) -> date | None:
        """A day, or the first or last day of a month."""
        value = self.text(name)
        parts = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", value, re.ASCII)
        if not value:
            return None
        try:
            year, month, day = (int(part) if part else 0 for part in parts.groups()) if parts else (0, 0, 0)
            return date(year, month, day or (calendar.monthrange(year, month)[1] if end else 1))
        except (ValueError, calendar.IllegalMonthError):
            self.leave_out(value, "is not a date like 2027-03-15 or a month like 2027-03, so it was left out.")
            return None

    def price(self) -> str:
        value = self.text("price").casefold().removeprefix("$")
        if value in {"", "free"}:
            return value
        if re.fullmatch(r"\d{1,7}(\.0{1,2})?", value, re.ASCII) and int(value.partition(".")[0]) <= MOST_DOLLARS:
            return str(int(value.partition(".")[0])) if int(value.partition(".")[0]) else "free"
        self.leave_out(value, "is not a price in whole dollars, so it was left out.")
        return ""

    def open(self) -> bool:
        value = self.text("open").casefold()
        if value and value not in YES | NO:
            self.leave_out(value, "does not say whether to hide full seminars: write open=1.")
        return value in YES

    def sort(self) -> str:
        value = self.text("sort").casefold()
        if value and value not in SORTS:
            self.leave_out(value, "is not an order we know: the soonest come first.")
        return value if value in SORTS else "date"

    def page(self) -> int:
        value = self.text("page")
        if re.fullmatch(r"\d{1,7}", value, re.ASCII) and 1 <= int(value) <= LAST_PAGE:
            return int(value)
        if value:
            self.leave_out(value, "is not a page number: this is page 1.")
        return 1


def page_number(address: Address) -> tuple[int, list[str]]:
    """The page of a list an address asks for, and what had to be put right."""
    reader = _Reader(address)
    return reader.page(), reader.notices


def read(address: Address, facets: Facets) -> Filters:
    """Read the query of a catalog address; never fails."""
    reader = _Reader(address)
    first, last = reader.day("from"), reader.day("to", end=True)
    if first and last and first > last:
        first, last = last, first
        reader.notices.append("The two dates were the wrong way round, so we swapped them.")
    found = Filters(
        q=reader.search(),
        topic=reader.choices("topic", facets.topics),
        specialty=reader.choices("specialty", facets.specialties),
        format=reader.choices("format", facets.formats),
        credit=reader.choices("credit", facets.credits),
        state=reader.choices("state", facets.states),
        first=first,
        last=last,
        price=reader.price(),
        open=reader.open(),
        sort=reader.sort(),
        page=reader.page(),
    )
    return replace(found, notices=tuple(dict.fromkeys(reader.notices)))


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
