"""Seminars in calendars: iCalendar files that say when, where and what for, and find their way there."""

from datetime import UTC, date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from cme.catalog import feeds
from cme.catalog.models import Seminar
from cme.database import db, transaction
from tests.browser import Browser
from tests.catalog.test_feeds import FILES, NASTY, US, address, change, on_demand, slugs
from tests.catalog.test_queries import statements
from tests.factories import local, registration, seminar


def test_a_day_lasts_from_its_first_session_to_its_last(app, clock):
    seminar(now=clock.now, slug="hearts", days=3)
    days = feeds.days_of("hearts", US, address)
    assert [(day.starts.time(), day.ends.time()) for day in days] == [(time(8), time(10, 15))] * 3
    assert [day.uid for day in days] == [
        f"hearts-202703{31}@localhost",
        *(f"hearts-2027040{n}@localhost" for n in (1, 2)),
    ]


def test_a_day_says_what_one_earns_and_where(app, clock):
    seminar(now=clock.now, slug="hearts", modes=("in-person", "livestream"), days=1, maximum=100)
    [day] = feeds.days_of("hearts", US, address)
    assert "designates this live activity for a maximum of 1.0 AMA PRA Category 1 Credit™." in day.about
    assert "In person or livestream" in day.about
    assert day.place == "Harborlight Hotel, Sarasota, FL"
    seminar(now=clock.now, slug="from-afar", modes=("livestream",), days=1, maximum=0)
    [day] = feeds.days_of("from-afar", US, address)
    assert day.place == "Online"
    assert "designates" not in day.about


def test_a_seminar_without_an_agenda_is_one_stretch(app, clock):
    made = seminar(now=clock.now, slug="hearts", days=2)
    with transaction() as session:
        for each in session.get_one(Seminar, made.id).sessions:
            session.delete(each)
    [day] = feeds.days_of("hearts", US, address)
    assert (day.starts, day.ends) == (made.starts_at, made.ends_at)


def test_the_calendar_has_what_is_ahead_under_way_and_cancelled(app, clock):
    seminar(now=clock.now, slug="over", starts_in=-5)
    seminar(now=clock.now, slug="later", starts_in=40)
    seminar(now=clock.now, slug="running", starts_in=-1, days=3)
    seminar(now=clock.now, slug="off", starts_in=20, status="cancelled")
    on_demand(clock, slug="any-day")
    days = feeds.days_ahead(US, address, now=clock.now)
    assert slugs(days) == ["running", "off", "later"]
    assert {day.url.rsplit("/", 1)[1] for day in days if day.is_cancelled} == {"off"}
    assert slugs(feeds.days_of("over", US, address)) == ["over"]
    assert feeds.days_of("any-day", US, address) == []


def events(browser: Browser, path: str) -> list[Event]:
    """The events of a calendar file, checked for what RFC 5545 and RFC 5546 ask of every one."""
    answer = browser.client.get(path)
    assert answer.status_code == 200
    for line in answer.data.split(b"\r\n"):
        assert len(line) <= 75, line
        assert b"\n" not in line
    found = Calendar.from_ical(answer.data)
    assert (found["VERSION"], found["METHOD"]) == ("2.0", "PUBLISH")
    assert found["PRODID"]
    assert found.errors == []
    zones = [zone["TZID"] for zone in found.timezones]
    assert len(zones) == len(set(zones))
    for event in found.events:
        assert event.errors == []
        for name in (
            "UID",
            "DTSTAMP",
            "LAST-MODIFIED",
            "DTSTART",
            "DTEND",
            "SEQUENCE",
            "STATUS",
            "SUMMARY",
            "ORGANIZER",
        ):
            assert name in event, name
            assert not isinstance(event[name], list), name
        assert event.start < event.end
        assert event["DTSTART"].params["TZID"] in zones
        assert event["DTSTAMP"].dt.utcoffset() == timedelta(0)
    uids = [event["UID"] for event in found.events]
    assert len(uids) == len(set(uids))
    return list(found.events)


@pytest.mark.pages
def test_words_arrive_as_they_were_written(browser, clock):
    made = seminar(now=clock.now, slug="hearts", title=f"{NASTY}\x07", days=1)
    change(made, venue="Pier; 1, Harbor", address="Line one\nline two", city="Sarasota", summary="Long – " * 30)
    [event] = events(browser, "/seminars/hearts.ics")
    assert event["SUMMARY"] == NASTY
    assert event["LOCATION"] == "Pier; 1, Harbor, Line one line two, Sarasota, FL"
    assert event["DESCRIPTION"].startswith("Long – Long –")
    assert "\n\nIn person\n\n" in event["DESCRIPTION"]
    assert event["URL"] == "http://localhost/seminars/hearts"
    raw = browser.client.get("/seminars/hearts.ics").data.replace(b"\r\n ", b"")
    assert b'SUMMARY:Hearts\\, "minds"\\; <b>nerves</b> & C:\\\\new' in raw


@pytest.mark.pages
def test_a_change_counts_up_and_keeps_its_name(browser, clock):
    made = seminar(now=clock.now, slug="hearts", days=1)
    [before] = events(browser, "/seminars/hearts.ics")
    change(made, version=4, updated_at=clock.now, title="Hearts and lungs")
    [after] = events(browser, "/seminars/hearts.ics")
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (1, 4)
    assert after["LAST-MODIFIED"].dt == after["DTSTAMP"].dt == clock.now


