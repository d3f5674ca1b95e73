"""The topics states and boards ask for: how much of an agenda is about each, and which requirement that may meet."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cme.catalog.rules.credit import credit_for, longest_path
from cme.values import Credits

TOPICS = {
    "pharmacology": "Pharmacology",
    "opioids": "Opioids and other substance use disorders",
    "ethics": "Ethics",
    "medical-errors": "Prevention of medical errors",
    "domestic-violence": "Domestic violence",
    "hiv": "HIV and AIDS",
    "human-trafficking": "Human trafficking",
    "controlled-substances": "Prescribing controlled substances",
    "implicit-bias": "Implicit bias",
    "infection-control": "Infection control",
    "end-of-life": "End-of-life care",
    "suicide-prevention": "Suicide prevention",
}
NAMES_IN_CAPITALS = ("hiv",)
CONFIRM = "Confirm with your board"


@dataclass(frozen=True)
class Mandate:
    """What a state or federal agency asks of those it licenses: so many hours on a topic, within a cycle."""

    key: str
    authority: str
    state: str  # where it holds, as FL; empty everywhere in the United States
    who: str
    topic: str
    hours: Credits
    cycle: str
    note: str = f"{CONFIRM}: rules change, and boards decide what they accept."

    @property
    def sentence(self) -> str:
        """Florida Board of Medicine: 2.0 hours on medical errors for physicians (MD), every renewal (2 years)."""
        return f"{self.authority}: {_hours(self.hours)} on {topic_name(self.topic)} for {self.who}, {self.cycle}."


FLORIDA = "Florida Board of Medicine"
MANDATES = (
    Mandate(
        key="dea-mate",
        authority="Drug Enforcement Administration (MATE Act)",
        state="",
        who="practitioners registered to prescribe controlled substances",
        topic="opioids",
        hours=Credits(800),
        cycle="once, by the first registration or renewal from June 27, 2023; earlier training counts",
    ),
    Mandate(
        key="fl-medical-errors",
        authority=FLORIDA,
        state="FL",
        who="physicians (MD)",
        topic="medical-errors",
        hours=Credits(200),
        cycle="every renewal (24 months)",
    ),
    Mandate(
        key="fl-domestic-violence",
        authority=FLORIDA,
        state="FL",
        who="physicians (MD)",
        topic="domestic-violence",
        hours=Credits(200),
        cycle="every third renewal",
    ),
    Mandate(
        key="fl-hiv",
        authority=FLORIDA,
        state="FL",
        who="physicians (MD)",
        topic="hiv",
        hours=Credits(100),
        cycle="by the first renewal",
    ),
    Mandate(
        key="fl-controlled-substances",
        authority=FLORIDA,
        state="FL",
        who="physicians (MD) registered with the Drug Enforcement Administration",
        topic="controlled-substances",
        hours=Credits(200),
        cycle="every renewal (24 months)",
    ),
    Mandate(
        key="fl-human-trafficking",
        authority=FLORIDA,
        state="FL",
        who="physicians (MD)",
        topic="human-trafficking",
        hours=Credits(100),
        cycle="once",
    ),
)


def topic_name(code: str) -> str:
    """A topic inside a sentence: medical errors, HIV and AIDS."""
    label = TOPICS[code]
    return label if code in NAMES_IN_CAPITALS else f"{label[0].lower()}{label[1:]}"


def _hours(amount: Credits) -> str:
    return f"{amount.short} {'hour' if amount.hundredths == 100 else 'hours'}"


def topic_minutes(sessions: Iterable[Any]) -> dict[str, int]:
    """The minutes of an agenda on each topic, in the order of TOPICS; topics without any are left out.

    Parallel sessions count once, and each topic is judged by itself: the most minutes on it that one person can attend
    in one way, since who comes for a topic goes where it is taught. A session never counts longer than it lasts, and
    what is no instruction never counts.
    """
    taught = [session for session in sessions if session.counts]
    ways = {session.mode for session in taught} - {"both"} or {"both"}
    found: dict[str, int] = {}
    for code in TOPICS:
        for way in ways:
            there = [session for session in taught if session.mode in ("both", way)]
            worth = [max(0, min(session.minutes, (session.topic_minutes or {}).get(code) or 0)) for session in there]
            path = longest_path(there, worth)
            on_it = sum(amount for session, amount in zip(there, worth, strict=True) if session in path)
            found[code] = max(found.get(code, 0), on_it)
    return {code: minutes for code, minutes in found.items() if minutes}


def attended_topic_minutes(attended: Iterable[tuple[Any, int]]) -> dict[str, int]:
    """The minutes on each topic somebody surely heard, from the sessions and the minutes noted for each.

    Whoever left early may have missed the topic: only what the rest of the session cannot explain is certain.
    """
    return topic_minutes(_Heard(session, minutes) for session, minutes in attended if minutes)


class _Heard:
    """A session as far as somebody attended it."""

    def __init__(self, session: Any, minutes: int) -> None:
        self.counts, self.mode = session.counts, "both"  # who was there was there
        self.starts_at, self.ends_at, self.minutes = session.starts_at, session.ends_at, session.minutes
        missed = max(0, session.minutes - minutes)
        self.topic_minutes = {
            code: about - missed for code, about in (session.topic_minutes or {}).items() if about and about > missed
        }


def topic_line(minutes: Mapping[str, int], *, most: Credits) -> str:
    """Of these, 2.0 hours on medical errors, 1.0 hour on HIV and AIDS; confirm with your board. Nothing for none."""
    hours = {code: min(credit_for(minutes.get(code, 0)), most) for code in TOPICS}
    parts = [f"{_hours(amount)} on {topic_name(code)}" for code, amount in hours.items() if amount]
    return f"Of these, {', '.join(parts)}; confirm with your board." if parts else ""


CODES = {topic_name(code): code for code in TOPICS}
SAID = re.compile(r"(\d+\.\d+) hours? on ([^,;]+)")


def minutes_said(line: str) -> dict[str, int]:
    """The minutes on each topic that a topic line tells of; what it says is what counts, for years to come."""
    said = [(CODES.get(name), Credits.parse(hours)) for hours, name in SAID.findall(line)]
    return {code: (amount.hundredths * 60 + 50) // 100 for code, amount in said if code}


@dataclass(frozen=True)
class Met:
    """A requirement an agenda helps to meet: with how much of its credit, and the sentence that says so."""

    mandate: Mandate
    credits: Credits
    sentence: str


def meets(minutes: Mapping[str, int], maximum: Credits) -> list[Met]:
    """The requirements that so many minutes on each topic help to meet, within the credit designated."""
    found = []
    for mandate in MANDATES:
        credits = min(credit_for(minutes.get(mandate.topic, 0)), maximum)
        if credits:
            verb = "meet" if credits >= mandate.hours else "count toward"
            sentence = (
                f"Of the {maximum.short} credits, {credits.short} {verb} the {_hours(mandate.hours)} on "
                f"{topic_name(mandate.topic)} asked by the {mandate.authority}, {mandate.cycle}. {CONFIRM}."
            )
            found.append(Met(mandate, credits, sentence))
    return found
