"""What a search of the catalog costs: fifty different ones with all their counts, nothing cached, on both databases."""

import argparse
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import event, text
from werkzeug.datastructures import MultiDict

from bench.world import ENGINES, NOW, PAST, UPCOMING, open_world
from cme.catalog import filters, queries
from cme.database import db

ROUNDS = 5


def main() -> None:
    """Ask everything in bench/queries.txt and print what it cost."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--upcoming", type=int, default=UPCOMING)
    options.add_argument("--past", type=int, default=PAST)
    options.add_argument("--engine", choices=ENGINES, action="append")
    options.add_argument("--each", action="store_true", help="one line for each search")
    chosen = options.parse_args()
    for engine in chosen.engine or ENGINES:
        with open_world(engine, upcoming=chosen.upcoming, past=chosen.past):
            costs = {asked: _cost(asked) for asked in searches()}
        if chosen.each:
            for asked, (cost, said) in sorted(costs.items(), key=lambda item: item[1]):
                print(f"  {cost:6.1f} ms  {said} statements  {asked}")
        spent = sorted(cost for cost, _ in costs.values())
        print(
            f"search on {engine}, {chosen.upcoming:,} ahead, {chosen.past:,} past: CPU ms min {spent[0]:.1f},"
            f" median {statistics.median(spent):.1f}, p95 {spent[int(len(spent) * 0.95)]:.1f}, worst {spent[-1]:.1f};"
            f" at most {max(said for _, said in costs.values())} statements"
        )


def searches() -> list[str]:
    """The fifty searches."""
    lines = Path(__file__).with_name("queries.txt").read_text().splitlines()
    return [line for line in lines if line.startswith("?")]


def ask(asked: str) -> Any:
    """Search as the catalog page does."""
    known = queries.choices()
    wanted = filters.read(MultiDict(parse_qsl(asked.removeprefix("?"))), known)
    return queries.search(wanted, now=NOW, known=known)


def _cost(asked: str) -> tuple[float, int]:
    """The CPU of one search in ms, ours and the database's, at best of some; and its statements."""
    best = float("inf")
    for _ in range(ROUNDS):
        db.session.remove()
        with statements() as said:
            began = _cpu()
            ask(asked)
            best = min(best, _cpu() - began)
    return best * 1000, len(said)


def _cpu() -> float:
    """CPU seconds used by this process, and by the server process that answers us."""
    if db.engine.dialect.name == "sqlite":
        return time.process_time()
    server = db.session.scalar(text("SELECT pg_backend_pid()"))
    with open(f"/proc/{server}/schedstat") as used:
        return time.process_time() + int(used.read().split()[0]) / 1e9


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile, but for our own question who answers."""
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "pg_backend_pid" not in statement and statement != "BEGIN":
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)


if __name__ == "__main__":
    main()
