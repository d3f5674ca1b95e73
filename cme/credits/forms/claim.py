"""What learners tick, claim and attest."""

from collections.abc import Callable, Mapping
from typing import Any

from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, StopValidation, ValidationError

from cme.accounts.rules import (
    CERTIFICATION_TYPES,
    IDENTIFIERS,
    LONGEST,
    NAME_LENGTH,
    Identifier,
    is_printable_name,
)
from cme.credits import queries, rules
from cme.credits.rules.claiming import QUARTER_HOUR
from cme.forms import CreatingForm, Form, LineField
from cme.values import CREDIT_NAMES, Credits, CreditType


class SessionsForm(Form):
    """Which sessions somebody attended, and the quarter hours of them they missed."""

    sessions = SelectMultipleField("Sessions", validate_choice=False)
    less = SelectField("Left a session early?", validate_choice=False)

    def __init__(self, most: Credits, choice: queries.Choice, **kwargs: Any) -> None:
        super().__init__(data={"less": str(choice.less)}, **kwargs)
        quarters = range(max(1, most.hundredths // QUARTER_HOUR))
        self.less.choices = [SelectChoice(str(each), str(Credits(each * QUARTER_HOUR))) for each in quarters]

    def validate_less(self, field: Field) -> None:
        """Refuse what the list does not have."""
        if field.data not in [value for value, *_ in field.choices]:
            raise ValidationError("Select the quarter hours you missed")

    @property
    def choice(self) -> queries.Choice:
        """What was ticked."""
        return queries.Choice(frozenset(self.sessions.data or ()), int(self.less.data))


class DetailsHereForm(Form):
    """The two details nobody can claim without, right where they are missing."""

    professional_name = LineField("Professional Name", [DataRequired("Enter your Professional Name")], most=NAME_LENGTH)
    certification_type = SelectField(
        "Certification Type",
        choices=[
            SelectChoice("", "Select one"),
            *(SelectChoice(kind.code, kind.label) for kind in CERTIFICATION_TYPES.values()),
        ],
        validate_choice=False,
    )

    def __init__(self, *, missing_letters: Callable[[str], set[str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.missing_letters = missing_letters

    def validate_professional_name(self, field: Field) -> None:
        """Refuse a name that no certificate could carry."""
        if field.errors:
            return
        if not is_printable_name(field.data):
            raise ValidationError("Enter your Professional Name with its letters, like Jordan A. Sample, MD")
        missing = sorted(self.missing_letters(field.data))
        if missing:
            raise ValidationError(f"Certificates cannot show {', '.join(missing)}. Enter your name in Latin letters")

    def validate_certification_type(self, field: Field) -> None:
        """Refuse what is not in the list."""
        if field.data not in CERTIFICATION_TYPES:
            raise ValidationError("Select your Certification Type")


class InSteps:
    """Refuse what is no amount of credit, or lies between two steps."""

    def __init__(self, limit: rules.Limit) -> None:
        self.limit = limit

    def __call__(self, form: Any, field: Field) -> None:
        step = self.limit.size
        message = "Enter credits in quarter hours, like 1.75"
        try:
            amount = Credits.parse(field.data or "")
        except ValueError:
            raise StopValidation(message) from None
        if amount.hundredths % step.hundredths:
            raise StopValidation(message if step.hundredths == 25 else f"Enter an amount in steps of {step}")


class Shaped:
    """Refuse what cannot be an identifier of this kind."""

    def __init__(self, kind: Identifier) -> None:
        self.kind = kind

    def __call__(self, form: Any, field: Field) -> None:
        try:
            self.kind.clean(field.data or "")
        except ValueError as error:
            raise StopValidation(str(error)) from error


class AmountField(LineField):
    """An amount of credit; left out of a form that was sent, it is nothing, whatever the page proposed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0] if valuelist else ""


class ClaimForm(CreatingForm):
    """What is claimed and attested; `claim_form` adds a field for each type of credit and each number it needs."""

    kinds: Mapping[str, CreditType] = {}
    on_file: Mapping[str, str] = {}
    unasked: tuple[str, ...] = ()  # the types that are not ticked beforehand, for a number of theirs is missing
    shown = HiddenField()
    attests: BooleanField

    @property
    def asked(self) -> dict[CreditType, Credits]:
        """The amounts typed, by type of credit; another type left at nothing is not claimed."""
        typed = {kind: Credits.parse(self[name].data or "0") for name, kind in self.kinds.items()}
        main = self.kinds["credits"]
        return {kind: amount for kind, amount in typed.items() if amount or kind is main}

    @property
    def main_amount(self) -> Credits:
        """What the certificate will say, where it can."""
        return Credits.parse(self["credits"].data)

    @property
    def amounts(self) -> list[tuple[CreditType, Field]]:
        """The fields for amounts, the one the certificate is for first."""
        return [(kind, self[name]) for name, kind in self.kinds.items()]

    @property
    def is_typed(self) -> bool:
        """Whether the amounts have to be shown as fields, because one that was sent cannot stand."""
        return bool(self.refusal or any(field.errors for _, field in self.amounts))

    def is_ticked(self, field: Field) -> bool:
        """Whether a type is claimed, as far as the form goes by now."""
        return field.name not in self.unasked if field.raw_data is None else bool(field.data)

    def numbers_of(self, kind: CreditType) -> list[Field]:
        """The fields for the numbers that this type alone is reported under, where they are not on file."""
        return [self[f"id-{each}"] for each in rules.asked_for(kind) if self._askers(each) == [kind]]

    @property
    def shared_numbers(self) -> list[Field]:
        """The fields for the numbers that several types are reported under."""
        return [field for field in self if field.name.startswith("id-") and len(self._askers(field.name[3:])) > 1]

    def _askers(self, number: str) -> list[CreditType]:
        wanted = [kind for kind in self.kinds.values() if number in rules.asked_for(kind)]
        return [] if number in self.on_file else wanted

    @property
    def identifiers(self) -> dict[str, str]:
        """The numbers given here."""
        fields = [field for field in self if field.name.startswith("id-") and field.data]
        return {field.name[3:]: IDENTIFIERS[field.name[3:]].clean(field.data) for field in fields}

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the numbers that the ticked types cannot do without."""
        good = super().validate(extra_validators)
        for name, kind in self.kinds.items():
            if not self[name].data or self[name].errors or self.asked.get(kind) is None:
                continue
            for each in rules.lacking(kind, self.on_file):
                field = self[f"id-{each}"]
                if not field.data and not field.errors:
                    field.errors = [f"Enter your {IDENTIFIERS[each].label}, or leave {CREDIT_NAMES[kind]} out"]
                    good = False
        return good


def claim_form(
    case: rules.Case,
    amounts: Mapping[CreditType, Credits] | None = None,
    *,
    on_file: Mapping[str, str],
    afresh: bool = False,
) -> ClaimForm:
    """A form with `credits` for what the certificate is for, and `credits-<type>` for each other type on offer."""
    limits = case.limits
    amounts = amounts or {kind: case.most(kind) for kind in limits}
    kinds = {f"credits-{kind}" if number else "credits": kind for number, kind in enumerate(limits)}
    fields: dict[str, Any] = {
        name: _amount_field(name, kind, limits[kind], amounts[kind]) for name, kind in kinds.items()
    }
    wanted = dict.fromkeys(each for kind in limits for each in rules.asked_for(kind) if each not in on_file)
    fields |= {f"id-{each}": _number_field(IDENTIFIERS[each]) for each in wanted}
    fields["attests"] = BooleanField("I attest", [InputRequired("Tick the box to attest your participation")])
    known = {
        "kinds": kinds,
        "on_file": on_file,
        "unasked": tuple(name for name, kind in kinds.items() if rules.lacking(kind, on_file) or not amounts[kind]),
    }
    sent: dict[str, Any] = {"formdata": None} if afresh else {}
    made: ClaimForm = type("ClaimForm", (ClaimForm,), {**fields, **known})(**sent)
    if not made.is_submitted() or afresh:
        made.shown.data = queries.shown_for(case)
    return made


def _amount_field(name: str, kind: CreditType, limit: rules.Limit, amount: Credits) -> AmountField:
    if name != "credits":
        return AmountField(CREDIT_NAMES[kind], [Optional(), InSteps(limit)], default=str(amount), most=20)
    label, ask = "Credits you claim", "Enter the credits you are claiming"
    if kind is CreditType.PARTICIPATION:
        label, ask = "Hours you took part", "Enter the hours you took part"
    return AmountField(label, [InputRequired(ask), InSteps(limit)], default=str(amount), most=20)


def _number_field(kind: Identifier) -> LineField:
    return LineField(kind.title, [Optional(), Shaped(kind)], most=LONGEST, description=f"Like {kind.example}")
