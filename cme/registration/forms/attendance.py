"""What people and staff enter about who came."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import FileField, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired

from cme.fields import WholeField, blame, choices
from cme.forms import CreatingForm, Form, LineField

ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "UTC")
REASON = 300


class CheckInForm(Form):
    """The code on the screen."""

    code = LineField("Code on the screen", [DataRequired("Enter the code on the screen")], most=40)


class DoorForm(Form):
    """Somebody at the door: a badge that was scanned or a name that was typed, or the button beside a name."""

    code = LineField("Scan a badge or type a name", most=200)
    mark = HiddenField()

    @property
    def pressed(self) -> tuple[str, str]:
        """Whose button was pressed, and what for: now, all or undo."""
        who, _, what = (self.mark.data or "").partition(":")
        return who, what if what in ("all", "undo") else "now"


class SheetForm(Form):
    """Who signed the sheet of a session."""

    signed = SelectMultipleField("Signed", validate_choice=False)


class LogForm(CreatingForm):
    """A webinar's log."""

    file = FileField(
        "Attendee report",
        description="CSV, as the webinar service saves it: Zoom, Teams, Webex, GoTo and others. At most 1 MB.",
        render_kw={"accept": ".csv,.tsv,.txt,text/csv"},
    )
    zone = SelectField("Times in the report are in", validate_choice=False)

    def offer(self, own: str) -> None:
        """Offer the zones such reports are written in, the seminar's own first."""
        self.zone.choices = choices((zone, zone.replace("_", " ")) for zone in dict.fromkeys((own, *ZONES)))

    def validate_zone(self, field: Any) -> None:
        """Refuse a zone that was not offered."""
        if field.data not in {choice.value for choice in field.choices}:
            blame(field, "Choose the time zone of the report")
            field.data = ZoneInfo("UTC").key


class ApplyForm(Form):
    """That a log counts, as it was looked at."""

    shown = HiddenField()
    names = SelectMultipleField("By name", validate_choice=False)


class CorrectionForm(Form):
    """What somebody attended, session by session, and why it changes."""

    reason = LineField("Reason", description="Needed when minutes on file change; it is kept with them.", most=REASON)

    def minutes_of(self, number: int) -> Any:
        """The field of one session."""
        return self[f"minutes_{number}"]


def correction_form(lines: Iterable[Any], **more: Any) -> Any:
    """The form for these sessions, as they stand on file; what was shown travels along."""
    fields: dict[str, Any] = {}
    for line in lines:
        label = f"Minutes of {line.session.title}"
        fields[f"minutes_{line.number}"] = WholeField(label, 0, max(line.session.minutes, 0), default=line.minutes)
        fields[f"shown_{line.number}"] = HiddenField(default=str(line.minutes))
    return type("CorrectionForm", (CorrectionForm,), fields)(**more)
