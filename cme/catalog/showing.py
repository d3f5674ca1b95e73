"""How the catalog shows what was found: its title, its month on the wall, and the ways out of nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from cme.catalog.calendar_month import Week, month_at, neighbours, weeks_of
from cme.catalog.cards import PER_PAGE, Card, Found
from cme.catalog.facets import Choice
from cme.catalog.filters import Filters

PER_PAGE_OF = {"list": PER_PAGE, "compact": 60, "month": PER_PAGE}

Way = tuple[str, Filters, int]


@dataclass(frozen=True)
class Wall:
    """A month as it hangs on the wall: its weeks, and the months with something before, after and nearest."""

    month: Choice
    weeks: list[Week[Card]]
    before: Choice | None
    after: Choice | None

    @property
    def nearest(self) -> Choice | None:
        """The next month with something, or the last one that had."""
        return self.after or self.before


def title_of(asked: Filters, found: Found) -> str:
    """The title of the page; it says when nothing was found, and which month it is."""
    if asked.chips and not found.pages.total:
        return "No seminars match"
    return f"Seminars in {found.month.label}" if found.month else "Upcoming seminars"


def wall(found: Found) -> Wall | None:
    """The month to hang up, if one was asked for."""
    first = month_at(found.month.value) if found.month else None
    if found.month is None or first is None:
        return None
    months = {choice.value: choice for choice in found.facets.months if choice.count}
    before, after = neighbours(found.month.value, list(months))
    return Wall(
        found.month,
        weeks_of(first, found.pages.items),
        months[before] if before else None,
        months[after] if after else None,
    )


def ways_out(asked: Filters, found: Found, count: Callable[[Filters], int]) -> list[Way]:
    """Which filter to take away when nothing matches, and how many there would be, the most first."""
    ways = []
    for name, kept_out in found.kept_out.items():
        if kept_out:
            ways.append((_said(asked, name), asked.without(**{name: getattr(Filters, name)}), kept_out))
    rest = asked.without(q="", exact=False)
    if asked.q and (total := count(rest) if rest.chips else found.facets.total):
        ways.append((f"“{asked.q}”", rest, total))
    return sorted(ways, key=lambda way: -way[2])


def _said(asked: Filters, name: str) -> str:
    """What one filter asks, as its chips say it."""
    rest = asked.without(**{name: getattr(Filters, name)})
    kept = {label for label, _ in rest.chips}
    return " or ".join(f"“{label}”" for label, _ in asked.chips if label not in kept)
