"""What must be true of papers: no number is missing, and no money moved without one."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import String, cast, func, literal, select

from cme.database import db
from cme.registration import rules
from cme.registration.models import CREDIT_NOTE, PAID, RECEIPT, Paper, PaperCount, Payment, Refund


def breaches() -> Iterator[str]:
    """Say where a number is missing, or a paper."""
    yield from _gaps()
    yield from _without(Payment, RECEIPT, Payment.status == PAID)
    yield from _without(Refund, CREDIT_NOTE, Refund.status == rules.SUCCEEDED)


def _gaps() -> Iterator[str]:
    """The numbers of a kind and a year run from 1 to the count; that none comes twice the database sees to."""
    seen = select(Paper.kind, Paper.year, func.count(), func.max(Paper.seq)).group_by(Paper.kind, Paper.year)
    papers = {(kind, year): (many, last) for kind, year, many, last in db.session.execute(seen)}
    counts = {(count.kind, count.year): count.last for count in db.session.scalars(select(PaperCount))}
    for key in sorted(papers.keys() | counts.keys()):
        many, last = papers.get(key, (0, 0))
        counted = counts.get(key, 0)
        if not many == last == counted:
            kind, year = key
            yield f"{kind}s of {year} are {many}, the last is number {last}, and {counted} were counted"


def _without(model: type[Payment] | type[Refund], kind: str, settled: Any) -> Iterator[str]:
    for number in lacking(model, kind, settled):
        yield f"{model.__tablename__} {number} has no {kind}"


def lacking(model: type[Payment] | type[Refund], kind: str, settled: Any) -> list[int]:
    """The numbers of payments or refunds, so far settled, that have no paper of a kind."""
    about = literal(f"{model.__tablename__}:") + cast(model.id, String)
    has = select(Paper.id).where(Paper.kind == kind, Paper.about == about).exists()
    return list(db.session.scalars(select(model.id).where(settled, ~has).order_by(model.id)))
