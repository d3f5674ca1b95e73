"""The seminar's editor as a form: from the rows of the database to fields, and back to values."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

from cme.catalog import rules
from cme.catalog.forms.fields import YEARS, CreditField, DayField, ListField, Rows, WholeField, blame, choices, upper
from cme.catalog.forms.rows import OfferingForm, PersonForm, SessionForm, SupportForm
from cme.catalog.values import SeminarValues
from cme.forms import CreatingForm, Form, LineField, PageField
from cme.values import Credits, Mode

ZONES = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Puerto Rico",
    "Europe/London": "London",
    "UTC": "UTC",
}
WAYS = {"in_person": Mode.IN_PERSON, "livestream": Mode.LIVESTREAM, "on_demand": Mode.ON_DEMAND}
FORMATS = {name: name.capitalize() if name[0].islower() else name for name in rules.LEARNING_FORMATS}
PROVIDERSHIPS = {"direct": "By us alone", "joint": "Jointly with others"}
SUPPORT = {"": "Not decided yet", "none": "No commercial support", "listed": "Commercial support from"}


class SeminarForm(Form):
    """Everything staff say of a seminar."""

    # After a refused saving: what keeps it from being published, and what somebody else saved meanwhile.
    lacking: Sequence[rules.Finding] = ()
    theirs: Sequence[tuple[str, str | None]] = ()

    version = HiddenField()
    title = LineField("Title", [InputRequired("Enter the title")])
    summary = LineField(
        "Summary", most=300, description="One or two sentences, up to 300 characters. Shown in the catalog."
    )
    description = PageField(
        "Description", description="Markdown: blank lines between paragraphs, **bold**, lists with -."
    )
    audience = PageField("Who it is for", most=2000)
    objectives = ListField(
        "Learning objectives", 20, 300, description="One on each line: what learners will be able to do."
    )
    specialty = LineField("Specialty", most=60)
    topics = ListField("Topics", 20, 60, description="One on each line, like Ethics or Controlled substances.")
    slug = LineField(
        "Web address",
        [Optional(), Regexp(r"^[a-z0-9]+(-[a-z0-9]+)*$", message="Use small letters, digits and single hyphens")],
        most=120,
        description="Made from the title when left empty. It stays once the seminar is published.",
    )

    starts_on = DayField("First day", [InputRequired("Enter the first day")])
    ends_on = DayField("Last day", [InputRequired("Enter the last day")])
    time_zone = SelectField("Time zone", choices=choices(ZONES.items()), default="America/New_York")
    venue = LineField("Venue")
    address = LineField("Street address", most=300)
    city = LineField("City", most=100)
    state = LineField("State", most=2, render_kw={"size": 2})
    country = LineField("Country code", most=2, default="US")
    hotel = PageField("Rooms and travel", most=4000)

    in_person = FormField(OfferingForm, "In person")
    livestream = FormField(OfferingForm, "Livestream")
    on_demand = FormField(OfferingForm, "On demand")

    maximum = CreditField("Maximum credit", most=12)
    learning_format = SelectField("Learning format", choices=choices(FORMATS.items()), default=rules.LIVE)
    other_format = LineField("What kind of activity", most=40, description="Only for “other activity”.")
    providership = RadioField("Provided", choices=choices(PROVIDERSHIPS.items()), default="direct")
    joint_providers = ListField("Joint providers", 10, 200, description="One on each line; every partner is named.")
    evaluation_required = BooleanField("Learners evaluate the seminar before they claim", default=True)
    claim_window_days = WholeField("Days to claim", 1, 3650, description="Left empty, the provider's own window holds.")
    released_on = DayField("Released on")
    reviewed_on = DayField("Last reviewed on")
    terminates_on = DayField("Ends on")
    pass_mark = WholeField("Pass mark, percent", 1, 100)

    sessions = Rows(FormField(SessionForm), "Agenda", max_entries=150)
    people = Rows(FormField(PersonForm), "Faculty", max_entries=50)
    support = RadioField("Commercial support", choices=choices(SUPPORT.items()), default="")
    supporters = Rows(FormField(SupportForm), "Support", max_entries=20)

    def offer(self, faculty: Iterable[tuple[str, str]], zone: str | None = None) -> None:
        """Give the selects what can be chosen: everybody who ever taught, and for the agenda those who teach here."""
        names = dict(faculty)
        everyone = choices([("", "Someone new"), *names.items()])
        for person in self.people:
            person.form.slug.choices = everyone
        here = dict.fromkeys(person.form.slug.data for person in self.people if not person.form.is_gone)
        for session in self.sessions:
            teaching = dict.fromkeys([*here, *(session.form.teachers.data or ())])
            session.form.teachers.choices = choices((slug, names[slug]) for slug in teaching if slug in names)
        if zone and zone not in ZONES:
            self.time_zone.choices = choices([*ZONES.items(), (zone, zone)])

    def validate_ends_on(self, field: Any) -> None:
        """The days run forward, and not for ever."""
        if self.starts_on.data and field.data and field.data < self.starts_on.data:
            raise ValidationError("The last day must not be before the first")

    def validate_other_format(self, field: Any) -> None:
        """Another kind of activity is described in a few words."""
        is_other = self.learning_format.data == rules.OTHER
        if is_other and not rules.is_learning_format(f"{rules.OTHER} ({field.data})"):
            raise ValidationError("Describe the activity in a few words, without brackets")

    def validate_support(self, field: Any) -> None:
        """Support is named, or there is none; not both."""
        if field.data == "none" and self.supporters.kept:
            raise ValidationError("You said that there is no commercial support, yet named a source")
        if field.data == "listed" and not self.supporters.kept:
            raise ValidationError("Name who gave the support")

    def validate_sessions(self, field: Any) -> None:
        """Sessions begin and end at times that clocks show."""
        for day, row in self._days():
            if day and row.starts.data and row.ends.data and not self.time_zone.errors:
                row.check_clock(day, self.time_zone.data)
        field.recheck()

    def validate_people(self, field: Any) -> None:
        """Everybody stands here once."""
        seen: set[str] = set()
        for person in field.kept:
            if person.slug.data and person.slug.data in seen:
                blame(person.slug, "This person is listed twice")
            seen.add(person.slug.data)
        field.recheck()

    def _days(self) -> Iterator[tuple[date | None, SessionForm]]:
        # A row without a day goes on where the row above it was.
        day = self.starts_on.data
        for row in self.sessions.kept:
            day = row.on.data or day
            yield day if day and day.year in YEARS else None, row

    @property
    def agenda_credit(self) -> Credits:
        """The credit that the agenda supports as it is typed here."""
        is_zone = self.time_zone.data in {choice.value for choice in self.time_zone.choices}
        found = []
        for day, row in self._days():
            times = row.moments(day, self.time_zone.data) if day and is_zone else None
            if times:
                minutes = int((times[1] - times[0]).total_seconds()) // 60
                found.append(
                    SimpleNamespace(
                        starts_at=times[0],
                        ends_at=times[1],
                        minutes=minutes,
                        mode=row.mode.data,
                        counts=row.kind.data == "instruction",
                    )
                )
        return rules.designated_maximum(found)

    @property
    def ways(self) -> list[FormField]:
        """The ways to attend, in their order."""
        return [self[name] for name in WAYS]

    def values(self) -> SeminarValues:
        """The seminar as typed; only for a form without errors."""
        plain = ("title", "summary", "description", "audience", "specialty", "slug", "time_zone", "venue", "address")
        words: dict[str, Any] = {name: self[name].data or "" for name in (*plain, "city", "hotel", "providership")}
        days = ("starts_on", "ends_on", "released_on", "reviewed_on", "terminates_on")
        words |= {name: self[name].data for name in (*days, "claim_window_days", "pass_mark")}
        learning_format = self.learning_format.data
        if learning_format == rules.OTHER:
            learning_format = f"{rules.OTHER} ({self.other_format.data})"
        return SeminarValues(
            **words,
            objectives=self.objectives.items,
            topics=self.topics.items,
            state=upper(self.state.data) or "",
            country=upper(self.country.data) or "",
            learning_format=learning_format,
            joint_providers=self.joint_providers.items,
            no_commercial_support=self.support.data == "none",
            commercial_support=tuple(row.values() for row in self.supporters.kept) if self.support.data else (),
            evaluation_required=bool(self.evaluation_required.data),
            maximum=self.maximum.credits.hundredths if self.maximum.credits else 0,
            offerings=tuple(
                self[name].form.values(mode) for name, mode in WAYS.items() if self[name].form.offered.data
            ),
            sessions=tuple(row.values(day) for day, row in self._days() if day),
            people=tuple(row.values() for row in self.people.kept),
        )

    def differences(self, theirs: "SeminarForm") -> list[tuple[str, str | None]]:
        """What stands differently in another version: labels, with their words where these are short."""
        found: list[tuple[str, str | None]] = []
        for name in self._fields:
            mine, other = self[name], theirs._fields.get(name)
            if other is None or name in {"version", "form_id", "csrf_token"}:
                continue
            if isinstance(mine, Rows):
                if [_said(row.data) for row in mine.kept] != [_said(row.data) for row in other.kept]:
                    found.append((mine.label.text, None))
            elif _said(mine.data) != _said(other.data):
                is_short = not isinstance(other, FormField | BooleanField)
                found.append((mine.label.text, str(other.data or "nothing") if is_short else None))
        return found


def _said(data: Any) -> Any:
    # An empty field and one that was never shown say the same.
    if isinstance(data, dict):
        return {name: _said(value) for name, value in data.items() if name != "csrf_token"}
    return data or None


class NewSeminarForm(CreatingForm, SeminarForm):
    """The editor of a seminar that is not there yet."""