@pytest.mark.pages
def test_a_cancelled_seminar_is_said_to_be(browser, clock):
    seminar(now=clock.now, slug="hearts", status="cancelled", days=1)
    for path in FILES[:2]:
        [event] = events(browser, path)
        assert event["STATUS"] == "CANCELLED"
        assert event["SUMMARY"].startswith("Cancelled: ")
    change(seminar(now=clock.now, slug="nerves", days=1), version=2)
    assert [event["STATUS"] for event in events(browser, "/seminars/nerves.ics")] == ["CONFIRMED"]


@pytest.mark.pages
@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("America/New_York", date(2027, 3, 13)),
        ("America/New_York", date(2027, 11, 6)),
        ("America/Los_Angeles", date(2028, 3, 11)),
        ("Australia/Sydney", date(2027, 10, 2)),
        ("America/Phoenix", date(2027, 3, 13)),
    ],
)
def test_mornings_stay_mornings_when_the_clocks_change(browser, clock, zone, first):
    made = seminar(now=clock.now, slug="hearts", days=2)
    with transaction() as session:
        row = session.get_one(Seminar, made.id)
        row.time_zone, row.starts_on, row.ends_on = zone, first, first + timedelta(days=1)
        row.starts_at, row.ends_at = local(first, time(8), zone), local(row.ends_on, time(10, 15), zone)
        for each in row.sessions:
            each.on = first if each.title == "Morning 1, first hour" else row.ends_on
            each.starts_at, each.ends_at = local(each.on, each.starts, zone), local(each.on, each.ends, zone)
    found = events(browser, "/seminars/hearts.ics")
    assert [event["DTSTART"].to_ical() for event in found] == [
        f"{on:%Y%m%d}T080000".encode() for on in (first, row.ends_on)
    ]
    assert {event["DTSTART"].params["TZID"] for event in found} == {zone}
    [told] = Calendar.from_ical(browser.client.get("/seminars/hearts.ics").data).timezones
    for part in told.subcomponents:
        onsets = (
            [part["DTSTART"].dt, *(each.dt for each in part["RDATE"].dts)] if "RDATE" in part else [part["DTSTART"].dt]
        )
        for onset in onsets:
            moment = (onset - part.TZOFFSETFROM).replace(tzinfo=UTC)
            around = [(moment + timedelta(seconds=s)).astimezone(ZoneInfo(zone)).utcoffset() for s in (-1, 0)]
            assert around == [part.TZOFFSETFROM, part.TZOFFSETTO], onset


@pytest.mark.pages
@pytest.mark.parametrize("slug", ["nobody", "draft", "HEARTS", "a b", "any-day", "..", "x" * 200])
def test_a_calendar_that_is_not_there_is_not_found(browser, clock, slug):
    seminar(now=clock.now, slug="draft", status="draft")
    on_demand(clock, slug="any-day")
    browser.open(f"/seminars/{slug}.ics", expect=404)


@pytest.mark.pages
def test_a_seminar_can_be_put_into_a_calendar_from_its_page(browser, clock):
    seminar(now=clock.now, slug="hearts")
    seminar(now=clock.now, slug="over", starts_in=-5)
    on_demand(clock, slug="any-day")
    assert browser.open("/seminars/hearts").links("Add to calendar") == ["/seminars/hearts.ics"]
    assert browser.open("/seminars/over").links("Add to calendar") == []
    assert browser.open("/seminars/any-day").links("Add to calendar") == []


@pytest.mark.pages
def test_whoever_is_registered_can_put_it_into_a_calendar(browser, cast, clock):
    made = seminar(now=clock.now, slug="hearts")
    ref = registration(cast.ada, made, now=clock.now).ref
    browser.sign_in(cast.ada)
    page = browser.open(f"/registrations/{ref}")
    assert page.click("Add to calendar").response.mimetype == "text/calendar"
    change(made, status="withdrawn")
    assert browser.open(f"/registrations/{ref}").links("Add to calendar") == []


@pytest.mark.pages
def test_the_calendar_skips_what_is_past_by_an_index(app, clock):
    seminar(now=clock.now, slug="hearts")
    with statements() as said:
        feeds.days_ahead(US, address, now=clock.now)
    [asked] = [text for text in said if "FROM seminar" in text]
    marks = ("x",) * asked.count("?")
    plan = " ".join(row[3] for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", marks))
    assert "ix_seminar_upcoming (status=? AND starts_at>?)" in plan


@pytest.mark.pages
def test_an_empty_calendar_is_whole_too(browser):
    assert events(browser, "/seminars.ics") == []


@pytest.mark.pages
def test_a_calendar_is_written_once_for_everybody_until_it_changes(app, clock):
    made = seminar(now=clock.now, slug="hearts")

    def written() -> bytes:
        days = feeds.days_of("hearts", US, address)
        return feeds.calendar(tuple(days), "Hearts", "https://cme.example/hearts.ics", US)

    first = written()
    assert written() is first
    change(made, version=2)
    assert written() != first
