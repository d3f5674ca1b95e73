"""Keeping what people add to their transcript themselves: credit from elsewhere, and goals."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import func, select

from cme import audit
from cme.accounts.models import Account
from cme.credits.models import ExternalCredit, Goal
from cme.credits.rules.goals import MOST_EXTERNAL, MOST_GOALS, SentAlready, TooManyEntries, TooManyGoals
from cme.credits.rules.refusals import UnprintableWords
from cme.credits.services.issuing import MissingLetters
from cme.database import db, lock, refusing, retried, transaction
from cme.errors import Refusal
from cme.values import new_code

Kept = TypeVar("Kept", ExternalCredit, Goal)


@dataclass(frozen=True)
class ExternalValues:
    """Credit somebody says they earned elsewhere."""

    title: str
    on: date
    credit_type: str
    credits: int  # in hundredths
    provider: str = ""
    note: str = ""
    topic_minutes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class GoalValues:
    """What somebody means to reach."""

    name: str
    due_on: date
    credits: int  # in hundredths
    credit_type: str | None = None
    starts_on: date | None = None
    topic_minutes: Mapping[str, int] = field(default_factory=dict)


@retried
def add_external(
    account_id: int, values: ExternalValues, *, form_id: str | None, now: datetime, may_print: MissingLetters
) -> str:
    """Keep credit somebody enters themselves; the same form sent again keeps it once."""
    _check_printable(values, may_print)
    return _add(ExternalCredit, account_id, values, MOST_EXTERNAL, TooManyEntries, form_id, now)


@retried
def change_external(
    account_id: int, ref: str, values: ExternalValues, *, now: datetime, may_print: MissingLetters
) -> bool:
    """Correct an entry of one's own; False when there is none."""
    _check_printable(values, may_print)
    return _change(ExternalCredit, account_id, ref, values, now)


@retried
def remove_external(account_id: int, ref: str, *, now: datetime) -> bool:
    """Take an entry of one's own away; False when it is gone already."""
    return _remove(ExternalCredit, account_id, ref, now)


@retried
def add_goal(account_id: int, values: GoalValues, *, form_id: str | None, now: datetime) -> str:
    """Keep a goal; the same form sent again keeps it once."""
    return _add(Goal, account_id, values, MOST_GOALS, TooManyGoals, form_id, now)


@retried
def change_goal(account_id: int, ref: str, values: GoalValues, *, now: datetime) -> bool:
    """Change a goal of one's own; False when there is none."""
    return _change(Goal, account_id, ref, values, now)


@retried
def remove_goal(account_id: int, ref: str, *, now: datetime) -> bool:
    """Give a goal up; False when it is gone already."""
    return _remove(Goal, account_id, ref, now)


def _check_printable(values: ExternalValues, may_print: MissingLetters) -> None:
    if missing := may_print(f"{values.title} {values.provider} {values.note}"):
        raise UnprintableWords(f"Your transcript cannot print {' '.join(sorted(missing))}. Write it without.")


def _values(values: ExternalValues | GoalValues) -> dict[str, object]:
    return asdict(values) | {"topic_minutes": dict(values.topic_minutes)}


def _add(
    model: type[Kept],
    account_id: int,
    values: ExternalValues | GoalValues,
    most: int,
    too_many: type[Refusal],
    form_id: str | None,
    now: datetime,
) -> str:
    with transaction():
        account = lock(Account, account_id)  # one after the other, so that the count is right
        mine = select(model).where(model.account_id == account.id)
        if form_id is not None:
            known = db.session.scalar(mine.where(model.form_id == form_id))
            if known is not None:
                return known.ref
        if (db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= most:
            raise too_many
        row = model(
            account_id=account.id, ref=new_code(), form_id=form_id, created_at=now, updated_at=now, **_values(values)
        )
        db.session.add(row)
        with refusing(uq_external_credit_form_id=SentAlready, uq_goal_form_id=SentAlready):
            db.session.flush()
        audit.record(account, "added", row, at=now, credits=row.credits)
        return row.ref


def _own(model: type[Kept], account_id: int, ref: str) -> Kept | None:
    return db.session.scalar(select(model).where(model.account_id == account_id, model.ref == ref).with_for_update())


def _change(model: type[Kept], account_id: int, ref: str, values: ExternalValues | GoalValues, now: datetime) -> bool:
    with transaction():
        row = _own(model, account_id, ref)
        if row is None:
            return False
        before = row.credits
        for name, value in _values(values).items():
            setattr(row, name, value)
        row.updated_at = now
        audit.record(row.account, "changed", row, at=now, before=before, credits=row.credits)
        return True


def _remove(model: type[Kept], account_id: int, ref: str, now: datetime) -> bool:
    with transaction():
        row = _own(model, account_id, ref)
        if row is None:
            return False
        name, account, credits = audit.name_of(row), row.account, row.credits
        db.session.delete(row)
        audit.record(account, "removed", name, at=now, credits=credits)
        return True
