"""Pages kept warm: nobody is shown what is another's or what has passed, and nothing is made twice for one state."""

import gzip
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask, template_rendered
from sqlalchemy import update

from cme import page_cache, settings
from cme.catalog.models import CANCELLED, Offering, Seminar
from cme.database import db, transaction
from cme.page_cache import Shelf
from cme.registration import services
from tests import factories
from tests.browser import Browser
from tests.conftest import NOW

pytestmark = pytest.mark.pages
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def heart(app: Flask, clock: Any) -> Seminar:
    """A seminar with ten seats, dearer from March 10 on."""
    early = {"physician": 99500, "clinician": 79500, "trainee": 49500}
    return factories.seminar(now=NOW, slug="heart", early=early, early_until=date(2027, 3, 9))


@pytest.fixture
def made(app: Flask) -> Iterator[list[str]]:
    """The pages that were rendered."""
    names: list[str] = []

    def remember(_app: Flask, template: Any, **_more: Any) -> None:
        names.append(template.name)

    with template_rendered.connected_to(remember, app):
        yield names


@pytest.fixture
def stranger(app: Flask) -> Any:
    return Browser(app).client


def plain(html: str) -> str:
    return TOKEN.sub("", html)


def elsewhere(change: Any) -> None:
    """Change something in another process: this one's session does not learn of it."""
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(change)


def take_a_seat(heart_id: int) -> Any:
    offering = update(Offering).where(Offering.seminar_id == heart_id)
    return offering.values(taken=Offering.taken + 1, revision=Offering.revision + 1)


# What is kept is right.


@pytest.mark.parametrize("path", ["/", "/seminars", "/seminars/heart", "/articles"])
def test_the_second_stranger_gets_the_page_of_the_first(app, heart, made, path):
    first, second = (Browser(app).client.get(path, headers=GZIP) for _ in range(2))
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert len(made) == 1


@pytest.mark.parametrize("path", ["/seminars", "/seminars/heart"])
def test_whoever_has_the_page_is_told_so_before_anything_is_rendered(app, heart, stranger, made, path):
    tag = stranger.get(path).headers["ETag"]
    page_cache._here().shelf = Shelf()
    made.clear()
    answer = Browser(app).client.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.data, made) == (304, b"", [])
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"] == "no-cache"


def test_an_etag_of_something_else_gets_the_page(stranger, heart):
    tag = stranger.get("/seminars").headers["ETag"]
    assert stranger.get("/seminars/heart", headers={"If-None-Match": tag}).status_code == 200
    assert stranger.get("/seminars?sort=price", headers={"If-None-Match": tag}).status_code == 200
    assert stranger.get("/seminars", headers={"If-None-Match": "*"}).status_code == 200


@pytest.mark.parametrize("path", ["/seminars", "/seminars/heart"])
def test_a_seat_taken_elsewhere_shows_within_a_second(stranger, heart, clock, path):
    elsewhere(update(Offering).values(taken=5))
    first = stranger.get(path)
    assert "5 seats left" in first.text
    elsewhere(take_a_seat(heart.id))
    clock.advance(seconds=1)
    again = stranger.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert "4 seats left" in again.text


def test_the_state_is_read_once_a_second(stranger, heart, clock):
    assert "10 seats left" in stranger.get("/seminars/heart").text
    elsewhere(take_a_seat(heart.id))
    clock.advance(seconds=0.9)
    assert "10 seats left" in stranger.get("/seminars/heart").text
    clock.advance(seconds=0.1)
    assert "9 seats left" in stranger.get("/seminars/heart").text


def test_what_this_process_writes_shows_at_once(stranger, cast, heart):
    assert "10 seats left" in stranger.get("/seminars/heart").text
    services.register(cast.ada.id, heart.offerings[0].id, form_id=None, now=NOW)
    assert "9 seats left" in stranger.get("/seminars/heart").text


def test_a_clock_that_was_put_back_does_not_keep_a_state_alive(stranger, heart, clock):
    stranger.get("/seminars/heart")
    elsewhere(take_a_seat(heart.id))
    clock.advance(hours=-1)
    assert "9 seats left" in stranger.get("/seminars/heart").text


