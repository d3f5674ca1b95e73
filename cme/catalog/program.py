"""The agenda of a seminar as people read it: day by day, with hours, teachers, topics and credit."""

from dataclasses import dataclass
from datetime import date, time

from cme.catalog import rules
from cme.catalog.models import AgendaSession, Seminar
from cme.values import MODE_LABELS, Credits, Mode

ZONES = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Mountain",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Atlantic",
}


def zone_name(zone: str) -> str:
    """Eastern, as people call a zone."""
    return ZONES.get(zone, zone.replace("_", " "))


def hours(starts: time, ends: time) -> str:
    """7:30 – 8:30 am."""
    first, last = (f"{at.hour % 12 or 12}:{at:%M}" for at in (starts, ends))
    halves = ["am" if at.hour < 12 else "pm" for at in (starts, ends)]
    return f"{first}{f' {halves[0]}' if halves[0] != halves[1] else ''} – {last} {halves[1]}"


def in_hours(minutes: int) -> str:
    """1 hour 15 minutes."""
    whole, rest = divmod(minutes, 60)
    parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((whole, "hour"), (rest, "minute")) if n]
    return " ".join(parts) or "0 minutes"


@dataclass(frozen=True)
class Line:
    """One item of a day."""

    session: AgendaSession
    is_beside: bool  # another session of instruction runs at the same time

    @property
    def hours(self) -> str:
        """When it is."""
        return hours(self.session.starts, self.session.ends)

    @property
    def credits(self) -> Credits:
        """The credit its own minutes carry."""
        return rules.credit_for(self.session.minutes)

    @property
    def only(self) -> str:
        """Livestream only, where one cannot attend it in every way."""
        return "" if self.session.mode == "both" else f"{MODE_LABELS[Mode(self.session.mode)]} only"

    @property
    def topics(self) -> list[str]:
        """What of it is about a topic that states or boards ask for."""
        counted = self.session.topic_minutes.items() if self.session.counts and self.session.topic_minutes else ()
        return [f"{rules.TOPICS[code]}, {minutes} min" for code, minutes in counted if code in rules.TOPICS and minutes]


@dataclass(frozen=True)
class Day:
    """One day of the agenda."""

    on: date
    sessions: list[AgendaSession]
    theme: str = ""

    @property
    def lines(self) -> list[Line]:
        """Each session, marked where it runs beside another."""
        return [Line(one, any(_beside(one, other) for other in self.sessions)) for one in self.sessions]

    @property
    def credits(self) -> Credits:
        """The credit the day supports."""
        return rules.designated_maximum(self.sessions)

    @property
    def span(self) -> tuple[time, time]:
        """When the first session begins and the last one ends."""
        return min(one.starts for one in self.sessions), max(one.ends for one in self.sessions)

    @property
    def hours(self) -> str:
        """The hours of the day."""
        return hours(*self.span)


def _beside(one: AgendaSession, other: AgendaSession) -> bool:
    both_taught = one is not other and one.counts and other.counts
    return both_taught and one.ends_at > other.starts_at and other.ends_at > one.starts_at


def days_of(seminar: Seminar) -> list[Day]:
    """The days of a seminar that have sessions."""
    themes = seminar.day_themes or {}
    return [
        Day(on, [session for session in seminar.sessions if session.on == on], themes.get(on.isoformat(), ""))
        for on in sorted({session.on for session in seminar.sessions})
    ]


def daily_hours(days: list[Day]) -> str:
    """The hours of every day in one line: the same each day, or from the earliest to the latest."""
    if not days:
        return ""
    spans = {day.span for day in days}
    earliest, latest = min(first for first, _ in spans), max(last for _, last in spans)
    if len(spans) == 1:
        return hours(earliest, latest) + (" each day" if len(days) > 1 else "")
    return f"Between {_at(earliest)} and {_at(latest)}"


def _at(moment: time) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M} {'am' if moment.hour < 12 else 'pm'}"
