"""Every no has its page; a surprise tells nothing but its number."""

import pytest
from sqlalchemy.exc import OperationalError

from cme.errors import Busy

pytestmark = pytest.mark.pages


def test_an_unknown_address_is_a_404_page(browser):
    page = browser.open("/no-such-page", expect=404)
    assert page.links("Seminars")


def test_a_foreign_host_is_refused_in_words(app):
    answer = app.test_client().get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "does not answer under that name" in answer.text


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (ZeroDivisionError("secret detail"), 500),
        (OperationalError("", {}, Exception("no such table")), 500),
        (OperationalError("", {}, Exception("database is locked")), 503),
        (Busy(), 503),
    ],
)
def test_a_surprise_gets_a_plain_page_that_needs_no_database(app, monkeypatch, fault, status):
    def broken():
        raise fault

    monkeypatch.setitem(app.view_functions, "home.live", broken)
    monkeypatch.setattr("cme.database.db.session.scalar", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = app.test_client().get("/health/live")
    assert answer.status_code == status
    assert "secret detail" not in answer.text
    assert "<h1" in answer.text


def test_a_form_without_its_token_is_refused(app):
    answer = app.test_client().post("/sign-in", data={"email": "a@b.test", "password": "x"})
    assert answer.status_code == 400


def test_a_page_grown_old_says_what_to_do_and_leads_to_a_fresh_one(browser, cast):
    page = browser.sign_in(cast.ada).open("/account")
    with browser.client.session_transaction() as session:
        session["csrf_token"] = "of another sign-in"
    page = page.press("Save Changes")
    assert (page.status, page.h1) == (400, "That page had grown old")
    assert "Nothing was saved." in page.text
    assert "copy it" in page.text
    assert page.click("Load the page again").h1 == "Account Details"


def test_an_address_that_only_takes_a_form_is_not_offered_again(browser):
    answer = browser.client.post("/sign-out")
    assert answer.status_code == 400
    assert "Load the page again" not in answer.text
    assert "Upcoming seminars" in answer.text


def test_too_large_a_body_is_refused(app):
    answer = app.test_client().post("/webhooks/stripe", data=b"x" * 1_100_000)
    assert answer.status_code in {400, 413}
