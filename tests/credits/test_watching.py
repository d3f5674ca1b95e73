"""Watching on demand: what was played, by the clock on the wall, and what opens after it."""

from datetime import date, timedelta
from typing import Any

import pytest

from cme.catalog.models import Offering, Seminar
from cme.credits import answered, queries, rules, services
from cme.credits.models import Viewing
from cme.credits.queries import evaluations
from cme.credits.rules import questions, watching
from cme.database import db, transaction
from tests import factories
from tests.credits import on_demand


@pytest.fixture
def place(cast, clock) -> Any:
    """Two recordings of ten minutes each to watch, 90 percent of them."""
    course = on_demand.activity(cast, now=clock.now)
    on_demand.record(cast, course, now=clock.now)
    return factories.registration(cast.ada, course, now=clock.now)


def play(place: Any, number: int, begins: int, ends: int, clock: Any) -> queries.Watched:
    """Play a part in its own time, with a report every quarter of a minute."""
    services.begin_watching(place.id, number, now=clock.now)
    found = None
    for at in [*range(begins + 15, ends, 15), ends]:
        clock.advance(seconds=15 if at < ends else (ends - begins) % 15 or 15)
        found = services.report_watching(place.id, number, [[begins, at]], position=at, now=clock.now)
    assert found is not None
    return found


def test_what_was_played_in_its_own_time_counts(place, clock):
    assert play(place, 1, 0, 300, clock).percent == 50
    found = play(place, 1, 300, 540, clock)
    assert (found.percent, found.is_done, found.position) == (90, True, 540)
    assert not queries.has_watched(place)
    play(place, 2, 0, 600, clock)
    assert queries.has_watched(place)
    assert list(answered.breaches()) == []
    with transaction() as session:
        session.query(Viewing).order_by(Viewing.id).first().started_at = clock.now
    assert "more played" in next(answered.breaches())


def test_nobody_plays_ten_minutes_in_two(place, clock):
    services.begin_watching(place.id, 1, now=clock.now)
    for _ in range(120):
        clock.advance(seconds=1)
        found = services.report_watching(place.id, 1, [[0, 600]], position=600, now=clock.now)
    assert found.percent <= 20
    assert not found.is_done


def test_two_recordings_side_by_side_take_twice_as_long(place, clock):
    for number in (1, 2):
        services.begin_watching(place.id, number, now=clock.now)
    for _ in range(20):
        clock.advance(seconds=15)
        found = [services.report_watching(place.id, n, [[0, 600]], position=1, now=clock.now) for n in (1, 2)]
    played = sum(watching.length_of(each.viewing.played) for each in found)
    assert played <= 300 + 2 * watching.SLACK * 2


def test_whoever_was_away_for_a_day_is_not_given_a_day(place, clock):
    services.begin_watching(place.id, 1, now=clock.now)
    clock.advance(days=1)
    found = services.report_watching(place.id, 1, [[0, 600]], position=600, now=clock.now)
    assert watching.length_of(found.viewing.played) == watching.MOST_AT_ONCE


def test_often_told_in_parts_of_a_second_is_not_lost(place, clock):
    services.begin_watching(place.id, 1, now=clock.now)
    for _ in range(20):
        clock.advance(seconds=0.5)
        found = services.report_watching(place.id, 1, [[0, 10]], position=3, now=clock.now)
    assert watching.length_of(found.viewing.played) == 10


def test_the_same_minute_twice_counts_once(place, clock):
    play(place, 1, 0, 60, clock)
    assert watching.length_of(play(place, 1, 0, 60, clock).viewing.played) == 60


def test_the_assessment_opens_once_enough_was_watched(place, clock):
    with pytest.raises(rules.NotWatched):
        services.begin_attempt(place.id, form_id=None, now=clock.now)
    with pytest.raises(rules.NotWatched):
        rules.check_participation(queries.case_of(place, now=clock.now), now=clock.now)
    for number in (1, 2):
        play(place, number, 0, 540, clock)
    with pytest.raises(rules.AssessmentNotPassed):
        rules.check_participation(queries.case_of(place, now=clock.now), now=clock.now)
    on_demand.attempt(place.id, 10, now=clock.now)
    rules.check_participation(queries.case_of(place, now=clock.now), now=clock.now)


def test_a_recording_added_after_the_assessment_takes_nothing_away(cast, clock):
    course = on_demand.activity(cast, now=clock.now)
    place = factories.registration(cast.ada, course, now=clock.now)
    on_demand.attempt(place.id, 10, now=clock.now)
    on_demand.record(cast, course, now=clock.now)
    rules.check_participation(queries.case_of(place, now=clock.now), now=clock.now)


def test_without_an_assessment_credit_waits_for_the_watching(cast, clock):
    course = on_demand.activity(cast, now=clock.now, pass_mark=None)
    on_demand.record(cast, course, now=clock.now)
    place = factories.registration(cast.ada, course, now=clock.now)
    with pytest.raises(rules.NotWatched, match="credit for this activity"):
        rules.check_participation(queries.case_of(place, now=clock.now), now=clock.now)


def test_access_ends_with_its_last_day(cast, clock):
    course = on_demand.activity(cast, now=clock.now)
    with transaction() as session:
        session.get_one(Offering, course.offerings[0].id).access_days = 10
    on_demand.record(cast, course, now=clock.now)
    place = factories.registration(cast.ada, course, now=clock.now)
    assert queries.access_ends(place) == date(2027, 3, 11)
    services.begin_watching(place.id, 1, now=clock.now + timedelta(days=10))
    for command in (services.begin_watching, services.say_watched):
        with pytest.raises(watching.AccessOver):
            command(place.id, 1, now=clock.now + timedelta(days=11))


