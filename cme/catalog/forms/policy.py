"""What becomes of the tuition when somebody cannot come, as fields: for the provider, and for one seminar."""

from typing import Any

from wtforms import BooleanField, Form, FormField
from wtforms.validators import ValidationError

from cme.catalog.forms.fields import MoneyField, RowForm, Rows, WholeField, blame
from cme.values import Money, Policy, RefundStep

MOST_FEE = Money(100_000)
OWN = "own"


class StepForm(RowForm):
    """Until so many days before the start, this part of the price comes back, less a fee."""

    content = ("days_before", "percent", "fee")

    days_before = WholeField("Days before", 0, 1000)
    percent = WholeField("Percent returned", 0, 100)
    fee = MoneyField("Fee kept")

    def validate_percent(self, field: Any) -> None:
        """A step has both a day and a part."""
        if not field.errors and (field.data is None or self.days_before.data is None):
            raise ValidationError("Enter both the days before the start and the percent returned")

    def validate_fee(self, field: Any) -> None:
        """A fee is taken from what comes back, and is small beside it."""
        if (field.minor or 0) > MOST_FEE.minor:
            raise ValidationError(f"Fee kept: enter at most {MOST_FEE}")
        if field.minor and self.percent.data == 0:
            raise ValidationError("Nothing comes back in this step, so there is nothing to keep a fee from")

    def values(self) -> RefundStep:
        """The step as typed."""
        return RefundStep(self.days_before.data, self.percent.data, self.fee.minor or 0)


class PolicyForm(Form):
    """Refunds by days before the start, moves, time on hold, and what else is promised."""

    steps = Rows(FormField(StepForm), "Refund policy", "Step", max_entries=10)
    transfers = WholeField("Free transfers", 0, 20)
    transfer_months = WholeField("Months to transfer", 1, 60)
    hold_months = WholeField("Months on hold", 0, 60)
    invitation_percent = WholeField("Percent after an invitation letter", 0, 100)
    can_switch = BooleanField("People may switch between in person and livestream until the start")
    can_substitute = BooleanField("A colleague may take somebody's seat until the start")
    is_on_demand_final = BooleanField("What is bought on demand is final: no refund, transfer or hold")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then that there is one rule for each day, and that waiting never brings more back."""
        sound = bool(super().validate(extra_validators))
        for name in ("transfers", "transfer_months", "hold_months", "invitation_percent"):
            if self[name].data is None and not self[name].errors:
                blame(self[name], f"{self[name].label.text}: enter a number")
                sound = False
        return self._check_steps() and sound

    def _check_steps(self) -> bool:
        kept = self.steps.kept
        if not kept:
            self.steps.add(0 if len(self.steps) else 1)
            blame(self.steps[0].form.days_before, "Enter at least one step of the refund policy")
        known = [row for row in kept if row.days_before.data is not None and row.percent.data is not None]
        days = [row.days_before.data for row in known]
        for number, row in enumerate(known):
            if row.days_before.data in days[:number]:
                blame(row.days_before, "Two steps of the refund policy have the same number of days")
            elif any(
                row.days_before.data < one.days_before.data and row.percent.data > one.percent.data for one in known
            ):
                blame(row.percent, "A later step cannot return more than an earlier one")
        self.steps.recheck()
        return not self.steps.errors

    @classmethod
    def shown(cls, policy: Policy) -> dict[str, Any]:
        """The fields for a policy."""
        steps = [
            {"days_before": step.days_before, "percent": step.percent, "fee": MoneyField.typed(step.fee_minor)}
            for step in policy.steps
        ]
        return policy.to_json() | {"steps": steps}

    def values(self) -> Policy:
        """The policy as typed."""
        steps = sorted((row.values() for row in self.steps.kept), key=lambda step: -step.days_before)
        return Policy(
            steps=tuple(steps),
            transfers=self.transfers.data,
            transfer_months=self.transfer_months.data,
            hold_months=self.hold_months.data,
            invitation_percent=self.invitation_percent.data,
            can_switch=bool(self.can_switch.data),
            can_substitute=bool(self.can_substitute.data),
            is_on_demand_final=bool(self.is_on_demand_final.data),
        )


class OwnPolicyField(FormField):
    """The policy of one seminar; it need not be right where the provider's holds."""

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check it where it counts."""
        return form.policy_from.data != OWN or bool(super().validate(form, extra_validators))
