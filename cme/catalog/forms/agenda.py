"""The agenda in the editor: sessions with their topics and teachers, themes of the days, and how they add up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any

from wtforms import Form, FormField, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from cme.catalog import rules
from cme.catalog.forms.fields import YEARS, DayField, HourField, RowForm, WholeField, blame, choices
from cme.catalog.values import SessionValues, moment_of
from cme.forms import LineField
from cme.values import MODE_LABELS

WAYS = {"both": "Everyone", **{mode.value: label for mode, label in MODE_LABELS.items()}}
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Typed:
    """A session as far as it was typed soundly: enough to count it and to lay it beside others."""

    title: str
    on: date
    starts: time
    ends: time
    starts_at: datetime
    ends_at: datetime
    kind: str
    track: str
    mode: str
    topic_minutes: dict[str, int]
    faculty: tuple[Any, ...] = ()

    @property
    def minutes(self) -> int:
        """How long the session lasts."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def counts(self) -> bool:
        """Whether the session is instruction, which alone earns credit."""
        return self.kind == "instruction"


class TopicsForm(Form):
    """How many minutes of a session are about each topic that states and boards ask for."""

    def values(self) -> dict[str, int]:
        """The topics with their minutes."""
        return {field.short_name: field.data for field in self if field.data}


for _code, _label in rules.TOPICS.items():
    setattr(TopicsForm, _code, WholeField(_label, 1, DAY_MINUTES))


class SessionForm(RowForm):
    """One item of the agenda."""

    content = ("title", "starts", "ends")

    number = HiddenField()
    on = DayField("Day")
    starts = HourField("Starts", [InputRequired("Enter when the session starts")])
    ends = HourField("Ends", [InputRequired("Enter when the session ends")])
    title = LineField("Title", [InputRequired("Enter the session's title")])
    kind = SelectField("Kind", choices=choices(rules.KINDS.items()), default="instruction")
    track = LineField("Track", most=60)
    mode = SelectField("For", choices=choices(WAYS.items()), default="both")
    teachers = SelectMultipleField(
        "Taught by", choices=[], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )
    topics = FormField(TopicsForm, "")

    def check_clock(self, day: date, zone: str) -> None:
        """Say so at a time that the clocks skip that day."""
        for field in (self.starts, self.ends):
            try:
                moment_of(day, field.data, zone)
            except ValueError:
                blame(field, f"The clocks skip {field.data:%H:%M} on this day: enter another time")

    def typed(self, day: date, zone: str) -> Typed | None:
        """The session as it can be counted; None while its times make no sense."""
        if not self.starts.data or not self.ends.data or self.ends.data <= self.starts.data:
            return None
        try:
            begins, ends = moment_of(day, self.starts.data, zone), moment_of(day, self.ends.data, zone)
        except ValueError:
            return None
        if ends <= begins:
            return None
        kind, track, mode = self.kind.data, self.track.data or "", self.mode.data
        times = (self.starts.data, self.ends.data, begins, ends)
        return Typed(self.title.data or "", day, *times, kind, track, mode, self.topics.form.values())

    def laid_out(self, on: date | None) -> SimpleNamespace:
        """The row as it lies on the timetable; of one that goes, or whose day is unknown, nothing."""
        words = {name: None if self.is_gone else self[name].data for name in ("title", "kind", "track", "mode")}
        times = {name: None if on is None or self[name].errors else self[name].data for name in ("starts", "ends")}
        topics = {} if self.is_gone else self.topics.form.values()
        return SimpleNamespace(on=None if self.is_gone else on, topic_minutes=topics, **words, **times)

    def at(self, name: str, message: str) -> Any:
        """The field a fault of the agenda belongs to; one of the topics is the one the message names."""
        if name == "topic_minutes":
            named = (field for field in self.topics.form if rules.topic_name(field.short_name) in message)
            return next((field for field in named if field.data), self.kind)
        field: Any = self._fields.get(name, self.starts)
        return field

    def values(self, day: date) -> SessionValues:
        """The session as typed."""
        number = self.number.data or ""
        return SessionValues(
            title=self.title.data,
            on=day,
            starts=self.starts.data,
            ends=self.ends.data,
            kind=self.kind.data,
            track=self.track.data or "",
            mode=self.mode.data,
            number=int(number) if number.isascii() and number.isdigit() and len(number) < 18 else None,
            teachers=tuple(self.teachers.data or ()),
            topic_minutes=self.topics.form.values(),
        )


class ThemeForm(RowForm):
    """What one day of the seminar is about, in a few words; the first row is the first day."""

    content = ("theme",)

    theme = LineField("Theme", most=80)


def days_of(form: Any) -> Iterator[tuple[date | None, SessionForm]]:
    """The sessions that stay, each with its day: a row without one goes on where the row above it was."""
    day = form.starts_on.data
    for row in form.sessions.kept:
        day = row.on.data or day
        yield day if day and day.year in YEARS else None, row


def typed_sessions(form: Any) -> list[tuple[SessionForm, Typed]]:
    """The sessions that can be counted as they are typed, with their rows."""
    if form.time_zone.data not in {choice.value for choice in form.time_zone.choices}:
        return []
    found = ((row, row.typed(day, form.time_zone.data) if day else None) for day, row in days_of(form))
    return [(row, typed) for row, typed in found if typed is not None]


def check_agenda(form: Any) -> None:
    """Say at the rows what cannot be: skipped times, overlaps, other days, more minutes on a topic than there are."""
    days = {id(row): day for day, row in days_of(form)}
    rows = [entry.form for entry in form.sessions.entries]
    for row in rows:
        if days.get(id(row)) and row.starts.data and row.ends.data and not form.time_zone.errors:
            row.check_clock(days[id(row)], form.time_zone.data)
    # Every row stands in its place, so that the rules count rows as the page does.
    laid_out = [row.laid_out(days.get(id(row))) for row in rows]
    for place, name, message in rules.agenda_faults(laid_out, form.starts_on.data, form.ends_on.data):
        blame(rows[place].at(name, message), message)
