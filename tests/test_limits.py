"""Tries are counted for all processes together."""

from datetime import timedelta

import pytest

from cme import limits
from cme.errors import TooManyTries
from tests.test_database import in_threads

FIVE = {"most": 5, "per": timedelta(minutes=5)}


def test_the_sixth_try_is_refused_until_the_window_ends(app, clock):
    for _ in range(5):
        limits.count("sign-in", "ada", now=clock.now, **FIVE)
    with pytest.raises(TooManyTries):
        limits.count("sign-in", "ada", now=clock.now, **FIVE)
    with pytest.raises(TooManyTries):
        limits.check("sign-in", "ada", most=5, now=clock.now)
    limits.count("sign-in", "nell", now=clock.now, **FIVE)
    clock.advance(minutes=6)
    limits.count("sign-in", "ada", now=clock.now, **FIVE)


def test_a_success_forgets_the_failures(app, clock):
    for _ in range(5):
        limits.count("sign-in", "ada", now=clock.now, **FIVE)
    limits.forget("sign-in", "ada")
    limits.check("sign-in", "ada", most=5, now=clock.now)


def test_no_try_goes_uncounted_when_many_come_at_once(app, clock):
    results = in_threads(app, 12, lambda _: limits.count("sign-in", "ada", now=clock.now, **FIVE))
    assert sum(isinstance(result, TooManyTries) for result in results) == 7


def test_what_ran_out_is_thrown_away(app, clock):
    limits.count("sign-in", "ada", now=clock.now, **FIVE)
    assert limits.tidy(now=clock.now) == 0
    assert limits.tidy(now=clock.advance(minutes=6)) == 1
