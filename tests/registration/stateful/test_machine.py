"""The fact about everything: whatever happens, in whichever order, no seat is sold twice and no cent is lost."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import House
from tests.registration.stateful.changes import Everything
from tests.registration.stateful.world import World


@pytest.fixture
def world(app: Any, houses: dict[str, House], clock: Any, sandbox: Any) -> World:
    house = next(each for each in houses.values() if each.app is app)
    return World(app, house.empty, clock, sandbox)


WALKS, STEPS = 10, 40  # of a usual run; --walks asks for more, along new paths each time

WORTH = (
    *("registration confirmed", "registration cancelled", "registration expired"),
    *("payment paid", "payment expired", "refund succeeded"),
)


def test_no_seat_is_sold_twice_and_no_cent_is_lost(world, pytestconfig, monkeypatch):
    more = pytestconfig.getoption("walks")
    monkeypatch.setattr(Everything, "world", world, raising=False)
    monkeypatch.setattr(Everything, "reached", reached := Counter(), raising=False)
    here = replace(world.app.extensions["gateways"], payments=lambda: world.client)
    monkeypatch.setitem(world.app.extensions, "gateways", here)
    run_state_machine_as_test(
        Everything,
        settings=settings(
            max_examples=more or WALKS,
            stateful_step_count=STEPS,
            derandomize=not more,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if more else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A machine in which nothing comes to anything proves nothing.
    assert more or not {state for state in WORTH if not reached[state]}
