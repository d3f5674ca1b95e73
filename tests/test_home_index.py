"""The front door."""

from datetime import timedelta
from typing import Any

import pytest

from cme.catalog.models import Article, ArticleCategory
from cme.database import transaction
from tests.browser import Browser
from tests.factories import seminar

pytestmark = pytest.mark.pages


def test_the_front_door_shows_the_next_dates(browser: Browser, clock: Any) -> None:
    for number in range(8):
        seminar(now=clock.now, title=f"Seminar {number}", starts_in=20 + 30 * number, days=2)
    page = browser.open("/")
    rows = page.root.find(class_="schedule__what")
    assert [row.find("a")[0].text for row in rows] == [f"Seminar {number}" for number in range(4)]
    assert len(page.root.find(class_="sem-card")) == 6
    assert "All 8 seminars" in page.text
    assert "March to October 2027" in page.text
    assert page.click("Seminar 3").h1 == "Seminar 3"


def test_the_finder_leads_into_the_catalog(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", specialty="Cardiology", starts_in=20)
    seminar(now=clock.now, title="Nerves", specialty="Neurology", starts_in=60)
    page = browser.open("/").press("Find seminars", **{"from": "2027-04"})
    assert "From April 2027" in page.text
    assert [heading.text for heading in page.root.find(class_="sem-row__title")] == ["Nerves"]
    page = browser.open("/").press("Find seminars", q="heart", specialty="cardiology")
    assert [heading.text for heading in page.root.find(class_="sem-row__title")] == ["Hearts"]


def test_the_front_door_opens_before_anything_is_on_offer(browser: Browser) -> None:
    page = browser.open("/")
    assert "Coming soon" in page.text
    assert not page.root.find(class_="sem-card")


def test_the_newest_articles_are_at_the_door(browser: Browser, clock: Any) -> None:
    with transaction() as session:
        shelf = ArticleCategory(slug="providers", name="Providers")
        session.add(shelf)
        session.flush()
        for days in range(5):
            session.add(
                Article(
                    slug=f"article-{days}",
                    title=f"Written {days} days ago",
                    category_id=shelf.id,
                    body="Text",
                    status="published",
                    published_on=clock.now.date() - timedelta(days=days),
                    created_at=clock.now,
                    updated_at=clock.now,
                )
            )
    page = browser.open("/")
    assert [tile.find("h3")[0].text for tile in page.root.find(class_="teaser")] == [
        f"Written {days} days ago" for days in range(3)
    ]
    assert "Browse Upcoming CME from Gulf Coast Medical Seminars" in page.text
