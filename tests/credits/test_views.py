"""The pages of the certificate and its verification, as people meet them."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cme import gateways, settings
from cme.credits import queries
from cme.credits.models import Certificate, Document
from cme.database import db, transaction
from cme.gateways.press import PressBusy
from tests import factories
from tests.browser import Browser, Page
from tests.credits.conftest import claimed

pytestmark = pytest.mark.pages


# The certificate


def test_the_certificate_is_handed_to_its_owner_alone(
    cast: SimpleNamespace, browser: Browser, attended: Any, app: Flask
):
    code = claimed(browser.sign_in(cast.ada), attended(cast.ada))
    stranger = Browser(app).sign_in(cast.otto)
    for suffix in ("", ".pdf"):
        assert browser.client.get(f"/certificates/{code}{suffix}").status_code == 200
        stranger.open(f"/certificates/{code}{suffix}", expect=404)
        assert "/sign-in" in Browser(app).open(f"/certificates/{code}{suffix}").url


def test_a_download_before_the_worker_came_prints_and_keeps_the_paper(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    code = claimed(browser.sign_in(cast.ada), attended(cast.ada))
    first = browser.client.get(f"/certificates/{code}.pdf")
    assert first.mimetype == "application/pdf"
    found = queries.certificate_by_code(code)
    assert found is not None
    assert first.headers["Content-Disposition"] == f'attachment; filename="certificate-{found.number}.pdf"'
    assert db.session.scalars(select(Document.content)).one() == first.data
    again = browser.client.get(f"/certificates/{code}.pdf", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_while_the_press_is_busy_the_page_asks_to_wait(
    app: Flask, cast: SimpleNamespace, browser: Browser, attended: Any, monkeypatch: pytest.MonkeyPatch
):
    code = claimed(browser.sign_in(cast.ada), attended(cast.ada))

    def busy(html: str, attached: Any = ()) -> bytes:
        raise PressBusy

    monkeypatch.setattr(gateways.printer(), "render", busy)
    page = browser.open(f"/certificates/{code}.pdf", expect=503)
    assert page.response.headers["Retry-After"] == "10"
    assert page.h1 == "Your certificate is being printed"


def test_the_transcript_lists_what_was_earned_with_its_total(
    cast: SimpleNamespace, browser: Browser, attended: Any, clock: Any
):
    browser.sign_in(cast.ada)
    assert "Nothing here yet" in browser.open("/transcript").text
    codes = [claimed(browser, attended(cast.ada, title=title)) for title in ("Cardiology", "Sleep")]
    page = browser.open("/transcript")
    assert {f"/certificates/{code}.pdf" for code in codes} == set(page.links("PDF")) - {"/transcript.pdf"}
    assert "8.00" in page.text
    assert browser.open("/transcript?year=1999").text == page.text
    assert browser.open("/transcript?year=xx").text == page.text


# Verification


@pytest.fixture
def issued(cast: SimpleNamespace, browser: Browser, attended: Any) -> Certificate:
    """A certificate of ada's, and a browser in which nobody is signed in."""
    code = claimed(browser.sign_in(cast.ada), attended(cast.ada))
    browser.client = browser.app.test_client()
    found = queries.certificate_by_code(code)
    assert found is not None
    return found


def look_up(browser: Browser, number: str, name: str) -> Page:
    return browser.open("/verify").press("Check certificate", number=number, name=name)


@pytest.mark.parametrize("prefix", ["GCMS-", "gcms ", ""])
def test_a_number_drawn_under_a_former_name_is_still_found(
    browser: Browser, issued: Certificate, clock: Any, prefix: str
):
    with transaction():
        renamed = replace(settings.provider(), name="Tidewell Society")
        settings.save("provider", renamed.to_json(), by=None, at=clock.now)
    page = look_up(browser, prefix + issued.number.partition("-")[2], "Quillfeather")
    assert page.url == f"/verify/{issued.code}"


