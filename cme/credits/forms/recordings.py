"""Where each session can be watched, as staff type it."""

import re
from collections.abc import Iterable
from typing import Any

from wtforms import SelectField
from wtforms.validators import InputRequired

from cme.catalog.models import AgendaSession
from cme.credits.models import FILE, STREAM, Recording
from cme.credits.rules.watching import clock_of, read_clock
from cme.credits.services import RecordingValues
from cme.fields import WholeField, blame, choices
from cme.forms import Form, LineField

KINDS = (("", "No recording"), (FILE, "A video file, played here"), (STREAM, "A page or stream elsewhere"))
ADDRESS = re.compile(r"(https://[^\s/@\\\"'<>;,]+(/[^\s\\\"'<>]*)?|/static/[\w./-]+)\Z")
WANTED = "Enter an address that begins with https://"


class RecordingsForm(Form):
    """The recordings of a seminar."""

    watch_percent = WholeField(
        "Watched, percent",
        1,
        100,
        validators=[InputRequired("Enter how much of each recording must be watched")],
        description="How much of each recording must be played before the assessment opens.",
    )
    keys: tuple[int, ...] = ()

    def rows(self) -> list[tuple[Any, Any, Any, Any]]:
        """The fields of each session: what kind, where, how long, captions."""
        return [
            (self[f"kind_{number}"], self[f"url_{number}"], self[f"length_{number}"], self[f"captions_{number}"])
            for number in range(len(self.keys))
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """A recording has an address and a length."""
        good = super().validate(extra_validators)
        for kind, url, length, captions in self.rows() if good else ():
            if not kind.data:
                continue
            if not ADDRESS.match(url.data or ""):
                blame(url, WANTED)
            if captions.data and not ADDRESS.match(captions.data):
                blame(captions, WANTED)
            try:
                read_clock(length.data or "")
            except ValueError:
                blame(length, "Enter the length like 42:10 or 1:02:05")
        return good and not self.errors

    def values(self) -> dict[int, RecordingValues | None]:
        """What was typed, by session."""
        found: dict[int, RecordingValues | None] = {}
        for key, (kind, url, length, captions) in zip(self.keys, self.rows(), strict=True):
            found[key] = (
                RecordingValues(kind.data, url.data, read_clock(length.data), captions.data or None)
                if kind.data
                else None
            )
        return found


def recordings_form(
    sessions: Iterable[AgendaSession], known: dict[int, Recording], *, watch_percent: int
) -> RecordingsForm:
    """A form with a row for each session."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"watch_percent": watch_percent}
    keys = []
    for number, session in enumerate(sessions):
        keys.append(session.id)
        fields[f"kind_{number}"] = SelectField("Recording", choices=choices(KINDS), default="")
        fields[f"url_{number}"] = LineField("Address", most=1000)
        fields[f"length_{number}"] = LineField("Length", most=10)
        fields[f"captions_{number}"] = LineField("Captions (VTT)", most=1000)
        found = known.get(session.id)
        if found is not None:
            data |= {f"kind_{number}": found.kind, f"url_{number}": found.url}
            data |= {f"length_{number}": clock_of(found.seconds), f"captions_{number}": found.captions_url or ""}
    made: RecordingsForm = type("RecordingsForm", (RecordingsForm,), {**fields, "keys": tuple(keys)})(data=data)
    return made
