"""How an agenda becomes credit, on a table anyone can read and on agendas nobody thought of."""

from collections.abc import Sequence
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cme.catalog import rules
from cme.catalog.rules import designated_maximum
from cme.values import Credits
from tests.catalog.plain import Item, agenda, at

FOUR_MORNINGS = "\n".join(
    f"8:00-10:00 day{day} First half\n10:00-10:15 day{day} break Coffee\n10:15-12:15 day{day} Second half"
    for day in range(1, 5)
)

# What the agenda says, the minutes that count, the credit they make.
TABLE = {
    "E1, four mornings of four hours with a break": (FOUR_MORNINGS, 960, "16.00"),
    "E2, a plenary, two workshops side by side, and lunch": (
        "9:00-10:00 Plenary\n10:00-10:45 @A Workshop A\n10:00-10:45 @B Workshop B\n10:45-11:45 meal Lunch",
        105,
        "1.75",
    ),
    "E3, 112 minutes": ("8:00-9:52 Talk", 112, "1.75"),
    "E3, 113 minutes": ("8:00-9:53 Talk", 113, "2.00"),
    "nothing": ("", 0, "0.00"),
    "7 minutes": ("8:00-8:07 Talk", 7, "0.00"),
    "8 minutes": ("8:00-8:08 Talk", 8, "0.25"),
    "50 minutes": ("8:00-8:50 Talk", 50, "0.75"),
    "53 minutes": ("8:00-8:53 Talk", 53, "1.00"),
    "the total is rounded, not each session": ("8:00-8:50 One\n9:00-9:50 Two\n10:00-10:50 Three", 150, "2.50"),
    "a morning of breaks": ("8:00-9:00 registration Badges\n9:00-9:30 break Coffee\n9:30-10:00 meal Brunch", 0, "0.00"),
    "an industry theatre does not count": ("8:00-9:00 Talk\n9:00-10:00 non-cme Theatre", 60, "1.00"),
    "a break beside a talk takes nothing from it": ("8:00-9:00 Talk\n8:30-9:00 @B break Coffee", 60, "1.00"),
    "the longer of two side by side": ("8:00-9:00 @A Short\n8:00-9:30 @B Long", 90, "1.50"),
    "three side by side": ("8:00-9:00 @A One\n8:00-9:00 @B Two\n8:00-9:00 @C Three", 60, "1.00"),
    "changing rooms between talks": (
        "9:00-9:45 @A One\n9:45-10:15 @A Two\n9:00-10:00 @B Three\n10:00-10:15 @B Four",
        75,
        "1.25",
    ),
    "half an hour of overlap": ("9:00-10:00 @A One\n9:30-10:30 @B Two", 60, "1.00"),
    "two short ones beat a long one between them": (
        "9:00-9:40 @A One\n9:20-10:10 @B Middle\n9:50-10:30 @A Two",
        80,
        "1.25",
    ),
    "in person or by livestream, whichever gives more": (
        "9:00-10:00 Plenary\n10:00-11:00 in-person Hands-on\n11:00-11:30 livestream Questions",
        120,
        "2.00",
    ),
    "a livestream with a session of its own": ("9:00-10:00 in-person Talk\n9:00-10:30 livestream Talk", 90, "1.50"),
    "on both days": ("9:00-10:00 day1 One\n9:00-10:00 day2 Two", 120, "2.00"),
    "one after the other to the minute": ("9:00-9:20 One\n9:20-9:40 Two\n9:40-10:00 Three", 60, "1.00"),
}


@pytest.mark.parametrize("case", TABLE)
def test_an_agenda_supports_so_much_credit(case: str) -> None:
    text, minutes, credits = TABLE[case]
    found = agenda(text)
    assert rules.credit_minutes(found) == minutes
    assert str(designated_maximum(found)) == credits
    assert (rules.working(found).minutes, str(rules.working(found).credits)) == (minutes, credits)


