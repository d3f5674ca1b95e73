"""Seminars, sessions and designations as plain objects, for rules that need no database."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from cme.values import Credits

NOW = datetime(2027, 3, 1, 15, tzinfo=UTC)
TODAY = NOW.date()
FIRST = date(2027, 4, 5)


@dataclass(eq=False)
class Item:
    """An item of an agenda."""

    starts_at: datetime
    minutes: int
    kind: str = "instruction"
    mode: str = "both"
    track: str = ""
    title: str = "A session"
    topic_minutes: dict[str, int] = field(default_factory=dict)
    faculty: tuple[Any, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def on(self) -> date:
        """Its day."""
        return self.starts_at.date()

    @property
    def starts(self) -> time:
        """When it begins on the wall."""
        return self.starts_at.time()

    @property
    def ends(self) -> time:
        """When it ends on the wall."""
        return self.ends_at.time()

    @property
    def counts(self) -> bool:
        """Whether it is instruction."""
        return self.kind == "instruction"


def at(clock: str, minutes: int, title: str = "A session", *, day: int = 0, **more: Any) -> Item:
    """An item of the agenda that starts at a time of a day."""
    hour, minute = map(int, clock.split(":"))
    start = datetime(2027, 4, 5, hour, minute, tzinfo=UTC) + timedelta(days=day)
    return Item(start, minutes, title=title, **more)


def agenda(text: str) -> list[Item]:
    """An agenda as people write it: a line is "8:00-9:15 break Coffee", "10:00-10:45 @B in-person Workshop".

    After the times may stand a day ("day2"), a kind, a track after @, a way to attend; the rest is the title.
    """
    items = []
    for line in filter(None, map(str.strip, text.splitlines())):
        times, *words = line.split()
        facts: dict[str, Any] = {}
        while words:
            word = words[0]
            if word.startswith("day") and word[3:].isdigit():
                facts["day"] = int(word[3:]) - 1
            elif word in ("break", "meal", "registration", "non-cme"):
                facts["kind"] = word
            elif word in ("in-person", "livestream"):
                facts["mode"] = word
            elif word.startswith("@"):
                facts["track"] = word[1:]
            else:
                break
            words.pop(0)
        start, _, end = times.partition("-")
        (h1, m1), (h2, m2) = (map(int, part.split(":")) for part in (start, end))
        items.append(at(start, (h2 - h1) * 60 + m2 - m1, " ".join(words) or "A session", **facts))
    return items


@dataclass(eq=False)
class Teacher:
    """Somebody who teaches, with what they disclosed."""

    full_name: str
    disclosures: list[SimpleNamespace]


def disclosure(**facts: Any) -> SimpleNamespace:
    """What somebody disclosed: nothing, unless said otherwise; naming a company makes it a settled relationship."""
    tied = "company" in facts
    usual = {
        "has_relationship": tied,
        "company": "",
        "nature": "consultant" if tied else "",
        "is_relevant": tied,
        "is_decided": True,
        "mitigation": "Peer review of content" if tied else "",
        "mitigated_on": TODAY if tied else None,
        "expires_on": TODAY,
    }
    return SimpleNamespace(**(usual | facts))


def person(name: str = "Ada Quillfeather, MD", role: str = "director", **facts: Any) -> SimpleNamespace:
    """Somebody in control of content."""
    return SimpleNamespace(faculty=Teacher(name, [disclosure(**facts)]), role=role)


def tuition(tier: str = "physician", amount: int = 109500, **more: Any) -> SimpleNamespace:
    """Tuition of one group."""
    return SimpleNamespace(**({"tier": tier, "amount_minor": amount, "early_minor": None, "early_until": None} | more))


def offering(mode: str = "in-person", **more: Any) -> SimpleNamespace:
    """A way to attend, with tuition for every group."""
    tiers = [tuition(), tuition("clinician", 89500), tuition("trainee", 0)]
    return SimpleNamespace(**({"mode": mode, "capacity": 40, "currency": "USD", "tiers": tiers} | more))


def designation(credit_type: str = "ama-pra-1", maximum: int = 200, **more: Any) -> SimpleNamespace:
    """So much credit of one type; AMA PRA credit, unless said otherwise."""
    usual = {
        "credit_type": credit_type,
        "maximum": maximum,
        "credits": Credits(maximum),
        "step": 25,
        "is_pending": False,
        "approval_number": "",
        "approved_from": None,
        "approved_until": None,
        "extra": {},
    }
    return SimpleNamespace(**(usual | more))


def seminar(*others: SimpleNamespace, **changes: Any) -> SimpleNamespace:
    """A seminar of two hours that lacks nothing, but for the changes; `others` are designations beside AMA's."""
    ada = person()
    made = {
        "title": "Cardiology for Primary Care",
        "slug": "cardiology-for-primary-care",
        "summary": "Blood pressure, lipids and results that are pending at discharge.",
        "description": "",
        "audience": "Physicians",
        "objectives": ["Choose a target"],
        "topics": ["Hypertension"],
        "day_themes": {},
        "learning_format": "live activity",
        "time_zone": "America/New_York",
        "starts_on": FIRST,
        "ends_on": FIRST,
        "starts_at": NOW + timedelta(days=35),
        "published_at": None,
        "venue": "Harborlight Hotel",
        "city": "Sarasota",
        "providership": "direct",
        "joint_providers": [],
        "commercial_support": [],
        "no_commercial_support": True,
        "evaluation_required": True,
        "pass_mark": None,
        "released_on": None,
        "reviewed_on": None,
        "terminates_on": None,
        "estimated_minutes": None,
        "method": "",
        "bibliography": "",
        "offerings": [offering()],
        "sessions": [at("8:00", 60, faculty=(ada.faculty,)), at("9:00", 60)],
        "people": [ada],
        "designations": [designation(), *others],
    } | changes
    by_type = {one.credit_type: one for one in made["designations"]}
    return SimpleNamespace(**made, designation_of=by_type.get)


def on_demand(*others: SimpleNamespace, **changes: Any) -> SimpleNamespace:
    """An activity on demand of two hours that lacks nothing, but for the changes."""
    return seminar(
        *others,
        **{
            "learning_format": "enduring material",
            "offerings": [offering("on-demand")],
            "released_on": TODAY,
            "terminates_on": date(2029, 3, 1),
            "pass_mark": 70,
            "estimated_minutes": 120,
            "method": "Watch each recording, then take the assessment.",
            "bibliography": "A list of sources is given with each recording.",
        }
        | changes,
    )
