"""The buttons that pay and give up."""

import re

from wtforms import HiddenField

from cme.forms import CreatingForm, Form


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
