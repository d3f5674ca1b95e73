"""What staff fill in to correct a claim, to grant credit for teaching, and to answer who asks for more time."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import Field, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from cme.accounts import rules as accounts
from cme.catalog.models import Faculty
from cme.credits import rules
from cme.credits.forms.claim import InSteps
from cme.credits.models import VOID, Claim
from cme.credits.rules.correcting import ATTENDANCE, ERROR, REASONS, Taught
from cme.fields import DayField, WholeField, choices
from cme.forms import CreatingForm, LineField, PageField
from cme.values import CREDIT_NAMES, Credits, CreditType

REASON, ANSWER = 300, 1000


def _reason() -> LineField:
    return LineField("Reason", [DataRequired("Say why")], most=REASON)


def shown(claim: Claim | None) -> str:
    """The version a page shows, and whether as withdrawn: "2", or "2:void"."""
    if claim is None:
        return "0"
    return f"{claim.version}:{VOID}" if claim.status == VOID else f"{claim.version}"


def seen(field: Field) -> tuple[int, bool]:
    """The version a page showed, and whether as withdrawn; none where it was tampered with."""
    text, _, status = (field.data or "").partition(":")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1, status == VOID


class AmendForm(CreatingForm):
    """Other amounts than were claimed; `amend_form` adds a field for each type this person can hold."""

    amend_version = HiddenField()
    amend_reason = _reason()
    kinds: Mapping[str, CreditType] = {}

    @property
    def asked(self) -> dict[CreditType, Credits]:
        """The amounts typed; a type left empty or at nothing is not granted, but for the first."""
        typed = {kind: Credits.parse(self[name].data or "0") for name, kind in self.kinds.items()}
        main = next(iter(self.kinds.values()))
        return {kind: amount for kind, amount in typed.items() if amount or kind is main}

    @property
    def amounts(self) -> list[tuple[CreditType, Field]]:
        """The fields for amounts."""
        return [(kind, self[name]) for name, kind in self.kinds.items()]


def amend_form(case: rules.Case, *, fresh: bool = False) -> AmendForm:
    """A form with a field for each type of credit that this case allows."""
    kinds = {f"amount-{kind}": kind for kind in case.limits}
    fields: dict[str, Any] = {}
    for number, (name, kind) in enumerate(kinds.items()):
        label = "AMA PRA Category 1 Credit™" if kind is CreditType.AMA_PRA_1 else CREDIT_NAMES[kind]
        first = InputRequired("Enter the amount") if number == 0 else Optional()
        fields[name] = LineField(label, [first, InSteps(case.limits[kind])], most=20)
    form: type[AmendForm] = type("AmendForm", (AmendForm,), {**fields, "kinds": kinds})
    return form(formdata=None) if fresh else form()


class ReissueForm(CreatingForm):
    """The right name and certification type."""

    reissue_version = HiddenField()
    professional_name = LineField(
        "Professional Name", [DataRequired("Enter the name as it is to be printed")], most=accounts.NAME_LENGTH
    )
    certification_type = SelectField(
        "Certification Type", choices=choices((e.code, e.label) for e in accounts.CERTIFICATION_TYPES.values())
    )
    reissue_reason = _reason()

    def validate_professional_name(self, field: Field) -> None:
        """Refuse what is no name."""
        if not accounts.is_printable_name(field.data):
            raise ValidationError("Enter a name with letters")


class VoidForm(CreatingForm):
    """Which claim is withdrawn, and why."""

    learning_version, teaching_version = HiddenField(), HiddenField()
    kind = RadioField("Withdraw", choices=choices([("learning", "What was learned"), ("teaching", "Teaching credit")]))
    why = RadioField(
        "What others may read",
        choices=choices((each, REASONS[each]) for each in (ERROR, ATTENDANCE)),
        validators=[InputRequired("Choose what others may read")],
    )
    void_reason = _reason()


class TeachForm(CreatingForm):
    """How long somebody presented; `teach_form` adds a field for each of their sessions."""

    teach_version = HiddenField()
    teach_reason = _reason()
    numbers: Mapping[str, int] = {}

    @property
    def minutes(self) -> dict[int, int]:
        """The minutes typed, by session; a session left empty or at nothing earns nothing."""
        return {number: self[name].data for name, number in self.numbers.items() if self[name].data}


def teach_form(taught: Sequence[Taught], *, fresh: bool = False) -> TeachForm:
    """A form with a field for each first presentation."""
    lines = [each for each in taught if not each.is_repeat]
    fields: dict[str, Any] = {f"minutes-{n}": WholeField(e.title, 0, e.minutes) for n, e in enumerate(lines, 1)}
    numbers = {f"minutes-{n}": each.session_id for n, each in enumerate(lines, 1)}
    form: type[TeachForm] = type("TeachForm", (TeachForm,), {**fields, "numbers": numbers})
    return form(formdata=None) if fresh else form()


class TeacherForm(CreatingForm):
    """Who somebody is among the faculty of a seminar."""

    teacher = RadioField("Teaches here as", validators=[InputRequired("Choose who this is")])

    def offer(self, people: Sequence[Faculty]) -> None:
        """Offer the faculty whom no account is linked to."""
        self.teacher.choices = choices((each.slug, each.full_name) for each in people)


class DecideForm(CreatingForm):
    """An answer to who asks for more time."""

    decision = RadioField(
        "Answer",
        choices=choices([("grant", "Grant more time"), ("refuse", "Refuse")]),
        validators=[InputRequired("Choose an answer")],
    )
    until = DayField("Last day to claim")
    answer = PageField("Words to the learner", most=ANSWER)
    request = HiddenField()

    def validate_until(self, field: Field) -> None:
        """Ask for a day where time is granted."""
        if self.decision.data == "grant" and field.data is None and not field.errors:
            raise ValidationError("Enter the last day to claim, like 2027-03-15")

    def validate_answer(self, field: Field) -> None:
        """Ask for words where time is refused: nobody is refused without a reason."""
        if self.decision.data == "refuse" and not (field.data or "").strip():
            raise ValidationError("Say why, in words for the learner")


class ExtensionForm(CreatingForm):
    """Why somebody could not claim in time."""

    reason = PageField(
        "Why you could not claim in time", [DataRequired("Say what kept you from claiming")], most=ANSWER
    )