@pytest.mark.parametrize(
    ("minutes", "credits"),
    [(0, 0), (7, 0), (8, 25), (50, 75), (53, 100), (60, 100), (112, 175), (113, 200), (960, 1600)],
)
def test_the_total_goes_to_the_nearest_quarter(minutes: int, credits: int) -> None:
    assert rules.credit_for(minutes) == Credits(credits)


# The working, as an auditor reads it


def told(text: str) -> list[tuple[str, int, int, str]]:
    return [(line.session.title, line.minutes, line.counted, line.why) for line in rules.working(agenda(text)).lines]


def test_every_session_stands_in_the_working_with_its_reason() -> None:
    text = """
        8:00-9:00 Plenary
        9:00-9:15 break Coffee
        9:15-10:00 @A Inhalers
        9:15-10:00 @B Spirometry
        10:00-11:00 non-cme Theatre
        11:00-11:30 livestream Questions
        11:30-12:30 in-person Hands-on
        12:30-13:00 meal Lunch
    """
    assert told(text) == [
        ("Plenary", 60, 60, "counted"),
        ("Coffee", 15, 0, "Break: no instruction"),
        ("Inhalers", 45, 45, "counted"),
        ("Spirometry", 45, 0, "Runs beside “Inhalers”, which is counted"),
        ("Theatre", 60, 0, "Not CME: no instruction"),
        ("Questions", 30, 0, "Livestream only; in person there is more to attend"),
        ("Hands-on", 60, 60, "counted"),
        ("Lunch", 30, 0, "Meal: no instruction"),
    ]


def test_of_two_alike_the_first_named_is_counted_whatever_was_typed_first() -> None:
    workshops = ["8:00-9:00 Inhalers", "8:00-9:00 Spirometry"]
    for typed in (workshops, workshops[::-1]):
        assert told("\n".join(typed)) == [
            ("Inhalers", 60, 60, "counted"),
            ("Spirometry", 60, 0, "Runs beside “Inhalers”, which is counted"),
        ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "8:00-9:00 One\n9:00-9:52 Two",
            (
                "60 + 52 = 112 minutes",
                "112 ÷ 60 = 1.866…",
                "Between 1.75 and 2.00, to the nearest quarter, the tie up: 1.75",
            ),
        ),
        (
            "8:00-9:53 One",
            (
                "113 minutes",
                "113 ÷ 60 = 1.883…",
                "Between 1.75 and 2.00, to the nearest quarter, the tie up: 2.00",
            ),
        ),
        (
            "8:00-9:00 One\n9:00-9:45 Two",
            ("60 + 45 = 105 minutes", "105 ÷ 60 = 1.75", "A whole number of quarters: 1.75"),
        ),
        (
            "8:00-8:51 One",
            ("51 minutes", "51 ÷ 60 = 0.85", "Between 0.75 and 1.00, to the nearest quarter, the tie up: 0.75"),
        ),
        ("8:00-9:00 break Coffee", ("0 minutes", "0 ÷ 60 = 0.00", "A whole number of quarters: 0.00")),
    ],
)
def test_the_sum_the_division_and_the_rounding_are_shown(text: str, said: tuple[str, str, str]) -> None:
    found = rules.working(agenda(text))
    assert (found.sum, found.division, found.rounding) == said


# Agendas nobody thought of


@st.composite
def sessions(draw: st.DrawFn) -> Item:
    start = draw(st.integers(0, 20)) * 5
    return at(
        f"{8 + start // 60}:{start % 60}",
        draw(st.integers(1, 12)) * 5,
        draw(st.sampled_from(["Airways", "Burns", "Cough"])),
        kind=draw(st.sampled_from(["instruction"] * 4 + ["break", "meal", "non-cme"])),
        track=draw(st.sampled_from(["", "A", "B"])),
        mode=draw(st.sampled_from(["both", "both", "in-person", "livestream"])),
    )


agendas = st.lists(sessions(), max_size=7)


def beside(one: Item, other: Item) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at


