"""The database: one base for every table, one way to write, one way to lock; SQLite and PostgreSQL behave alike."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ClassVar, ParamSpec, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, UniqueConstraint, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session
from sqlalchemy.types import TypeDecorator

from cme.errors import Busy, Refusal

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite only numbers rows by itself in a column that is exactly INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite, which forgets the zone, gets it back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"A moment needs its zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What every table shares: named constraints, a numbered key, aware moments."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment}


class Row(Base):
    """A table whose rows are numbered; the number never leaves the house."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=True)


db = SQLAlchemy(metadata=Base.metadata)


def init_app(app: Flask) -> None:
    """Give the application its database, with the settings each engine needs."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.startswith("postgresql"):
        options["connect_args"] = {
            "options": "-c timezone=UTC -c lock_timeout=5000 -c statement_timeout=15000"
            " -c idle_in_transaction_session_timeout=30000"
        }
        options |= {"pool_size": 5, "max_overflow": 15}
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    db.init_app(app)
    with app.app_context():
        tune(db.engine)


def tune(engine: Engine) -> None:
    """Make a SQLite engine durable, strict about foreign keys and serial about writing; leave PostgreSQL as it is."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails at once when another wrote between; so writers say so.
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def transaction() -> Iterator[scoped_session[Any]]:
    """Write all of it or none: ends the read that went before, takes the write lock, commits at the end."""
    session = db.session
    if session().info.get("writing"):
        raise RuntimeError("A transaction does not nest: call the inner command outside it.")
    session.rollback()
    session().info["writing"] = True
    try:
        session.connection(execution_options={"write": True})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session().info.pop("writing", None)


def is_writing() -> bool:
    """Whether a transaction is open here; nothing slow may happen inside one."""
    return bool(db.session().info.get("writing"))


Model = TypeVar("Model", bound=Base)


def lock(model: type[Model], key: Any) -> Model:
    """Hold a row until the transaction ends, and read it afresh."""
    if not is_writing():
        raise RuntimeError("A lock needs a transaction around it.")
    row = db.session.get(model, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise LookupError(f"There is no {model.__tablename__} {key}.")
    return row


P = ParamSpec("P")
R = TypeVar("R")
JITTER = secrets.SystemRandom()
CONFLICTS = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available


def _is_conflict(error: OperationalError) -> bool:
    if getattr(error.orig, "sqlstate", None) in CONFLICTS:
        return True
    return "database is locked" in str(error.orig) or "database is busy" in str(error.orig)


def retried(command: Callable[P, R]) -> Callable[P, R]:
    """Run a command again when the database could not order it among others; five times, then say we are busy."""

    @wraps(command)
    def again(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(5):
            try:
                return command(*args, **kwargs)
            except OperationalError as error:
                db.session.rollback()
                if not _is_conflict(error):
                    raise
                if attempt == 4:
                    raise Busy from error
                time.sleep(JITTER.uniform(0.01, 0.05) * 2**attempt)
        raise AssertionError("unreachable")

    return again


def constraint_name(error: IntegrityError) -> str | None:
    """Name the constraint an insert or update broke, on either database; None when it cannot be told."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return diagnosis.constraint_name
    text = str(error.orig)
    kind, _, rest = text.partition(" constraint failed: ")
    if kind == "CHECK":
        return rest
    if kind == "UNIQUE":
        if rest.startswith("index '"):
            return rest[7:-1]
        broken = [part.strip() for part in rest.split(",")]
        table = Base.metadata.tables[broken[0].split(".")[0]]
        columns = {part.split(".")[1] for part in broken}
        for index in table.indexes:
            if index.unique and {column.name for column in index.columns} == columns:
                return str(index.name)
        for constraint in table.constraints:
            if isinstance(constraint, UniqueConstraint) and {c.name for c in constraint.columns} == columns:
                return str(constraint.name)
        if {column.name for column in table.primary_key.columns} == columns:
            return f"pk_{table.name}"
    return None


@contextmanager
def refusing(**refusals: type[Refusal]) -> Iterator[None]:
    """Turn a broken constraint, by its name, into the refusal it stands for."""
    try:
        yield
    except IntegrityError as error:
        name = constraint_name(error)
        if name in refusals:
            raise refusals[name] from error
        raise


def rows(result: Any) -> int:
    """Count the rows an update or a delete changed; an insert tells by `returning`, its count differs by database."""
    return int(result.rowcount)


def insert(model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`, in the dialect at hand."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(model)
