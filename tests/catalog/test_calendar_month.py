"""A month on the wall: seminars stand on their days, side by side, and nothing is left out silently."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cme.catalog.calendar_month import Week, month_at, neighbours, weeks_of

MARCH = date(2027, 3, 1)


@dataclass(frozen=True)
class Event:
    name: str
    starts_on: date | None
    ends_on: date | None = None


def event(name: str, day: int, days: int = 1, month: int = 3) -> Event:
    first = date(2027, month, day)
    return Event(name, first, first + timedelta(days=days - 1))


def told(weeks: list[Week[Event]]) -> list[tuple[str, str, int, int, bool]]:
    """Each bar on the wall: its day, its name, its lane, how long, whether it goes on from before."""
    return [
        (f"{day.on:%m-%d}", entry.item.name, entry.lane, entry.days, entry.is_continued)
        for week in weeks
        for day in week.days
        for entry in day.entries
    ]


def test_weeks_begin_on_sunday_and_cover_the_month() -> None:
    weeks: list[Week[Event]] = weeks_of(MARCH, [])
    assert [f"{week.days[0].on:%m-%d}" for week in weeks] == ["02-28", "03-07", "03-14", "03-21", "03-28"]
    assert [day.on.day for week in weeks for day in week.days if day.is_inside] == list(range(1, 32))
    assert [week.lanes for week in weeks] == [0] * 5


def test_a_seminar_stands_once_on_its_first_day_with_its_length() -> None:
    assert told(weeks_of(MARCH, [event("Hearts", 15, 4)])) == [("03-15", "Hearts", 1, 4, False)]


def test_a_seminar_goes_on_after_a_saturday() -> None:
    assert told(weeks_of(MARCH, [event("Hearts", 19, 4)])) == [
        ("03-19", "Hearts", 1, 2, False),
        ("03-21", "Hearts", 1, 2, True),
    ]


def test_a_day_something_only_goes_on_is_told_from_one_something_begins() -> None:
    weeks = weeks_of(MARCH, [event("Hearts", 19, 4)])
    assert [day.on.day for week in weeks for day in week.days if day.begins] == [19]


def test_seminars_at_the_same_time_run_in_lanes_and_a_free_lane_is_used_again() -> None:
    weeks = weeks_of(MARCH, [event("Long", 15, 5), event("Short", 16), event("Later", 17, 2)])
    assert told(weeks) == [
        ("03-15", "Long", 1, 5, False),
        ("03-16", "Short", 2, 1, False),
        ("03-17", "Later", 2, 2, False),
    ]
    assert weeks[2].lanes == 2


def test_what_does_not_fit_is_counted_on_its_day() -> None:
    weeks = weeks_of(MARCH, [event(f"Seminar {n}", 15) for n in range(6)], lanes=4)
    (day,) = [day for week in weeks for day in week.days if day.entries]
    assert (len(day.entries), day.more) == (4, 2)
    assert weeks[2].has_more


def test_what_was_not_handed_in_is_counted_too() -> None:
    weeks = weeks_of(MARCH, [event("Hearts", 15)], begins={date(2027, 3, 15): 30, date(2027, 3, 17): 5})
    assert {f"{day.on:%d}": day.more for week in weeks for day in week.days if day.more} == {"15": 29, "17": 5}


def test_what_has_no_date_is_not_on_the_wall() -> None:
    assert told(weeks_of(MARCH, [Event("On demand", None)])) == []


def test_a_seminar_of_the_month_before_reaches_in() -> None:
    assert told(weeks_of(date(2027, 4, 1), [event("Hearts", 30, 4)])) == [("03-30", "Hearts", 1, 4, False)]


@given(st.lists(st.tuples(st.integers(1, 31), st.integers(1, 20)), max_size=40), st.integers(1, 5))
def test_every_seminar_is_shown_or_counted_and_no_two_share_a_place(made: list[tuple[int, int]], lanes: int) -> None:
    weeks = weeks_of(MARCH, [event(str(n), day, days) for n, (day, days) in enumerate(made)], lanes=lanes)
    shown = {name for _, name, _, _, continued in told(weeks) if not continued}
    assert len(shown) + sum(day.more for week in weeks for day in week.days) == len(made)
    for week in weeks:
        taken = [
            (entry.lane, day.on + timedelta(days=n))
            for day in week.days
            for entry in day.entries
            for n in range(entry.days)
        ]
        assert len(taken) == len(set(taken))
        assert all(week.days[0].on <= on <= week.days[-1].on for _, on in taken)


@pytest.mark.parametrize(("asked", "found"), [("2027-03", MARCH), ("1999-12", date(1999, 12, 1))])
def test_a_month_is_read(asked: str, found: date) -> None:
    assert month_at(asked) == found


@pytest.mark.parametrize(
    "asked", ["", "2027-13", "2027-00", "0000-01", "9999-12", "2027-3", "２０２７-03", "2027-03-01", "x"]
)
def test_what_is_no_month_is_none(asked: str) -> None:
    assert month_at(asked) is None


def test_the_way_back_leads_to_the_nearest_month_with_something() -> None:
    months = ["2027-03", "2027-05", "2027-09"]
    assert neighbours("2027-06", months) == ("2027-05", "2027-09")
    assert neighbours("2027-03", months) == (None, "2027-05")
    assert neighbours("2030-01", months) == ("2027-09", None)
    assert neighbours("2030-01", []) == (None, None)
