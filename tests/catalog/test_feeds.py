"""What programs read of the catalog: the feed of news, the map of the site, and what all their files promise."""

from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from cme import settings
from cme.catalog import feeds
from cme.catalog.models import Article, ArticleCategory, Offering, Seminar
from cme.database import db, transaction
from tests.catalog.test_queries import statements
from tests.factories import seminar

NASTY = 'Hearts, "minds"; <b>nerves</b> & C:\\new ‘Ω’'
FILES = ("/seminars/hearts.ics", "/seminars.ics", "/seminars.atom", "/sitemap.xml", "/robots.txt")
KINDS = (*["text/calendar; method=PUBLISH"] * 2, "application/atom+xml", "application/xml", "text/plain")
ATOM, MAP = "{http://www.w3.org/2005/Atom}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"
US = settings.Provider()


def address(endpoint: str, **parts: Any) -> str:
    """An address as the views make them, without a request."""
    return "/".join(["https://cme.example", endpoint, *parts.values()])


def change(made: Seminar, **values: Any) -> None:
    with transaction() as session:
        for name, value in values.items():
            setattr(session.get_one(Seminar, made.id), name, value)


def on_demand(clock: Any, **more: Any) -> Seminar:
    """A seminar without dates, on offer for a year."""
    today = clock.now.date()
    ends = today + timedelta(days=300)
    kind = {"learning_format": "enduring material", "released_on": today, "terminates_on": ends, "pass_mark": 75}
    return seminar(now=clock.now, starts_in=-60, modes=("on-demand",), **(kind | more))


def write(title: str, *, now: datetime, shelf: str, status: str = "published", slug: str = "") -> None:
    """Put an article on a shelf of its own."""
    with transaction() as session:
        article = Article(
            slug=slug or title.lower(),
            title=title,
            body="Wait.",
            status=status,
            published_on=now.date(),
            created_at=now,
            updated_at=now,
            category=ArticleCategory(slug=shelf, name=shelf.title()),
        )
        session.add(article)


# What is in them, on both databases


def slugs(days: list[feeds.Day]) -> list[str]:
    return list(dict.fromkeys(day.url.rsplit("/", 1)[1] for day in days))


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_what_is_not_public_is_in_no_file(app, clock, status):
    seminar(now=clock.now, slug="hearts", status=status)
    assert feeds.days_of("hearts", US, address) == []
    assert feeds.days_ahead(US, address, now=clock.now) == []
    assert feeds.entries(address, now=clock.now) == []
    with app.test_request_context():
        assert "hearts" not in "".join(place.url for place in feeds.places(address, now=clock.now))


def test_the_feed_has_the_newest_first(app, clock):
    for slug, days_ago in (("old", 30), ("new", 1), ("middle", 10)):
        change(seminar(now=clock.now, slug=slug), published_at=clock.now - timedelta(days=days_ago))
    change(on_demand(clock, slug="any-day"), published_at=clock.now - timedelta(days=20))
    seminar(now=clock.now, slug="over", starts_in=-5)
    change(seminar(now=clock.now, slug="off", status="cancelled"), published_at=clock.now)
    found = feeds.entries(address, now=clock.now)
    assert [entry.url.rsplit("/", 1)[1] for entry in found] == ["new", "middle", "any-day", "old"]
    assert feeds.newest_change(found) == clock.now - timedelta(days=1)


def test_an_activity_on_demand_is_told_of_to_the_end_of_its_last_day_where_it_is(app, clock):
    on_demand(clock, slug="any-day", terminates_on=clock.now.date())
    clock.now = clock.now.replace(hour=23) + timedelta(hours=5, minutes=59)  # a minute before midnight, Eastern
    assert [entry.url for entry in feeds.entries(address, now=clock.now)] == [
        "https://cme.example/catalog.seminar/any-day"
    ]
    clock.advance(minutes=1)
    assert feeds.entries(address, now=clock.now) == []


def test_the_map_shows_every_public_page_with_its_last_change(app, clock):
    seminar(now=clock.now, slug="hearts")
    seminar(now=clock.now, slug="off", status="cancelled")
    seminar(now=clock.now, slug="over", starts_in=-5)
    seminar(now=clock.now, slug="off-and-over", starts_in=-5, status="cancelled")
    on_demand(clock, slug="any-day")
    on_demand(clock, slug="gone", terminates_on=clock.now.date() - timedelta(days=1))
    write("Listening", now=clock.now, shelf="practice")
    write("Unfinished", now=clock.now, shelf="drawer", status="draft")
    with transaction():
        settings.save("text:terms", {"title": "Terms", "body": "Be kind."}, by=None, at=clock.now)
    found = {
        place.url.removeprefix("https://cme.example/"): place.changed_at
        for place in feeds.places(address, now=clock.now)
    }
    assert {url for url in found if url.startswith("catalog.seminar/")} == {
        "catalog.seminar/hearts",
        "catalog.seminar/off",
        "catalog.seminar/any-day",
    }
    assert {"home.index", "catalog.seminars", "catalog.articles", "catalog.privacy", "catalog.contact"} <= set(found)
    assert found["catalog.seminar/hearts"] == found["catalog.seminars"] == clock.now - timedelta(days=200)
    assert found["catalog.article/listening"] == found["catalog.category/practice"] == found["home.index"] == clock.now
    assert found["catalog.terms"] == clock.now
    assert found["catalog.refunds"] is None
    assert not [url for url in found if "nfinished" in url or "drawer" in url]


READINGS = [
    lambda now: feeds.days_of("hearts", US, address),
    lambda now: feeds.days_ahead(US, address, now=now),
    lambda now: feeds.entries(address, now=now),
    lambda now: feeds.places(address, now=now),
]


