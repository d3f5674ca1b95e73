"""Figures of the credits room for the administration's first page: what was claimed, and what still can be."""

from datetime import datetime, timedelta

from sqlalchemy import exists, func, select

from cme.catalog.models import Seminar
from cme.catalog.values import days_after
from cme.credits.models import LEARNING, VALID, Award, Claim
from cme.database import db
from cme.registration.models import CONFIRMED, Attendance, Registration
from cme.values import Credits, CreditType


def credits_claimed(first: datetime, last: datetime) -> Credits:
    """The AMA PRA credit granted from one moment until before another, as it counts today."""
    granted = select(func.coalesce(func.sum(Award.credits), 0)).where(
        Award.credit_type == CreditType.AMA_PRA_1,
        Award.status == VALID,
        Award.awarded_at >= first,
        Award.awarded_at < last,
    )
    return Credits(int(db.session.scalar(granted) or 0))


def credits_by_specialty(first: datetime, *, most: int = 6) -> list[tuple[str, Credits]]:
    """The AMA PRA credit granted since then, by specialty, the most first."""
    total = func.sum(Award.credits)
    granted = (
        select(Seminar.specialty, total)
        .join(Seminar, Seminar.id == Award.seminar_id)
        .where(Award.credit_type == CreditType.AMA_PRA_1, Award.status == VALID, Award.awarded_at >= first)
        .group_by(Seminar.specialty)
        .order_by(total.desc(), Seminar.specialty)
        .limit(most)
    )
    rows = db.session.execute(granted)
    return [(specialty or "No specialty", Credits(int(amount))) for specialty, amount in rows]


def claims_waiting(now: datetime, *, window: timedelta) -> int:
    """How many people attended, could claim today, and have not."""
    attended = exists().where(Attendance.registration_id == Registration.id, Attendance.minutes > 0)
    claimed = exists().where(Claim.registration_id == Registration.id, Claim.status == VALID, Claim.kind == LEARNING)
    open_ones = (
        select(Seminar.ends_at, Seminar.time_zone, Seminar.claim_window_days, func.count(Registration.id))
        .join(Seminar, Seminar.id == Registration.seminar_id)
        .where(Registration.status == CONFIRMED, Seminar.ends_at <= now, attended, ~claimed)
        .group_by(Seminar.id, Seminar.ends_at, Seminar.time_zone, Seminar.claim_window_days)
    )
    return sum(
        count
        for ended_at, zone, days, count in db.session.execute(open_ones)
        if days_after(ended_at, window.days if days is None else days, zone) >= now
    )
