"""What it takes to move from a place somebody has to another: what is carried on, to be paid, and comes back."""

from dataclasses import dataclass
from datetime import datetime

from cme.catalog.models import Offering
from cme.errors import Refusal
from cme.pages import long_date
from cme.registration import queries, rules
from cme.registration.changes import Changes, check_free, check_money
from cme.registration.models import CANCELLED, LEARNER, Registration
from cme.registration.queries import Quote
from cme.registration.rules import Answer, Outcome
from cme.registration.steps import somebody_waits
from cme.values import LEAST_CHARGE, MODE_LABELS, Mode, Money


@dataclass(frozen=True)
class Move:
    """A move somebody could make today, with its money."""

    old: Registration
    offering: Offering
    quote: Quote
    carried: Money
    back: Outcome
    surplus: Money  # what was paid beyond the new price; all of it comes back, or what the refund policy still gives

    @property
    def is_switch(self) -> bool:
        """Whether it is only another way to attend the same seminar."""
        return self.old.seminar_id == self.offering.seminar_id

    @property
    def price(self) -> Money:
        """What the new place costs."""
        return self.quote.price

    @property
    def to_pay(self) -> Money:
        """What is to be paid on top."""
        return Money(self.price.minor - self.carried.minor, self.price.currency)

    @property
    def stays(self) -> Money:
        """What was paid too much and does not come back."""
        return Money(self.surplus.minor - self.back.amount.minor, self.price.currency)

    @property
    def sum_minor(self) -> int:
        """What is paid more, or less when something comes back: what the page shows and the command compares."""
        return self.to_pay.minor - self.back.amount.minor

    @property
    def words(self) -> str:
        """Pay $100 more."""
        if self.to_pay.minor:
            return f"Pay {self.to_pay} more" if self.carried.minor else f"Pay {self.to_pay}"
        return f"{self.back.amount} comes back" if self.back.amount.minor else "Nothing to pay"

    @property
    def label(self) -> str:
        """In person."""
        return MODE_LABELS[Mode(self.offering.mode)]


def is_on_hold(registration: Registration) -> bool:
    """Whether the tuition of a place that was given up waits for another."""
    return registration.status == CANCELLED and registration.credit_until is not None


def move_to(old: Registration, offering: Offering, *, now: datetime) -> Move:
    """The move from one place to another as it stands today, or why it cannot be made."""
    changes = Changes(old, now)
    is_switch = old.seminar_id == offering.seminar_id
    check_from(changes, is_switch=is_switch)
    _check_to(changes, offering, is_switch=is_switch)
    asked = queries.quote(offering, old.account.certification_type, now=now)
    if asked.price.currency != old.currency:
        raise rules.NeedsStaff
    carried = carried_to(asked.price, changes.left)
    found = Move(
        old=old,
        offering=offering,
        quote=asked,
        carried=carried,
        back=comes_back(changes, asked.price, is_switch=is_switch),
        surplus=Money(changes.left.minor - carried.minor, asked.price.currency),
    )
    if 0 < found.to_pay.minor < LEAST_CHARGE[asked.price.currency]:
        raise rules.NeedsStaff
    return found


def carried_to(price: Money, left: Money) -> Money:
    """The part of a price that is covered by what is left of the money paid before."""
    return min(price, left)


def comes_back(changes: Changes, price: Money, *, is_switch: bool) -> Outcome:
    """What comes back of the money a cheaper place does not need: moving refunds no more than giving up would."""
    surplus = Money(max(0, changes.left.minor - price.minor), price.currency)
    # Another way to attend gives back the difference in tuition at any time; what was lost before stays lost.
    less = Money(max(0, changes.registration.amount_due_minor - price.minor) if is_switch else 0, price.currency)
    if changes.is_called_off or surplus <= max(less, changes.refund.amount):
        return Outcome(surplus, "")
    if less > changes.refund.amount:
        return Outcome(less, f"This way to attend costs {less} less.")
    return Outcome(changes.refund.amount, changes.refund.why)


def check_from(changes: Changes, *, is_switch: bool) -> None:
    """Let somebody leave a place for another, or say why not."""
    old = changes.registration
    if is_on_hold(old):
        _check_hold(changes, is_switch=is_switch)
        return
    check_free(old)
    if old.place != LEARNER or old.waived_by is not None:
        raise rules.NeedsStaff
    _allow(changes.switch if is_switch else changes.transfer)


def _check_hold(changes: Changes, *, is_switch: bool) -> None:
    old = changes.registration
    if is_switch or old.credit_until is None:
        raise rules.MovedMeanwhile
    if old.credit_until < changes.today:
        raise rules.ChangeImpossible(f"Your tuition was on hold until {long_date(old.credit_until)}, which has passed.")
    if queries.pending_move(old.id):
        raise rules.MovePending
    check_money(old)


def _allow(answer: Answer) -> None:
    if not answer:
        raise rules.ChangeImpossible(answer.why_not)


def _check_to(changes: Changes, offering: Offering, *, is_switch: bool) -> None:
    old, seminar = changes.registration, offering.seminar
    if is_switch and offering.mode not in changes.other_modes:
        raise rules.ChangeImpossible
    queries.check_on_sale(offering, now=changes.now)
    if offering.status != "open":
        raise rules.RegistrationClosed
    if not is_switch:
        is_bound = offering.mode != Mode.ON_DEMAND and not is_on_hold(old) and not changes.is_called_off
        if is_bound and seminar.starts_on > changes.transfer_until:
            until = long_date(changes.transfer_until)
            raise rules.ChangeImpossible(f"You can move to a seminar that begins by {until}.")
        if queries.registration_for(old.account_id, seminar.id):
            raise rules.AlreadyRegistered
    if not offering.seats_left:
        raise rules.SeminarFull("No seat is left.")
    if somebody_waits(offering.id):
        raise rules.SeminarFull("No seat is left: the free one is offered to the people who wait for one.")


@dataclass(frozen=True)
class Choice:
    """One way to attend one seminar, as somebody who wants to move sees it."""

    offering: Offering
    move: Move | None = None
    why_not: str = ""

    @property
    def label(self) -> str:
        """In person."""
        return MODE_LABELS[Mode(self.offering.mode)]


def choices(old: Registration, offerings: list[Offering], *, now: datetime) -> list[Choice]:
    """What a move to each of these would be, or why it cannot be made."""
    found = []
    for offering in offerings:
        try:
            found.append(Choice(offering, move_to(old, offering, now=now)))
        except Refusal as refusal:
            found.append(Choice(offering, why_not=str(refusal)))
    return found
