"""What an evaluation asks: the questions a provider writes, and the single things a learner is asked by them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from cme.errors import Refusal

RATING, OBJECTIVES, SPEAKERS, SESSIONS, BIAS, CHANGES, BARRIERS, CHOICE, CHOICES, TEXT = KINDS = (
    *("rating", "objectives", "speakers", "sessions", "bias", "changes", "barriers", "choice", "choices", "text"),
)
KIND_LABELS = {
    RATING: "A rating from 1 to 5",
    OBJECTIVES: "A rating of each objective",
    SPEAKERS: "A rating of each speaker",
    SESSIONS: "A rating of each session",
    BIAS: "Commercial bias: yes or no, with an explanation",
    CHANGES: "Intended changes: any of a list, asked again after three months",
    BARRIERS: "Barriers to change: any of a list",
    CHOICE: "One of a list",
    CHOICES: "Any of a list",
    TEXT: "Free text",
}
OF_EACH = (OBJECTIVES, SPEAKERS, SESSIONS)  # these ask once for each of something
ONCE_ONLY = (*OF_EACH, BIAS, CHANGES, BARRIERS)  # a second one would be the first one over again
WITH_OPTIONS = (CHANGES, BARRIERS, CHOICE, CHOICES)
ANY_OF = (CHANGES, BARRIERS, CHOICES)
LOWEST, HIGHEST = 1, 5
BIAS_NOTICED = "bias_noticed"  # the explanation, beside the yes or no
MOST_QUESTIONS, LONGEST_ANSWER = 40, 2000


class TooManyQuestions(Refusal):
    """Nobody answers more than that."""

    message = f"An evaluation can ask at most {MOST_QUESTIONS} questions. Remove one first."


class AskedAlready(Refusal):
    """A question of this kind is asked once."""

    message = "The evaluation asks this already. Edit the question that is there."


class NothingAsked(Refusal):
    """An evaluation asks something."""

    message = "An evaluation asks at least one question. Add another one first."


@dataclass(frozen=True)
class Question:
    """One question as the provider writes it."""

    key: str
    kind: str
    label: str
    hint: str = ""
    options: tuple[str, ...] = ()
    is_required: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Question":
        """Read a question as it is kept."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        return cls(**values | {"options": tuple(values.get("options", ()))})

    def to_json(self) -> dict[str, Any]:
        """The question as it is kept."""
        return asdict(self) | {"options": list(self.options)}


