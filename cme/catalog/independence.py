"""What learners are told before they start about everybody in control of the content: who has ties to which company."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

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


def in_force(disclosures: Sequence[Any], today: date) -> list[Any]:
    """What somebody has disclosed that holds on a day."""
    return [found for found in disclosures if found.disclosed_on <= today <= found.expires_on]


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
    tied, untied, missing = [], [], []
    day = today if seminar.terminates_on else min(today, seminar.ends_on)
    for person in seminar.people:
        name, said = person.faculty.full_name, told(person.faculty.disclosures, day)
        relevant = [found for found in said if found.is_decided and found.is_relevant]
        if relevant:
            ties = [(found.company, found.nature) for found in relevant]
            tied.append(Tied(name, ties, all(map(is_mitigated, relevant))))
        if not said or not all(found.is_decided for found in said):
            missing.append(name)
        elif not relevant:
            untied.append(name)
    return Independence(tied, untied, missing)
