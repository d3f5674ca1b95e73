"""The buttons that give up a seat, with what stood on them."""

import re
from datetime import date

from wtforms import HiddenField

from cme.forms import Form


class CancelSeatForm(Form):
    """The button that cancels, and what the page said comes back."""

    expected = HiddenField()

    @property
    def expected_minor(self) -> int:
        """The amount the person saw; no amount at all when it was tampered with."""
        text = self.expected.data or ""
        return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else -1


class HoldForm(Form):
    """The button that puts tuition on hold, and the last day the page named."""

    until = HiddenField()

    @property
    def until_day(self) -> date:
        """The day the person saw; a day that cannot be when it was tampered with."""
        try:
            return date.fromisoformat(self.until.data or "")
        except ValueError:
            return date.min
