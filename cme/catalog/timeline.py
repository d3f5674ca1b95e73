"""The days that matter before, at and after a seminar, in their order: rates, refunds, rooms, the claim."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from cme.catalog import rules
from cme.catalog.models import Seminar
from cme.catalog.rules.policies import refund_deadlines
from cme.values import RefundStep


@dataclass(frozen=True)
class Milestone:
    """One day of the timeline: what holds until then, from then on, or happens then."""

    on: date
    when: str  # Until, From or On
    what: str
    is_gone: bool = False


def milestones(
    seminar: Seminar, steps: tuple[RefundStep, ...], *, claim_by: date, early: date | None, today: date
) -> list[Milestone]:
    """The days that matter, the earliest first; those gone are marked."""
    found = _of_shelf(seminar) if seminar.learning_format == rules.ENDURING else _of_event(seminar, steps, early)
    told = [*found, Milestone(claim_by, "Until", "Claim your credit")]
    # "From" holds for good: it is gone only in the sense that its day has come, so it stays.
    return [
        Milestone(one.on, one.when, one.what, one.on < today and one.when != "From")
        for one in sorted(told, key=lambda one: (one.on, one.when == "From"))
    ]


def _of_shelf(seminar: Seminar) -> Iterator[Milestone]:
    if seminar.terminates_on:
        yield Milestone(seminar.terminates_on, "Until", "Register and take part")


def _of_event(seminar: Seminar, steps: tuple[RefundStep, ...], early: date | None) -> Iterator[Milestone]:
    if early:
        yield Milestone(early, "Until", "Early rate")
    yield from _refunds(seminar, steps)
    if seminar.hotel_cutoff_on:
        yield Milestone(seminar.hotel_cutoff_on, "Until", f"Group rate at {seminar.hotel_name or 'the hotel'}")
    yield Milestone(seminar.starts_on, "On", "The seminar begins")


def _refunds(seminar: Seminar, steps: tuple[RefundStep, ...]) -> Iterator[Milestone]:
    latest: date | None = None
    is_paid = any(tier.amount_minor for way in seminar.offerings for tier in way.tiers)
    for until, words in refund_deadlines(steps, seminar.starts_on) if is_paid else ():
        if until:
            latest = until
            yield Milestone(until, "Until", words)
        elif latest:
            yield Milestone(latest + timedelta(days=1), "From", words)


def early_days(seminar: Seminar) -> date | None:
    """The last day of the early rate, gone or not."""
    days = [tier.early_until for way in seminar.offerings for tier in way.tiers if tier.early_until]
    return max(days, default=None)
