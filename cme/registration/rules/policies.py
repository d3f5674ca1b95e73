"""What comes back to somebody who cancels, and which changes are theirs to make, under the policy they accepted."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from cme.catalog.rules import policies
from cme.catalog.rules.policies import part_of, said_day
from cme.values import Mode, Money, Policy


@dataclass(frozen=True)
class Outcome:
    """What comes back, and why just that."""

    amount: Money
    why: str


def refund_for(
    policy: Policy,
    paid: Money,
    *,
    starts_on: date,
    today: date,
    mode: str,
    is_invited: bool,
    is_called_off: bool,
    left: Money | None = None,
    most: Money | None = None,
) -> Outcome:
    """What comes back to whoever cancels today, by the calendar of the seminar.

    `left` is what remains of the payments; `most` caps money that came from another seminar at a time when less of it
    could have been refunded, so that moving never buys back what had been lost.
    """
    found = _by_policy(policy, paid, starts_on=starts_on, today=today, mode=mode, is_called_off=is_called_off)
    if not is_called_off:
        share = part_of(paid, policy.invitation_percent)
        if is_invited and share < found.amount:
            found = Outcome(share, _invited(policy.invitation_percent))
        if most is not None and most < found.amount:
            some = f"only {most}" if most.minor else "nothing"
            found = Outcome(most, f"You brought this tuition from a place for which {some} could be refunded any more.")
    if left is not None and left < found.amount:
        found = Outcome(left, "This is all that is left of your payment: the rest was refunded before.")
    return found


def _by_policy(policy: Policy, paid: Money, *, starts_on: date, today: date, mode: str, is_called_off: bool) -> Outcome:
    nothing = Money(0, paid.currency)
    if paid.minor <= 0:
        return Outcome(nothing, "Nothing was paid for this seat, so nothing comes back.")
    if is_called_off:
        return Outcome(paid, "We cancelled this seminar, so all you paid comes back.")
    if mode == Mode.ON_DEMAND and policy.is_on_demand_final:
        return Outcome(nothing, "What is bought on demand is not refunded.")
    if today > starts_on:
        return Outcome(nothing, f"The seminar began on {said_day(starts_on)}, and nothing comes back after that.")
    step = policies.step_on(policy, starts_on, today)
    if step is None or not step.percent:
        return Outcome(nothing, _too_late(policy, starts_on))
    part = f"{step.percent}% of it" if step.percent < 100 else "all of it"
    fee = f", less {Money(step.fee_minor, paid.currency)}" if step.fee_minor else ""
    until = said_day(policies.deadline(step, starts_on))
    return Outcome(
        part_of(paid, step.percent, step.fee_minor), f"{paid} was paid. Until {until}, {part} comes back{fee}."
    )


def _too_late(policy: Policy, starts_on: date) -> str:
    ended = [policies.deadline(step, starts_on) for step in policy.steps if step.percent]
    if not ended:
        return "Tuition for this seminar is not refunded."
    return f"Refunds for this seminar ended on {said_day(max(ended))}."


def _invited(percent: int) -> str:
    if not percent:
        return "We issued an invitation letter for you, so nothing comes back."
    return f"We issued an invitation letter for you, so at most {percent}% of the tuition comes back."


@dataclass(frozen=True)
class Answer:
    """Whether a change is theirs to make; where it is not, why, in a sentence."""

    why_not: str = ""

    def __bool__(self) -> bool:
        return not self.why_not


YES = Answer()
BEGUN = Answer("The seminar has begun.")
FINAL = Answer("What is bought on demand cannot be changed.")


def may_cancel(*, has_begun: bool, is_called_off: bool = False) -> Answer:
    """Whether somebody may give up a seat by themselves: until the seminar begins."""
    return BEGUN if has_begun and not is_called_off else YES


def may_transfer(policy: Policy, *, mode: str, has_begun: bool, transfers: int, is_called_off: bool = False) -> Answer:
    """Whether a seat may be moved to another seminar; always when we called the seminar off."""
    if is_called_off:
        return YES
    if mode == Mode.ON_DEMAND and policy.is_on_demand_final:
        return FINAL
    if has_begun:
        return BEGUN
    if not policy.transfers:
        return Answer("The policy you accepted has no transfer to another seminar.")
    if transfers >= policy.transfers:
        times = "once" if transfers == 1 else f"{transfers} times"
        return Answer(f"You have already moved {times}, and the policy you accepted allows no more.")
    return YES


def may_hold(policy: Policy, *, mode: str, has_begun: bool, is_paid: bool, is_called_off: bool = False) -> Answer:
    """Whether the tuition may stay with us for a later seminar."""
    if not is_paid:
        return Answer("Nothing was paid for this seat, so there is nothing to keep.")
    if mode == Mode.ON_DEMAND and policy.is_on_demand_final and not is_called_off:
        return FINAL
    if has_begun and not is_called_off:
        return BEGUN
    if not policy.hold_months:
        return Answer("The policy you accepted does not keep tuition on hold.")
    return YES


def may_switch(policy: Policy, *, mode: str, has_begun: bool, has_other: bool, is_called_off: bool = False) -> Answer:
    """Whether somebody may attend the same seminar in another way."""
    if is_called_off:
        return Answer("The seminar does not take place.")
    if mode == Mode.ON_DEMAND:
        return FINAL
    if has_begun:
        return BEGUN
    if not policy.can_switch:
        return Answer("The policy you accepted does not let you switch the way to attend.")
    return YES if has_other else Answer("This seminar is offered in one way only.")


def may_substitute(policy: Policy, *, mode: str, has_begun: bool, is_called_off: bool = False) -> Answer:
    """Whether a colleague may take the seat."""
    if is_called_off:
        return Answer("The seminar does not take place.")
    if mode == Mode.ON_DEMAND and policy.is_on_demand_final:
        return FINAL
    if has_begun:
        return BEGUN
    return YES if policy.can_substitute else Answer("The policy you accepted does not let a colleague take your seat.")


def hold_ends_on(policy: Policy, today: date) -> date:
    """The last day on which tuition put on hold today can be used."""
    return months_after(today, policy.hold_months)


def transfer_ends_on(policy: Policy, starts_on: date) -> date:
    """The last day on which the seminar moved to may begin, counted from the first day of the one given up."""
    return months_after(starts_on, policy.transfer_months)


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last of that month where it has fewer days."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
