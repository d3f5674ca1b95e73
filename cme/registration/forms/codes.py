"""A promo code as staff write it."""

import secrets
from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from cme.accounts.rules import TIER_LABELS
from cme.fields import DayField, MoneyField, WholeField, choices
from cme.forms import CreatingForm, Form, LineField
from cme.registration.models import PromoCode
from cme.registration.rules.codes import CodeRefused, clean_code
from cme.registration.services.codes import CodeValues
from cme.values import MODE_LABELS

PERCENT, AMOUNT = "percent", "amount"
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is read as something else


def suggested() -> str:
    """Letters and digits nobody guesses, for a code nobody named."""
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def boxes(pairs: Any) -> dict[str, Any]:
    """Boxes to tick, any number of them."""
    return {
        "choices": choices(pairs),
        "widget": ListWidget(prefix_label=False),
        "option_widget": CheckboxInput(),
    }


class EditCodeForm(CreatingForm):
    """What a code gives, to whom, how often, until when."""

    seen = HiddenField()  # the version that was shown
    note = LineField("What it is for", most=200, description="For staff: a campaign, an agreement, a person.")
    kind = RadioField(
        "It takes off",
        [InputRequired("Select what the code takes off")],
        choices=choices({PERCENT: "A part of the tuition", AMOUNT: "An amount"}.items()),
        default=PERCENT,
    )
    percent = WholeField("Percent", least=1, most=100)
    amount = MoneyField("Amount")
    most_uses = WholeField(
        "Most uses", least=1, most=100_000, description="Leave it empty for any number. A held seat counts as a use."
    )
    once_each = BooleanField("Each person can use it once", default=True)
    first_on = DayField("First day", description="In the seminar's own calendar, like the last day.")
    last_on = DayField("Last day", description="It can be used until the end of this day.")
    seminar = SelectField("Seminar", default="")
    tiers = SelectMultipleField("Groups", **boxes(TIER_LABELS.items()), description="None ticked: for every group.")
    modes = SelectMultipleField(
        "Ways to attend",
        **boxes((mode.value, label) for mode, label in MODE_LABELS.items()),
        description="None ticked: for every way.",
    )

    def offer(self, seminars: list[tuple[str, str]]) -> None:
        """Offer these seminars, by slug."""
        self.seminar.choices = choices([("", "Every seminar"), *seminars])

    def validate_percent(self, field: Any) -> None:
        """A part needs a number."""
        if self.kind.data == PERCENT and field.data is None and not field.errors:
            raise ValidationError("Enter how many percent it takes off, from 1 to 100")

    def validate_amount(self, field: Any) -> None:
        """An amount takes something off."""
        if self.kind.data == AMOUNT and not field.minor and not field.errors:
            raise ValidationError("Enter the amount it takes off, like 50")

    def validate_last_on(self, field: Any) -> None:
        """Days come in order."""
        if field.data and self.first_on.data and field.data < self.first_on.data:
            raise ValidationError("The last day must not come before the first")

    def values(self, seminar_id: int | None, *, is_active: bool) -> CodeValues:
        """The code as typed."""
        is_part = self.kind.data == PERCENT
        return CodeValues(
            note=self.note.data or "",
            percent=self.percent.data if is_part else None,
            amount_minor=None if is_part else self.amount.minor,
            most_uses=self.most_uses.data,
            once_each=self.once_each.data,
            first_on=self.first_on.data,
            last_on=self.last_on.data,
            seminar_id=seminar_id,
            tiers=tuple(self.tiers.data or ()),
            modes=tuple(self.modes.data or ()),
            is_active=is_active,
        )


class NewCodeForm(EditCodeForm):
    """A code nobody has issued yet."""

    code = LineField(
        "Code",
        [InputRequired("Enter the code")],
        most=60,
        default=suggested,
        description="3 to 40 letters, digits and hyphens; capitals and spaces make no difference. It stays as it is.",
    )

    def validate_code(self, field: Any) -> None:
        """Refuse what no code is written like."""
        try:
            clean_code(field.data)
        except CodeRefused as refusal:
            raise ValidationError(str(refusal)) from refusal


class SwitchForm(Form):
    """The button that switches a code on or off."""

    on = HiddenField()


def shown(code: PromoCode) -> dict[str, Any]:
    """A code as its form shows it."""
    same = ("note", "percent", "most_uses", "once_each", "first_on", "last_on", "tiers", "modes")
    return {name: getattr(code, name) for name in same} | {
        "seen": str(code.version),
        "kind": PERCENT if code.percent is not None else AMOUNT,
        "amount": MoneyField.typed(code.amount_minor),
        "seminar": code.seminar.slug if code.seminar else "",
    }
