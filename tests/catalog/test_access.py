"""How long what was bought on demand can be watched."""

from datetime import date

import pytest

from cme.catalog.rules import access_until


@pytest.mark.parametrize(
    ("access_days", "terminates_on", "until"),
    [
        (None, None, None),
        (90, None, date(2027, 6, 13)),
        (None, date(2027, 6, 30), date(2027, 6, 30)),
        (90, date(2027, 6, 30), date(2027, 6, 13)),
        (90, date(2027, 6, 1), date(2027, 6, 1)),
        (1, date(2027, 3, 15), date(2027, 3, 15)),
        (10**9, date(2027, 6, 30), date(2027, 6, 30)),
    ],
)
def test_access_ends_after_its_days_and_never_outlives_the_activity(access_days, terminates_on, until):
    day = date(2027, 3, 15)
    assert access_until(day, access_days=access_days, released_on=None, terminates_on=terminates_on) == until


def test_access_bought_before_the_release_counts_from_it():
    limits = {"access_days": 30, "released_on": date(2027, 4, 1), "terminates_on": date(2028, 4, 1)}
    assert access_until(date(2027, 3, 15), **limits) == date(2027, 5, 1)
    assert access_until(date(2027, 4, 2), **limits) == date(2027, 5, 2)
