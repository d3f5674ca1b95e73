"""Credit of other types than AMA's: how much, in which steps, and what each approver asks for."""

from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, ValidationError

from cme.catalog import rules
from cme.catalog.forms.fields import AmountField, DayField, ListField, RowForm, choices
from cme.catalog.rules.designated import ACTIVITY_TYPES, UAN
from cme.catalog.rules.designated import STEPS as STEPS_OF
from cme.catalog.values import DesignationValues
from cme.fields import WholeField
from cme.forms import LineField
from cme.values import CREDIT_NAMES, CreditType

TYPES = {
    kind.value: CREDIT_NAMES[kind]
    for kind in CreditType
    if kind not in (CreditType.AMA_PRA_1, CreditType.PARTICIPATION)
}
STEPS = {"25": "0.25", "10": "0.10"}
MOC_KINDS: dict[str, tuple[str, ...]] = {kind: board.kinds for kind, board in rules.BOARDS.items()}
KINDS = dict.fromkeys(kind for kinds in MOC_KINDS.values() for kind in kinds)
# What only some types have; each by the types that do.
EXTRAS: dict[str, tuple[str, ...]] = {
    "pharmacology": (CreditType.AANP,),
    "uans": (CreditType.ACPE,),
    "activity_type": (CreditType.ACPE,),
    "credit_kind": tuple(MOC_KINDS),
    "threshold": tuple(MOC_KINDS),
    "approver": (CreditType.ANCC,),
}
WHOSE = {"pharmacology": "AANP", "uans": "ACPE", "activity_type": "ACPE", "credit_kind": "MOC"}
WHOSE |= {"threshold": "MOC", "approver": "ANCC"}


class DesignationForm(RowForm):
    """What the seminar is designated for in one type of credit."""

    content = ("credit_type", "amount")

    credit_type = SelectField(
        "Credit type",
        [InputRequired("Select the type of credit")],
        choices=choices([("", "Select a type"), *TYPES.items()]),
        default="",
    )
    amount = AmountField("Amount", [InputRequired("Enter how much the seminar is designated for")], most=12)
    step = SelectField("Claimed in steps of", choices=choices(STEPS.items()), default="25")
    is_pending = BooleanField("Applied for, not decided yet")
    approval_number = LineField("Approval or activity number", most=60)
    approved_from = DayField("Approved from")
    approved_until = DayField("Approved until")
    pharmacology = AmountField("Pharmacology hours", most=12)
    activity_type = SelectField(
        "Activity type", choices=choices([("", "Not set"), *((a, a) for a in ACTIVITY_TYPES)]), default=""
    )
    uans = ListField("Universal activity numbers", 10, 40)
    credit_kind = SelectField(
        "Kind of MOC credit", choices=choices([("", "Not set"), *((k, k) for k in KINDS)]), default=""
    )
    threshold = WholeField("Points from this score on, percent", 1, 100)
    approver = LineField("Approver")

    def validate_amount(self, field: Any) -> None:
        """Credit is designated in the steps it is claimed in."""
        step = int(self.step.data) if self.step.data in STEPS else 25
        if not field.errors and field.credits and field.credits.hundredths % step:
            raise ValidationError(f"Enter a number in steps of {STEPS[str(step)]}")

    def validate_step(self, field: Any) -> None:
        """Tenths are for the types that know them."""
        kind = self.credit_type.data
        if field.data in STEPS and kind in TYPES and int(field.data) not in STEPS_OF.get(kind, (rules.QUARTER,)):
            raise ValidationError(f"{TYPES[kind]} are claimed in quarters: select 0.25")

    def validate_is_pending(self, field: Any) -> None:
        """Most organizations do not let anybody announce what they have not decided."""
        if field.data and self.credit_type.data in TYPES and self.credit_type.data not in rules.MAY_BE_PENDING:
            raise ValidationError("Only AAFP and AAPA credit is announced before it is decided: untick this")

    def validate_approved_until(self, field: Any) -> None:
        """An approval ends after it begins."""
        if field.data and self.approved_from.data and field.data < self.approved_from.data:
            raise ValidationError("The approval must not end before it begins")

    def validate_pharmacology(self, field: Any) -> None:
        """Pharmacology hours are part of the total, never on top of it."""
        self._belongs(field)
        if field.errors or not field.credits:
            return
        if field.credits.hundredths % 25:
            raise ValidationError("Enter a number in steps of 0.25")
        if self.amount.credits and field.credits > self.amount.credits:
            raise ValidationError(f"They are part of the {self.amount.credits.short} hours: enter no more")

    def validate_uans(self, field: Any) -> None:
        """A universal activity number has its parts."""
        self._belongs(field)
        wrong = next((item for item in field.items if not UAN.fullmatch(item.upper())), None)
        if wrong:
            raise ValidationError(f"“{wrong}” is no universal activity number: enter it like 0123-0000-27-001-L01-P")
        if len({item.upper() for item in field.items}) < len(field.items):
            raise ValidationError("A universal activity number is listed twice")

    def validate_activity_type(self, field: Any) -> None:
        """Pharmacy's own."""
        self._belongs(field)

    def validate_threshold(self, field: Any) -> None:
        """The boards' own."""
        self._belongs(field)

    def validate_approver(self, field: Any) -> None:
        """Nursing's own."""
        self._belongs(field)

    def validate_credit_kind(self, field: Any) -> None:
        """Each board has its own kinds."""
        self._belongs(field)
        kinds = MOC_KINDS.get(self.credit_type.data, ())
        if field.data and kinds and field.data not in kinds:
            raise ValidationError(f"{TYPES[self.credit_type.data]} are of the kind {' or '.join(kinds)}")

    def _belongs(self, field: Any) -> None:
        kind = self.credit_type.data
        if field.data and kind in TYPES and kind not in EXTRAS[field.short_name]:
            raise ValidationError(f"Only {WHOSE[field.short_name]} credit has this: empty it, or select that type")

    @property
    def extras(self) -> list[Any]:
        """The fields that the type at hand asks for; all of them while no type is selected."""
        kind = self.credit_type.data
        names = [n for n, types in EXTRAS.items() if not kind or kind in types or self[n].errors or self[n].data]
        return [self[name] for name in names]

    @property
    def unasked(self) -> list[Any]:
        """The fields of other types: sent empty, so that nothing another row says slips in."""
        return [self[name] for name in EXTRAS if self[name] not in self.extras]

    def values(self) -> DesignationValues:
        """The designation as typed."""
        extra: dict[str, Any] = {}
        if self.pharmacology.credits:
            extra["pharmacology"] = self.pharmacology.credits.hundredths
        if self.uans.items:
            uans = [item.upper() for item in self.uans.items]
            extra["uans"] = [{"uan": uan, "audience": uan[-1]} for uan in uans]
        names = ("activity_type", "credit_kind", "threshold", "approver")
        extra |= {name: self[name].data for name in names if self[name].data}
        return DesignationValues(
            credit_type=self.credit_type.data,
            maximum=self.amount.credits.hundredths if self.amount.credits else 0,
            step=int(self.step.data),
            approval_number=self.approval_number.data or "",
            approved_from=self.approved_from.data,
            approved_until=self.approved_until.data,
            is_pending=bool(self.is_pending.data),
            extra=extra,
        )