@dataclass(frozen=True)
class Item:
    """One thing a learner is asked: a question, or the part of it about one objective, speaker or session."""

    key: str
    kind: str  # rating, bias, choice, choices or text
    label: str
    question: str  # the key of the question it belongs to
    asks: str  # the kind of that question
    about: str = ""  # what it is about: objective, or speaker:<slug>, or session:<number>
    hint: str = ""
    options: tuple[str, ...] = ()
    is_required: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Item":
        """Read what was asked, as it was put."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in data.items() if name in known}
        return cls(**values | {"options": tuple(values.get("options", ()))})

    def to_json(self) -> dict[str, Any]:
        """What was asked, for keeping beside the answers."""
        return asdict(self) | {"options": list(self.options)}


CONFIRMED = "Nothing: this confirmed what I do"
# The usual: four taps that ACCME asks for, and what anybody may add.
USUAL = (
    Question("objectives_met", RATING, "The seminar met its stated objectives", is_required=True),
    Question("relevant", RATING, "The content was useful in my practice", is_required=True),
    Question("overall", RATING, "Overall, I would recommend this seminar", is_required=True),
    Question("free_of_bias", BIAS, "Was the content balanced and free of commercial bias?", is_required=True),
    Question(
        "will_change",
        CHANGES,
        "What will you change in practice?",
        options=(
            "How I assess or diagnose",
            "What I prescribe or recommend",
            "How I counsel patients",
            "How our team works together",
            CONFIRMED,
        ),
    ),
    Question("comments", TEXT, "Anything the planners should know?"),
    Question("speakers", SPEAKERS, "Rate each speaker"),
    Question("sessions", SESSIONS, "Rate each session"),
)
# What staff can add with one press.
MORE = (
    Question("objectives", OBJECTIVES, "This seminar enabled me to"),
    Question("teaching", RATING, "The teaching was clear"),
    Question(
        "barriers",
        BARRIERS,
        "What could keep you from changing?",
        options=("Time", "Cost or coverage", "Patients' adherence", "My team or system", "I need more training"),
    ),
    Question("commitment", TEXT, "One thing I will do differently"),
    Question("next_topics", TEXT, "What should we teach next?"),
)


def check_new(questions: Sequence[Question], new: Question) -> None:
    """Let one question more be asked, or say why not."""
    if len(questions) >= MOST_QUESTIONS:
        raise TooManyQuestions
    check_kinds([*questions, new])


def check_kinds(questions: Iterable[Question]) -> None:
    """Let nothing be asked twice over."""
    special = [each.kind for each in questions if each.kind in ONCE_ONLY]
    if len(special) != len(set(special)):
        raise AskedAlready


def moved(questions: Sequence[Question], key: str, step: int) -> list[Question]:
    """The questions with one of them moved up or down; at the end it stays."""
    keys, order = [each.key for each in questions], list(questions)
    if key in keys:
        here = keys.index(key)
        order.insert(max(0, min(len(order) - 1, here + step)), order.pop(here))
    return order


def asked_of(
    questions: Iterable[Question],
    *,
    objectives: Sequence[str],
    speakers: Sequence[tuple[str, str]],
    sessions: Sequence[tuple[str, str]],
) -> list[Item]:
    """Everything one learner is asked; speakers and sessions come as a name for the form and one for the reader."""
    each_of = {
        OBJECTIVES: [(f"{number}", "objective", text) for number, text in enumerate(objectives, 1)],
        SPEAKERS: [(slug, f"speaker:{slug}", name) for slug, name in speakers],
        SESSIONS: [(number, f"session:{number}", title) for number, title in sessions],
    }
    items: list[Item] = []
    for question in questions:
        one = Item(
            key=question.key,
            kind=CHOICES if question.kind in ANY_OF else question.kind,
            label=question.label,
            question=question.key,
            asks=question.kind,
            hint=question.hint,
            options=question.options,
            is_required=question.is_required,
        )
        if question.kind in OF_EACH:
            parts = each_of[question.kind]
            items += [
                replace(one, key=f"{question.key}-{name}", kind=RATING, label=text, about=about)
                for name, about, text in parts
            ]
        else:
            items.append(one)
    return items


def fitting(items: Iterable[Item], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that answer something asked, in the order it was asked; whatever else was said is left out."""
    kept: dict[str, Any] = {}
    for item in items:
        if item.key in answers and fits(item, answers[item.key]):
            kept[item.key] = answers[item.key]
            if item.kind == BIAS:
                told = answers.get(BIAS_NOTICED)
                is_told = answers[item.key] is False and isinstance(told, str)
                kept[BIAS_NOTICED] = told[:LONGEST_ANSWER] if is_told and told else ""
    return kept


def fits(item: Item, answer: Any) -> bool:
    """Whether this can be an answer to what was asked; nothing said is no answer."""
    if item.kind == RATING:
        return isinstance(answer, int) and not isinstance(answer, bool) and LOWEST <= answer <= HIGHEST
    if item.kind == BIAS:
        return isinstance(answer, bool)
    if item.kind == CHOICE:
        return answer in item.options
    if item.kind == CHOICES:
        is_list = isinstance(answer, list) and len(set(map(str, answer))) == len(answer)
        return is_list and bool(answer) and all(each in item.options for each in answer)
    return isinstance(answer, str) and 0 < len(answer) <= LONGEST_ANSWER


# Three months later

FOLLOW_UP_CHANGED, FOLLOW_UP_WHAT, FOLLOW_UP_BARRIERS, FOLLOW_UP_RESULT = "changed", "what", "barriers", "result"
CHANGED = ("Yes", "I am about to", "Not yet", "No, it confirmed what I do")
SOMETHING_ELSE = "Something else"
IN_THE_WAY = ("Nothing", *next(each.options for each in MORE if each.kind == BARRIERS))


def asked_later(intended: Iterable[str]) -> list[Item]:
    """What is asked three months after: whether anything changed, and what of that which was intended."""
    meant = [each for each in dict.fromkeys(intended) if each != CONFIRMED]
    what = (*(meant or [each for each in USUAL[4].options if each != CONFIRMED]), SOMETHING_ELSE)
    pairs = [
        (FOLLOW_UP_CHANGED, CHOICE, "Have you changed something in practice since?", CHANGED, True),
        (FOLLOW_UP_WHAT, CHOICES, "What have you changed?", what, False),
        (FOLLOW_UP_BARRIERS, CHOICES, "What stood in the way?", IN_THE_WAY, False),
        (FOLLOW_UP_RESULT, TEXT, "What difference have you seen in your patients?", (), False),
    ]
    return [
        Item(key=key, kind=kind, label=label, question=key, asks=kind, options=options, is_required=required)
        for key, kind, label, options, required in pairs
    ]


def intended_in(items: Iterable[Item], answers: Mapping[str, Any]) -> list[str]:
    """The changes somebody said they would make."""
    return [text for item in items if item.asks == CHANGES for text in answers.get(item.key, [])]
