"""A page asks the database little: at most six statements, however much it shows, and nothing about what is past."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from cme.catalog.models import Handout, Seminar
from cme.database import Base, db, transaction
from cme.page_cache import Shelf
from cme.registration import services
from cme.values import new_code
from tests import factories
from tests.browser import Browser
from tests.conftest import NOW

MOST = 6
AHEAD, PAST = 50, 2_000
LISTS = (
    "/seminars",
    "/seminars?q=cardiology&format=in-person&credit=ama-pra-1&state=FL&price=1000&open=1&sort=price",
    "/seminars?q=cardiolgy",
    "/seminars?view=month",
    "/seminars?view=compact&sort=relevance&q=heart",
    "/seminars?q=nothing+like+it&format=in-person&price=free&open=1",
    "/seminars?page=999",
)
Asked = list[tuple[str, Any]]


@contextmanager
def listening() -> Iterator[Asked]:
    """What is asked of the database meanwhile."""
    asked: Asked = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def asked_for(browser: Browser, path: str) -> Asked:
    """What a page asks when nothing is kept of it."""
    browser.app.extensions["page_cache"].clear()
    with listening() as asked:
        browser.open(path, expect=None)
    return asked


@pytest.fixture
def heart(app: Any) -> Seminar:
    """A seminar with two ways to attend, tuition for all, an agenda and handouts."""
    early = {"physician": 99500, "clinician": 79500, "trainee": 49500}
    modes = ("in-person", "livestream")
    made = factories.seminar(now=NOW, slug="heart", modes=modes, days=4, early=early, early_until=date(2027, 3, 9))
    with transaction() as session:
        for number in (1, 2):
            words = {"media_type": "application/pdf", "size": 3, "sha256": "0" * 64, "content": b"PDF"}
            handout = {"ref": new_code(), "title": f"Slides {number}", "file_name": f"{number}.pdf", "position": number}
            session.add(Handout(**words, **handout, seminar_id=made.id, created_at=NOW))
    return made


@pytest.fixture
def visitors(app: Any, cast: Any, heart: Seminar) -> dict[str, Browser]:
    """A stranger, somebody signed in, somebody who comes to the seminar, and staff."""
    services.register(cast.nell.id, heart.offerings[0].id, form_id=None, now=NOW)
    people = {"ada": cast.ada, "nell": cast.nell, "sam": cast.sam}
    return {"nobody": Browser(app)} | {name: Browser(app).sign_in(who) for name, who in people.items()}


@pytest.mark.parametrize("who", ["nobody", "ada", "nell", "sam"])
@pytest.mark.parametrize("path", [*LISTS, "/seminars/heart", "/seminars/heart?mode=livestream"])
def test_a_page_takes_six_statements_at_most(visitors, who, path):
    asked = asked_for(visitors[who], path)
    assert 0 < len(asked) <= MOST, "\n\n".join(statement for statement, _ in asked)
    visitors[who].app.extensions["page_cache"].shelf = Shelf()  # the state is known, the page is not
    with listening() as again:
        visitors[who].open(path, expect=None)
    assert len(again) < len(asked)


@pytest.mark.parametrize("path", ["/seminars", "/seminars/heart"])
def test_a_kept_page_asks_who_is_here_and_no_more(visitors, path):
    for who, most in (("nobody", 0), ("ada", 2)):
        visitors[who].open(path)
        with listening() as asked:
            visitors[who].open(path)
        assert len(asked) <= most, (who, asked)


def test_a_longer_agenda_takes_no_more_statements(visitors, app):
    factories.seminar(now=NOW, slug="short", days=1)
    longer, shorter = (len(asked_for(visitors["nobody"], f"/seminars/{slug}")) for slug in ("heart", "short"))
    assert longer == shorter


# Nothing about what is past.


def fill_the_past(one: Seminar) -> None:
    """Copy a past seminar two thousand times, with its offerings, sessions and designations."""
    with transaction() as session:
        for name, key in (("seminar", "id"), *((name, "seminar_id") for name in ("offering", "agenda_session"))):
            new = {"id": "10000 + number", "seminar_id": "10000 + number", "form_id": "NULL"}
            new["slug"] = "'past-' || CAST(number AS VARCHAR(9))"
            columns = [column.name for column in Base.metadata.tables[name].columns]
            named = ", ".join(f'"{column}"' for column in columns)
            values = ", ".join(new.get(column, f'one."{column}"') for column in columns)
            session.execute(
                text(
                    f"WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n WHERE number < {PAST}) "
                    f'INSERT INTO "{name}" ({named}) SELECT {values} FROM n, '
                    f'(SELECT * FROM "{name}" WHERE {key} = {one.id} ORDER BY id LIMIT 1) AS one'
                )
            )


def analyze() -> None:
    """Let the database look at its tables, as it does by itself from time to time."""
    db.session.rollback()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def rows_in(plan: dict[str, Any]) -> float:
    """How many rows a step of a plan, and those below it, took from tables."""
    own = 0.0
    if "Relation Name" in plan:
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(map(rows_in, plan.get("Plans", [])))


def effort(asked: Asked) -> float:
    """What the database goes through to answer: rows read on PostgreSQL, steps of its machine on SQLite."""
    spent = 0.0
    with db.engine.connect() as connection:
        cursor: Any = connection.connection.cursor()
        if db.engine.dialect.name == "postgresql":
            for statement, parameters in asked:
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
                spent += rows_in(cursor.fetchone()[0][0]["Plan"])
            return spent

        def step() -> None:
            nonlocal spent
            spent += 1

        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(step, 1)
        for statement, parameters in asked:
            cursor.execute(statement, parameters).fetchall()
        driver.set_progress_handler(None, 0)
    return spent


@pytest.fixture
def ahead(app: Any) -> None:
    """Fifty seminars ahead."""
    for number in range(AHEAD):
        factories.seminar(now=NOW, title=f"Cardiology for Primary Care {number}", starts_in=10 + number)


@pytest.fixture
def past(heart: Seminar, ahead: None) -> Seminar:
    """A past seminar, to be copied."""
    return factories.seminar(now=NOW, slug="past", starts_in=-60)


def test_two_thousand_past_seminars_make_no_page_read_more(past, visitors):
    paths = ("/seminars/heart", *LISTS)
    analyze()
    before = {path: effort(asked_for(visitors["nobody"], path)) for path in paths}
    fill_the_past(past)
    analyze()
    after = {path: effort(asked_for(visitors["nobody"], path)) for path in paths}
    for path in paths:
        assert after[path] <= before[path] * 1.2 + AHEAD, path
    with listening() as blind:
        db.session.execute(text("SELECT count(*) FROM seminar WHERE summary <> ''"))
    assert effort(blind) > PAST  # a statement that reads the past is seen to
