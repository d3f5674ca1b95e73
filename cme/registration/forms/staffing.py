"""What staff fill in about one registration, its money, and places they give."""

from typing import Any

from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from cme.fields import DayField, MoneyField, choices
from cme.forms import CreatingForm, LineField, PageField

REASON, NOTE = 60, 300
WAYS = [
    ("policy", "What the policy gives back"),
    ("full", "Everything that is left"),
    ("none", "Nothing"),
    ("hold", "Nothing: keep the tuition on hold"),
]
DECISIONS = [
    ("seat", "Give the seat"),
    ("keep", "The seat stays theirs"),
    ("refund", "Refund all that is left"),
    ("outside", "Settled outside Stripe"),
]
MEANS = [("check", "Check"), ("transfer", "Bank transfer"), ("cash", "Cash")]


def whole(text: str | None) -> int:
    """An amount in cents as a page carries it along; none at all when it was tampered with."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


def reason(label: str = "Reason") -> LineField:
    """Why staff do this; for the log, and for colleagues."""
    return LineField(label, [DataRequired("Say why")], most=REASON)


class RefundForm(CreatingForm):
    """How much goes back, and why."""

    left = HiddenField()
    refund_amount = MoneyField("Amount to refund", [DataRequired("Enter an amount")])
    refund_reason = reason()

    def validate_refund_amount(self, field: MoneyField) -> None:
        """Nothing cannot be given back."""
        if field.minor == 0:
            raise ValidationError("Enter an amount of more than $0")


class CancelForm(CreatingForm):
    """How a place ends."""

    left = HiddenField()
    by_policy = HiddenField()
    way = RadioField("What goes back", choices=choices(WAYS), validators=[InputRequired("Choose what goes back")])
    keep_until = DayField("On hold until")
    cancel_reason = reason()

    def validate_keep_until(self, field: Field) -> None:
        """Ask until when only where the tuition is kept."""
        if self.way.data == "hold" and field.data is None and not field.errors:
            raise ValidationError("Enter the last day on which the tuition can be used")


class WaiveForm(CreatingForm):
    """Why somebody pays nothing."""

    waive_reason = reason()


class CreditForm(CreatingForm):
    """Until when tuition on hold can be used."""

    credit_until = DayField("On hold until", validators=[DataRequired("Enter a date like 2027-03-15")])


class NoteForm(CreatingForm):
    """A note for colleagues."""

    note = PageField("Note", [DataRequired("Write the note")], most=2000)


class MoneyForm(CreatingForm):
    """Money that came by check or transfer."""

    means = SelectField("How it came", choices=choices(MEANS))
    amount = MoneyField("Amount received", [DataRequired("Enter the amount on the check or transfer")])
    reference = LineField("Number", [DataRequired("Enter the number of the check or transfer")], most=80)


class DecideForm(CreatingForm):
    """What becomes of a payment in review."""

    attempt = HiddenField()
    what = RadioField("Decision", choices=choices(DECISIONS), validators=[InputRequired("Choose what happens")])
    paid_back = MoneyField("Paid back outside Stripe")
    decision_note = LineField("Note", [DataRequired("Say what you found, and what you did")], most=REASON)


class SentForm(CreatingForm):
    """Whether a refund that staff send themselves was sent; the button says which, and how it went."""

    mark = HiddenField()

    @property
    def told(self) -> tuple[int, int, bool] | None:
        """Attempt, refund, and whether it was sent: from `2:1:sent`."""
        parts = (self.mark.data or "").split(":")
        if len(parts) != 3 or parts[2] not in ("sent", "failed") or min(whole(parts[0]), whole(parts[1])) < 0:
            return None
        return whole(parts[0]), whole(parts[1]), parts[2] == "sent"


class KeepForm(CreatingForm):
    """Why somebody keeps a seat whose money the bank took back."""

    keep_note = reason()


class GrantForm(CreatingForm):
    """Who gets a place without tuition."""

    email = LineField("Email", [DataRequired("Enter the address of the person's account")], most=320)
    offering = RadioField("Way to attend", validators=[InputRequired("Choose a way to attend")], validate_choice=False)
    place = RadioField(
        "As",
        choices=choices([("comp", "Guest, without tuition"), ("faculty", "Faculty")]),
        validators=[InputRequired("Choose what the person comes as")],
    )
    reason = reason()
    over = BooleanField("Add the person even if no seat is free")

    def offer(self, labels: dict[str, str]) -> None:
        """Offer these ways to attend."""
        self.offering.choices = choices(labels.items())

    def validate_offering(self, field: Field) -> None:
        """Refuse a way that this seminar does not have."""
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError("Choose a way to attend")


class TakeUpForm(CreatingForm):
    """One thing that is stuck, to be taken up at once."""

    what = HiddenField()


FORMS: dict[str, Any] = {
    "refund": RefundForm,
    "cancel": CancelForm,
    "waive": WaiveForm,
    "credit": CreditForm,
    "note": NoteForm,
    "money": MoneyForm,
    "decide": DecideForm,
    "sent": SentForm,
    "keep": KeepForm,
}
