"""Fields that forms of several rooms are made of: days, whole numbers, amounts of money, lists."""

import re
from collections.abc import Iterable
from typing import Any

from wtforms import DateField, IntegerField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from cme.forms import LineField, PageField

YEARS = range(2000, 2100)
MOST_MONEY = 100_000_000  # a million, in cents


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """The options of a select."""
    return [SelectChoice(value, label) for value, label in pairs]


def blame(field: Any, message: str) -> None:
    """Say at a field what is wrong with it."""
    field.errors = [*field.errors, message]


def is_empty(typed: list[str]) -> bool:
    """Whether nothing was typed into a field that may be left empty."""
    return not any(text.strip() for text in typed[:1])


class DayField(DateField):
    """A day of this century; may be left empty."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if is_empty(valuelist):
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(f"{self.label.text}: enter a date like 2027-03-15") from error

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data.year not in YEARS:
            raise ValidationError(f"{self.label.text}: enter a year between 2000 and 2099")


class WholeField(IntegerField):
    """A whole number within bounds; may be left empty."""

    data: Any

    def __init__(self, label: str, least: int, most: int, **kwargs: Any) -> None:
        self.bounds = least, most
        self.wanted = f"{label}: enter a whole number from {least:,} to {most:,}"
        super().__init__(label, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if is_empty(valuelist):
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
        plain = (self.data or "").removeprefix("$").strip()
        # A comma stands between thousands alone: "10,50" is how others write 10.50, and must not become 1050.
        found = re.fullmatch(r"(\d{1,7}|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,2}))?", plain, re.ASCII)
        if not found:
            return None
        amount = int(found[1].replace(",", "")) * 100 + int((found[2] or "").ljust(2, "0"))
        return amount if amount <= MOST_MONEY else None

    @staticmethod
    def typed(minor: int | None) -> str:
        """An amount as somebody would type it."""
        if minor is None:
            return ""
        return f"{minor // 100}" if minor % 100 == 0 else f"{minor // 100}.{minor % 100:02d}"


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
