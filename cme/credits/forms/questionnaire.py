"""A question of an evaluation, as staff write it."""

from typing import Any

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from cme.credits.rules import questions as asking
from cme.fields import ListField, choices
from cme.forms import CreatingForm, Form, LineField


class EvaluationQuestionForm(CreatingForm):
    """One question, its answers, and whether it must be answered."""

    seen = HiddenField()  # the version that was shown
    label = LineField("Question", [InputRequired("Enter the question")], most=200)
    kind = SelectField("Answer", choices=choices(asking.KIND_LABELS.items()))
    options = ListField("Answers to choose from", most=20, each=100)
    hint = LineField("Hint", [Optional()], most=300)
    is_required = BooleanField("An answer is required")

    def validate_options(self, field: Any) -> None:
        """A list has something to choose from."""
        if self.kind.data not in asking.WITH_OPTIONS:
            return
        if len(field.items) < 2:
            raise ValidationError("Enter at least two answers to choose from, one on each line")
        if len(set(field.items)) < len(field.items):
            raise ValidationError("Enter each answer once")

    def question(self, key: str) -> asking.Question:
        """The question as typed."""
        return asking.Question(
            key=key,
            kind=self.kind.data,
            label=self.label.data or "",
            hint=self.hint.data or "",
            options=self.options.items if self.kind.data in asking.WITH_OPTIONS else (),
            is_required=self.is_required.data,
        )


class ArrangeForm(Form):
    """A question moved one place like `comments:up`, removed, or one of the usual ones added; or all as usual again."""

    move = HiddenField()
    remove = HiddenField()
    add = HiddenField()
    reset = HiddenField()
