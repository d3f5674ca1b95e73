"""What somebody ticks on the way to a claim, what it comes to, and what they may have claimed of the same hours."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cme.catalog.rules import attended_minutes
from cme.credits import rules
from cme.credits.models import LEARNING, VALID, Claim
from cme.credits.queries.cases import Attended, is_on_demand
from cme.database import db
from cme.registration.models import Registration
from cme.values import Credits, CreditType


@dataclass(frozen=True)
class Choice:
    """The sessions somebody ticked, all they attended unless they say otherwise, and the quarter hours they missed."""

    ticked: frozenset[str] | None = None
    less: int = 0

    def of(self, sessions: Iterable[Attended]) -> list[Attended]:
        """The sessions that were attended and ticked."""
        return [each for each in sessions if each.minutes and (self.ticked is None or each.key in self.ticked)]


def minutes_of(sessions: Iterable[Attended]) -> int:
    """The minutes some sessions come to; what runs at the same time counts once."""
    return attended_minutes((each.session, each.minutes) for each in sessions)


def amounts_of(case: rules.Case, sessions: Iterable[Attended], choice: Choice) -> dict[CreditType, Credits]:
    """What a choice comes to, for each type of credit."""
    minutes = minutes_of(choice.of(sessions))
    return {kind: case.amount(kind, minutes, choice.less) for kind in case.limits}


NOT_THE_SUBJECT = re.compile(
    r"\([^)]*\)|\b(?:on[- ]demand|live ?stream(?:ed)?|live|recording|recorded|replay|webcast|online|\d{4})\b|[\W_]+"
)


def subject_of(title: str) -> str:
    """A title without what only tells how, or in which year, it was held."""
    return NOT_THE_SUBJECT.sub(" ", title.casefold()).strip()


def same_hours(registration: Registration) -> list[Claim]:
    """What this person has claimed of the same hours held the other way, live or on demand.

    Two activities hold the same hours when they have the same title, or when half of the sessions of this one are
    sessions of the other.
    """
    mine = (
        select(Claim)
        .join(Claim.registration)
        .where(
            Registration.account_id == registration.account_id,
            Registration.id != registration.id,
            Claim.status == VALID,
            Claim.kind == LEARNING,
        )
        .options(joinedload(Claim.registration).joinedload(Registration.seminar))
        .order_by(Claim.id)
    )
    others = (
        each for each in db.session.scalars(mine) if is_on_demand(each.registration) != is_on_demand(registration)
    )
    return [each for each in others if _is_same(registration, each.registration)]


def _is_same(one: Registration, other: Registration) -> bool:
    if subject_of(one.seminar.title) == subject_of(other.seminar.title):
        return True
    titles = [{subject_of(each.title) for each in held.seminar.sessions if each.counts} for held in (one, other)]
    return bool(titles[0]) and 2 * len(titles[0] & titles[1]) >= len(titles[0])
