"""Facts about what is sent to the webhook: whatever its shape, an answer that is meant, and nothing stored."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, table

from cme.database import Base, db
from cme.registration import webhook

pytestmark = pytest.mark.usefixtures("promises")
COMPLETED = "checkout.session.completed"
QUIET = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
FIELDS = ("id", "object", "type", "livemode", "created", "data")


def rows() -> dict[str, int]:
    """How many rows every table has."""
    db.session.rollback()
    counted = {name: select(func.count()).select_from(table(name)) for name in Base.metadata.tables}
    return {name: db.session.scalar(query) or 0 for name, query in counted.items()}


@pytest.fixture
def event(desk) -> dict[str, Any]:
    """A true event about a payment nobody told us of."""
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    found: dict[str, Any] = json.loads(desk.sandbox.event_for(desk.session(held), COMPLETED))
    return found


def test_whatever_is_signed_and_no_event_is_refused(desk, event):
    before = rows()

    @QUIET
    @given(JSON)
    def every_shape(body: Any) -> None:
        assert desk.deliver(json.dumps(body).encode()) == 400

    every_shape()
    assert rows() == before


@pytest.mark.parametrize("field", FIELDS)
def test_an_event_with_anything_in_one_of_its_fields_is_refused(desk, event, field):
    before = rows()

    @QUIET
    @given(JSON.filter(lambda value: value != event[field] and not _passes(field, value)))
    def every_shape(value: Any) -> None:
        assert desk.deliver(json.dumps(event | {field: value}).encode()) == 400

    every_shape()
    without = {name: value for name, value in event.items() if name != field}
    assert desk.deliver(json.dumps(without).encode()) == 400
    assert rows() == before


def _passes(field: str, value: Any) -> bool:
    """What another true event could carry there."""
    if field == "created":
        return type(value) is int and 0 <= value < 2**36
    if field in {"id", "type"}:
        return isinstance(value, str) and value.isascii() and value.replace("_", "a").isalnum()
    return False


@pytest.mark.parametrize(
    "thing",
    [None, [], "cs_test_1", 7, {"id": None}, {"id": 7}, {"id": ["cs"]}, {"id": "cs\x00"}, {"id": "x" * 101}],
    ids=str,
)
def test_an_event_about_nothing_is_refused(desk, event, thing):
    before = rows()
    assert desk.deliver(json.dumps(event | {"data": {"object": thing}}).encode()) == 400
    assert rows() == before


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 400_000,
        b'{"a":' * 150_000,
        b'{"id": 1' + b"0" * 5000 + b"}",
        b"\xff\xfe{}",
        b"\x00" * 100,
        b"x" * (webhook.MOST + 1),
        '{"id": "\ud800"}'.encode("utf-8", "surrogatepass"),
    ],
    ids=["deep list", "deep object", "huge number", "no text", "nothing but zeros", "too long", "half a letter"],
)
def test_what_no_reader_can_bear_is_refused(desk, event, body):
    before = rows()
    header = desk.sandbox.signed(body)
    assert desk.deliver(body, header) == 400
    assert rows() == before


@pytest.mark.parametrize("seconds", [-301, -86_400, 310, 86_400, 10**12])
def test_a_signature_of_another_time_is_not_believed(desk, event, seconds):
    """Signed for a later day, a body that leaked could be told again until then."""
    before = rows()
    body = json.dumps(event).encode()
    assert desk.deliver(body, desk.sandbox.signed(body, int(time.time()) + seconds)) == 400
    assert rows() == before


@pytest.mark.parametrize("seconds", [-290, 0, 290])
def test_clocks_may_differ_a_little(desk, event, seconds):
    body = json.dumps(event).encode()
    assert desk.deliver(body, desk.sandbox.signed(body, int(time.time()) + seconds)) == 200


@pytest.mark.parametrize("header", ["t=", "t=x,v1=y", "v1=é", "t=1,v1=", ",,,", "t=1" * 500, "=", "t=-1,v1=00"])
def test_a_header_of_any_kind_is_refused(desk, event, header):
    before = rows()
    assert desk.deliver(json.dumps(event).encode(), header.encode("utf-8").decode("latin-1")) == 400
    assert rows() == before


def test_our_marks_in_somebody_elses_object_change_nothing(desk, event):
    """The body is only a hint: what an object says of itself is asked of Stripe."""
    before = rows()
    forged = event["data"]["object"] | {"id": "cs_test_never_sold", "payment_status": "paid"}
    assert desk.deliver(json.dumps(event | {"data": {"object": forged}}).encode()) in {400, 503}
    assert rows() == before
