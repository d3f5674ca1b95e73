"""Everything the sandbox remembers, in one SQLite file."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

Json = dict[str, Any]
Test = Callable[[Json], bool]
Span = tuple[int, int]  # positions in the order of creation, both ends outside

EVER: Span = (0, 2**62)
NEWEST_FIRST = "SELECT body FROM object WHERE kind = ? AND seq > ? AND seq < ? ORDER BY seq DESC"
OLDEST_FIRST = "SELECT body FROM object WHERE kind = ? AND seq > ? AND seq < ? ORDER BY seq"
LAPSED = """
SELECT id FROM object WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open'
AND json_extract(body, '$.expires_at') <= ? ORDER BY seq
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_by_kind ON object (kind, seq);
CREATE INDEX IF NOT EXISTS session_to_lapse ON object (json_extract(body, '$.expires_at'))
    WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open';
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, fault TEXT,
    attempts INTEGER NOT NULL, due_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, begun_at REAL NOT NULL, request_id TEXT NOT NULL,
    status INTEGER, body TEXT
);
DELETE FROM answer WHERE status IS NULL;  -- begun by a process that did not live to finish
"""


class Store:
    """One connection behind one lock: a development server values plain order over speed."""

    def __init__(self, file: str | Path):
        self._lock = RLock()
        self._db = sqlite3.connect(str(file), isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for statement in ("DELETE FROM object", "DELETE FROM delivery", "DELETE FROM answer"):
                self.run(statement)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; one inside another joins it."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def run(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """The rows a statement answers with."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def put(self, thing: Json) -> Json:
        """Remember an object, or its new state."""
        self.run(
            "INSERT INTO object (id, kind, body) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            thing["id"], thing["object"], json.dumps(thing),
        )  # fmt: skip
        return thing

    def get(self, kind: str, object_id: str) -> Json | None:
        """The object with this id, if it is of this kind."""
        rows = self.run("SELECT body FROM object WHERE id = ? AND kind = ?", object_id, kind)
        return json.loads(rows[0]["body"]) if rows else None

    def find(
        self,
        kind: str,
        passes: Test = lambda _: True,
        *,
        within: Span = EVER,
        newest_first: bool = True,
        limit: int = 0,
    ) -> list[Json]:
        """The objects of a kind that pass a test, up to a limit, from one span of the order of creation."""
        found: list[Json] = []
        with self._lock:
            for row in self._db.execute(NEWEST_FIRST if newest_first else OLDEST_FIRST, (kind, *within)):
                thing = json.loads(row["body"])
                if passes(thing):
                    found.append(thing)
                if limit and len(found) == limit:
                    break
        return found

    def lapsed(self, now: int) -> list[str]:
        """The ids of open sessions whose time has passed."""
        return [row["id"] for row in self.run(LAPSED, now)]

    def place(self, object_id: str) -> int | None:
        """Where in the order of creation an object stands, for paging."""
        rows = self.run("SELECT seq FROM object WHERE id = ?", object_id)
        return rows[0]["seq"] if rows else None
