"""What people enter to move to another place, and to hand their seat to a colleague."""

import re

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import EmailInput

from cme.forms import CreatingForm, Form, LineField

EMAIL_LENGTH = 254
ENTER_EMAIL = "Enter an email address, like name@example.com"
READ_TERMS = "Confirm that you have read the refund policy and the terms of registration"


class SwitchForm(CreatingForm):
    """The button that exchanges one place for another, and the sum that stood on the page."""

    attending: str | None = None  # how they will attend, for the questions
    shown = HiddenField()

    @property
    def shown_minor(self) -> int | None:
        """What the person saw to pay, or with a minus to come back; nothing at all when it was tampered with."""
        text = self.shown.data or ""
        return int(text) if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else None


class TransferForm(SwitchForm):
    """The same for another seminar, which has terms of its own."""

    terms = BooleanField(
        "I have read the refund policy and the terms of registration.", validators=[DataRequired(READ_TERMS)]
    )


class SubstituteForm(CreatingForm):
    """The colleague who is asked."""

    email = LineField(
        "Your colleague's email",
        [DataRequired("Enter your colleague's email address")],
        most=EMAIL_LENGTH,
        widget=EmailInput(),
    )

    def validate_email(self, field: Field) -> None:
        """Refuse what no letter could reach."""
        try:
            validate_email(field.data, check_deliverability=False, allow_smtputf8=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValidationError(ENTER_EMAIL) from error
        if not field.data.isascii():
            raise ValidationError(ENTER_EMAIL)


class WithdrawForm(Form):
    """The button that takes an offer back."""


class TakeOverForm(CreatingForm):
    """The button with which a colleague takes a seat."""

    attending: str | None = None
    terms = BooleanField(
        "I have read the refund policy and the terms of registration.", validators=[DataRequired(READ_TERMS)]
    )
