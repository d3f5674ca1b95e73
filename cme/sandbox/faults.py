"""Switches that make the next request, or the next webhook, go wrong."""

from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from threading import Event, Lock
from typing import Any

REQUEST_FAULTS = frozenset({
    "slow",             # answers after `seconds`
    "lost_answer",      # acts, then drops the connection
    "error_500",        # does not act; the 500 is kept under the idempotency key
    "error_500_acted",  # acts, and still answers with a 500 that is kept
    "rate_limit",       # 429, nothing happens
})  # fmt: skip
WEBHOOK_FAULTS = frozenset({
    "dropped",    # never sent; stays in the list of undelivered events
    "repeated",   # sent twice
    "reordered",  # sent after the others that are waiting
    "delayed",    # sent `seconds` later
})  # fmt: skip
USUAL_SECONDS = {"slow": 10.0, "delayed": 30.0, "reordered": 2.0}


@dataclass
class Fault:
    """One switch: what goes wrong, how many more times, and for which requests or event types."""

    kind: str
    count: int
    path: str | None
    seconds: float


class Faults:
    """The switches now set; a restart forgets them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._set: list[Fault] = []
        self._hurry = Event()
        self.slowed = Event()

    def next(self, kind: str, count: int = 1, path: str | None = None, seconds: float | None = None) -> None:
        """Let the next `count` go wrong; `path` narrows to a path, "POST /path" or event type, `*` for anything."""
        if kind not in REQUEST_FAULTS | WEBHOOK_FAULTS:
            raise ValueError(f"Unknown fault {kind!r}; one of {', '.join(sorted(REQUEST_FAULTS | WEBHOOK_FAULTS))}")
        wait = USUAL_SECONDS.get(kind, 0.0) if seconds is None else float(seconds)
        if kind == "slow":
            self._hurry.clear()
            self.slowed.clear()
        with self._lock:
            self._set.append(Fault(kind, int(count), path, wait))

    def take(self, kinds: frozenset[str], *names: str) -> Fault | None:
        """Use up one matching switch, the oldest first."""
        with self._lock:
            for fault in self._set:
                if fault.kind in kinds and (not fault.path or any(fnmatchcase(n, fault.path) for n in names)):
                    fault.count -= 1
                    self._set = [left for left in self._set if left.count > 0]
                    return fault
        return None

    def dawdle(self, seconds: float) -> None:
        """Wait, unless someone calls `release`."""
        self.slowed.set()
        self._hurry.wait(seconds)

    def release(self) -> None:
        """Let every slow request go on at once."""
        self._hurry.set()

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._set = []

    def listed(self) -> list[dict[str, Any]]:
        """The switches still set."""
        with self._lock:
            return [asdict(fault) for fault in self._set]
