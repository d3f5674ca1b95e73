"""The least a Flask page with a query costs here: a frame, twenty of ten thousand rows by an index, no more."""

from typing import Any

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import Column, Engine, Index, Integer, MetaData, String, Table, create_engine, select

from cme.database import tune

ROWS, SHOWN = 10_000, 20
METADATA = MetaData()
FLOOR = Table(
    "bench_floor",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("slug", String(80)),
    Column("title", String(200)),
    Column("summary", String(300)),
    Column("city", String(80)),
    Column("status", String(10)),
    Column("starts", Integer),
    Column("price", Integer),
    Index("ix_bench_floor_status_starts", "status", "starts"),
)
FRAME = (
    "<!doctype html><html lang=en><head><title>{% block title %}{% endblock %}</title></head><body>"
    "<header><nav><ul>{% for name in ['Seminars', 'Articles', 'My CME', 'Verify'] %}"
    "<li><a href='/{{ name|lower }}'>{{ name }}</a></li>{% endfor %}</ul></nav></header>"
    "<main>{% block main %}{% endblock %}</main><footer>{% for n in range(12) %}"
    "<p>Accredited live education for physicians, nurse practitioners and assistants. {{ n }}</p>{% endfor %}"
    "</footer></body></html>"
)
PAGE = (
    "{% extends 'frame.html' %}{% block title %}Seminars{% endblock %}{% block main %}<h1>Seminars</h1><ul>"
    "{% for row in rows %}<li class='row'><h2><a href='/seminars/{{ row.slug }}'>{{ row.title }}</a></h2>"
    "<p>{{ row.summary }}</p><p>{{ row.city }}, day {{ row.starts }}</p>"
    "<p>from ${{ '{:,}'.format(row.price // 100) }}</p></li>{% endfor %}</ul>{% endblock %}"
)


def lay(engine: Engine) -> None:
    """Write the ten thousand rows, once."""
    METADATA.create_all(engine)
    words = "Blood pressure, lipids, rhythm, heart failure and what to do on a Friday afternoon about each of them, "
    rows = [
        {"id": n, "slug": f"seminar-{n}", "title": f"Cardiology for Primary Care {n}", "summary": words * 2}
        | {"city": "Sarasota", "status": "published", "starts": n * 7919 % 99991, "price": 89500}
        for n in range(1, ROWS + 1)
    ]
    with engine.begin() as connection:
        if connection.execute(select(FLOOR.c.id).limit(1)).first() is None:
            connection.execute(FLOOR.insert(), rows)


def floor(url: str) -> Flask:
    """An application with that one page."""
    app, engine = Flask(__name__, static_folder=None), create_engine(url)
    tune(engine)
    lay(engine)
    app.jinja_loader = DictLoader({"frame.html": FRAME, "page.html": PAGE})
    columns = [FLOOR.c[name] for name in ("slug", "title", "summary", "city", "starts", "price")]
    ahead = select(*columns).where(FLOOR.c.status == "published", FLOOR.c.starts > 50_000)

    @app.get("/")
    def page() -> Any:
        with engine.connect() as connection:
            rows = connection.execute(ahead.order_by(FLOOR.c.starts).limit(SHOWN)).all()
        return render_template("page.html", rows=rows)

    return app
