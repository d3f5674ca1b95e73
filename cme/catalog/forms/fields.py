"""Fields the catalog's forms are made of: days, amounts of money and credit, lists, rows that may be left empty."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from wtforms import BooleanField, DateField, Field, FieldList, Form, FormField, IntegerField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from cme.forms import LineField, PageField
from cme.values import Credits

YEARS = range(2000, 2100)
MOST_MONEY = 100_000_000  # a million, in cents
MOST_CREDIT = 50_000  # five hundred, in hundredths


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """The options of a select."""
    return [SelectChoice(value, label) for value, label in pairs]


def _is_empty(typed: list[str]) -> bool:
    return not any(text.strip() for text in typed[:1])


class DayField(DateField):
    """A day of this century; may be left empty."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if _is_empty(valuelist):
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(f"{self.label.text}: enter a date like 2027-03-15") from error

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data.year not in YEARS:
            raise ValidationError(f"{self.label.text}: enter a year between 2000 and 2099")


class HourField(TimeField):
    """A time of day; may be left empty."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if _is_empty(valuelist):
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(f"{self.label.text}: enter a time like 08:30") from error


class WholeField(IntegerField):
    """A whole number within bounds; may be left empty."""

    data: Any

    def __init__(self, label: str, least: int, most: int, **kwargs: Any) -> None:
        self.bounds = least, most
        self.wanted = f"{label}: enter a whole number from {least:,} to {most:,}"
        super().__init__(label, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if _is_empty(valuelist):
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(self.wanted) from error

    def pre_validate(self, form: Any) -> None:
        least, most = self.bounds
        if self.data is not None and not least <= self.data <= most:
            raise ValidationError(self.wanted)


class MoneyField(LineField):
    """An amount in dollars, kept as typed; `minor` is its value in cents, None when empty."""

    def pre_validate(self, form: Any) -> None:
        if self.data and self.minor is None:
            raise ValidationError(f"{self.label.text}: enter an amount like 895 or 895.50, at most 1,000,000")

    @property
    def minor(self) -> int | None:
        """The amount in cents."""
        plain = (self.data or "").replace(",", "").removeprefix("$").strip()
        found = re.fullmatch(r"(\d{1,7})(?:\.(\d{1,2}))?", plain, re.ASCII)
        if not found:
            return None
        amount = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
        return amount if amount <= MOST_MONEY else None

    @staticmethod
    def typed(minor: int | None) -> str:
        """An amount as somebody would type it."""
        if minor is None:
            return ""
        return f"{minor // 100}" if minor % 100 == 0 else f"{minor // 100}.{minor % 100:02d}"


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


class ListField(PageField):
    """Several short texts, one on each line; `items` are those that are not empty."""

    def __init__(self, label: str, most: int, each: int, **kwargs: Any) -> None:
        self.limits = most, each
        super().__init__(label, **kwargs)

    @property
    def items(self) -> tuple[str, ...]:
        """The texts."""
        return tuple(" ".join(line.split()) for line in (self.data or "").split("\n") if line.strip())

    def pre_validate(self, form: Any) -> None:
        most, each = self.limits
        if len(self.items) > most:
            raise ValidationError(f"{self.label.text}: enter at most {most}, one on each line")
        if any(len(item) > each for item in self.items):
            raise ValidationError(f"{self.label.text}: each line must be {each} characters or fewer")


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


def blame(field: Any, message: str) -> None:
    """Say at a field what is wrong with it."""
    field.errors = [*field.errors, message]


def upper(value: str | None) -> str | None:
    """Codes of places are written in capitals."""
    return value.upper() if value else value
