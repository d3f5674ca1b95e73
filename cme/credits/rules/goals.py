"""What counts toward a goal of somebody's own, how far along they are, and what boards commonly ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from cme.errors import Refusal
from cme.values import CREDIT_NAMES, Credits, CreditType

MOST_GOALS, MOST_EXTERNAL = 20, 1000
# What people enter themselves knows two types more: physicians claim Category 2 by themselves, and boards have others.
TYPE_NAMES = {
    **{kind.value: name for kind, name in CREDIT_NAMES.items()},
    "ama-pra-2": "AMA PRA Category 2 Credit",
    "other": "Other credit",
}


class TooManyGoals(Refusal):
    """Nobody needs that many."""

    message = f"You can keep up to {MOST_GOALS} goals. Remove one you have reached, then add this one."


class TooManyEntries(Refusal):
    """Nobody needs that many."""

    message = f"You can enter up to {MOST_EXTERNAL:,} credits from elsewhere. Remove some, then add this one."


class SentAlready(Refusal):
    """A form with this name belongs to somebody else."""

    message = "This form was sent already. Open the page again and enter it once more."


class Earned(Protocol):
    """Credit of one type, as a transcript lists it."""

    @property
    def activity(self) -> str:
        """What was claimed together: credit of several types for the same hours."""

    @property
    def on(self) -> date:
        """The day it counts for."""

    @property
    def credit_type(self) -> str:
        """Its type."""

    @property
    def amount(self) -> Credits:
        """How much of it."""

    @property
    def topics(self) -> Mapping[str, int]:
        """How many minutes of it were on topics states ask for."""

    @property
    def is_own(self) -> bool:
        """Whether the person entered it themselves."""


class Aim(Protocol):
    """So much credit by a day, with so much on certain topics."""

    name: str
    credit_type: str | None
    credits: int
    topic_minutes: dict[str, int]
    starts_on: date | None
    due_on: date


@dataclass(frozen=True)
class Step:
    """One thing a goal asks for, and how much of it is there."""

    needed: Credits
    done: Credits
    topic: str = ""

    @property
    def missing(self) -> Credits:
        """What is still to be earned."""
        return Credits(max(0, self.needed.hundredths - self.done.hundredths))


@dataclass(frozen=True)
class Progress:
    """How far along somebody is: with the credit, with each topic, and how much of it they entered themselves."""

    credit: Step
    topics: tuple[Step, ...]
    own: Credits
    days_left: int

    @property
    def is_reached(self) -> bool:
        """Whether nothing is missing."""
        return not any(step.missing for step in (self.credit, *self.topics))


def sum_once(lines: Iterable[Earned]) -> Credits:
    """What some credit comes to when the same hours count once, however many types were given for them."""
    best: dict[str, int] = {}
    for line in lines:
        best[line.activity] = max(best.get(line.activity, 0), line.amount.hundredths)
    return Credits(sum(best.values()))


def minutes_on(topic: str, lines: Iterable[Earned]) -> int:
    """The minutes on a topic; the same hours count once."""
    best: dict[str, int] = {}
    for line in lines:
        best[line.activity] = max(best.get(line.activity, 0), line.topics.get(topic, 0))
    return sum(best.values())


def progress(goal: Aim, lines: Iterable[Earned], *, today: date) -> Progress:
    """Hold what was earned, from the first day through the last, against a goal."""
    first = goal.starts_on or date.min
    # Of any type: whatever was given for an hour, it is the same hour, and its topics are the same.
    within = [line for line in lines if first <= line.on <= goal.due_on]
    counted = [line for line in within if goal.credit_type in (None, line.credit_type)]
    topics = [
        Step(as_credits(minutes), as_credits(minutes_on(code, within)), code)
        for code, minutes in goal.topic_minutes.items()
    ]
    entered = [line for line in counted if line.is_own]
    hours = [minutes_on(code, (line for line in within if line.is_own)) for code in goal.topic_minutes]
    return Progress(
        credit=Step(Credits(goal.credits), sum_once(counted)),
        topics=tuple(topics),
        own=sum_once(entered) if goal.credits else as_credits(sum(hours)),
        days_left=(goal.due_on - today).days,
    )


def as_credits(minutes: int) -> Credits:
    """Minutes as hours in hundredths."""
    return Credits((minutes * 100 + 30) // 60)


def as_minutes(hours: Credits) -> int:
    """Hours in hundredths as minutes."""
    return (hours.hundredths * 60 + 50) // 100


def a_year(goal: Aim) -> Credits | None:
    """What a goal asks for in a year, where it says from when it counts, and asks for credit over a year or more."""
    days = (goal.due_on - goal.starts_on).days + 1 if goal.starts_on else 0
    return Credits(goal.credits * 365 // days) if goal.credits and days >= 360 else None


@dataclass(frozen=True)
class Pattern:
    """A goal many people have, to begin with."""

    key: str
    name: str
    credits: Credits
    hint: str
    credit_type: CreditType | None = None
    hours: Mapping[str, int] = field(default_factory=dict)


PATTERNS = {
    pattern.key: pattern
    for pattern in (
        Pattern(
            key="florida-md",
            name="Florida, licence renewal (MD)",
            credits=Credits(4000),
            hint="40 hours in 24 months: count from the day after your last renewal. 2 hours on medical errors at "
            "every renewal; 2 hours on domestic violence at every third; 2 hours on controlled substances if you are "
            "registered with the DEA.",
            hours={"medical-errors": 2, "controlled-substances": 2},
        ),
        Pattern(
            key="california-md",
            name="California, licence renewal (MD)",
            credits=Credits(5000),
            hint="50 hours in two years: count from the day after your last renewal.",
        ),
        Pattern(
            key="dea-mate",
            name="DEA registration (MATE Act)",
            credits=Credits(0),
            hint="8 hours on opioids and other substance use disorders, once. Earlier training counts: leave the first "
            "day empty, and enter what you heard elsewhere.",
            hours={"opioids": 8},
        ),
        Pattern(
            key="aanpcb",
            name="AANPCB certification (NP)",
            credits=Credits(10000),
            hint="100 hours in five years, 25 of them on pharmacology.",
            hours={"pharmacology": 25},
        ),
        Pattern(
            key="nccpa",
            name="NCCPA certification (PA)",
            credits=Credits(5000),
            hint="100 credits in two years, at least 50 of them Category 1. This goal follows the 50.",
        ),
        Pattern(
            key="abim",
            name="ABIM maintenance of certification",
            credits=Credits(10000),
            hint="100 points in five years.",
            credit_type=CreditType.MOC_ABIM,
        ),
    )
}
