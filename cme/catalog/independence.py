"""What everybody in control of content has to disclose, how long it holds, and what learners are told of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cme.errors import Refusal

CALENDAR = ZoneInfo("America/New_York")  # where the provider counts its days
LASTS = timedelta(days=365)
EXPIRES_SOON = timedelta(days=30)
# By code, the natures of a relationship as learners read them.
NATURES = {
    "employee": "employee",
    "executive": "executive role",
    "ownership": "ownership interest or stocks",
    "consultant": "consultant",
    "advisor": "advisor",
    "speaker": "speaker",
    "researcher": "researcher",
    "contractor": "independent contractor",
    "royalties": "royalties or patent beneficiary",
}
# The accreditor keeps owners and employees of such companies out of control of content, with three exceptions.
EXCLUDING = ("employee", "executive role", "ownership interest")
ENDED = " (ended)"
NOT_A_NAME = re.compile(r"[®™℠©<>]|!\[|\bhttps?:|\bwww\.|\.(?:png|jpe?g|gif|svg|webp)\b", re.IGNORECASE)
MITIGATED = "All of the relevant financial relationships listed for these individuals have been mitigated."


class Tied(NamedTuple):
    """Somebody with relevant relationships: to which companies, of what nature, and whether all are mitigated."""

    name: str
    relationships: list[tuple[str, str]]
    mitigated: bool


@dataclass(frozen=True)
class Independence:
    """The learner-facing disclosure of one seminar, in the order its people are listed."""

    tied: list[Tied]
    untied: list[str]
    missing: list[str]  # never disclosed, or staff have not yet said whether a relationship is relevant

    @property
    def all_mitigated(self) -> bool:
        """Whether every relevant relationship has been mitigated."""
        return all(person.mitigated for person in self.tied)

    @property
    def mitigation(self) -> str:
        """The sentence that says so; empty where it would not be true, or nobody is listed."""
        return MITIGATED if self.tied and self.all_mitigated else ""


class LinkSpent(Refusal):
    """The link has expired, or never was."""

    message = "This link no longer works. Ask us for a new one."
    status = 410


class NoAddress(Refusal):
    """There is nowhere to send a link to."""

    message = "Enter and save an email address first: the link goes there."


class HalfMitigated(Refusal):
    """Steps without a day, or a day without steps."""

    message = "Enter both how and when the relationship was mitigated."


class Standing(StrEnum):
    """How it stands with somebody's disclosure."""

    CURRENT = "current"
    EXPIRES_SOON = "expires-soon"
    EXPIRED = "expired"
    MISSING = "missing"
    WAITING = "waiting"  # for staff to say whether a relationship is relevant


class Relationship(NamedTuple):
    """A relationship with an ineligible company within the last 24 months."""

    company: str
    nature: str  # a code of NATURES
    has_ended: bool = False

    @property
    def words(self) -> str:
        """The nature as learners read it."""
        return NATURES[self.nature] + (ENDED if self.has_ended else "")


@dataclass(frozen=True)
class FacultyValues:
    """Somebody as their profile shows them."""

    name: str
    credentials: str = ""
    title: str = ""
    field: str = ""
    affiliation: str = ""
    bio: str = ""
    email: str | None = None


@dataclass(frozen=True)
class Decision:
    """What staff say of a relationship: whether it is relevant, and how it was mitigated."""

    is_relevant: bool
    mitigation: str = ""
    mitigated_on: date | None = None


def day_of(now: datetime) -> date:
    """The day it is for the provider."""
    return now.astimezone(CALENDAR).date()


def is_plain_name(company: str) -> bool:
    """Whether learners would be told a company's name alone: no trade name, no logo, no address."""
    return not NOT_A_NAME.search(company)


def in_force(disclosures: Sequence[Any], today: date) -> list[Any]:
    """What somebody has disclosed that holds on a day."""
    return [found for found in disclosures if found.disclosed_on <= today <= found.expires_on]


def valid_until(disclosures: Sequence[Any], today: date) -> date | None:
    """The last day on which all that somebody disclosed still holds."""
    return min((found.expires_on for found in in_force(disclosures, today)), default=None)


def standing(disclosures: Sequence[Any], today: date) -> Standing:
    """How it stands with somebody's disclosure on a day."""
    until = valid_until(disclosures, today)
    if until is None:
        return Standing.EXPIRED if disclosures else Standing.MISSING
    if not all(found.is_decided for found in in_force(disclosures, today)):
        return Standing.WAITING
    return Standing.EXPIRES_SOON if until - today <= EXPIRES_SOON else Standing.CURRENT


def told(disclosures: Sequence[Any], today: date) -> list[Any]:
    """What learners are told of somebody on a day: what holds then, or else the last they said."""
    if current := in_force(disclosures, today):
        return current
    newest = max((found.expires_on for found in disclosures), default=None)
    return [found for found in disclosures if found.expires_on == newest]


def is_mitigated(disclosure: Any) -> bool:
    """Whether it is written down how and when a relationship was mitigated."""
    return bool(disclosure.mitigation and disclosure.mitigated_on)


def disclosed(seminar: Any, today: date) -> Independence:
    """Sort the people of a seminar by what they disclosed; a seminar that is over shows what was told then."""
    day = today if seminar.terminates_on else min(today, seminar.ends_on)
    return sorted_by_ties([person.faculty for person in seminar.people], day)


def sorted_by_ties(people: Sequence[Any], day: date) -> Independence:
    """Sort people by what learners are told of them on a day.

    One that was relevant stays listed while staff decide on it anew: learners are told too much, not too little.
    """
    tied, untied, missing = [], [], []
    for person in people:
        said = told(person.disclosures, day)
        relevant = [found for found in said if found.is_relevant]
        if relevant:
            ties = [(found.company, found.nature) for found in relevant]
            tied.append(Tied(person.full_name, ties, all(map(is_mitigated, relevant))))
        if not said or not all(found.is_decided for found in said):
            missing.append(person.full_name)
        elif not relevant:
            untied.append(person.full_name)
    return Independence(tied, untied, missing)
