"""Reminders: to review what is on demand, and to disclose again; each is written once, however often the clock asks."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cme import jobs, settings
from cme.catalog.models import CANCELLED, DRAFT, PUBLISHED, WITHDRAWN, Faculty, Seminar
from cme.catalog.services import faculty as disclosures
from cme.catalog.services.reminders import remind, review_due
from cme.database import db, transaction
from cme.mail import Letter
from tests import factories
from tests.catalog.test_faculty import tokens
from tests.test_database import in_threads


def on_demand(clock: Any, *, ends_in: int = 90, email: str | None = "odalys@example.test", **more: Any) -> Seminar:
    """An activity on demand that ends in so many days, with a director who can be written to."""
    today = clock.now.date()
    values = {"released_on": today - timedelta(days=200), "terminates_on": today + timedelta(days=ends_in)} | more
    made = factories.seminar(
        now=clock.now, starts_in=-200, modes=("on-demand",), learning_format="enduring material", **values
    )
    with transaction():
        db.session.get_one(Faculty, made.people[0].faculty_id).email = email
    return made


def letters(kind: str = "review_due") -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.kind == f"catalog/{kind}").order_by(Letter.id)))


def change(made: Seminar, **values: Any) -> None:
    with transaction():
        for name, value in values.items():
            setattr(db.session.get_one(Seminar, made.id), name, value)


def run(clock: Any) -> dict[str, int]:
    return remind(now=clock.now)


def test_the_director_is_reminded_at_90_and_at_30_days_once_each(app: Flask, clock: Any) -> None:
    on_demand(clock, ends_in=92)
    written = []
    for _ in range(100):
        written.append(run(clock)["review reminders"] + run(clock)["review reminders"])
        clock.advance(days=1)
    assert [day for day, number in enumerate(written) if number] == [2, 62]
    assert sum(written) == 2
    assert {letter.to for letter in letters()} == {"odalys@example.test"}
    assert "in 90 days" in letters()[0].text
    assert "in 30 days" in letters()[1].text


def test_a_missed_reminder_is_not_made_up_for_by_two(app: Flask, clock: Any) -> None:
    on_demand(clock, ends_in=12)
    assert run(clock)["review reminders"] == 1
    assert "in 12 days" in letters()[0].text


def test_where_no_director_has_an_address_the_provider_is_reminded(app: Flask, clock: Any) -> None:
    made = on_demand(clock, email=None)
    run(clock)
    assert [letter.to for letter in letters()] == [settings.provider().email]
    with transaction():
        db.session.get_one(Faculty, made.people[0].faculty_id).email = "late@example.test"
    run(clock)
    assert len(letters()) == 1


@pytest.mark.parametrize(("status", "expected"), [(PUBLISHED, 1), (DRAFT, 0), (WITHDRAWN, 0), (CANCELLED, 0)])
def test_what_nobody_can_buy_is_not_reviewed(app: Flask, clock: Any, status: str, expected: int) -> None:
    change(on_demand(clock), status=status)
    assert run(clock)["review reminders"] == expected


def test_a_new_last_day_is_a_new_reminder(app: Flask, clock: Any) -> None:
    made = on_demand(clock)
    run(clock)
    change(made, terminates_on=clock.now.date() + timedelta(days=80))
    run(clock)
    assert len(letters()) == 2


def test_what_is_over_or_held_live_asks_for_no_review(app: Flask, clock: Any) -> None:
    on_demand(clock, ends_in=-1)
    factories.seminar(now=clock.now, starts_in=20)
    assert run(clock)["review reminders"] == 0


@pytest.mark.parametrize(
    ("released", "reviewed", "ends", "due"),
    [
        (date(2025, 5, 1), None, date(2027, 5, 1), date(2027, 5, 1)),
        (date(2025, 5, 1), None, date(2029, 5, 1), date(2028, 5, 1)),
        (date(2022, 5, 1), date(2026, 7, 1), date(2029, 8, 1), date(2029, 7, 1)),
        (date(2024, 2, 29), None, None, date(2027, 2, 28)),
        (None, None, None, None),
    ],
)
def test_a_review_is_due_on_the_last_day_or_three_years_after_the_last(
    released: date | None, reviewed: date | None, ends: date | None, due: date | None
) -> None:
    made: Any = SimpleNamespace(released_on=released, reviewed_on=reviewed, terminates_on=ends)
    assert review_due(made) == due


def test_several_runners_write_each_letter_once(app: Flask, clock: Any) -> None:
    on_demand(clock)
    teaching(clock, days_left=10)
    in_threads(app, 4, lambda _: run(clock))
    assert len(letters()) == 1
    assert len(letters("disclosure_asked")) == 1


def teaching(clock: Any, *, days_left: int, **more: Any) -> Faculty:
    """Somebody with an address whose disclosure holds for so many days more, director of a seminar."""
    made = factories.seminar(now=clock.now, **more)
    with transaction():
        person = db.session.get_one(Faculty, made.people[0].faculty_id)
        person.email = "teacher@example.test"
        person.disclosures[0].expires_on = clock.now.date() + timedelta(days=days_left)
        return person


def test_whoever_has_to_disclose_again_is_sent_a_link_once(app: Flask, clock: Any) -> None:
    person = teaching(clock, days_left=32, starts_in=90)
    number = person.id
    written = []
    for _ in range(40):
        written.append(run(clock)["disclosure reminders"])
        clock.advance(days=1)
    assert [day for day, count in enumerate(written) if count] == [2]
    [letter] = letters("disclosure_asked")
    assert (letter.to, letter.subject) == ("teacher@example.test", "Renew your disclosure")
    clock.now = letter.created_at
    disclosures.answer(tokens()[0], [], address="192.0.2.1", now=clock.now)
    clock.advance(days=336)
    assert db.session.get_one(Faculty, number).disclosures[-1].expires_on - clock.now.date() == timedelta(days=29)


def test_a_renewed_disclosure_is_asked_for_again_next_year(app: Flask, clock: Any) -> None:
    teaching(clock, days_left=10, starts_in=500)
    run(clock)
    disclosures.answer(tokens()[0], [], address="192.0.2.1", now=clock.now)
    assert run(clock)["disclosure reminders"] == 0
    clock.advance(days=340)
    assert run(clock)["disclosure reminders"] == 1


@pytest.mark.parametrize(
    "how", [{"starts_in": -9}, {"status": DRAFT}, {"status": CANCELLED}, {"days_left": 31}, {"days_left": -1}]
)
def test_whoever_teaches_nothing_ahead_or_need_not_yet_is_left_in_peace(app: Flask, clock: Any, how: Any) -> None:
    teaching(clock, **{"days_left": 10} | how)
    assert run(clock)["disclosure reminders"] == 0


def test_whoever_has_no_address_is_not_asked(app: Flask, clock: Any) -> None:
    person = teaching(clock, days_left=10)
    for address in ("", None):
        with transaction():
            db.session.get_one(Faculty, person.id).email = address
        assert run(clock)["disclosure reminders"] == 0


def test_the_clock_asks_every_day_and_a_sweep_says_how_many(app: Flask, clock: Any, outbox: Any) -> None:
    on_demand(clock)
    counts = jobs.sweep("worker")
    assert (counts["review reminders"], counts["disclosure reminders"]) == (1, 0)
    assert [message["To"].addresses[0].addr_spec for message in outbox.sent] == ["odalys@example.test"]
    assert jobs.sweep("worker")["review reminders"] == 0
    assert jobs.SCHEDULE["remind"][0] == timedelta(days=1)


def test_a_seminar_in_the_west_counts_its_own_days(app: Flask, clock: Any) -> None:
    clock.now = datetime.fromisoformat("2027-03-02T06:00:00+00:00")  # still the first of March there
    made = on_demand(clock, ends_in=0)
    change(made, time_zone="Pacific/Honolulu", terminates_on=date(2027, 5, 30))
    run(clock)
    assert "in 90 days" in letters()[0].text
