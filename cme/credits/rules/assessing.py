"""How an assessment is put, scored and repeated."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from cme.errors import Refusal

MOST_OPTIONS = 8
MOST_QUESTIONS = 200
LONGEST_TEXT = 2000
LONGEST_OPTION = 500


class NoAssessment(Refusal):
    """The seminar asks no questions."""

    message = "This seminar has no assessment."


class AlreadyPassed(Refusal):
    """Nothing is left to be reached."""

    message = "You have passed this assessment already."


class NoAttemptsLeft(Refusal):
    """The provider lets people try so often, and no more."""

    message = "You have used every attempt at this assessment. Write to us: we will look at it together."


class AttemptOpen(Refusal):
    """One attempt at a time."""

    message = "You have begun an attempt already. Finish that one first."


class AttemptGone(Refusal):
    """There is no such attempt, or it is over."""

    message = "This attempt is over. Nothing was changed: look at its result."


class AnswerMissing(Refusal):
    """Somebody hands in half of the answers."""

    message = "Answer every question first."


@dataclass(frozen=True)
class Asked:
    """A question as staff write it; `right` counts the options from 0."""

    stem: str
    options: tuple[str, ...]
    right: tuple[int, ...]
    rationale: str
    reference: str = ""


def faults(question: Asked) -> list[str]:
    """What is wrong with a question; nothing where it can be asked."""
    found = []
    if not question.stem:
        found.append("Enter the question")
    if len(question.options) < 2:
        found.append("Enter at least two answers")
    if len(question.options) > MOST_OPTIONS:
        found.append(f"Enter at most {MOST_OPTIONS} answers")
    if len({each.casefold() for each in question.options}) < len(question.options):
        found.append("Enter each answer once")
    if not question.right or not set(question.right) <= set(range(len(question.options))):
        found.append("Say which answers are right")
    if not question.rationale:
        found.append("Enter the rationale: learners read it once they have answered")
    return found


def drawn(
    bank: Sequence[tuple[int, Asked]], asks: int | None, *, shuffled: bool, chance: Random
) -> list[dict[str, Any]]:
    """The questions of one attempt as they are put: so many of the bank, in the bank's order or a new one."""
    some = len(bank) if asks is None else min(asks, len(bank))
    chosen = sorted(chance.sample(range(len(bank)), some))
    if shuffled:
        chance.shuffle(chosen)
    return [_put(*bank[place], shuffled, chance) for place in chosen]


def _put(key: int, question: Asked, shuffled: bool, chance: Random) -> dict[str, Any]:
    order = list(range(len(question.options)))
    if shuffled:
        chance.shuffle(order)
    return {
        "id": key,
        "stem": question.stem,
        "options": [question.options[place] for place in order],
        "right": sorted(order.index(place) for place in question.right),
        "rationale": question.rationale,
        "reference": question.reference,
    }


def is_right(question: Mapping[str, Any], answer: Sequence[int] | None) -> bool:
    """Whether exactly the right options were chosen."""
    return sorted(answer or ()) == sorted(question["right"])


def score_of(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, Sequence[int]]) -> int:
    """The right answers in percent, rounded down: 69.9 % is not 70 %."""
    if not questions:
        return 0
    right = sum(is_right(each, answers.get(str(number))) for number, each in enumerate(questions))
    return 100 * right // len(questions)


def read_answers(questions: Sequence[Mapping[str, Any]], given: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    """The answers that belong to these questions, each within its options; one where one is right."""
    found = {}
    for number, question in enumerate(questions):
        chosen = sorted({each for each in given.get(str(number), ()) if 0 <= each < len(question["options"])})
        if chosen:
            found[str(number)] = chosen if len(question["right"]) > 1 else chosen[:1]
    return found


@dataclass(frozen=True)
class Retakes:
    """How somebody stands with an assessment: what they need, the best they had, how often they may still try."""

    needed: int
    best: int | None
    taken: int
    most: int | None

    @property
    def has_passed(self) -> bool:
        """Whether nothing is left to be reached."""
        return self.best is not None and self.best >= self.needed

    @property
    def left(self) -> int | None:
        """How many attempts are left; none said where there is no end to them."""
        return None if self.most is None else max(0, self.most - self.taken)


def check_may_try(retakes: Retakes) -> None:
    """Let an attempt begin: not passed yet, and attempts left."""
    if retakes.has_passed:
        raise AlreadyPassed
    if retakes.left == 0:
        raise NoAttemptsLeft
