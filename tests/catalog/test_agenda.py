"""What is wrong with a timetable as it is typed, and how much of it is about what states ask for."""

from datetime import date, time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cme.catalog import rules
from cme.values import Credits
from tests.catalog.plain import Item, at

FIRST, LAST = date(2027, 4, 5), date(2027, 4, 6)


def row(times: str = "8:00-9:00", title: str = "Statins", **more: Any) -> SimpleNamespace:
    """A row of the editor."""
    starts, ends = (time(*map(int, part.split(":"))) if part else None for part in times.split("-"))
    usual = {"on": FIRST, "kind": "instruction", "track": "", "mode": "both", "topic_minutes": {}}
    return SimpleNamespace(**({"title": title, "starts": starts, "ends": ends} | usual | more))


def faults(*rows: SimpleNamespace) -> list[tuple[int, str, str]]:
    return rules.agenda_faults(rows, FIRST, LAST)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row("9:00-8:00")], [(0, "ends", "“Statins” must end after it starts")]),
        ([row("9:00-9:00", title=" ")], [(0, "ends", "Session 1 must end after it starts")]),
        ([row(on=date(2027, 4, 7))], [(0, "on", "“Statins” is outside the seminar's dates")]),
        ([row(on=date(2027, 4, 4))], [(0, "on", "“Statins” is outside the seminar's dates")]),
        (
            [row("8:00-9:00"), row("10:00-11:00", "Lunch"), row("8:59-10:00", "Gout")],
            [
                (
                    2,
                    "starts",
                    "“Gout” overlaps “Statins” (session 1): change a time, or give them different tracks",
                )
            ],
        ),
        (
            [row("8:30-9:30", "Gout"), row("8:00-9:00", title="")],
            [(0, "starts", "“Gout” overlaps session 2: change a time, or give them different tracks")],
        ),
        (
            [row(track="Main"), row("8:30-8:45", "Coffee", kind="break", track="main")],
            [(1, "starts", "“Coffee” overlaps “Statins” (session 1): change a time, or give them different tracks")],
        ),
        (
            [row(mode="in-person"), row("8:30-9:30", "Gout")],
            [(1, "starts", "“Gout” overlaps “Statins” (session 1): change a time, or give them different tracks")],
        ),
        (
            [row(topic_minutes={"opioids": 61})],
            [
                (
                    0,
                    "topic_minutes",
                    "“Statins” lasts 60 minutes: 61 on opioids and other substance use disorders cannot be",
                )
            ],
        ),
        (
            [row(topic_minutes={"hiv": -1})],
            [(0, "topic_minutes", "“Statins” lasts 60 minutes: -1 on HIV and AIDS cannot be")],
        ),
        (
            [row(kind="break", topic_minutes={"ethics": 10})],
            [(0, "topic_minutes", "“Statins”: break has no minutes on ethics")],
        ),
        ([row(topic_minutes={"gardening": 10})], [(0, "topic_minutes", "“Statins”: select a topic of the list")]),
    ],
)
def test_a_slip_is_named_with_its_row(rows: list[SimpleNamespace], found: list[tuple[int, str, str]]) -> None:
    assert faults(*rows) == found


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row("8:00-9:00"), row("9:00-10:00", "Gout")],
        [row("8:00-9:00"), row("8:00-9:00", "Gout", on=LAST)],
        [row(track="A"), row(track="B")],
        [row(mode="in-person"), row(mode="livestream")],
        [row(topic_minutes={"opioids": 60, "pharmacology": 60})],
        [row("-9:00"), row("8:00-"), row(on=None), row(topic_minutes=None), row("-")],
        [row(kind="break", topic_minutes={"ethics": 0})],
    ],
)
def test_these_rows_are_in_order(rows: list[SimpleNamespace]) -> None:
    assert faults(*rows) == []


def test_without_dates_of_its_own_a_seminar_says_nothing_of_days() -> None:
    assert rules.agenda_faults([row()], None, None) == []
    assert rules.agenda_faults([row()], LAST, FIRST) == []


def test_one_slip_is_one_fault_however_many_rows_it_meets() -> None:
    assert len(faults(row("8:00-12:00"), row("8:00-9:00"), row("9:00-10:00"), row("10:00-11:00"))) == 3


# Topics


