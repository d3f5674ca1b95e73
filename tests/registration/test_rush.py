"""Many at once at a real server: a seat for as many as there are, a clear answer for everybody."""

from collections.abc import Callable

import pytest

from bench.rush import rush
from tests.conftest import ENGINES


@pytest.mark.parametrize("engine", ENGINES)
def test_forty_people_and_the_last_five_seats(engine, request):
    address: Callable[[str], str] = request.getfixturevalue("postgres") if engine == "postgresql" else lambda name: ""
    found = rush(address("rush"), people=40, seats=5)
    assert (found.held, found.full, found.broken, found.unanswered) == (5, 35, 0, 0)
    assert (found.other, found.breaches) == ([], [])
