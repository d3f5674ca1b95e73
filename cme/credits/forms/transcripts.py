"""What people enter into their transcript themselves."""

import re
from datetime import date
from typing import Any

from wtforms import Field, SelectField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from cme.catalog.rules import TOPICS
from cme.credits.models import ExternalCredit, Goal
from cme.credits.rules.goals import TYPE_NAMES, Pattern, as_credits, as_minutes
from cme.credits.services.transcripts import ExternalValues, GoalValues
from cme.fields import DayField, blame, choices
from cme.forms import CreatingForm, LineField
from cme.values import Credits

AMOUNT = re.compile(r"(\d{1,4})(?:\.(\d{1,2}))?", re.ASCII)
PREFIX = "topic_"
TYPES = [("", "Select one"), *TYPE_NAMES.items()]


class AmountField(LineField):
    """An amount of credit or of hours, kept as typed; `amount` is its value, nothing typed is none."""

    def pre_validate(self, form: Any) -> None:
        if self.data and not AMOUNT.fullmatch(self.data):
            raise ValidationError(f"{self.label.text}: enter a number like 1.75")

    @property
    def amount(self) -> Credits:
        """What was typed."""
        return Credits.parse(self.data) if self.data and AMOUNT.fullmatch(self.data) else Credits(0)


def typed(amount: Credits) -> str:
    """An amount as somebody would type it."""
    text = str(amount)
    return text.removesuffix(".00") if amount else ""


class TopicsForm(CreatingForm):
    """Hours on topics that states ask for; most of them stay empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in self.topics:  # last on the page, and so in the summary of errors
            self._fields[field.name] = self._fields.pop(field.name)

    @property
    def topics(self) -> list[Field]:
        """The field of each topic."""
        return [field for field in self if field.name.startswith(PREFIX)]

    @property
    def topic_minutes(self) -> dict[str, int]:
        """The minutes on each topic that has any."""
        hours = {field.name.removeprefix(PREFIX).replace("_", "-"): field.amount for field in self.topics}
        return {code: as_minutes(amount) for code, amount in hours.items() if amount}

    @property
    def has_topics(self) -> bool:
        """Whether the topics have to be in sight."""
        return any(field.data or field.errors for field in self.topics)


def name_of(code: str) -> str:
    """The name of a topic's field."""
    return PREFIX + code.replace("-", "_")


for _code, _label in TOPICS.items():
    setattr(TopicsForm, name_of(_code), AmountField(_label, most=7))


def told(minutes: dict[str, int]) -> dict[str, str]:
    """The hours on each topic, as their fields show them."""
    return {name_of(code): typed(as_credits(amount)) for code, amount in minutes.items() if code in TOPICS}


class ExternalForm(TopicsForm):
    """Credit earned elsewhere."""

    title = LineField("Activity", [DataRequired("Enter the name of the activity")], most=200)
    provider = LineField("Provider", most=200)
    on = DayField("Completed on", [InputRequired("Enter the day you completed it")])
    credit_type = SelectField("Credit type", [InputRequired("Select the credit type")], choices=choices(TYPES))
    credits = AmountField("Credits", [DataRequired("Enter the credits on your certificate")], most=7)
    note = LineField("Note", most=300)

    def __init__(self, known: ExternalCredit | None = None, *, today: date) -> None:
        self.today = today
        shown: dict[str, Any] = {}
        if known is not None:
            shown = {name: getattr(known, name) for name in ("title", "provider", "on", "credit_type", "note")}
            shown |= {"credits": typed(Credits(known.credits)), **told(known.topic_minutes)}
        super().__init__(data=shown)

    def validate_on(self, field: Field) -> None:
        """Refuse a day to come."""
        if field.data and not field.errors and field.data > self.today:
            raise ValidationError("Completed on: enter a day that has been")

    def validate_credits(self, field: Field) -> None:
        """Refuse nothing at all."""
        if not field.errors and not field.amount:
            raise ValidationError("Credits: enter more than 0")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Hold the topics against the whole."""
        fine = super().validate(*args, **kwargs)
        for field in self.topics:
            if not field.errors and field.amount > self.credits.amount:
                blame(field, f"{field.label.text}: at most the {self.credits.data} credits of the activity")
                fine = False
        return fine

    @property
    def values(self) -> ExternalValues:
        """What was entered."""
        return ExternalValues(
            title=self.title.data or "",
            provider=self.provider.data or "",
            on=self.on.data,
            credit_type=self.credit_type.data,
            credits=self.credits.amount.hundredths,
            note=self.note.data or "",
            topic_minutes=self.topic_minutes,
        )


class GoalForm(TopicsForm):
    """So much credit by a day."""

    name = LineField("Name", [DataRequired("Enter a name, like Florida licence")], most=120)
    credit_type = SelectField("Credit that counts", choices=choices([("", "Any type"), *TYPE_NAMES.items()]))
    credits = AmountField("Credits", most=7)
    starts_on = DayField("Counts from")
    due_on = DayField("Due", [InputRequired("Enter the last day")])

    def __init__(self, known: Goal | None = None, like: Pattern | None = None) -> None:
        shown: dict[str, Any] = {}
        if known is not None:
            shown = {"name": known.name, "starts_on": known.starts_on, "due_on": known.due_on}
            shown |= {"credit_type": known.credit_type or "", "credits": typed(Credits(known.credits))}
            shown |= told(known.topic_minutes)
        elif like is not None:
            shown = {"name": like.name, "credit_type": like.credit_type or "", "credits": typed(like.credits)}
            shown |= {name_of(code): str(hours) for code, hours in like.hours.items()}
        super().__init__(data=shown)

    def validate_due_on(self, field: Field) -> None:
        """Refuse a last day before the first."""
        if field.data and self.starts_on.data and field.data <= self.starts_on.data:
            raise ValidationError("Due: enter a day after the first")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Refuse a goal that asks for nothing."""
        fine = super().validate(*args, **kwargs)
        if fine and not self.credits.amount and not self.topic_minutes:
            blame(self.credits, "Enter how much credit, or hours on a topic")
            return False
        return fine

    @property
    def values(self) -> GoalValues:
        """What was entered."""
        return GoalValues(
            name=self.name.data or "",
            due_on=self.due_on.data,
            credits=self.credits.amount.hundredths,
            credit_type=self.credit_type.data or None,
            starts_on=self.starts_on.data,
            topic_minutes=self.topic_minutes,
        )