@pytest.mark.parametrize(
    ("sessions", "minutes"),
    [
        ([], {}),
        ([at("8:00", 60)], {}),
        ([at("8:00", 60, topic_minutes={"hiv": 20, "ethics": 0})], {"hiv": 20}),
        ([at("8:00", 60, topic_minutes={"hiv": 90})], {"hiv": 60}),
        ([at("8:00", 60, kind="break", topic_minutes={"hiv": 60})], {}),
        ([at("8:00", 60, topic_minutes={"ethics": 30}), at("9:00", 60, topic_minutes={"ethics": 60})], {"ethics": 90}),
        # Side by side: one room counts for a topic, be it not the longer one.
        ([at("8:00", 60, topic_minutes={"hiv": 40}), at("8:00", 90, topic_minutes={"hiv": 30})], {"hiv": 40}),
        # Side by side on different topics: each is there to be heard.
        (
            [at("8:00", 60, topic_minutes={"hiv": 60}), at("8:00", 60, topic_minutes={"ethics": 60})],
            {"ethics": 60, "hiv": 60},
        ),
        (
            [
                at("8:00", 60, mode="in-person", topic_minutes={"hiv": 60}),
                at("9:00", 60, mode="livestream", topic_minutes={"hiv": 45}),
            ],
            {"hiv": 60},
        ),
    ],
)
def test_an_agenda_has_so_many_minutes_on_each_topic(sessions: list[Item], minutes: dict[str, int]) -> None:
    assert rules.topic_minutes(sessions) == minutes


@st.composite
def on_topics(draw: st.DrawFn) -> Item:
    about = draw(st.dictionaries(st.sampled_from(["hiv", "ethics", "opioids"]), st.integers(0, 90)))
    return at(
        f"{draw(st.integers(8, 14))}:{draw(st.sampled_from([0, 15, 30]))}",
        draw(st.integers(5, 90)),
        topic_minutes=about,
    )


@hypothesis_settings(max_examples=100, deadline=None)
@given(st.lists(on_topics(), max_size=7))
def test_no_topic_takes_longer_than_the_agenda_or_all_its_sessions(sessions: list[Item]) -> None:
    for code, minutes in rules.topic_minutes(sessions).items():
        assert 0 < minutes <= rules.credit_minutes(sessions)
        assert minutes <= sum(min(one.minutes, one.topic_minutes.get(code, 0)) for one in sessions)


@pytest.mark.parametrize(
    ("attended", "heard"), [(60, {"hiv": 40}), (50, {"hiv": 30}), (20, {}), (0, {}), (70, {"hiv": 40})]
)
def test_only_what_was_surely_heard_counts_for_somebody(attended: int, heard: dict[str, int]) -> None:
    assert rules.attended_topic_minutes([(at("8:00", 60, topic_minutes={"hiv": 40}), attended)]) == heard


@pytest.mark.parametrize(
    ("minutes", "most", "line"),
    [
        ({}, 400, ""),
        ({"hiv": 7}, 400, ""),
        ({"medical-errors": 120}, 400, "Of these, 2.0 hours on prevention of medical errors; confirm with your board."),
        (
            {"hiv": 60, "ethics": 75},
            400,
            "Of these, 1.25 hours on ethics, 1.0 hour on HIV and AIDS; confirm with your board.",
        ),
        ({"ethics": 240}, 150, "Of these, 1.5 hours on ethics; confirm with your board."),
    ],
)
def test_a_certificate_says_how_much_was_on_which_topic(minutes: dict[str, int], most: int, line: str) -> None:
    assert rules.topic_line(minutes, most=Credits(most)) == line


def test_learners_are_told_which_requirement_a_seminar_helps_to_meet() -> None:
    found = rules.meets({"opioids": 240, "medical-errors": 120, "ethics": 60}, Credits(1600))
    assert [(met.mandate.key, met.credits) for met in found] == [
        ("dea-mate", Credits(400)),
        ("fl-medical-errors", Credits(200)),
    ]
    assert found[1].sentence == (
        "Of the 16.0 credits, 2.0 meet the 2.0 hours on prevention of medical errors asked by the Florida Board of "
        "Medicine, every renewal (24 months). Confirm with your board."
    )
    assert "4.0 count toward the 8.0 hours on opioids" in found[0].sentence
    assert rules.meets({}, Credits(1600)) == []


@pytest.mark.parametrize(
    ("key", "hours", "topic"),
    [
        ("dea-mate", 800, "opioids"),
        ("fl-medical-errors", 200, "medical-errors"),
        ("fl-domestic-violence", 200, "domestic-violence"),
        ("fl-hiv", 100, "hiv"),
        ("fl-controlled-substances", 200, "controlled-substances"),
        ("fl-human-trafficking", 100, "human-trafficking"),
    ],
)
def test_what_agencies_ask_for_is_known(key: str, hours: int, topic: str) -> None:
    [mandate] = [one for one in rules.MANDATES if one.key == key]
    assert (mandate.hours, mandate.topic) == (Credits(hours), topic)
    assert rules.topic_name(topic) in mandate.sentence
    assert "Confirm with your board" in mandate.note