@pytest.mark.parametrize("read", READINGS)
def test_a_longer_catalog_asks_the_database_no_more(app, clock, read):
    def asked() -> int:
        db.session.rollback()
        db.session.expunge_all()
        with statements() as said:
            assert read(clock.now)
        return len(said)

    seminar(now=clock.now, slug="hearts", days=1)
    write("Listening", now=clock.now, shelf="practice")
    few = asked()
    for number in range(6):
        seminar(now=clock.now, days=4, modes=("in-person", "livestream"))
        write(f"Listening {number}", now=clock.now, shelf=f"shelf-{number}", slug=f"listening-{number}")
    assert asked() == few <= 5


# What they answer


@pytest.mark.pages
def test_the_feed_is_atom(browser, clock):
    change(
        seminar(now=clock.now, slug="hearts", title=f"{NASTY}\x0b"),
        summary="Beats & <i>bytes</i>\x0b",
        updated_at=clock.now,
    )
    feed = ElementTree.fromstring(browser.client.get("/seminars.atom").data)
    assert feed.tag == f"{ATOM}feed"
    [entry] = feed.findall(f"{ATOM}entry")
    for element in (feed, entry):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")) == clock.now
    assert feed.find(f"{ATOM}author/{ATOM}name").text == US.name
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert links == {"self": "http://localhost/seminars.atom", "alternate": "http://localhost/seminars"}
    assert entry.findtext(f"{ATOM}id") == "http://localhost/seminars/hearts"
    assert entry.findtext(f"{ATOM}title") == NASTY
    assert entry.findtext(f"{ATOM}summary") == "Beats & <i>bytes</i>"
    assert entry.find(f"{ATOM}link[@rel='alternate']").attrib["href"] == "http://localhost/seminars/hearts"


@pytest.mark.pages
def test_an_empty_house_has_whole_files_too(browser):
    assert ElementTree.fromstring(browser.client.get("/seminars.atom").data).findtext(f"{ATOM}updated")
    assert len(ElementTree.fromstring(browser.client.get("/sitemap.xml").data)) == 8


@pytest.mark.pages
def test_every_place_on_the_map_is_there(browser, clock):
    seminar(now=clock.now, slug="hearts")
    seminar(now=clock.now, slug="off", status="cancelled")
    write("Listening", now=clock.now, shelf="practice")
    urls = [place.text for place in ElementTree.fromstring(browser.client.get("/sitemap.xml").data).iter(f"{MAP}loc")]
    assert len(urls) == len(set(urls)) == 12
    for url in urls:
        browser.open(url.removeprefix("http://localhost"))


@pytest.mark.pages
def test_crawlers_are_told_what_is_not_for_them(browser):
    lines = browser.client.get("/robots.txt").text.splitlines()
    assert lines[0] == "User-agent: *"
    closed = {line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")}
    assert closed == {"/admin", "/account", "/my", "/registrations", "/certificates", "/verify/"}
    assert lines[-1] == "Sitemap: http://localhost/sitemap.xml"


@pytest.mark.pages
@pytest.mark.parametrize(
    ("path", "kind"),
    [*zip(FILES, KINDS, strict=True)],
)
def test_a_file_that_has_not_changed_is_not_sent_again(browser, clock, monkeypatch, path, kind):
    made = seminar(now=clock.now, slug="hearts")
    first = browser.client.get(path)
    assert first.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in first.headers
    assert first.headers.get_all("Vary") == ["Cookie"]
    named = f'attachment; filename="{path.rsplit("/", 1)[1]}"' if path.endswith(".ics") else None
    assert first.headers.get("Content-Disposition") == named
    mine = {"If-None-Match": first.headers["ETag"]}
    with monkeypatch.context() as patched:
        patched.delattr(feeds, "calendar")
        again = browser.client.get(path, headers=mine)
        assert (again.status_code, again.data) == (304, b"")
        assert "Set-Cookie" not in again.headers
    assert browser.client.head(path).headers["ETag"] == first.headers["ETag"]
    change(made, title="Hearts and lungs", version=2, updated_at=clock.now)
    assert browser.client.get(path, headers=mine).status_code == (304 if path == "/robots.txt" else 200)


@pytest.mark.pages
def test_the_webcast_is_in_no_file(browser, clock):
    made = seminar(now=clock.now, slug="hearts", modes=("in-person", "livestream"))
    with transaction() as session:
        for offering in session.get_one(Seminar, made.id).offerings:
            session.get_one(Offering, offering.id).webcast_url = "https://webcast.example.test/secret"
    for path in FILES:
        assert "webcast" not in browser.client.get(path).text, path


@pytest.mark.pages
def test_the_catalog_names_its_feeds(browser):
    links = browser.open("/seminars").root.find("link", rel="alternate")
    assert {link.attrs["type"]: link.attrs["href"] for link in links} == {
        "application/atom+xml": "/seminars.atom",
        "text/calendar": "/seminars.ics",
    }


@pytest.mark.pages
def test_long_files_have_an_end(app, clock, monkeypatch):
    for name in ("MOST_IN_CALENDAR", "MOST_IN_FEED", "MOST_IN_SITEMAP"):
        monkeypatch.setattr(feeds, name, 2)
    for days in (50, 20, 30):
        seminar(now=clock.now, slug=f"in-{days}", starts_in=days)
    assert slugs(feeds.days_ahead(US, address, now=clock.now)) == ["in-20", "in-30"]
    assert len(feeds.entries(address, now=clock.now)) == 2
    assert len(feeds.places(address, now=clock.now)) == 2


@pytest.mark.pages
def test_a_signed_in_reader_keeps_nothing(browser, cast, clock):
    seminar(now=clock.now, slug="hearts")
    browser.sign_in(cast.ada)
    for path in FILES:
        assert browser.client.get(path).headers["Cache-Control"] == "no-store"