def test_the_early_price_ends_with_its_day_where_the_seminar_is(stranger, heart, clock):
    for path in ("/seminars", "/seminars/heart"):
        clock.now = NOW
        last = factories.local(date(2027, 3, 9), NOW.time().replace(hour=23, minute=59))
        clock.advance(seconds=(last - NOW).total_seconds())
        assert "$995" in stranger.get(path).text or "$495" in stranger.get(path).text
        clock.advance(minutes=1)
        page = stranger.get(path).text
        assert "early" not in page.casefold() or "$1,095" in page
        assert "$495" not in page


def test_a_seminar_closes_when_it_begins_and_again_when_it_ends(stranger, heart, clock):
    clock.now = heart.starts_at - timedelta(seconds=1)
    assert "seats left" in stranger.get("/seminars/heart").text
    clock.now = heart.starts_at
    assert "Registration is closed" in stranger.get("/seminars/heart").text
    clock.now = heart.ends_at
    assert "Claim up to" in stranger.get("/seminars/heart").text


def test_a_cancelled_seminar_says_so_and_a_withdrawn_one_is_gone(stranger, heart):
    stranger.get("/seminars/heart")
    for status in (CANCELLED, "withdrawn"):
        with transaction() as session:
            session.execute(update(Seminar).values(status=status, version=Seminar.version + 1))
        answer = stranger.get("/seminars/heart")
        assert ("has been cancelled" in answer.text) == (status == CANCELLED)
    assert answer.status_code == 404


def test_what_staff_decide_about_the_provider_shows(stranger, heart):
    for path in ("/seminars", "/seminars/heart", "/", "/articles"):
        stranger.get(path)
    with transaction():
        settings.save("provider", settings.Provider(phone="(555) 555-0199").to_json(), by=None, at=NOW)
    for path in ("/seminars", "/seminars/heart", "/", "/articles"):
        assert "(555) 555-0199" in stranger.get(path).text, path


def test_every_address_has_its_own_page_whatever_the_order_of_its_words(stranger, heart):
    pages = {path: stranger.get(path).text for path in ("/seminars?q=heart&sort=price", "/seminars?sort=price&q=heart")}
    assert all('value="heart"' in page for page in pages.values())
    assert "Knee" not in stranger.get("/seminars?q=knee&sort=price").text.replace("“knee”", "")
    assert stranger.get("/seminars?page=1").status_code == 200
    assert stranger.get("/seminars?page=99").status_code == 404
    assert stranger.get("/seminars?page=99").status_code == 404


def test_a_fragment_is_never_taken_for_the_page(stranger, heart):
    page, part = stranger.get("/seminars"), stranger.get("/seminars", headers={"X-Fragment": "results"})
    assert page.text.startswith("<!doctype html>")
    assert not part.text.startswith("<!doctype html>")
    assert page.headers["ETag"] != part.headers["ETag"]
    assert stranger.get("/seminars").text == page.text
    for answer in (page, part):
        assert {"Cookie", "X-Fragment", "Accept-Encoding"} <= set(answer.headers["Vary"].split(", "))


def test_the_theme_of_one_is_not_the_theme_of_another(app, heart):
    themes, tags = ("", "light", "dark", "evil\0door"), []
    for theme in themes:
        client = Browser(app).client
        client.set_cookie("theme", theme)
        answer = client.get("/seminars/heart", headers=GZIP)
        root = re.search(r"<html[^>]*>", gzip.decompress(answer.data).decode())
        wanted = f' data-theme="{theme}"' if theme in {"light", "dark"} else ""
        assert root
        assert root[0] == f'<html lang="en"{wanted}>'
        tags.append(answer.headers["ETag"])
    assert len(set(tags)) == 3


def test_a_page_comes_compressed_only_to_whoever_reads_that(stranger, heart):
    packed, loose = stranger.get("/seminars", headers=GZIP), stranger.get("/seminars")
    assert gzip.decompress(packed.data) == loose.data
    assert (packed.headers["Content-Encoding"], loose.headers.get("Content-Encoding")) == ("gzip", None)
    for coding in (GZIP, {}):
        head, page = stranger.head("/seminars", headers=coding), stranger.get("/seminars", headers=coding)
        assert (head.status_code, head.data) == (200, b"")
        assert head.headers["Content-Length"] == str(len(page.data))
        assert head.headers["ETag"] == page.headers["ETag"]


# What is somebody's stays theirs.


