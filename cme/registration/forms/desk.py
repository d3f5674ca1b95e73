"""What staff mark at the desk."""

import re
from datetime import date

from wtforms import HiddenField

from cme.forms import Form


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
