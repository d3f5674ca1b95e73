"""The questions of an attempt as a form, and the forms in which staff write them."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, FileField, HiddenField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from cme.credits.models import Attempt
from cme.credits.rules.assessing import LONGEST_OPTION, LONGEST_TEXT, MOST_OPTIONS, MOST_QUESTIONS, Asked, faults
from cme.fields import WholeField, blame
from cme.forms import CreatingForm, Form, LineField, PageField

LETTERS = "ABCDEFGH"


class AnswersForm(Form):
    """The answers to an attempt."""

    size: int = 0

    @property
    def given(self) -> dict[str, list[int]]:
        """The options chosen, by the number of the question."""
        typed = {str(number): self[f"q{number}"].data for number in range(self.size)}
        chosen = {key: data if isinstance(data, list) else [data] for key, data in typed.items() if data}
        return {key: [int(each) for each in data if each] for key, data in chosen.items()}

    def wants_all(self) -> bool:
        """Say at each question without an answer that it wants one; whether all have one."""
        for number in range(self.size):
            if str(number) not in self.given:
                blame(self[f"q{number}"], f"Answer question {number + 1}")
        return not self.errors


def answers_form(attempt: Attempt) -> AnswersForm:
    """A form with the questions of an attempt, as far as they are answered."""
    fields: dict[str, Any] = {"size": len(attempt.questions)}
    kept: dict[str, Any] = {}
    for number, question in enumerate(attempt.questions):
        options = [SelectChoice(str(place), option) for place, option in enumerate(question["options"])]
        label = f"{number + 1}. {question['stem']}"
        several = len(question["right"]) > 1
        said = [str(each) for each in attempt.answers.get(str(number), ())]
        if several:
            boxes: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
            hint = "Select all that apply."
            fields[f"q{number}"] = SelectMultipleField(label, choices=options, description=hint, **boxes)
            kept[f"q{number}"] = said
        else:
            fields[f"q{number}"] = RadioField(label, [Optional()], choices=options)
            kept[f"q{number}"] = said[0] if said else None
    made: AnswersForm = type("AnswersForm", (AnswersForm,), fields)(data=kept)
    return made


class BeginForm(CreatingForm):
    """Beginning an attempt."""


class AssessmentForm(Form):
    """How the questions are put."""

    version = HiddenField(default="0")
    asks = WholeField(
        "Questions asked",
        1,
        MOST_QUESTIONS,
        description="Drawn from the bank anew at each attempt. Left empty, all of them.",
    )
    most_attempts = WholeField("Attempts", 1, 50, description="Left empty, as many as somebody needs.")
    is_shuffled = BooleanField(
        "Questions and answers come in a new order each time",
        default=True,
        description="Then write no answer like “all of the above”.",
    )


class BankQuestionForm(Form):
    """A question of the bank as staff write it."""

    seen = HiddenField()
    stem = PageField("Question", [InputRequired("Enter the question")], most=LONGEST_TEXT)
    rationale = PageField(
        "Rationale",
        [InputRequired("Enter the rationale: learners read it once they have answered")],
        most=LONGEST_TEXT,
        description="Why the right answer is right. Learners read it once they have answered.",
    )
    reference = PageField("Reference", [Optional()], most=LONGEST_TEXT, description="Where to read more.")
    is_retired = BooleanField("Retired: not asked any more")

    @property
    def answers(self) -> list[tuple[str, Any, Any]]:
        """Each answer's letter, its words, and whether it is right."""
        return [(letter, self[f"answer_{letter}"], self[f"right_{letter}"]) for letter in LETTERS]

    @property
    def asked(self) -> Asked:
        """The question as typed."""
        here = [(words.data, right.data) for _, words, right in self.answers if words.data]
        return Asked(
            stem=self.stem.data or "",
            options=tuple(words for words, _ in here),
            right=tuple(place for place, (_, is_right) in enumerate(here) if is_right),
            rationale=self.rationale.data or "",
            reference=self.reference.data or "",
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """A question has answers, and some of them are right."""
        good = super().validate(extra_validators)
        if not good:
            return False
        for _, words, right in self.answers:
            if right.data and not words.data:
                blame(words, "Enter this answer, or untick that it is right")
                return False
        problems = faults(self.asked)
        for problem in problems:
            blame(self["answer_A"], problem)
        return not problems


def bank_question_form(asked: Asked | None = None, **more: Any) -> BankQuestionForm:
    """The form of a question, filled with one that stands in the bank."""
    fields: dict[str, Any] = {}
    for letter in LETTERS[:MOST_OPTIONS]:
        fields[f"answer_{letter}"] = LineField(f"Answer {letter}", [Optional()], most=LONGEST_OPTION)
        fields[f"right_{letter}"] = BooleanField("Right")
    data: dict[str, Any] = dict(more)
    if asked is not None:
        data |= {"stem": asked.stem, "rationale": asked.rationale, "reference": asked.reference}
        data |= _answers(asked.options, asked.right)
    made: BankQuestionForm = type("BankQuestionForm", (BankQuestionForm,), fields)(data=data)
    return made


def _answers(options: Sequence[str], right: Sequence[int]) -> dict[str, Any]:
    words = {f"answer_{letter}": option for letter, option in zip(LETTERS, options, strict=False)}
    return words | {f"right_{LETTERS[place]}": True for place in right}


class BankFileForm(Form):
    """Questions from a spreadsheet."""

    file = FileField(
        "Questions as CSV",
        description="Columns: question, answer A to answer H, right (letters like A or A, C), rationale, reference.",
        render_kw={"accept": ".csv,text/csv"},
    )


class MoveForm(Form):
    """A question moved one place, like `3:up`."""

    move = HiddenField()
