"""What somebody asks of the catalog, read from the address: what makes no sense is put right and said so."""

import calendar
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from cme.catalog.facets import (
    AMOUNTS,
    PRICES,
    Choice,
    Facets,
    amount_bounds,
    amount_label,
    counted,
    credit_types,
    formats,
    month_label,
    most_minor,
    price_label,
    slug_of,
)
from cme.catalog.words import words_of

# What can be chosen is asked for here, too: it comes from the address like the rest.
__all__ = [
    "AMOUNTS",
    "PRICES",
    "Choice",
    "Facets",
    "Filters",
    "counted",
    "credit_types",
    "formats",
    "price_label",
    "read",
    "slug_of",
]

SORTS = {"relevance": "Best match", "date": "Soonest first", "price": "Lowest price", "credits": "Most credits"}
VIEWS = {"list": "List", "month": "Month", "compact": "Compact"}
CHOSEN = ("format", "specialty", "credit", "topic", "mandate", "state", "country", "month", "amounts")
QUERY = {"amounts": "credits"}  # the name in the address, where it is another
YES, NO = {"1", "yes", "true", "on"}, {"0", "no", "false", "off"}
LONGEST_SEARCH, MOST_WORDS, MOST_CHOICES, LAST_PAGE = 100, 10, 20, 1_000_000
MOST_DOLLARS = 1_000_000


class Address(Protocol):
    """The query of an address: several values by name."""

    def getlist(self, name: str) -> list[str]:
        """All values of one name."""


@dataclass(frozen=True)
class Filters:
    """What somebody asks of the catalog; `notices` says what had to be put right."""

    q: str = ""
    topic: tuple[Choice, ...] = ()
    specialty: tuple[Choice, ...] = ()
    format: tuple[Choice, ...] = ()
    credit: tuple[Choice, ...] = ()
    state: tuple[Choice, ...] = ()
    country: tuple[Choice, ...] = ()
    month: tuple[Choice, ...] = ()
    mandate: tuple[Choice, ...] = ()  # topics a state asks for, by their codes
    amounts: tuple[Choice, ...] = ()  # ranges of credit; `credits` in the address
    first: date | None = None
    last: date | None = None
    price: str = ""
    open: bool = False
    exact: bool = False  # search for what was typed, mistakes and all
    sort: str = ""
    view: str = "list"
    page: int = 1
    notices: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if self.sort not in self.sorts:
            object.__setattr__(self, "sort", self.usual_sort)

    @property
    def usual_sort(self) -> str:
        """The order without asking: the best match of a search, else the soonest."""
        return "relevance" if self.q else "date"

    @property
    def sorts(self) -> dict[str, str]:
        """The orders to choose from; what is not searched for has no best match."""
        return {name: label for name, label in SORTS.items() if self.q or name != "relevance"}

    @property
    def most_minor(self) -> int | None:
        """The highest price asked for, in cents; 0 for free."""
        return most_minor(self.price) if self.price else None

    @property
    def chips(self) -> list[tuple[str, "Filters"]]:
        """Each filter in use, by its label, with the filters that stay when it is taken away."""
        found: list[tuple[str, Filters]] = [(f"“{self.q}”", self.without(q=""))] if self.q else []
        for name in CHOSEN:
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
        asked = self.query(page=1, sort=self.usual_sort).items()
        return [(name, value) for name, values in asked for value in (values if isinstance(values, list) else [values])]

    @property
    def prices(self) -> list[tuple[str, str]]:
        """The prices to choose from, with the one chosen by hand among them."""
        return [*PRICES.items(), *([(self.price, price_label(self.price))] if self.price not in {"", *PRICES} else [])]

    def without(self, **changes: Any) -> "Filters":
        """The same with something changed, from its first page on."""
        if self.sort == self.usual_sort:
            changes = {"sort": "", **changes}
        return replace(self, page=1, **changes)

    def query(self, page: int | None = None, sort: str | None = None) -> dict[str, Any]:
        """The address's query that asks the same; what is not asked for is left out."""
        page, sort = page or self.page, sort or self.sort
        asked: dict[str, Any] = {"q": self.q, "exact": "1" if self.exact and self.q else "", "price": self.price}
        asked["open"] = "1" if self.open else ""
        for name in CHOSEN:
            asked[QUERY.get(name, name)] = [choice.value for choice in getattr(self, name)]
        asked["from"], asked["to"] = _iso(self.first), _iso(self.last)
        asked["sort"] = "" if sort == self.usual_sort else sort
        asked["view"] = "" if self.view == "list" else self.view
        asked["page"] = "" if page == 1 else page
        return {name: value for name, value in asked.items() if value}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(day: date) -> str:
    return f"{day:%B} {day.year}" if day.day == 1 else f"{day:%B} {day.day}, {day.year}"


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
        found = found if words_of(found) else ""  # signs alone say nothing
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

    def months(self) -> tuple[Choice, ...]:
        """Months, be there seminars in them or not: a calendar leafs through them all."""
        found: dict[str, Choice] = {}
        for value in filter(None, (text.strip() for text in self.address.getlist("month")[:MOST_CHOICES])):
            try:
                if not re.fullmatch(r"\d{4}-\d{2}", value, re.ASCII):
                    raise ValueError
                found[value] = Choice(value, month_label(value))
            except ValueError:
                self.leave_out(value, "is not a month like 2027-03, so it was left out.")
        return tuple(found.values())

    def amounts(self) -> tuple[Choice, ...]:
        """Ranges of credit: 5-10, 20-, -5, and others typed by hand."""
        found: dict[str, Choice] = {}
        for text in filter(None, (text.strip() for text in self.address.getlist("credits")[:MOST_CHOICES])):
            low, _, high = text.partition("-")
            value = f"{low.strip() or 0}-{high.strip()}" if "-" in text else f"{text}-{text}"
            try:
                least, most = amount_bounds(value)
            except ValueError:
                self.leave_out(text, "is not a range of credits like 5-10, so it was left out.")
                continue
            if most is not None and most < least:
                low, _, high = value.partition("-")
                value = f"{high}-{low}"
            found[value] = Choice(value, amount_label(value))
        return tuple(found.values())

    def yes(self, name: str, otherwise: str) -> bool:
        """Whether something is asked for."""
        value = self.text(name).casefold()
        if value and value not in YES | NO:
            self.leave_out(value, otherwise)
        return value in YES

    def one_of(self, name: str, known: Sequence[str], otherwise: str) -> str:
        """One of a few words; the first of them where it is another."""
        value = self.text(name).casefold()
        if value and value not in known:
            self.leave_out(value, otherwise)
        return value if value in known else ""

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
        country=reader.choices("country", facets.countries),
        month=reader.months(),
        mandate=reader.choices("mandate", facets.mandates),
        amounts=reader.amounts(),
        first=first,
        last=last,
        price=reader.price(),
        open=reader.yes("open", "does not say whether to hide full seminars: write open=1."),
        exact=reader.yes("exact", "does not say whether to search for exactly this: write exact=1."),
        sort=reader.one_of("sort", list(SORTS), "is not an order we know, so the usual one was kept."),
        view=reader.one_of("view", list(VIEWS), "is not a view we know: this is the list.") or "list",
        page=reader.page(),
    )
    return replace(found, notices=tuple(dict.fromkeys(reader.notices)))
