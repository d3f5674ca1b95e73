"""The guards of what is kept, one by one, on a house of one page."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response, flash, render_template_string
from flask_wtf.csrf import generate_csrf

from cme import page_cache
from cme.page_cache import Shelf, kept
from tests.conftest import CLOCK

pytestmark = pytest.mark.pages


@pytest.fixture
def counted() -> SimpleNamespace:
    """How often a view was asked, and what it says next."""
    return SimpleNamespace(asked=0, says=lambda: "same", state=1, methods=["GET", "POST"])


@pytest.fixture
def little(app: Flask, counted: SimpleNamespace) -> Any:
    """A client of a house with one page, in the frame all pages have."""
    house = Flask("little", template_folder=app.template_folder)
    house.config |= {"SECRET_KEY": "little", "CME_ENV": "test", "PUBLIC_URL": "", "PAYMENTS_MODE": "off"}
    house.extensions["assets"] = app.extensions["assets"]
    house.login_manager = app.login_manager
    page_cache.init_app(house)

    def view(**_parts: str) -> Any:
        counted.asked += 1
        return counted.says()

    shown = kept(lambda **_: counted.state, clock=CLOCK)(view)
    house.add_url_rule("/", "page", shown, methods=counted.methods)
    house.add_url_rule("/<name>", "named", shown)
    with house.app_context():
        yield house.test_client()


def test_the_little_page_is_kept(little, counted):
    assert [little.get("/").text, little.get("/").text, counted.asked] == ["same", "same", 1]


def personal_flash() -> str:
    flash("for one")
    return "same"


@pytest.mark.parametrize(
    "says",
    [
        lambda: ("not here", 404),
        lambda: ("made", 201),
        lambda: ("no", 500),
        lambda: Response("away", 302, {"Location": "/"}),
        lambda: Response("cookie", headers={"Set-Cookie": "a=b"}),
        generate_csrf,
        personal_flash,
    ],
    ids=["404", "201", "500", "redirect", "cookie", "token", "notice"],
)
def test_what_is_not_for_everybody_is_not_kept(little, counted, says):
    counted.says = says
    for number in (1, 2):
        little.delete_cookie("session")
        answer = little.get("/")
        assert counted.asked == number
        assert "ETag" not in answer.headers


def test_a_token_of_a_session_that_runs_already_is_not_kept(little, counted):
    counted.says = generate_csrf
    for number in (1, 2, 3):
        little.get("/")
        assert counted.asked == number


def test_what_has_no_state_is_not_kept(little, counted):
    counted.state = None
    assert (little.get("/").text, little.get("/").text, counted.asked) == ("same", "same", 2)


def test_what_is_sent_is_never_answered_from_what_is_kept(little, counted):
    little.get("/")
    assert (little.post("/").text, little.post("/").text, counted.asked) == ("same", "same", 3)


def test_the_headers_a_view_gives_are_kept_with_its_page(little, counted):
    counted.says = lambda: ("same", 200, {"Link": "</feed>", "Vary": "X-Fragment"})
    for _ in range(2):
        answer = little.get("/")
        assert answer.headers["Link"] == "</feed>"
        assert answer.headers.getlist("Vary") == ["Accept-Encoding, X-Fragment, Cookie"]


def test_another_state_another_page_and_another_etag(little, counted):
    first = little.get("/").headers["ETag"]
    counted.state = 2
    CLOCK.advance(seconds=1)
    assert (little.get("/").headers["ETag"] == first, counted.asked) == (False, 2)


def test_new_code_makes_every_etag_new(little, counted):
    first = little.get("/").headers["ETag"]
    page_cache._here().mark += "!"
    answer = little.get("/", headers={"If-None-Match": first})
    assert (answer.status_code, counted.asked) == (200, 2)


def test_open_parts_cannot_be_forged_by_what_a_page_says(little, counted):
    counted.says = lambda: render_template_string("{{ text }}", text="\0nothing\0 \0 <b>")
    assert little.get("/").text == "\0nothing\0 \0 &lt;b&gt;"


def test_the_shelf_lets_go_of_what_was_not_asked_for_the_longest():
    shelf = Shelf(most=10)
    for key in "abc":
        shelf.put(key, key, 3)
    assert shelf.get("a") == "a"
    shelf.put("d", "d", 3)
    assert [shelf.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    shelf.put("a", "A", 4)
    assert (shelf.get("a"), shelf.bytes) == ("A", 10)
    shelf.put("e", "e", 11)
    assert (shelf.kept, shelf.bytes) == ({}, 0)


def test_strange_addresses_do_not_fill_the_memory(little, monkeypatch):
    monkeypatch.setattr(page_cache, "MOST_STATES", 10)
    here = page_cache._here()
    here.shelf.most = 100
    for number in range(50):
        assert little.get(f"/{number}").text == "same"
        assert little.get(f"/?{number}").text == "same"
    assert len(here.states) <= 11
    assert here.shelf.bytes <= 100
