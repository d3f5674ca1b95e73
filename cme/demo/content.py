"""The words of the demo, read from the files beside this one."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
PLAIN = str.maketrans({"(": "\\(", ")": "\\)", "\\": "\\\\"})
CATEGORIES = {"providers": "Providers", "cme-activities": "CME Activities", "practice": "Practice"}


@dataclass(frozen=True)
class Talk:
    """One talk: its title, its teachers' keys, and the minutes it gives to topics that states ask for."""

    title: str
    teachers: tuple[str, ...]
    topics: dict[str, int]


@dataclass(frozen=True)
class Morning:
    """One day: its theme, its talks, and what runs beside one of them, by that one's place."""

    theme: str
    talks: tuple[Talk, ...]
    beside: dict[int, Talk]


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
    credit: dict[str, str] = field(default_factory=dict)  # beyond AMA's: type, and number of the approval or "pending"
    joint: tuple[str, ...] = ()
    support: str = ""  # who gave it, and what
    room_minor: int | None = None
    handouts: tuple[tuple[str, str], ...] = ()  # title and file name
    bibliography: str = ""
    pass_mark: int | None = None
    access_days: int | None = None

    @property
    def is_on_demand(self) -> bool:
        """Whether it is watched on any day."""
        return self.modes == ("on-demand",)

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


def _talk(given: str) -> Talk:
    title, names, topics = (*given.split("|"), "")[:3]
    minutes = (part.split(":") for part in topics.split(",") if part)
    return Talk(title, tuple(names.split(",")), {code: int(number) for code, number in minutes})


def _morning(given: dict[str, Any]) -> Morning:
    beside = {int(place): _talk(talk) for place, talk in given.get("beside", {}).items()}
    return Morning(given["theme"], tuple(_talk(talk) for talk in given["talks"]), beside)


def seminars() -> tuple[list[Plan], dict[str, list[str]]]:
    """Every seminar, and name and street of the venue in each place."""
    given = tomllib.loads((DATA / "seminars.toml").read_text(encoding="utf-8"))
    plans = []
    for each in given["seminars"]:
        each["prices"] = given["prices"][each["prices"]]
        each["mornings"] = tuple(_morning(morning) for morning in each["mornings"])
        each["handouts"] = tuple(tuple(handout.split("|")) for handout in each.get("handouts", ()))
        for name in ("modes", "objectives", "topics", "joint"):
            each[name] = tuple(each.get(name, ()))
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


def leaf(title: str, lines: list[str]) -> bytes:
    """One page to hand out, as a small PDF."""
    words = [("/F1 20 Tf", title), *(("/F1 12 Tf", line) for line in lines)]
    shown = "".join(f"{font} ({text.translate(PLAIN)}) Tj 0 -26 Td " for font, text in words)
    stream = f"BT 72 700 Td {shown}ET"
    parts = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Length {len(stream)}>>\nstream\n{stream}\nendstream",
    )
    file, places = "%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(file))
        file += f"{number} 0 obj\n{part}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(parts) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{len(file)}\n"
    return f"{file}{end}%%EOF\n".encode("ascii")
