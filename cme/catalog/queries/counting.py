"""How many seminars have what: each facet counted under all the filters in use but its own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cme.catalog.facets import AMOUNTS, PRICES, Choice, Facets, credit_types, formats, price_label
from cme.catalog.filters import Filters

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
# What changes by itself has no character of its own in a listing: these digits are added as it is read.
FREE, TO_500, TO_1000, OPEN = "0", "1", "2", "3"
PRICE_SIGNS = {"free": FREE, "500": TO_500, "1000": TO_1000}


@dataclass(frozen=True)
class Counts:
    """What the listings that match have, as one character for each thing each of them has."""

    upcoming: int  # whatever is asked
    hits: int  # with the words
    total: int  # with the words, and all filters hold
    matching: str
    but_one: Mapping[str, str]  # by facet: of those that only this facet's own filter keeps out

    def by_facet(self) -> Mapping[str, Counter[str]]:
        """The counts under the filters, for each facet with one, and under "" for the others."""
        base = tally(self.matching)
        return {"": base} | {facet: base + tally(text) for facet, text in self.but_one.items()}


def tally(text: str) -> Counter[str]:
    """How often each character stands in a text; most are one byte wide, and bytes are counted twice as fast."""
    narrow = text.encode("latin-1", "ignore")
    found = Counter({chr(byte): count for byte, count in Counter(narrow).items()})
    if len(narrow) < len(text):
        found.update(character for character in text if character > "\xff")
    return found


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
