"""Staff see every kind of letter before anybody gets one; none is forgotten, and none is kept or sent."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import func, select

from cme import mail
from cme.database import db
from cme.home.samples import SAMPLES
from cme.mail import Letter
from cme.queue import Job
from tests.browser import Browser
from tests.conftest import NOW

pytestmark = pytest.mark.pages

TEMPLATES = Path(__file__).parent.parent / "templates"
KINDS = {f"{path.parent.parent.name}/{path.stem}" for path in TEMPLATES.glob("*/emails/*.txt")}


@pytest.fixture
def strict(app: Flask) -> Any:
    """The templates, so strict that a word nobody gave is an error."""
    lenient, app.jinja_env.undefined = app.jinja_env.undefined, StrictUndefined
    app.jinja_env.cache.clear()
    yield app
    app.jinja_env.undefined = lenient
    app.jinja_env.cache.clear()


def test_no_letter_is_without_a_sample_and_no_sample_without_its_letter(app: Flask) -> None:
    assert {sample.rehearse(NOW).kind for sample in SAMPLES.values()} == KINDS
    assert {name.split("-")[0] for name in SAMPLES} == KINDS


def test_every_letter_has_both_forms() -> None:
    assert {f"{path.parent.parent.name}/{path.stem}" for path in TEMPLATES.glob("*/emails/*.html")} == KINDS


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_has_every_word_it_needs(strict: Flask, name: str) -> None:
    letter = SAMPLES[name].rehearse(NOW)
    assert letter.subject
    assert letter.to
    for form in (letter.text, letter.html):
        assert not re.search(r"\bNone\b(?! yet)", form), form
        assert not re.search("{[{%]", form), form
    assert letter.text.startswith("DEMO: no money moves")
    assert "DEMO: no money moves" in letter.html
    assert "\n\n\n" not in letter.text


@pytest.mark.parametrize("name", SAMPLES)
def test_both_forms_say_the_same_figures(app: Flask, name: str) -> None:
    letter = SAMPLES[name].rehearse(NOW)
    words = [word for word in letter.text.split() if word[0] == "$" or (word[:1].isdigit() and word != "1")]
    html = letter.html.replace("&#39;", "'")
    assert [word for word in words if word.rstrip(".,;:") not in html] == []


def test_a_rehearsal_keeps_nothing_and_sends_nothing(app: Flask) -> None:
    for sample in SAMPLES.values():
        sample.rehearse(NOW)
    assert db.session.scalar(select(func.count(Letter.id))) == 0
    assert db.session.scalar(select(func.count(Job.id))) == 0
    assert not mail.is_rehearsal()


def test_staff_find_every_kind_in_a_list_and_open_each(browser: Browser, cast: Any) -> None:
    page = browser.sign_in(cast.sam).open("/admin/letters").click("See every kind of letter")
    assert page.h1 == "Every kind of letter"
    for name, sample in SAMPLES.items():
        assert sample.when in page.text
        assert page.links(SAMPLES[name].rehearse(NOW).subject), name
        shown = browser.open(f"/admin/letters/samples/{name}")
        assert shown.h1 == sample.rehearse(NOW).subject


def test_the_letter_stands_in_a_frame_in_which_nothing_runs(browser: Browser, cast: Any, app: Flask) -> None:
    browser.sign_in(cast.sam)
    page = browser.open("/admin/letters/samples/registration/confirmed")
    [frame] = page.root.find("iframe")
    assert frame.attrs["src"].endswith("/admin/letters/samples/registration/confirmed?form=html")
    assert "sandbox" in frame.attrs
    answer = browser.client.get("/admin/letters/samples/registration/confirmed?form=html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; sandbox;")
    shown = browser.client.get("/admin/letters/samples/registration/confirmed")
    assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    assert "frame-src 'none'" in browser.client.get("/admin/letters").headers["Content-Security-Policy"]


def test_an_unknown_sample_is_not_there(browser: Browser, cast: Any) -> None:
    browser.sign_in(cast.sam).open("/admin/letters/samples/registration/unknown", expect=404)


@pytest.mark.parametrize("address", ["/admin/letters/samples", "/admin/letters/samples/registration/confirmed"])
def test_samples_are_for_staff_who_may_see_letters(browser: Browser, cast: Any, address: str) -> None:
    browser.sign_in(cast.ada).open(address, expect=404)
