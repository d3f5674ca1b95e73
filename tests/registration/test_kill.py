"""A few who pay while everything around them is killed; `python -m bench.kill` is the same with a thousand."""

import pytest

from bench.kill import storm
from tests.conftest import ENGINES


@pytest.mark.parametrize("engine", ENGINES)
def test_whatever_is_killed_every_cent_is_accounted_for(engine, request):
    address = request.getfixturevalue("postgres")("kill") if engine == "postgresql" else ""
    found = storm(address, people=12, pause=(1.0, 3.0))
    assert found.wrong == []
    assert found.kills.total() > 0
    assert found.confirmed > 0
