"""What becomes of the tuition when somebody cannot come: what comes back until when, and all of it in sentences."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta

from cme.values import Mode, Money, Policy, RefundStep


def in_order(steps: Iterable[RefundStep]) -> list[RefundStep]:
    """The steps of a policy, the one that ends first before the others."""
    return sorted(steps, key=lambda step: -step.days_before)


def deadline(step: RefundStep, starts_on: date) -> date:
    """The last day on which a step holds, in the seminar's own calendar."""
    return starts_on - timedelta(days=step.days_before)


def step_on(policy: Policy, starts_on: date, today: date) -> RefundStep | None:
    """The step that holds on a day; none after the last, or once the seminar has begun."""
    return next((step for step in in_order(policy.steps) if today <= deadline(step, starts_on)), None)


def part_of(paid: Money, percent: int, fee_minor: int = 0) -> Money:
    """A percentage of what was paid, rounded half up, less a fee; never a debt, and never more than was paid."""
    part = (paid.minor * percent + 50) // 100 - fee_minor
    return Money(min(max(0, part), paid.minor), paid.currency)


def what_comes_back(step: RefundStep, currency: str = "USD") -> str:
    """Full refund, less $50."""
    if not step.percent:
        return "No refund"
    back = "Full refund" if step.percent == 100 else f"{step.percent}% refund"
    return f"{back}, less {Money(step.fee_minor, currency)}" if step.fee_minor else back


def refund_deadlines(steps: Iterable[RefundStep], starts_on: date) -> list[tuple[date | None, str]]:
    """What comes back until which day, the earliest first; without a day, what holds after all others."""
    return [(deadline(step, starts_on) if step.percent else None, what_comes_back(step)) for step in in_order(steps)]


def policy_in_words(
    policy: Policy,
    *,
    starts_on: date | None = None,
    today: date | None = None,
    modes: Collection[str] | None = None,
    currency: str = "USD",
) -> list[str]:
    """All a policy promises, a sentence for each promise; with dates, and without those gone by."""
    if modes is not None and set(modes) == {Mode.ON_DEMAND} and policy.is_on_demand_final:
        return ["No refund for what is bought on demand", "If we withdraw it: full refund"]
    refunds = list(_refunds(policy.steps, starts_on, today, currency))
    said = [*refunds, *_moves(policy, modes)]
    if policy.invitation_percent < 100 and refunds != ["No refund"]:
        at_most = f"at most {policy.invitation_percent}%" if policy.invitation_percent else "no"
        said.append(f"Once we issued an invitation letter: {at_most} refund")
    if policy.is_on_demand_final and (modes is None or Mode.ON_DEMAND in modes):
        said.append("No refund for what is bought on demand")
    return [*said, "If we cancel the seminar: full refund"]


def _refunds(steps: Iterable[RefundStep], starts_on: date | None, today: date | None, currency: str) -> Iterator[str]:
    told = 0
    for step in in_order(steps):
        if starts_on and today and step.percent and deadline(step, starts_on) < today:
            continue
        back = what_comes_back(step, currency)
        if step.percent:
            yield f"{back}{',' if step.fee_minor else ''} until {_until(step, starts_on)}"
        else:
            yield f"{back} after that" if told else back
        told += 1
    if not told:
        yield "No refund"


def _until(step: RefundStep, starts_on: date | None) -> str:
    if starts_on is None:
        days = f"{step.days_before} day{'' if step.days_before == 1 else 's'}"
        return f"{days} before the first day" if step.days_before else "the first day"
    return said_day(deadline(step, starts_on))


def _moves(policy: Policy, modes: Collection[str] | None) -> Iterator[str]:
    if policy.transfers:
        moves = "One free transfer" if policy.transfers == 1 else f"{policy.transfers} free transfers"
        yield f"{moves} to another seminar within {span(policy.transfer_months)}, until it begins"
    if policy.hold_months:
        kept = "Or keep" if policy.transfers else "Keep"
        yield f"{kept} your tuition on hold for {span(policy.hold_months)}"
    if policy.can_switch and (modes is None or {Mode.IN_PERSON, Mode.LIVESTREAM} <= set(modes)):
        yield "Switch between in person and livestream until it begins; only the difference is paid or refunded"
    if policy.can_substitute:
        yield "A colleague can take your seat until it begins"


def span(months: int) -> str:
    """2 years, 12 months."""
    if months % 12 == 0 and months > 12:
        return f"{months // 12} years"
    return f"{months} month{'' if months == 1 else 's'}"


def said_day(day: date) -> str:
    """March 1, 2027."""
    return f"{day:%B} {day.day}, {day.year}"
