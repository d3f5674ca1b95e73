"""Letters the clock asks for: each is due in its time, written once, and true to how things stand."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from cme import jobs
from cme.catalog.models import CANCELLED, Offering, Seminar
from cme.database import db, transaction
from cme.mail import Letter
from cme.registration import emails
from cme.registration.models import Payment, Registration
from cme.registration.services import telling
from tests import factories
from tests.factories import registration, seminar

ROUND = {each.name: 0 for each in telling.ROUNDS}


def told(clock: Any) -> dict[str, int]:
    """What one round wrote, without the kinds of which there was nothing."""
    return {name: number for name, number in telling.tell(now=clock.now).items() if number}


def change(row: Any, **values: Any) -> None:
    """Save something else about a record."""
    with transaction() as session:
        found = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(found, name, value)


def last_letter() -> Letter:
    """The letter written last."""
    return db.session.scalars(select(Letter).order_by(Letter.id.desc()).limit(1)).one()


def words(letter: Letter) -> str:
    """A letter in one line, its hard spaces made soft."""
    return " ".join(letter.text.split())


def paying(cast: SimpleNamespace, clock: Any, *, until: datetime, status: str = "open") -> Registration:
    """Ada, with the payment page open and her seat held until then."""
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, status="held", amount_due_minor=109500)
    change(made, hold_until=until)
    with transaction() as session:
        session.add(
            Payment(
                registration_id=made.id,
                attempt_no=1,
                status=status,
                amount_minor=109500,
                currency="USD",
                mode="sandbox",
                created_at=clock.now,
            )
        )
    return made


def test_somebody_who_left_the_payment_page_open_is_told_until_when_the_seat_is_held(app, cast, clock):
    paying(cast, clock, until=clock.now + timedelta(minutes=41))
    assert told(clock) == {}
    clock.advance(minutes=22)
    assert told(clock) == {"holds about to end": 1}
    assert "We hold your seat until March 1, 2027, 10:41 am EST" in words(last_letter())
    assert "To pay: $1,095 USD" in words(last_letter())
    assert told(clock) == {}


@pytest.mark.parametrize("status", ["processing", "expired", "creating"])
def test_nobody_is_hurried_who_cannot_pay_on_an_open_page(app, cast, clock, status):
    paying(cast, clock, until=clock.now + timedelta(minutes=10), status=status)
    assert told(clock) == {}


def test_a_hold_that_has_ended_is_not_told_as_ending(app, cast, clock):
    paying(cast, clock, until=clock.now - timedelta(minutes=1))
    assert told(clock) == {}


def test_whoever_pays_by_check_hears_three_days_before_the_invoice_is_due(app, cast, clock):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, status="held", amount_due_minor=109500)
    change(made, invoiced_at=clock.now, hold_until=clock.now + timedelta(days=14))
    clock.advance(days=10, hours=23)
    assert told(clock) == {}
    clock.advance(hours=2)
    assert told(clock) == {"invoices about to end": 1}
    assert "Your payment has not reached us: Cardiology" in last_letter().subject
    assert told(clock) == {}


def test_an_invoice_that_was_short_from_the_start_is_not_followed_by_a_reminder_at_once(app, cast, clock):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, status="held", amount_due_minor=109500)
    change(made, invoiced_at=clock.now, hold_until=clock.now + timedelta(days=2))
    assert told(clock) == {}


def test_a_week_before_everybody_hears_what_they_need(app, cast, clock):
    at = seminar(now=clock.now, starts_in=9, hotel_name="Harborlight Hotel", hotel_rate_minor=18900)
    factories.handout(at, now=clock.now)
    registration(cast.ada, at, now=clock.now)
    clock.advance(days=1)
    assert told(clock) == {}
    clock.advance(days=1)
    assert told(clock) == {"weeks before": 1}
    text = words(last_letter())
    assert "Where: Harborlight Hotel, Sarasota, FL" in text
    assert "Hotel: Harborlight Hotel, $189 a night" in text
    assert "- Slides" in text
    assert told(clock) == {}


def test_the_week_before_waits_an_hour_after_the_confirmation(app, cast, clock):
    registration(cast.ada, seminar(now=clock.now, starts_in=3), now=clock.now)
    assert told(clock) == {}
    clock.advance(hours=1)
    assert told(clock) == {"weeks before": 1}


def test_the_way_to_join_is_sent_a_day_before_and_to_those_who_come_later(app, cast, clock):
    at = seminar(now=clock.now, starts_in=2, modes=("livestream",))
    change(at.offerings[0], webcast_url="https://webcast.example.test/hearts")
    registration(cast.ada, at, now=clock.now)
    assert told(clock) == {}
    clock.now = at.starts_at - timedelta(hours=24)
    assert told(clock)["links to join"] == 1
    assert "https://webcast.example.test/hearts" in last_letter().text
    clock.now = at.starts_at + timedelta(minutes=5)
    registration(cast.nell, at, now=clock.now)
    assert told(clock) == {"links to join": 1}
    assert last_letter().to == cast.nell.email
    clock.now = at.ends_at
    registration(cast.otto, at, now=clock.now)
    assert told(clock) == {}


def test_a_link_that_is_not_known_yet_is_sent_once_it_is(app, cast, clock):
    at = seminar(now=clock.now, starts_in=1, modes=("livestream",))
    registration(cast.ada, at, now=clock.now)
    clock.now = at.starts_at - timedelta(hours=2)
    assert "links to join" not in told(clock)
    change(at.offerings[0], webcast_url="https://webcast.example.test/hearts")
    assert told(clock) == {"links to join": 1}


def test_nobody_gets_a_link_to_a_room(app, cast, clock):
    at = seminar(now=clock.now, starts_in=1)
    change(at.offerings[0], webcast_url="https://webcast.example.test/hearts")
    registration(cast.ada, at, now=clock.now)
    assert "links to join" not in told(clock)


@pytest.mark.parametrize("status", ["held", "cancelled", "expired", "waitlisted", "offered"])
def test_only_those_who_come_are_told_what_is_ahead(app, cast, clock, status):
    at = seminar(now=clock.now, starts_in=1, modes=("livestream",))
    change(at.offerings[0], webcast_url="https://webcast.example.test/hearts")
    registration(cast.ada, at, now=clock.now - timedelta(hours=2), status=status)
    assert told(clock) == {}


def test_nothing_is_told_about_a_seminar_that_was_called_off(app, cast, clock):
    at = seminar(now=clock.now, starts_in=1)
    registration(cast.ada, at, now=clock.now - timedelta(hours=2))
    change(at, status=CANCELLED, version=2)
    assert told(clock) == {}


def test_tuition_on_hold_is_remembered_a_month_before_it_is_lost(app, cast, clock):
    made = registration(cast.ada, seminar(now=clock.now), now=clock.now, status="cancelled")
    change(made, credit_until=date(2027, 4, 1))
    assert told(clock) == {}
    clock.advance(days=1)
    assert told(clock) == {"tuition on hold about to end": 1}
    assert "by April 1, 2027" in words(last_letter())
    assert told(clock) == {}


def informed(cast: SimpleNamespace, clock: Any, **more: Any) -> tuple[Seminar, Registration]:
    """Ada, with a place she was told of."""
    at = seminar(now=clock.now, **more)
    made = registration(cast.ada, at, now=clock.now)
    with transaction() as session:
        emails.confirmed(session.get_one(Registration, made.id), None, access_until=None, at=clock.now)
    return at, made


def test_what_changed_is_told_as_it_was_and_as_it_is(app, cast, clock):
    at, made = informed(cast, clock)
    moved = at.starts_at + timedelta(days=7, hours=1)
    change(
        at,
        starts_on=at.starts_on + timedelta(days=7),
        ends_on=at.ends_on + timedelta(days=7),
        starts_at=moved,
        venue="Gulfside Hall",
        version=2,
        updated_at=clock.now,
    )
    clock.advance(minutes=14)
    assert told(clock) == {}  # perhaps somebody is still editing
    clock.advance(minutes=1)
    assert told(clock) == {"changed seminars": 1}
    text = words(last_letter())
    assert "When was: March 31 – April 1, 2027 is: April 7–8, 2027" in text
    assert "Begins was: March 31, 2027, 8:00 am EDT is: April 7, 2027, 9:00 am EDT" in text
    assert "Where was: Harborlight Hotel, Sarasota, FL is: Gulfside Hall, Sarasota, FL" in text
    assert [each["kind"] for each in last_letter().attachments] == ["calendar"]
    assert told(clock) == {}
    assert db.session.get_one(Registration, made.id, populate_existing=True).told["where"].startswith("Gulfside")


def test_a_change_nobody_plans_by_is_not_told(app, cast, clock):
    at, made = informed(cast, clock)
    change(at, summary="Rewritten.", version=2, updated_at=clock.now)
    clock.advance(minutes=20)
    assert told(clock) == {}
    assert db.session.get_one(Registration, made.id, populate_existing=True).told["version"] == 2


def test_what_was_changed_back_is_not_told(app, cast, clock):
    at, _ = informed(cast, clock)
    change(at, venue="Gulfside Hall", version=2, updated_at=clock.now)
    clock.advance(minutes=5)
    change(at, venue="Harborlight Hotel", version=3, updated_at=clock.now)
    clock.advance(minutes=20)
    assert told(clock) == {}


def test_another_link_is_told_to_those_who_know_the_first(app, cast, clock):
    at, _ = informed(cast, clock, modes=("livestream",))
    change(at.offerings[0], webcast_url="https://webcast.example.test/one")
    change(at, version=2, updated_at=clock.now)
    clock.advance(minutes=20)
    assert told(clock) == {}  # the link comes with a letter of its own
    change(at.offerings[0], webcast_url="https://webcast.example.test/two")
    change(at, version=3, updated_at=clock.now)
    clock.advance(minutes=20)
    assert told(clock) == {"changed seminars": 1}
    assert "was: https://webcast.example.test/one is: https://webcast.example.test/two" in words(last_letter())


def test_who_registered_before_anything_was_remembered_hears_of_changes_from_now_on(app, cast, clock):
    at = seminar(now=clock.now)
    made = registration(cast.ada, at, now=clock.now)
    assert told(clock) == {}
    assert db.session.get_one(Registration, made.id, populate_existing=True).told["where"].startswith("Harborlight")


def test_two_rounds_at_once_write_each_letter_once(app, cast, clock, together: Callable[..., list[Any]]):
    at = seminar(now=clock.now, starts_in=1, modes=("livestream",))
    change(at.offerings[0], webcast_url="https://webcast.example.test/hearts")
    for person in (cast.ada, cast.nell, cast.otto):
        registration(person, at, now=clock.now - timedelta(hours=2))
    clock.now = at.starts_at - timedelta(hours=2)
    results = together(4, lambda _: telling.tell(now=clock.now))
    assert sum(each["links to join"] for each in results) == 3
    assert sum(each["weeks before"] for each in results) == 3
    kinds = list(db.session.scalars(select(Letter.kind).order_by(Letter.kind)))
    assert kinds == ["registration/join_link"] * 3 + ["registration/week_before"] * 3


def test_the_schedule_tells(app, cast, clock):
    registration(cast.ada, seminar(now=clock.now, starts_in=3), now=clock.now - timedelta(hours=2))
    assert jobs.run_schedule("tell") == ROUND | {"weeks before": 1}


def test_each_kind_is_found_by_one_statement(app: Flask, cast, clock):
    seen: list[str] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def see(_: Any, __: Any, statement: str, *___: Any) -> None:
        seen.append(statement)

    assert told(clock) == {}
    event.remove(db.engine, "before_cursor_execute", see)
    assert sum("FROM registration" in statement for statement in seen) == len(telling.ROUNDS)


def test_what_changed_while_a_round_was_under_way_is_looked_at_again(app, cast, clock, monkeypatch):
    """Between finding and writing, ada gave her place up."""
    made = registration(cast.ada, seminar(now=clock.now, starts_in=3), now=clock.now - timedelta(hours=2))
    [week] = [each for each in telling.ROUNDS if each.name == "weeks before"]
    change(made, status="cancelled")
    monkeypatch.setattr(telling, "_numbers", lambda one, now: [made.id] if one is week else [])
    assert told(clock) == {}


def test_the_seats_of_another_way_to_attend_have_their_own_link(app, cast, clock):
    at = seminar(now=clock.now, starts_in=1, modes=("in-person", "livestream"))
    change(
        db.session.scalars(select(Offering).where(Offering.mode == "livestream")).one(), webcast_url="https://x.test/"
    )
    registration(cast.ada, at, now=clock.now)
    clock.now = at.starts_at - timedelta(hours=3)
    assert "links to join" not in told(clock)
