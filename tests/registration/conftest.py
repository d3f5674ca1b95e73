"""What facts about registration and money may ask for."""

from collections.abc import Iterator
from typing import Any

import pytest

from cme.database import db
from cme.registration import invariants


@pytest.fixture
def promises(app: Any, clock: Any) -> Iterator[None]:
    """Every promise about seats and money is kept when the test ends."""
    yield
    db.session.rollback()
    assert list(invariants.breaches(now=clock.now)) == []
