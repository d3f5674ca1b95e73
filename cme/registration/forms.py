"""What people enter to register and to pay, and what staff mark."""

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from wtforms import BooleanField, Field, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from cme.accounts.rules import CERTIFICATION_TYPES, NAME_LENGTH, is_printable_name
from cme.forms import CreatingForm, Form, LineField


class RegisterForm(CreatingForm):
    """How somebody attends, and that they know the terms."""

    mode = RadioField(
        "How will you attend?", validators=[InputRequired("Choose how you will attend")], validate_choice=False
    )
    terms = BooleanField(
        "I have read the refund policy and the terms of registration.",
        validators=[DataRequired("Confirm that you have read the refund policy and the terms of registration")],
    )

    def offer(self, labels: dict[str, str], preferred: str | None) -> None:
        """Offer these ways to attend, one of them chosen before anybody chooses."""
        self.mode.choices = [SelectChoice(value, label) for value, label in labels.items()]
        if not self.is_submitted():
            self.mode.data = preferred

    def validate_mode(self, field: Field) -> None:
        """Refuse a way that this seminar does not have."""
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError("Choose how you will attend")


class RegisterWithDetailsForm(RegisterForm):
    """The same for somebody whose Account Details are not complete: they are asked for here and kept there."""

    professional_name = LineField("Professional Name", [DataRequired("Enter your Professional Name")], most=NAME_LENGTH)
    certification_type = SelectField(
        "Certification Type",
        choices=[
            SelectChoice("", "Select one"),
            *(SelectChoice(kind.code, kind.label) for kind in CERTIFICATION_TYPES.values()),
        ],
        validate_choice=False,
    )

    def __init__(self, *, missing_letters: Callable[[str], Collection[str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.missing_letters = missing_letters

    def validate_professional_name(self, field: Field) -> None:
        """Refuse a name that no certificate could carry."""
        if not is_printable_name(field.data):
            raise ValidationError("Enter your Professional Name with its letters, like Jordan A. Sample, MD")
        if missing := sorted(self.missing_letters(field.data)):
            raise ValidationError(
                f"Certificates cannot show {', '.join(missing)}. Enter your name in Latin letters, "
                "as it is spelled on your passport or license"
            )

    def validate_certification_type(self, field: Field) -> None:
        """Refuse what is not in the list."""
        if field.data not in CERTIFICATION_TYPES:
            raise ValidationError("Select your Certification Type")


class CheckoutForm(CreatingForm):
    """The button that leads to Stripe, and the amount that stood on it."""

    shown = HiddenField()

    @property
    def shown_minor(self) -> int:
        """The amount the person saw; no amount at all when it was tampered with."""
        text = self.shown.data or ""
        return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else -1


class GiveUpForm(Form):
    """The button that gives a seat back."""


class AttendanceForm(Form):
    """One person on one day, like `7ZK…:2027-03-15:present`; or everybody on one day."""

    mark = HiddenField()
    everybody = HiddenField()

    @property
    def one(self) -> tuple[str, date, bool] | None:
        """Whom, on which day, and whether they were there."""
        found = re.fullmatch(r"([0-9A-Z]{26}):([0-9-]{10}):(present|absent)", self.mark.data or "", re.ASCII)
        day = _day(found[2]) if found else None
        return (found[1], day, found[3] == "present") if found and day else None

    @property
    def all_on(self) -> date | None:
        """The day on which everybody was there."""
        return _day(self.everybody.data or "")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
