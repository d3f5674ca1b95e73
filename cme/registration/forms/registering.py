"""What people enter to register."""

from collections.abc import Callable, Collection
from typing import Any

from wtforms import BooleanField, Field, RadioField, SelectChoice, SelectField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from cme.accounts.rules import CERTIFICATION_TYPES, NAME_LENGTH, is_printable_name
from cme.forms import CreatingForm, LineField


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