def by_trying_everything(found: Sequence[Item]) -> int:
    """The most minutes of any set of sessions that one person can attend in one way."""
    taught = [one for one in found if one.kind == "instruction"]
    most = 0
    for way in ("in-person", "livestream"):
        there = [one for one in taught if one.mode in ("both", way)]
        for size in range(len(there) + 1):
            for chosen in combinations(there, size):
                if not any(beside(*pair) for pair in combinations(chosen, 2)):
                    most = max(most, sum(one.minutes for one in chosen))
    return most


@hypothesis_settings(max_examples=150, deadline=None)
@given(agendas)
def test_the_longest_way_is_what_trying_every_way_finds(found: list[Item]) -> None:
    assert rules.credit_minutes(found) == by_trying_everything(found)


@hypothesis_settings(max_examples=150, deadline=None)
@given(agendas)
def test_the_working_agrees_with_the_number(found: list[Item]) -> None:
    shown = rules.working(found)
    counted = [line.session for line in shown.lines if line.counted]
    assert sum(line.counted for line in shown.lines) == shown.minutes == rules.credit_minutes(found)
    assert shown.credits == designated_maximum(found)
    assert sorted(map(id, found)) == sorted(id(line.session) for line in shown.lines)
    assert not any(beside(*pair) for pair in combinations(counted, 2))
    assert all((line.why == "counted") == (line.counted > 0) for line in shown.lines)


@hypothesis_settings(max_examples=100, deadline=None)
@given(agendas, st.integers())
def test_the_order_of_an_agenda_never_matters(found: list[Item], seed: int) -> None:
    mixed = list(found)
    Random(seed).shuffle(mixed)

    def lines(given: list[Item]) -> list[tuple[object, ...]]:
        facts = [
            (line.session.starts_at, line.minutes, line.session.track, line.session.title, line.session.kind, line.why)
            for line in rules.working(given).lines
        ]
        return sorted(facts)

    assert lines(mixed) == lines(found)
    assert designated_maximum(mixed) == designated_maximum(found)


@hypothesis_settings(max_examples=100, deadline=None)
@given(agendas)
def test_what_is_no_instruction_never_counts(found: list[Item]) -> None:
    assert rules.credit_minutes(found) == rules.credit_minutes([one for one in found if one.kind == "instruction"])


@hypothesis_settings(max_examples=100, deadline=None)
@given(agendas, sessions())
def test_one_more_session_never_takes_credit_away(found: list[Item], more: Item) -> None:
    assert rules.credit_minutes(found) <= rules.credit_minutes([*found, more])


# Attendance


@pytest.mark.parametrize(
    ("minutes", "counted"),
    [
        ((60, 45, 45), 105),  # in both rooms at once: one of them
        ((60, 20, 25), 105),  # from one room to the other
        ((60, 0, 45), 105),
        ((60, 10, 0), 70),
        ((0, 0, 0), 0),
    ],
)
def test_who_sat_in_parallel_workshops_sat_in_one_at_a_time(minutes: tuple[int, ...], counted: int) -> None:
    found = [at("9:00", 60), at("10:00", 45), at("10:00", 45)]
    assert rules.attended_minutes(zip(found, minutes, strict=True)) == counted


# After the start


@pytest.mark.parametrize(
    ("before", "after", "types"),
    [
        ({"ama-pra-1": 400}, {"ama-pra-1": 400}, []),
        ({"ama-pra-1": 400}, {"ama-pra-1": 375}, []),
        ({"ama-pra-1": 400, "aapa-1": 400}, {"ama-pra-1": 400}, []),
        ({"ama-pra-1": 400}, {"ama-pra-1": 425}, ["ama-pra-1"]),
        ({"ama-pra-1": 400}, {"ama-pra-1": 400, "aapa-1": 100}, ["aapa-1"]),
        ({"ama-pra-1": 400}, {"ama-pra-1": 400, "aapa-1": 0}, []),
        ({}, {"aapa-1": 100, "ama-pra-1": 25}, ["ama-pra-1", "aapa-1"]),
    ],
)
def test_what_rose_or_came_after_the_start_is_named(
    before: dict[str, int], after: dict[str, int], types: list[str]
) -> None:
    assert rules.raised(before, after) == types
