"""What many said, added up; what only a few said is never shown, for it would say who."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cme.credits.rules.questions import BIAS, BIAS_NOTICED, CHOICE, HIGHEST, LOWEST, RATING, TEXT, Item

FEWEST = 5  # answers, before any of them is shown
SCALE = range(LOWEST, HIGHEST + 1)
Said = tuple[Sequence[Item], Mapping[str, Any]]  # what was asked of one person, and what they answered


@dataclass(frozen=True)
class Tally:
    """All answers to one thing asked; without counts and texts where fewer than five answered."""

    kind: str
    label: str
    about: str
    question: str
    answered: int
    is_shown: bool
    counts: tuple[tuple[str, int], ...] = ()
    texts: tuple[str, ...] = ()

    @property
    def mean(self) -> str:
        """The mean of a rating, to one decimal, half up; nothing where it is not shown."""
        if self.kind != RATING or not self.counts:
            return ""
        tenths = (20 * sum(int(value) * count for value, count in self.counts) + self.answered) // (2 * self.answered)
        return f"{tenths // 10}.{tenths % 10}"

    def share(self, count: int) -> int:
        """A count in percent of those who answered, rounded half up."""
        return (200 * count + self.answered) // (2 * self.answered) if self.answered else 0


def tally(said: Iterable[Said]) -> list[Tally]:
    """Add up what was said, each thing as it was put: other words are another question."""
    items: dict[tuple[str, str, str, str], Item] = {}
    answers: dict[tuple[str, str, str, str], list[Any]] = {}
    told: dict[tuple[str, str, str, str], list[str]] = {}
    people: Counter[tuple[str, str, str, str]] = Counter()
    for asked, answered in said:
        for item in asked:
            # A speaker is known by name, whatever the spelling; everything else by the words it was asked in.
            known_as = item.about if item.about.startswith("speaker:") else item.label
            name = (item.question, item.kind, item.about, known_as)
            items.setdefault(name, item)
            people[name] += 1
            if item.key in answered:
                answers.setdefault(name, []).append(answered[item.key])
                if item.kind == BIAS and answered.get(BIAS_NOTICED):
                    told.setdefault(name, []).append(answered[BIAS_NOTICED])
    return [
        _tally(item, answers.get(name, []), told.get(name, []), people=people[name]) for name, item in items.items()
    ]


def _tally(item: Item, answers: list[Any], told: list[str], *, people: int) -> Tally:
    facts: dict[str, Any] = {
        "kind": item.kind,
        "label": item.label,
        "about": item.about,
        "question": item.question,
        "answered": len(answers),
    }
    # Few write words; what hides who wrote them is the number of people who might have.
    facts["is_shown"] = (people if item.kind == TEXT else len(answers)) >= FEWEST
    if not facts["is_shown"]:
        return Tally(**facts)
    if item.kind == TEXT:
        return Tally(**facts, texts=_mixed(answers))
    return Tally(**facts, counts=_counts(item, answers), texts=_mixed(told))


def _counts(item: Item, answers: list[Any]) -> tuple[tuple[str, int], ...]:
    if item.kind == RATING:
        counted = Counter(answers)
        return tuple((str(value), counted[value]) for value in SCALE)
    if item.kind == BIAS:
        free = sum(answers)
        return (("Yes", free), ("No", len(answers) - free))
    chosen = Counter(answers if item.kind == CHOICE else [one for each in answers for one in each])
    others = [text for text in chosen if text not in item.options]
    return tuple((text, chosen[text]) for text in (*item.options, *others))


def _mixed(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts in the order of the alphabet: the order in which they came would say who came first."""
    return tuple(sorted(texts, key=lambda text: (text.casefold(), text)))