def test_anybody_sees_that_a_certificate_is_valid_and_what_it_says(browser: Browser, issued: Certificate):
    page = browser.open(f"/verify/{issued.code}")
    assert page.h1 == "This certificate is valid"
    for word in ("Ada Quillfeather, MD", "4.00 AMA PRA Category 1 Credits™", issued.number, "Sarasota, FL"):
        assert word in page.text
    assert page.root.find("meta", name="robots", content="noindex")
    assert page.response.headers["X-Robots-Tag"] == "noindex"
    assert "ada@example.test" not in page.html


def test_number_and_name_lead_there_however_they_are_typed(browser: Browser, issued: Certificate):
    number = issued.number
    for typed, name in [
        (number, "quillfeather"),
        (number.lower(), "ADA"),
        (number[5:], "Ada Quillfeather, MD"),
        (number.replace("-", " "), "Quillféather"),
    ]:
        assert look_up(browser, typed, name).url == f"/verify/{issued.code}"


def test_a_wrong_number_and_a_wrong_name_get_the_same_answer(browser: Browser, issued: Certificate):
    wrong = [look_up(browser, issued.number, "Stranger"), look_up(browser, "GCMS-0000-0000-00", "Quillfeather")]
    assert [page.status for page in wrong] == [422, 422]
    assert wrong[0].errors == wrong[1].errors
    assert wrong[0].root.find("input", name="name")[0].attrs["value"] == "Stranger"


def test_nothing_typed_is_asked_for(browser: Browser, app: Flask):
    assert look_up(browser, "", "").errors == [
        "Enter the number printed on the certificate",
        "Enter a name printed on the certificate",
    ]


def test_guessing_is_slowed_down(browser: Browser, issued: Certificate, clock: Any):
    for _ in range(10):
        assert look_up(browser, "GCMS-0000-0000-00", "Quillfeather").status == 422
    refused = look_up(browser, issued.number, "Quillfeather")
    assert refused.status == 429
    assert "Too many tries" in refused.errors[0]
    clock.advance(minutes=6)
    assert look_up(browser, issued.number, "Quillfeather").url == f"/verify/{issued.code}"


def test_guessing_codes_is_slowed_down_too_but_a_good_link_opens_always(browser: Browser, issued: Certificate):
    answers = [browser.client.get(f"/verify/{n:026}").status_code for n in range(12)]
    assert answers == [404] * 10 + [429] * 2
    browser.open(f"/verify/{issued.code.lower()}")


@pytest.mark.parametrize("code", ["nobody", "%00", "x" * 3000, "%F0%9F%99%82"])
def test_a_code_nobody_has_is_not_there(app: Flask, browser: Browser, code: str):
    browser.open(f"/verify/{code}", expect=404)


@pytest.mark.parametrize(
    ("status", "said"), [("superseded", "by a corrected certificate"), ("void", "no longer valid")]
)
def test_a_withdrawn_certificate_says_so_and_names_nobody(
    browser: Browser, issued: Certificate, clock: Any, status: str, said: str
):
    with transaction() as session:
        row = session.get_one(Certificate, issued.id)
        row.status, row.status_since, row.status_reason = status, clock.now, "name corrected for Ada"
    page = browser.open(f"/verify/{issued.code}")
    assert page.h1 == "This certificate was withdrawn"
    assert said in page.text
    assert "Quillfeather" not in page.html
    assert "Ada" not in page.html


# Staff


def test_staff_see_what_was_claimed(cast: SimpleNamespace, browser: Browser, issued: Certificate, app: Flask):
    page = browser.open("/sign-in?next=/admin/claims").press(
        "Sign in", email="sam@example.test", password=factories.PASSWORD
    )
    assert "Ada Quillfeather, MD" in page.text
    assert issued.number in page.text
    Browser(app).sign_in(cast.otto).open("/admin/claims", expect=404)
