"""The questions of a seminar as fields of a form, and the form in which staff write them."""

from collections.abc import Iterable
from typing import Any, TypeVar, cast

from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from cme.fields import ListField, choices
from cme.forms import CreatingForm, Form, LineField, PageField
from cme.registration.models import Question
from cme.registration.rules import asking
from cme.registration.rules.asking import ConsentAsked
from cme.values import MODE_LABELS

MOST_LINE, MOST_TEXT = 200, 2000
AnyForm = TypeVar("AnyForm", bound=Form)


class Answer:
    """Want an answer, where the question is asked of those who attend in the way chosen."""

    def __init__(self, question: Question) -> None:
        self.modes, self.is_required = tuple(question.modes), question.is_required
        self.wanted = {
            asking.CHOICE: f"Choose an answer: {question.label}",
            asking.CHOICES: f"Choose at least one answer: {question.label}",
            asking.YES: f"Tick the box: {question.label}",
        }.get(question.kind, f"Enter an answer: {question.label}")
        self.field_flags = {} if self.is_required else {"optional": True}

    def __call__(self, form: Any, field: Field) -> None:
        mode = form.attending
        is_asked = not self.modes or mode is None or mode in self.modes
        if self.is_required and is_asked and not field.data:
            raise StopValidation(self.wanted)


def name_of(question: Question) -> str:
    """The name of a question's field."""
    return f"q_{question.ref}"


def _field(question: Question, *, alone: bool) -> Any:
    label, answer = question.label, Answer(question)
    ways = " or ".join(MODE_LABELS[mode].lower() for mode in MODE_LABELS if mode in question.modes)
    note = f"Only if you attend {ways}." if ways and not alone else ""
    more: dict[str, Any] = {"description": " ".join(filter(None, (question.hint, note)))}
    options = [SelectChoice(each, each) for each in question.options]
    if question.kind == asking.LINE:
        return LineField(label, [answer], most=MOST_LINE, **more)
    if question.kind == asking.TEXT:
        return PageField(label, [answer], most=MOST_TEXT, **more)
    if question.kind == asking.CHOICE:
        return SelectField(label, [answer], choices=[SelectChoice("", "Select one"), *options], **more)
    if question.kind == asking.YES:
        return BooleanField(label, [answer], **more)
    boxes: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
    return SelectMultipleField(label, [answer], choices=options, **boxes, **more)


def asking_for(
    form: type[AnyForm],
    questions: Iterable[Question],
    consents: Iterable[ConsentAsked] = (),
    *,
    alone: bool = False,
) -> type[AnyForm]:
    """A form that asks these questions too; `alone` where there is one way to attend, so that none is named."""
    fields = {name_of(each): _field(each, alone=alone) for each in questions}
    fields |= {f"consent_{each.key.replace('-', '_')}": BooleanField(each.words) for each in consents}
    return cast(type[AnyForm], type(form.__name__, (form,), fields))


def answers_in(form: Form, questions: Iterable[Question]) -> dict[str, Any]:
    """What was answered, by the ref of the question."""
    return {each.ref: form[name_of(each)].data for each in questions}


def consents_in(form: Form, consents: Iterable[ConsentAsked]) -> dict[str, bool]:
    """What was agreed to or declined."""
    return {each.key: bool(form[f"consent_{each.key.replace('-', '_')}"].data) for each in consents}


class AnswersForm(Form):
    """The questions of a registration, answered anew."""

    attending: str | None = None


class ConsentsForm(Form):
    """What somebody agrees to, in a place of its own."""


class QuestionForm(CreatingForm):
    """A question as staff write it."""

    seen = HiddenField()  # the fingerprint of what was shown
    label = LineField("Question", [InputRequired("Enter the question")], most=200)
    kind = SelectField("Answer", choices=choices(asking.KIND_LABELS.items()))
    options = ListField("Answers to choose from", most=20, each=100)
    hint = LineField("Hint", [Optional()], most=300)
    modes = SelectMultipleField(
        "Asked of those who attend",
        choices=choices((mode.value, label) for mode, label in MODE_LABELS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    is_required = BooleanField("An answer is required")
    is_active = BooleanField("Asked of whoever registers from now on", default=True)

    def validate_options(self, field: Any) -> None:
        """A list has something to choose from."""
        if self.kind.data not in asking.WITH_OPTIONS:
            return
        if len(field.items) < 2:
            raise ValidationError("Enter at least two answers to choose from, one on each line")
        if len(set(field.items)) < len(field.items):
            raise ValidationError("Enter each answer once")

    def values(self) -> asking.Asked:
        """The question as typed."""
        return asking.Asked(
            kind=self.kind.data,
            label=self.label.data or "",
            hint=self.hint.data or "",
            options=self.options.items,
            modes=tuple(self.modes.data or ()),
            is_required=self.is_required.data,
            is_active=self.is_active.data,
        )


class OrderForm(Form):
    """A question moved one place up or down, like `7ZK…:up`; or the usual ones added."""

    move = HiddenField()
    usual = HiddenField()
