"""The buttons of those who wait for a seat, and of staff who call a seminar off."""

import re

from wtforms import BooleanField, Field, HiddenField, TextAreaField
from wtforms.validators import DataRequired, ValidationError

from cme.forms import Form, LineField, PageField
from cme.registration.forms.registering import RegisterForm, RegisterWithDetailsForm


class WaitForm(RegisterForm):
    """Which full way to attend somebody waits for."""

    terms = None


class WaitWithDetailsForm(RegisterWithDetailsForm):
    """The same for somebody whose Account Details are not complete."""

    terms = None


class LeaveForm(Form):
    """The button that leaves the line."""


class OfferForm(Form):
    """A seat accepted, at the price that stood on the page."""

    attending: str | None = None
    shown = HiddenField()
    terms = BooleanField(
        "I have read the refund policy and the terms of registration.",
        validators=[DataRequired("Confirm that you have read the refund policy and the terms of registration")],
    )

    @property
    def shown_minor(self) -> int:
        """The amount the person saw; no amount at all when it was tampered with."""
        text = self.shown.data or ""
        return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else -1


class CallOffForm(Form):
    """Why a seminar is called off, and its address typed out, so that nobody does it by accident."""

    reason: TextAreaField = PageField(
        "Reason", [DataRequired("Enter the reason: everybody who registered reads it")], most=1000
    )
    typed = LineField("Type the seminar's address to confirm", [DataRequired("Type the address shown above the field")])
    expected = ""

    def validate_typed(self, field: Field) -> None:
        """Refuse anything but the address of this seminar."""
        if field.data != self.expected:
            raise ValidationError(f"Type {self.expected}, exactly as it is shown")
