"""What learners say of a seminar: a field for each thing they are asked."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from wtforms import RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from cme.credits.rules import questions as asking
from cme.fields import blame
from cme.forms import CreatingForm, Form, PageField

SCALE = [SelectChoice(str(number), str(number)) for number in range(asking.LOWEST, asking.HIGHEST + 1)]
YES_NO = [SelectChoice("yes", "Yes"), SelectChoice("no", "No")]


class EvaluationForm(CreatingForm):
    """How was it? `evaluation_form` adds a field for each thing asked."""

    items: Sequence[asking.Item] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """A bias that nobody describes cannot be mended."""
        is_fine = super().validate(extra_validators)
        for item in self.items:
            explanation = self[asking.BIAS_NOTICED] if item.kind == asking.BIAS else None
            if explanation is not None and self[item.key].data == "no" and not explanation.data:
                blame(explanation, "Describe the commercial bias you noticed")
                is_fine = False
        return is_fine

    @property
    def answers(self) -> dict[str, Any]:
        """What was said, for keeping."""
        return self._answers(self.items)

    @property
    def answers_so_far(self) -> dict[str, Any]:
        """What was said without a fault, whatever is still missing."""
        self.validate()
        return self._answers([item for item in self.items if not self[item.key].errors])

    def _answers(self, items: Sequence[asking.Item]) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for item in items:
            data = self[item.key].data
            if data:
                said[item.key] = _answer(item.kind, data)
            if item.kind == asking.BIAS:
                said[asking.BIAS_NOTICED] = self[asking.BIAS_NOTICED].data or ""
        return asking.fitting(items, said)


def _answer(kind: str, data: Any) -> Any:
    if kind == asking.RATING:
        return int(data) if data in {choice.value for choice in SCALE} else None
    return data == "yes" if kind == asking.BIAS else data


def evaluation_form(
    items: Sequence[asking.Item], *, said: Mapping[str, Any] | None = None, base: type[EvaluationForm] = EvaluationForm
) -> EvaluationForm:
    """A form that asks these things; `said` is shown as answered already, as long as nothing is sent."""
    fields: dict[str, Any] = {item.key: _field(item) for item in items}
    if any(item.kind == asking.BIAS for item in items):
        fields[asking.BIAS_NOTICED] = PageField(
            "If not, what did you notice?", [Optional()], most=asking.LONGEST_ANSWER
        )
    form = cast(type[EvaluationForm], type("EvaluationForm", (base,), {**fields, "items": tuple(items)}))()
    if not form.is_submitted():
        # A draft may be older than the questions: what no longer answers them is not shown as an answer.
        _show(form, asking.fitting(items, said or {}))
    return form


def _field(item: asking.Item) -> Any:
    wanted = {
        asking.RATING: f"Choose a rating: {item.label}",
        asking.BIAS: "Select whether the content was free of commercial bias",
        asking.TEXT: f"Enter an answer: {item.label}",
    }.get(item.kind, f"Choose an answer: {item.label}")
    validators: list[Any] = [InputRequired(wanted) if item.is_required else Optional()]
    more: dict[str, Any] = {"description": item.hint}
    options = [SelectChoice(each, each) for each in item.options]
    if item.kind == asking.TEXT:
        return PageField(item.label, validators, most=asking.LONGEST_ANSWER, **more)
    if item.kind == asking.CHOICES:
        boxes: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
        return SelectMultipleField(item.label, validators, choices=options, **boxes, **more)
    choices = {asking.RATING: SCALE, asking.BIAS: YES_NO}.get(item.kind, options)
    return RadioField(item.label, validators, choices=choices, **more)


def _show(form: Form, said: Mapping[str, Any]) -> None:
    for name, answer in said.items():
        if name in form:
            shown = {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else answer
            form[name].data = str(shown) if isinstance(shown, int) else shown
