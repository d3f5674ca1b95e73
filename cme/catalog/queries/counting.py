"""How many seminars have what: each facet counted under all the filters in use but its own."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cme.catalog.facets import AMOUNTS, PRICES, Choice, Facets, credit_types, formats, price_label
from cme.catalog.filters import Filters
from cme.catalog.listing import FREE, OPEN, PRICE_SIGNS

# Where each facet's choices stand in Facets.
ATTRIBUTES = {
    "specialty": "specialties",
    "topic": "topics",
    "format": "formats",
    "credit": "credits",
    "state": "states",
    "country": "countries",
    "month": "months",
    "mandate": "mandates",
    "amounts": "amounts",
}


@dataclass(frozen=True)
class Counts:
    """What the listings that match have, as one character for each thing each of them has."""

    upcoming: int  # whatever is asked
    hits: int  # with the words
    total: int  # with the words, and all filters hold
    matching: str
    but_one: Mapping[str, str]  # by facet: of those that only this facet's own filter keeps out
    kept_out: Mapping[str, int]  # how many these are

    def by_facet(self) -> Mapping[str, Counter[str]]:
        """The counts under the filters, for each facet with one, and under "" for the others."""
        base = tally(self.matching)
        return {"": base} | {facet: base + tally(text) for facet, text in self.but_one.items()}


def tally(text: str) -> Counter[str]:
    """How often each character stands in a text; small numbers are counted twice as fast as characters."""
    try:
        numbers: Iterable[int] = text.encode("latin-1")
    except UnicodeEncodeError:
        numbers = memoryview(text.encode("utf-16-le")).cast("H")
    return Counter({chr(number): count for number, count in Counter(numbers).items()})


def facets_of(filters: Filters, known: Facets, counts: Counts) -> Facets:
    """What else could be asked: every choice that some seminar has, and those already chosen."""
    by_facet = counts.by_facet()

    def number(facet: str, sign: str) -> int:
        return by_facet.get(facet, by_facet[""])[sign]

    found: dict[str, Any] = {}
    for facet, attribute in ATTRIBUTES.items():
        chosen = {choice.value: choice for choice in getattr(filters, facet)}
        offered = {choice.value: choice for choice in getattr(known, attribute)} | chosen
        signs = ((value, choice, known.characters.get((facet, value), " ")) for value, choice in offered.items())
        counted = [Choice(value, choice.label, number(facet, sign)) for value, choice, sign in signs]
        found[attribute] = [choice for choice in counted if choice.count or choice.value in chosen]
    for attribute in ("specialties", "topics", "states", "countries", "mandates"):
        found[attribute].sort(key=lambda choice: choice.label.casefold())
    found["months"].sort(key=lambda choice: choice.value)
    found["amounts"].sort(key=lambda choice: list(AMOUNTS).index(choice.value) if choice.value in AMOUNTS else 9)
    found["formats"] = formats({choice.value: choice.count for choice in found["formats"]})
    found["credits"] = credit_types({choice.value: choice.count for choice in found["credits"]})
    prices = [Choice(value, label, number("price", PRICE_SIGNS[value])) for value, label in PRICES.items()]
    if filters.price and filters.price not in PRICES:
        prices.append(Choice(filters.price, price_label(filters.price), counts.total))
    return Facets(
        **found,
        prices=prices,
        free=number("price", FREE),
        open=number("open", OPEN),
        total=counts.upcoming,
        characters=known.characters,
    )
