"""The seminar's editor as a form: from the rows of the database to fields, and back to values."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

from cme.catalog import rules
from cme.catalog.forms import agenda
from cme.catalog.forms.designations import DesignationForm
from cme.catalog.forms.fields import (
    CreditField,
    DayField,
    ListField,
    MoneyField,
    Rows,
    WholeField,
    blame,
    choices,
    upper,
)
from cme.catalog.forms.policy import OWN, OwnPolicyField, PolicyForm
from cme.catalog.forms.rows import OfferingForm, PersonForm, SupportForm
from cme.catalog.forms.said import Problem, differences, problems
from cme.catalog.rules.designated import supported_minutes
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
MOST_DAYS = 31  # as many themes as there are days in a month; longer seminars have none
POLICIES = {"": "Use our usual policy", OWN: "A policy of its own"}
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
    hotel_name = LineField("Hotel")
    hotel_url = LineField(
        "Booking link",
        [Optional(), Regexp(r"^https://[^\s<>\"]+$", message="Enter a link that begins with https://")],
        most=500,
    )
    hotel_rate = MoneyField("Group rate a night", most=20)
    hotel_cutoff_on = DayField("Book by")
    hotel = PageField("Rooms and travel", most=4000)

    in_person = FormField(OfferingForm, "In person")
    livestream = FormField(OfferingForm, "Livestream")
    on_demand = FormField(OfferingForm, "On demand")

    policy_from = RadioField("Refunds and changes", choices=choices(POLICIES.items()), default="")
    policy = OwnPolicyField(PolicyForm, "Policy")

    maximum = CreditField("Maximum credit", most=12)
    learning_format = SelectField("Learning format", choices=choices(FORMATS.items()), default=rules.LIVE)
    other_format = LineField("What kind of activity", most=40, description="Only for “other activity”.")
    designations = Rows(FormField(DesignationForm), "Other credit", "Other credit", max_entries=20)
    providership = RadioField("Provided", choices=choices(PROVIDERSHIPS.items()), default="direct")
    joint_providers = ListField("Joint providers", 10, 200, description="One on each line; every partner is named.")
    evaluation_required = BooleanField("Learners evaluate the seminar before they claim", default=True)
    tracks_attendance = BooleanField(
        "We track attendance, and it limits what can be claimed",
        default=True,
        description="Otherwise learners say themselves which sessions they attended.",
    )
    claim_window_days = WholeField("Days to claim", 1, 3650, description="Left empty, the provider's own window holds.")
    released_on = DayField("Released on")
    reviewed_on = DayField("Last reviewed on")
    terminates_on = DayField("Ends on")
    pass_mark = WholeField("Pass mark, percent", 1, 100)
    estimated_minutes = WholeField("Estimated time, minutes", 1, 100_000)
    method = PageField(
        "Method of participation", most=2000, description="How learners take part, told before they start."
    )
    bibliography = PageField("Bibliography", description="Markdown, one source in each paragraph or list item.")

    themes = Rows(FormField(agenda.ThemeForm), "Themes of the days", "Day", max_entries=MOST_DAYS)
    sessions = Rows(FormField(agenda.SessionForm), "Agenda", "Session", max_entries=150)
    people = Rows(FormField(PersonForm), "Faculty", "Person", max_entries=50)
    support = RadioField("Commercial support", choices=choices(SUPPORT.items()), default="")
    supporters = Rows(FormField(SupportForm), "Support", "Support", max_entries=20)

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

    def validate_hotel_cutoff_on(self, field: Any) -> None:
        """Rooms are kept until the seminar begins, at most."""
        if field.data and self.starts_on.data and field.data > self.starts_on.data:
            raise ValidationError("Enter a day on or before the first day of the seminar")

    def validate_designations(self, field: Any) -> None:
        """Each type of credit stands here once."""
        seen: set[str] = set()
        for row in field.kept:
            if row.credit_type.data and row.credit_type.data in seen:
                blame(row.credit_type, "This credit type is listed twice")
            seen.add(row.credit_type.data)
        field.recheck()

    def validate_themes(self, field: Any) -> None:
        """A theme is one of a day the seminar has."""
        for number, entry in enumerate(field.entries):
            if entry.form.theme.data and self.starts_on.data and self.ends_on.data and not self._day(number):
                blame(entry.form.theme, "The seminar has no such day: empty this, or move the last day")
        field.recheck()

    def validate_sessions(self, field: Any) -> None:
        """What is laid out can take place."""
        agenda.check_agenda(self)
        field.recheck()

    def validate_people(self, field: Any) -> None:
        """Everybody stands here once."""
        seen: set[str] = set()
        for person in field.kept:
            if person.slug.data and person.slug.data in seen:
                blame(person.slug, "This person is listed twice")
            seen.add(person.slug.data)
        field.recheck()

    def _day(self, number: int) -> date | None:
        first, last = self.starts_on.data, self.ends_on.data
        if not first or not last or not 0 <= number <= (last - first).days:
            return None
        day: date = first + timedelta(days=number)
        return day

    @property
    def days(self) -> Iterator[tuple[date | None, Any]]:
        """The themes with the days they are for; none for a day the seminar does not have."""
        for number, entry in enumerate(self.themes.entries):
            yield self._day(number), entry.form.theme

    def show_days(self) -> None:
        """Have a theme to fill in for each day that is known."""
        known = (number for number in range(MOST_DAYS, 0, -1) if self._day(number - 1))
        self.themes.add(next(known, 0) - len(self.themes))

    @property
    def working(self) -> rules.Working:
        """How the credit of the agenda, as it is typed here, comes about."""
        return rules.working(typed for _, typed in agenda.typed_sessions(self))

    @property
    def supported(self) -> Credits:
        """The credit that the agenda supports; on demand, that the estimated time does."""
        sessions = [typed for _, typed in agenda.typed_sessions(self)]
        told = SimpleNamespace(
            learning_format=self.learning_format.data, estimated_minutes=self.estimated_minutes.data, sessions=sessions
        )
        return rules.credit_for(supported_minutes(told))

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, in the order of the page."""
        return list(problems(self))

    @property
    def ways(self) -> list[FormField]:
        """The ways to attend, in their order."""
        return [self[name] for name in WAYS]

    def rows(self, name: str) -> Rows:
        """Some of the repeated rows by their name; the steps are those of the policy."""
        found: Rows = self.policy.form.steps if name == "steps" else self[name]
        return found

    def values(self) -> SeminarValues:
        """The seminar as typed; only for a form without errors."""
        plain = ("title", "summary", "description", "audience", "specialty", "slug", "time_zone", "venue", "address")
        more = ("city", "hotel", "hotel_name", "providership", "method", "bibliography")
        words: dict[str, Any] = {name: self[name].data or "" for name in (*plain, *more)}
        days = ("starts_on", "ends_on", "released_on", "reviewed_on", "terminates_on", "hotel_cutoff_on")
        words |= {name: self[name].data for name in (*days, "claim_window_days", "pass_mark", "estimated_minutes")}
        learning_format = self.learning_format.data
        if learning_format == rules.OTHER:
            learning_format = f"{rules.OTHER} ({self.other_format.data})"
        return SeminarValues(
            **words,
            hotel_url=self.hotel_url.data or None,
            hotel_rate_minor=self.hotel_rate.minor,
            day_themes={day.isoformat(): field.data for day, field in self.days if day and field.data},
            designations=tuple(row.values() for row in self.designations.kept),
            objectives=self.objectives.items,
            topics=self.topics.items,
            state=upper(self.state.data) or "",
            country=upper(self.country.data) or "",
            learning_format=learning_format,
            joint_providers=self.joint_providers.items,
            no_commercial_support=self.support.data == "none",
            commercial_support=tuple(row.values() for row in self.supporters.kept) if self.support.data else (),
            evaluation_required=bool(self.evaluation_required.data),
            tracks_attendance=bool(self.tracks_attendance.data),
            maximum=self.maximum.credits.hundredths if self.maximum.credits else 0,
            offerings=tuple(
                self[name].form.values(mode) for name, mode in WAYS.items() if self[name].form.offered.data
            ),
            sessions=tuple(row.values(day) for day, row in agenda.days_of(self) if day),
            people=tuple(row.values() for row in self.people.kept),
            policy=self.policy.form.values() if self.policy_from.data == OWN else None,
        )

    def says_the_same(self, other: "SeminarForm") -> bool:
        """Whether saving one or the other would come to the same, however it was typed."""
        mine, theirs = (
            replace(values, sessions=tuple(replace(session, number=None) for session in values.sessions))
            for values in (self.values(), other.values())
        )
        return mine == theirs

    def differences(self, theirs: "SeminarForm") -> list[tuple[str, str | None]]:
        """What stands differently in another version: labels, with their words where these are short."""
        return differences(self, theirs)


class NewSeminarForm(CreatingForm, SeminarForm):
    """The editor of a seminar that is not there yet."""
