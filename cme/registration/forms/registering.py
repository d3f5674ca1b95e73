"""What people enter to register."""

import re
from collections.abc import Callable, Collection
from typing import Any

from wtforms import BooleanField, Field, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from cme.accounts.rules import CERTIFICATION_TYPES, NAME_LENGTH, is_printable_name
from cme.forms import CreatingForm, Form, LineField
from cme.registration.rules.codes import CodeRefused, clean_code

TYPED_CODE = 60  # with the spaces people copy along


class CodeForm(Form):
    """A promo code for a seat that is held; an empty one lets go of the code it has."""

    code = LineField("Promo code", [Optional()], most=TYPED_CODE)

    def validate_code(self, field: Field) -> None:
        """Refuse what no code is written like."""
        _check_code(field)


def _check_code(field: Field) -> None:
    try:
        clean_code(field.data)
    except CodeRefused as refusal:
        raise ValidationError(str(refusal)) from refusal


class RegisterForm(CreatingForm):
    """How somebody attends, with which promo code, and that they know the terms."""

    shown = HiddenField()  # every amount the page showed
    code = LineField("Promo code", [Optional()], most=TYPED_CODE)
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

    @property
    def attending(self) -> str | None:
        """The way chosen, which decides what is asked."""
        return self.mode.data

    def shown_for(self, mode: str | None) -> dict[str, int]:
        """The amounts the page showed for one way to attend, by tuition group; none where it was tampered with."""
        found = re.findall(r"(?:\A| )([a-z-]{1,20})\.([a-z]{1,20})=(\d{1,9})(?= |\Z)", self.shown.data or "", re.ASCII)
        return {tier: int(minor) for way, tier, minor in found if way == mode}

    def validate_code(self, field: Field) -> None:
        """Refuse what no code is written like."""
        _check_code(field)

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
