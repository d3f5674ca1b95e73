"""Everything somebody was granted here, and what they entered themselves."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from cme.catalog.cards import day_in
from cme.catalog.models import Offering, Seminar
from cme.catalog.rules import minutes_said
from cme.credits.certificate import date_span, long_date
from cme.credits.models import TEACHING, VALID, Award, Certificate, Claim, ExternalCredit, Goal
from cme.database import db
from cme.registration.models import Registration
from cme.values import Credits, CreditType, Mode

ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Line:
    """Credit of one type: granted here, as its certificate prints it, or entered by the person themselves."""

    id: str  # the same for ever: the certificate's number and the type, or the name of the entry
    activity: str
    title: str
    provider: str
    dates: str
    on: date  # the day it counts for: the activity's last, or that of its completion
    mode: str
    credit_type: str
    amount: Credits
    topics: Mapping[str, int] = field(default_factory=dict)
    number: str = ""
    code: str = ""
    ref: str = ""
    note: str = ""
    is_teaching: bool = False

    @property
    def year(self) -> int:
        """The year it counts for."""
        return self.on.year

    @property
    def is_own(self) -> bool:
        """Whether the person entered it themselves, and nobody checked it."""
        return bool(self.ref)


def transcript_of(account_id: int) -> list[Line]:
    """Everything a person was granted here and still holds, the latest activity first."""
    rows = db.session.execute(
        select(
            Award.id,
            Award.claim_id,
            Award.credit_type,
            Award.credits,
            Award.kind,
            Award.awarded_at,
            Seminar.starts_on,
            Seminar.ends_on,
            Seminar.time_zone,
            Offering.mode,
        )
        .join(Seminar, Seminar.id == Award.seminar_id)
        .join(Claim, Claim.id == Award.claim_id)
        .join(Registration, Registration.id == Claim.registration_id)
        .join(Offering, Offering.id == Registration.offering_id)
        .where(Award.account_id == account_id, Award.status == VALID)
        .order_by(Award.id)
    )
    own, first = _certificates(account_id)
    lines = [_granted(row, own.get(row.id) or first[row.claim_id]) for row in rows if row.claim_id in first]
    return sorted(lines, key=lambda line: line.on, reverse=True)


@dataclass(frozen=True)
class _Paper:
    number: str
    code: str
    words: Mapping[str, Any]
    topics: Mapping[str, int]


def _certificates(account_id: int) -> tuple[dict[int, _Paper], dict[int, _Paper]]:
    """The certificates of somebody's credit: by the award that has one of its own, and the first of each claim."""
    rows = db.session.execute(
        select(Award.id, Award.claim_id, Certificate.number, Certificate.code, Certificate.snapshot)
        .join(Certificate, Certificate.award_id == Award.id)
        .where(Award.account_id == account_id, Award.status == VALID)
        .order_by(Certificate.id)
    )
    own: dict[int, _Paper] = {}
    first: dict[int, _Paper] = {}
    for row in rows:
        words = json.loads(row.snapshot)
        topics = {code: most for line in words["topic_lines"] for code, most in minutes_said(line).items()}
        own[row.id] = _Paper(row.number, row.code, words, topics)
        first.setdefault(row.claim_id, own[row.id])
    return own, first


def _granted(row: Any, paper: _Paper) -> Line:
    on_demand = row.mode == Mode.ON_DEMAND
    on = day_in(row.time_zone, row.awarded_at) if on_demand else row.ends_on
    return Line(
        id=f"{paper.number}/{row.credit_type}",
        activity=f"claim {row.claim_id}",
        title=paper.words["activity_title"],
        provider=paper.words["provider_name"],
        dates=long_date(on) if on_demand else date_span(row.starts_on, row.ends_on),
        on=on,
        mode=row.mode,
        credit_type=row.credit_type,
        amount=Credits(row.credits),
        topics=paper.topics,
        number=paper.number,
        code=paper.code,
        is_teaching=row.kind == TEACHING,
    )


def external_of(account_id: int) -> list[Line]:
    """What a person entered themselves, the latest first."""
    mine = select(ExternalCredit).where(ExternalCredit.account_id == account_id)
    return [
        Line(
            id=each.ref,
            activity=f"entry {each.ref}",
            title=each.title,
            provider=each.provider,
            dates=long_date(each.on),
            on=each.on,
            mode=ELSEWHERE,
            credit_type=each.credit_type,
            amount=Credits(each.credits),
            topics=each.topic_minutes,
            ref=each.ref,
            note=each.note,
        )
        for each in db.session.scalars(mine.order_by(ExternalCredit.on.desc(), ExternalCredit.id))
    ]


def whole_transcript_of(account_id: int) -> list[Line]:
    """What was granted here and what was entered, the latest first."""
    return sorted([*transcript_of(account_id), *external_of(account_id)], key=lambda line: line.on, reverse=True)


def external_credit_of(account_id: int, ref: str) -> ExternalCredit | None:
    """One entry of a person's own."""
    return db.session.scalar(
        select(ExternalCredit).where(ExternalCredit.account_id == account_id, ExternalCredit.ref == ref)
    )


def goals_of(account_id: int) -> list[Goal]:
    """What a person means to reach, the next first."""
    return list(db.session.scalars(select(Goal).where(Goal.account_id == account_id).order_by(Goal.due_on, Goal.id)))


def goal_of(account_id: int, ref: str) -> Goal | None:
    """One goal of a person's own."""
    return db.session.scalar(select(Goal).where(Goal.account_id == account_id, Goal.ref == ref))


def totals_of(lines: Iterable[Line]) -> dict[str, Credits]:
    """The sum of each type of credit."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.credit_type] = sums.get(line.credit_type, 0) + line.amount.hundredths
    return {kind: Credits(total) for kind, total in sums.items()}


def sum_of(lines: Iterable[Line]) -> tuple[Credits, bool]:
    """The AMA PRA credit of some lines; where there is none, the hours of participation, and that it is hours."""
    totals = totals_of(lines)
    credit = totals.get(CreditType.AMA_PRA_1)
    return (credit, False) if credit else (totals.get(CreditType.PARTICIPATION, Credits(0)), True)