def test_nothing_is_watched_before_the_release_or_with_another_place(cast, clock):
    course = on_demand.activity(cast, now=clock.now, released_on=date(2027, 3, 20))
    on_demand.record(cast, course, now=clock.now)
    place = factories.registration(cast.ada, course, now=clock.now)
    with pytest.raises(rules.NotReleased):
        services.begin_watching(place.id, 1, now=clock.now)
    held = factories.registration(cast.otto, course, now=clock.now, status="held")
    with pytest.raises(rules.NotRegistered):
        services.begin_watching(held.id, 1, now=clock.now)
    with pytest.raises(watching.NoRecording):
        services.begin_watching(place.id, 3, now=clock.now + timedelta(days=25))


def test_a_stream_elsewhere_takes_a_word_once_the_time_has_passed(cast, clock):
    course = on_demand.activity(cast, now=clock.now)
    on_demand.record(cast, course, now=clock.now, kind="stream")
    place = factories.registration(cast.ada, course, now=clock.now)
    with pytest.raises(watching.NoRecording):
        services.say_watched(place.id, 1, now=clock.now)  # never opened
    services.begin_watching(place.id, 1, now=clock.now)
    with pytest.raises(watching.TooSoon):
        services.say_watched(place.id, 1, now=clock.advance(seconds=539))
    services.say_watched(place.id, 1, now=clock.advance(seconds=1))
    assert queries.watched_by(place)[0].is_done
    with pytest.raises(watching.NoRecording):
        services.report_watching(place.id, 1, [[0, 10]], position=0, now=clock.now)


def test_streams_opened_side_by_side_take_twice_as_long(cast, clock):
    places = []
    for slug in ("first", "second"):  # two activities of one person
        course = on_demand.activity(cast, now=clock.now, slug=slug)
        on_demand.record(cast, course, now=clock.now, kind="stream")
        places.append(factories.registration(cast.ada, course, now=clock.now))
    for place in places:
        services.begin_watching(place.id, 1, now=clock.now)
    services.say_watched(places[0].id, 1, now=clock.advance(seconds=540))
    with pytest.raises(watching.TooSoon):
        services.say_watched(places[1].id, 1, now=clock.advance(seconds=530))
    services.say_watched(places[1].id, 1, now=clock.advance(seconds=10))
    assert queries.watched_by(places[1])[0].is_done


def test_sessions_are_rated_once_they_are_watched(place, clock):
    assert not evaluations.may_rate_sessions(place, now=clock.now)
    services.begin_watching(place.id, 1, now=clock.now)
    item, *more = evaluations.asked_during(place, now=clock.now)
    assert not more
    assert item.asks == questions.SESSIONS


def test_a_session_can_lose_its_recording_and_the_rest_still_counts(cast, place, clock):
    play(place, 1, 0, 540, clock)
    second = queries.watched_by(place)[1].session
    services.save_recordings(place.seminar_id, {second.id: None}, by=cast.sam, now=clock.now)
    assert queries.has_watched(place)


def test_what_is_watched_is_kept_when_more_is_asked_later(place, clock):
    play(place, 1, 0, 540, clock)
    with transaction() as session:
        session.get_one(Seminar, place.seminar_id).watch_percent = 100
    assert queries.watched_by(place)[0].is_done
    assert db.session.query(Viewing).count() == 1


# The arithmetic


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ([[0, 10], [10, 20]], [[0, 20]]),
        ([[30, 40], [0, 10]], [[0, 10], [30, 40]]),
        ([[0, 100], [20, 30]], [[0, 100]]),
        ([[-5, 5], [590, 9999], [50, 50], [9, 3]], [[0, 5], [590, 600]]),
    ],
)
def test_ranges_are_in_order_apart_and_within(told, kept):
    assert watching.merged(told, seconds=600) == kept


def test_only_what_is_new_is_rationed():
    known = [[0, 10], [20, 30]]
    assert watching.added(known, [[0, 40]], seconds=600, most=0) == known
    assert watching.added(known, [[0, 40]], seconds=600, most=12) == [[0, 32]]
    assert watching.added(known, [[5, 25]], seconds=600, most=99) == [[0, 30]]


def test_ranges_are_read_as_a_page_tells_them():
    assert watching.read_ranges("0-15,40-55") == [[0, 15], [40, 55]]
    assert watching.read_ranges("") == []
    for wrong in ("1", "a-b", "-5", "1-", "1.5-2", "٣-٤", "1-99999999999999"):
        with pytest.raises(ValueError, match="Not a range"):
            watching.read_ranges(wrong)


@pytest.mark.parametrize(("typed", "seconds"), [("42:10", 2530), ("1:02:05", 3725), (" 0:05 ", 5)])
def test_a_length_is_typed_as_players_show_it(typed, seconds):
    assert watching.read_clock(typed) == seconds
    assert watching.read_clock(watching.clock_of(seconds)) == seconds


@pytest.mark.parametrize("typed", ["", "42", "0:00", "1:60", "1:2:3:4", "a:b", "-1:10", "٣:٤"])
def test_a_length_that_is_none_is_refused(typed):
    with pytest.raises(ValueError, match="Not a length"):
        watching.read_clock(typed)
