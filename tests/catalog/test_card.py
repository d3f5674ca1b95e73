"""The card beside a seminar, and the bar at the foot of a telephone, are true for whoever looks, whenever they look."""

from datetime import timedelta
from typing import Any

import pytest

from cme.catalog.models import Designation, Offering, Seminar
from cme.database import transaction
from tests.browser import Browser, Page
from tests.factories import registration, seminar

pytestmark = pytest.mark.pages


def card(page: Page) -> str:
    return page.root.find(id="register")[0].text


def ways_on(page: Page) -> list[str]:
    return [link.attrs["href"] for link in page.root.find(id="register")[0].find("a")]


def test_whoever_was_not_there_is_promised_no_credit(browser: Browser, cast: Any, clock: Any) -> None:
    made = seminar(now=clock.now, starts_in=-10)
    page = browser.sign_in(cast.nell).open(f"/seminars/{made.slug}")
    assert "This seminar is over Whoever took part can claim credit until" in card(page)
    assert ways_on(page) == ["/seminars"]


def test_one_credit_is_one_credit(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, starts_in=20)
    with transaction() as session:
        for each in session.query(Designation).filter_by(seminar_id=made.id):
            each.maximum = 100
    path = f"/seminars/{made.slug}"
    assert "Up to 1.0 credit, certificate included" in card(browser.open(path))
    clock.advance(days=30)
    assert "Claim up to 1.0 credit The claim closes" in card(Browser(browser.app).open(path))


def test_nobody_is_welcomed_to_what_runs_already_or_was_cancelled(browser: Browser, cast: Any, clock: Any) -> None:
    made = seminar(now=clock.now, days=3)
    registration(cast.ada, made, now=clock.now)
    clock.advance(days=31)
    page = browser.sign_in(cast.ada).open(f"/seminars/{made.slug}")
    assert "You are registered Under way until Friday, April 2" in card(page).replace("\xa0", " ")
    with transaction() as session:
        session.get_one(Seminar, made.id).status = "cancelled"
    page = browser.open(f"/seminars/{made.slug}")
    assert "This seminar will not take place" in card(page)
    assert "You are registered" not in card(page)
    assert not page.links("Add to calendar")


def test_whose_time_to_watch_is_over_is_told(browser: Browser, cast: Any, clock: Any) -> None:
    last = clock.now.date() + timedelta(days=400)
    words = {"learning_format": "enduring material", "terminates_on": last}
    made = seminar(now=clock.now, starts_in=-30, modes=("on-demand",), **words)
    with transaction() as session:
        session.get_one(Offering, made.offerings[0].id).access_days = 30
    registration(cast.ada, made, now=clock.now)
    path, ends = f"/seminars/{made.slug}", "March 31, 2027"
    browser.sign_in(cast.ada)
    assert f"Start whenever you like Watch until {ends}." in card(browser.open(path))
    clock.advance(days=30)
    browser.sign_in(cast.ada)
    assert "Start whenever you like" in card(browser.open(path))
    clock.advance(days=1)
    browser.sign_in(cast.ada)
    assert f"Access ended Your time to watch is over It ended {ends}." in card(browser.open(path))


@pytest.mark.parametrize(
    ("state", "said"),
    [("full", "Every seat is taken"), ("closed", "Registration is closed"), ("ended", "Ended Feb 20")],
)
def test_a_telephone_says_at_once_that_one_cannot_register(browser: Browser, clock: Any, state: str, said: str) -> None:
    made = seminar(now=clock.now, starts_in=-10) if state == "ended" else seminar(now=clock.now)
    if state != "ended":
        with transaction() as session:
            way = session.get_one(Offering, made.offerings[0].id)
            way.taken, way.status = way.capacity, "closed" if state == "closed" else "open"
    (bar,) = browser.open(f"/seminars/{made.slug}").root.find(class_="buy-bar")
    assert said in bar.text.replace("\xa0", " ")
    there = f"/seminars/{made.slug}/waitlist?mode=in-person" if state == "full" else "#register"
    assert [link.attrs["href"] for link in bar.find("a")] == [there]