@pytest.mark.parametrize("path", ["/", "/seminars", "/seminars/heart", "/articles"])
def test_a_page_of_somebody_signed_in_is_never_given_to_a_stranger_nor_the_other_way_round(app, cast, heart, path):
    """Whoever comes first, everybody sees what they would have seen alone."""
    alone: dict[str, str] = {}
    visitors = {"nobody": Browser(app), "ada": Browser(app).sign_in(cast.ada), "noah": Browser(app).sign_in(cast.noah)}
    visitors["sam"] = Browser(app).sign_in(cast.sam)
    for name, visitor in visitors.items():
        page_cache._here().clear()
        alone[name] = plain(visitor.open(path).html)
    assert len(set(alone.values())) == 4
    for first in visitors:
        page_cache._here().clear()
        for name in [first, *visitors, first]:
            page = visitors[name].open(path)
            assert plain(page.html) == alone[name], (first, name)
            assert (cast.ada.email in page.html) == (name == "ada")
            kept_where = page.response.headers["Cache-Control"]
            assert kept_where == ("no-cache" if name == "nobody" else "no-store")
            assert name == "nobody" or "ETag" not in page.response.headers


def test_what_is_kept_is_what_the_view_would_have_made(app, cast, heart, monkeypatch):
    """With nothing kept at all, everybody's pages are the same as with everything kept."""
    paths = ("/", "/seminars", "/seminars?q=knee", "/seminars/heart", "/seminars/heart?mode=in-person", "/articles")
    people = [Browser(app).sign_in(who) for who in (cast.ada, cast.nell, cast.noah, cast.sam)]
    warm = [[plain(person.open(path).html) for path in paths] for person in people for _ in range(2)]
    monkeypatch.setattr(app, "debug", True)  # debugging keeps nothing
    cold = [[plain(person.open(path).html) for path in paths] for person in people for _ in range(2)]
    assert warm == cold


def test_tuition_is_that_of_the_visitors_own_profession(app, cast, heart, made):
    ada, nell, otto = (Browser(app).sign_in(who) for who in (cast.ada, cast.nell, cast.otto))
    made.clear()
    prices = [one.open("/seminars/heart").root.find(data_price_out="")[0].text for one in (ada, nell, otto)]
    assert prices == ["$995", "$795", "$995"]
    assert len(made) == 2  # two physicians see one page


def test_whoever_is_registered_sees_their_own_page(app, cast, heart):
    ada, otto = Browser(app).sign_in(cast.ada), Browser(app).sign_in(cast.otto)
    ada.open("/seminars/heart")
    ref = services.register(cast.ada.id, heart.offerings[0].id, form_id=None, now=NOW)
    assert ref in ada.open("/seminars/heart").html
    assert ref not in otto.open("/seminars/heart").html
    assert ref not in Browser(app).open("/seminars/heart").html


def test_a_draft_is_shown_to_staff_and_to_nobody_after_them(app, cast):
    factories.seminar(now=NOW, slug="draft", status="draft")
    sam = Browser(app).sign_in(cast.sam)
    assert "Only staff can see this page" in sam.open("/seminars/draft").text
    for visitor in (Browser(app), Browser(app).sign_in(cast.ada)):
        visitor.open("/seminars/draft", expect=404)


def test_a_notice_is_shown_once_and_only_to_whom_it_is_for(app, cast, heart):
    ada = Browser(app).sign_in(cast.ada)
    ada.open("/seminars")
    with ada.client.session_transaction() as session:
        session["_flashes"] = [("ok", "Saved for Ada.")]
    assert "Saved for Ada." in ada.open("/seminars").html
    assert "Saved for Ada." not in Browser(app).open("/seminars").html
    assert "Saved for Ada." not in ada.open("/seminars").html


def test_no_page_for_strangers_sets_a_cookie_or_carries_a_token(stranger, heart):
    for path in ("/", "/seminars", "/seminars/heart", "/articles"):
        for _ in range(2):
            answer = stranger.get(path)
            assert "Set-Cookie" not in answer.headers
            assert "csrf_token" not in answer.text


def test_a_failure_leaves_the_visitor_who_they_were(app, cast, heart):
    ada = Browser(app).sign_in(cast.ada)
    page = ada.open("/seminars?page=99", expect=404)
    assert cast.ada.email in page.html
    page = ada.open("/seminars/none", expect=404)
    assert cast.ada.email in page.html
