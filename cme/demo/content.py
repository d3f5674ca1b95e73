"""The words of the demo, read from the files beside this one."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
CATEGORIES = {"providers": "Providers", "cme-activities": "CME Activities", "practice": "Practice"}


@dataclass(frozen=True)
class Morning:
    """One day: its theme, and talks with their teachers' keys."""

    theme: str
    talks: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One seminar; `in_days` counts from today, `filled` is how many learners go."""

    slug: str
    title: str
    summary: str
    specialty: str
    place: str
    in_days: int
    prices: dict[str, list[int]]
    modes: tuple[str, ...]
    about: str
    objectives: tuple[str, ...]
    mornings: tuple[Morning, ...]
    topics: tuple[str, ...] = ()
    capacity: int = 120
    filled: int = 0
    full: bool = False
    cancelled: str = ""
    draft: bool = False

    @property
    def talks(self) -> int:
        """How many hours of instruction."""
        return sum(len(morning.talks) for morning in self.mornings)


@dataclass(frozen=True)
class Draft:
    """One article."""

    slug: str
    facts: dict[str, str]
    body: str


def _morning(given: dict[str, Any]) -> Morning:
    parted = (talk.partition("|") for talk in given["talks"])
    return Morning(given["theme"], tuple((title, tuple(names.split(","))) for title, _, names in parted))


def seminars() -> tuple[list[Plan], dict[str, list[str]]]:
    """Every seminar, and name and street of the venue in each place."""
    given = tomllib.loads((DATA / "seminars.toml").read_text(encoding="utf-8"))
    plans = []
    for each in given["seminars"]:
        each["prices"] = given["prices"][each["prices"]]
        each["mornings"] = tuple(_morning(morning) for morning in each["mornings"])
        plans.append(Plan(**each))
    return plans, given["venues"]


def articles() -> list[Draft]:
    """Every article: some lines of facts, an empty line, the text."""
    drafts = []
    for file in sorted((DATA / "articles").glob("*.md")):
        head, _, body = file.read_text(encoding="utf-8").partition("\n\n")
        facts = dict(line.split(":", 1) for line in head.splitlines())
        drafts.append(Draft(file.stem, {key: value.strip() for key, value in facts.items()}, body.strip()))
    return drafts
