"""Fields the catalog's forms are made of, beside those of every room: hours, credit, rows that may be left empty."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from wtforms import BooleanField, Field, FieldList, Form, FormField, TimeField
from wtforms.validators import ValidationError

from cme.fields import YEARS, DayField, ListField, MoneyField, WholeField, blame, choices, is_empty
from cme.forms import LineField
from cme.values import Credits

__all__ = ["YEARS", "DayField", "ListField", "MoneyField", "WholeField", "blame", "choices"]

MOST_CREDIT = 50_000  # five hundred, in hundredths


class HourField(TimeField):
    """A time of day; may be left empty."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if is_empty(valuelist):
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(f"{self.label.text}: enter a time like 08:30") from error


class AmountField(LineField):
    """An amount of credit, kept as typed; `credits` is its value."""

    def pre_validate(self, form: Any) -> None:
        if self.data and (self.credits is None or self.credits.hundredths > MOST_CREDIT):
            raise ValidationError(f"{self.label.text}: enter a number like 7.5, at most 500")

    @property
    def credits(self) -> Credits | None:
        """The amount, None when nothing sensible was typed."""
        try:
            return Credits.parse(self.data or "")
        except ValueError:
            return None


class CreditField(AmountField):
    """An amount of credit in quarter hours."""

    def pre_validate(self, form: Any) -> None:
        if self.data and (
            self.credits is None or self.credits.hundredths % 25 or self.credits.hundredths > MOST_CREDIT
        ):
            raise ValidationError("Enter credits in quarter hours, like 1.75, at most 500")


def _words(field: Field) -> str:
    """What a field says to those who read it: of a choice its label, not its code."""
    labels = {choice.value: choice.label for choice in getattr(field, "choices", None) or ()}
    return f"{field.data:%H:%M}" if hasattr(field.data, "hour") else str(labels.get(field.data, field.data))


class RowForm(Form):
    """One row among several: it is gone when ticked for removal, or when nothing is in it."""

    content: ClassVar[tuple[str, ...]] = ()

    remove = BooleanField("Remove")

    @property
    def headline(self) -> str:
        """What the row says first, to tell it from the others."""
        return ", ".join(_words(self[name]) for name in self.content if self[name].data)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed."""
        fields: list[Field] = [self[name] for name in self.content]
        typed = (str(f.raw_data[0]).strip() if f.raw_data else f.data for f in fields)
        return not any(typed)

    @property
    def is_gone(self) -> bool:
        """Whether the row is to be left out."""
        return bool(self.remove.data) or self.is_blank

    def validate(self, extra_validators: Any = None) -> bool:
        """A row that goes need not be right."""
        return True if self.is_gone else bool(super().validate(extra_validators))


class Rows(FieldList):
    """Rows of a form, their number limited and their names read with care; `each` is what one of them is called."""

    def __init__(self, row: FormField, label: str, each: str, **kwargs: Any) -> None:
        self.each = each
        super().__init__(row, label, **kwargs)

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        # The library takes any digits for a number, in any script and of any length.
        for key in formdata:
            found = re.match(rf"{re.escape(prefix)}-(\d{{1,4}})-", key, re.ASCII)
            if found:
                yield int(found[1])

    @property
    def kept(self) -> list[Any]:
        """The forms of the rows that stay."""
        return [entry.form for entry in self.entries if not entry.form.is_gone]

    def recheck(self) -> None:
        """Gather the rows' errors again, after some were added."""
        self.errors = [entry.errors for entry in self.entries if entry.errors]

    def add(self, number: int) -> None:
        """Show some more empty rows, as far as there is room."""
        for _ in range(min(number, self.max_entries - len(self.entries))):
            self.append_entry()

    def add_asked(self, number: int) -> None:
        """Show some more empty rows because somebody asked for them: the first of these has the cursor."""
        before = len(self.entries)
        self.add(number)
        for entry in self.entries[before : before + 1]:
            first = entry.form[entry.form.content[0]]
            first.render_kw = (first.render_kw or {}) | {"autofocus": True}


def upper(value: str | None) -> str | None:
    """Codes of places are written in capitals."""
    return value.upper() if value else value
