"""The one Stripe account the sandbox plays: its memory, its clock, and what everybody may see of it."""

import operator
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import objects
from .errors import ApiError, missing
from .faults import WEBHOOK_FAULTS, Faults
from .store import EVER, Json, Store, Test

EXPANDS = {
    "checkout.session": {"payment_intent": "payment_intent", "line_items": "item"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {"payment_intent": "payment_intent", "refunds": "refund"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
}
COMPARE = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


@dataclass
class Shop:
    """What every command works on."""

    store: Store
    clock: Callable[[], float] = time.time
    faults: Faults = field(default_factory=Faults)
    base: str = ""
    on_event: Callable[[], None] = lambda: None

    def now(self) -> int:
        """This moment, as Stripe writes moments."""
        return int(self.clock())

    def fetch(self, kind: str, object_id: str) -> Json:
        """The object as kept, or Stripe's 404."""
        found = self.store.get(kind, object_id)
        if found is None:
            raise missing(kind, object_id)
        return found

    def public(self, thing: Json) -> Json:
        """The object as the API shows it: without our own fields, and with today's address of the pay page."""
        shown = {key: value for key, value in thing.items() if not key.startswith("_")}
        if thing["object"] == "checkout.session" and thing["status"] == "open":
            shown["url"] = f"{self.base}/pay/{thing['id']}"
        return shown

    def expand(self, thing: Json, path: str) -> None:
        """Put whole objects where ids stand, along a dotted path."""
        head, _, rest = path.partition(".")
        if thing["object"] == "list" and head == "data" and rest:
            for each in thing["data"]:
                self.expand(each, rest)
            return
        kind = EXPANDS.get(thing["object"], {}).get(head)
        if kind is None or path.count(".") > 3:
            raise ApiError(f"This property cannot be expanded ({path}).", param="expand", kept=False)
        if kind == "item":
            items = self.fetch("checkout.session", thing["id"])["_items"]
            url = f"/v1/checkout/sessions/{thing['id']}/line_items"
            thing[head] = objects.listed(url, [self.public(item) for item in items])
        elif head == "refunds":
            found = self.store.find("refund", lambda each: each["charge"] == thing["id"])
            thing[head] = objects.listed(f"/v1/charges/{thing['id']}/refunds", [self.public(each) for each in found])
        elif isinstance(thing.get(head), str):
            thing[head] = self.public(self.fetch(kind, thing[head]))
        if rest and thing.get(head):
            self.expand(thing[head], rest)

    def page(self, url: str, kind: str, given: Json, *fields: str, passes: Test = lambda _: True) -> Json:
        """One page of a list, newest first, with Stripe's cursors."""
        wanted = {name: given[name] for name in fields if name in given}
        created = [(COMPARE[bound], moment) for bound, moment in given.get("created", {}).items()]

        def belongs(thing: Json) -> bool:
            same = all(thing[name] == value for name, value in wanted.items())
            return same and all(compare(thing["created"], moment) for compare, moment in created) and passes(thing)

        backwards, limit = "ending_before" in given, given.get("limit", 10)
        within = (
            self._place(kind, given, "ending_before", EVER[0]),
            self._place(kind, given, "starting_after", EVER[1]),
        )
        found = self.store.find(kind, belongs, within=within, newest_first=not backwards, limit=limit + 1)
        shown = [self.public(each) for each in found[:limit]]
        return objects.listed(url, shown[::-1] if backwards else shown, has_more=len(found) > limit)

    def _place(self, kind: str, given: Json, cursor: str, otherwise: int) -> int:
        if cursor not in given:
            return otherwise
        place = self.store.place(given[cursor])
        if place is None:
            raise missing(kind, given[cursor])
        return place

    def emit(self, kind: str, thing: Json) -> None:
        """Record that something happened, and queue the telling of it."""
        happened = objects.event(self.now(), kind, self.public(thing))
        self.store.put(happened | {"_delivered": False})
        fault = self.faults.take(WEBHOOK_FAULTS, kind)
        wait = fault.seconds if fault else 0.0
        self.store.run(
            "INSERT INTO delivery (event_id, state, fault, attempts, due_at) VALUES (?, ?, ?, 0, ?)",
            happened["id"],
            "dropped" if fault and fault.kind == "dropped" else "queued",
            fault.kind if fault else None,
            time.time() + wait,  # deliveries run on the real clock, whatever the shop believes
        )
        self.on_event()

    def books(self) -> dict[str, list[dict[str, Any]]]:
        """Every session, intent, charge, refund and dispute, oldest first, for comparing with somebody's ledger."""
        kinds = {
            "sessions": "checkout.session", "intents": "payment_intent", "charges": "charge", "refunds": "refund",
            "disputes": "dispute",
        }  # fmt: skip
        return {
            name: [self.public(each) for each in self.store.find(kind, newest_first=False)]
            for name, kind in kinds.items()
        }
