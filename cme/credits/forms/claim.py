"""What learners claim and attest."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import InputRequired, Optional, StopValidation

from cme.credits import queries, rules
from cme.forms import CreatingForm, LineField
from cme.values import CREDIT_NAMES, Credits, CreditType


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
