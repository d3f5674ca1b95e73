"""Rate limits, counted in the database so that every process counts together."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from cme.database import Base, Key, db, insert, is_writing, rows, transaction
from cme.errors import TooManyTries


class Tries(Base):
    """How often something was tried within one window; the key tells nobody who."""

    __tablename__ = "tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(Key)
    until: Mapped[datetime] = mapped_column(index=True)


def _key(name: str, parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\x1f".join((name, *parts)).encode()).hexdigest()


def check(name: str, *parts: str, most: int, now: datetime) -> None:
    """Refuse when the limit is reached; counts nothing."""
    found = db.session.get(Tries, _key(name, parts), populate_existing=True)
    if found is not None and found.until > now and found.count >= most:
        raise TooManyTries


def count(name: str, *parts: str, most: int, per: timedelta, now: datetime) -> None:
    """Count one try, and refuse it when the limit is passed; the count is kept either way."""
    if is_writing():
        raise RuntimeError("A limit is counted outside the transaction it guards.")
    key = _key(name, parts)
    with transaction() as session:
        session.execute(delete(Tries).where(Tries.key == key, Tries.until <= now))
        one = insert(Tries).values(key=key, count=1, until=now + per)
        session.execute(one.on_conflict_do_update(index_elements=[Tries.key], set_={"count": Tries.count + 1}))
        counted = session.scalar(select(Tries.count).where(Tries.key == key)) or 0
    if counted > most:
        raise TooManyTries


def forget(name: str, *parts: str) -> None:
    """Forget the tries, because one of them succeeded."""
    with transaction() as session:
        session.execute(delete(Tries).where(Tries.key == _key(name, parts)))


def tidy(*, now: datetime) -> int:
    """Throw away what has run out."""
    with transaction() as session:
        return rows(session.execute(delete(Tries).where(Tries.until <= now)))
