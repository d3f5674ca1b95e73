"""What learners say of a seminar and claim of it, and what others type to verify a certificate."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, Field, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, StopValidation, ValidationError

from cme.credits import queries, rules
from cme.forms import CreatingForm, Form, LineField, PageField
from cme.values import CREDIT_NAMES, Credits, CreditType

SCALE = [SelectChoice(str(n), str(n)) for n in range(1, 6)]
LONGEST_ANSWER = 2000


class EvaluationForm(CreatingForm):
    """How was it?"""

    objectives_met = RadioField(
        "The seminar met its stated objectives",
        [InputRequired("Select how far the objectives were met")],
        choices=SCALE,
    )
    relevant = RadioField(
        "The content was useful in my practice", [InputRequired("Select how useful the content was")], choices=SCALE
    )
    overall = RadioField(
        "Overall, I would recommend this seminar", [InputRequired("Select your overall rating")], choices=SCALE
    )
    free_of_bias = RadioField(
        "Was the content balanced and free of commercial bias?",
        [InputRequired("Select whether the content was free of commercial bias")],
        choices=[SelectChoice("yes", "Yes"), SelectChoice("no", "No")],
    )
    bias_noticed = PageField("If not, what did you notice?", most=LONGEST_ANSWER)
    will_change = PageField("What will you change in practice?", [Optional()], most=LONGEST_ANSWER)

    def validate_bias_noticed(self, field: Field) -> None:
        """A bias that nobody describes cannot be mended."""
        if self.free_of_bias.data == "no" and not field.data:
            raise ValidationError("Describe the commercial bias you noticed")

    @property
    def answers(self) -> dict[str, Any]:
        """What was said, for keeping."""
        return {
            "objectives_met": int(self.objectives_met.data),
            "relevant": int(self.relevant.data),
            "overall": int(self.overall.data),
            "free_of_bias": self.free_of_bias.data == "yes",
            "bias_noticed": self.bias_noticed.data or "",
            "will_change": self.will_change.data or "",
        }


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


class ClaimForm(CreatingForm):
    """What is claimed and attested; `claim_form` adds a field for each type of credit."""

    kinds: Mapping[str, CreditType] = {}
    shown = HiddenField()
    attests: BooleanField

    @property
    def asked(self) -> dict[CreditType, Credits]:
        """The amounts typed, by type of credit; another type left at nothing is not claimed."""
        typed = {kind: Credits.parse(self[name].data or "0") for name, kind in self.kinds.items()}
        main = self.kinds["credits"]
        return {kind: amount for kind, amount in typed.items() if amount or kind is main}

    @property
    def amounts(self) -> list[tuple[CreditType, Field]]:
        """The fields for amounts, the one the certificate is for first."""
        return [(kind, self[name]) for name, kind in self.kinds.items()]


def claim_form(case: rules.Case, *, afresh: bool = False) -> ClaimForm:
    """A form with `credits` for what the certificate is for, and `credits-<type>` for each other type on offer."""
    limits, most = case.limits, {kind: case.most(kind) for kind in case.limits}
    kinds = {f"credits-{kind}" if number else "credits": kind for number, kind in enumerate(limits)}
    fields: dict[str, Any] = {name: _amount_field(name, kind, limits[kind], most[kind]) for name, kind in kinds.items()}
    fields["attests"] = BooleanField("I attest", [InputRequired("Tick the box to attest your participation")])
    sent: dict[str, Any] = {"formdata": None} if afresh else {}
    made: ClaimForm = type("ClaimForm", (ClaimForm,), {**fields, "kinds": kinds})(**sent)
    if not made.is_submitted() or afresh:
        made.shown.data = queries.shown_for(case)
    return made


def _amount_field(name: str, kind: CreditType, limit: rules.Limit, most: Credits) -> LineField:
    if name != "credits":
        return LineField(CREDIT_NAMES[kind], [Optional(), InSteps(limit)], default=str(most), most=20)
    label, ask = "Credits you claim", "Enter the credits you are claiming"
    if kind is CreditType.PARTICIPATION:
        label, ask = "Hours you took part", "Enter the hours you took part"
    return LineField(label, [InputRequired(ask), InSteps(limit)], default=str(most), most=20)


class VerifyForm(Form):
    """A certificate in somebody's hand."""

    number = LineField("Certificate number", [InputRequired("Enter the number printed on the certificate")], most=60)
    name = LineField("Name on the certificate", [InputRequired("Enter a name printed on the certificate")])
