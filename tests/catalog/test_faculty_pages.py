"""The pages about those in control of content: for staff, for themselves by a link, for learners."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.catalog import independence
from cme.catalog.models import DRAFT, Disclosure, Faculty, Seminar
from cme.catalog.services import faculty as services
from cme.database import db, transaction
from cme.mail import Letter
from tests import factories
from tests.browser import Browser, Page
from tests.catalog.test_faculty import tokens

pytestmark = pytest.mark.pages

HOSTILE = '<script>alert("x")</script> {{ 7 * 7 }}'
FORMULA = "=HYPERLINK(1)"
ARABIC = "د. ليلى النجار"


@pytest.fixture
def seminar(app: Any, clock: Any) -> Seminar:
    """A published seminar in a month, whose director can be written to."""
    made = factories.seminar(now=clock.now)
    with transaction():
        db.session.get_one(Faculty, made.people[0].faculty_id).email = "odalys@example.test"
    return made


@pytest.fixture
def sam(browser: Browser, cast: Any) -> Browser:
    """The administrator's browser."""
    return browser.sign_in(cast.sam)


def teacher(seminar: Seminar) -> Faculty:
    db.session.rollback()
    return db.session.get_one(Seminar, seminar.id).people[0].faculty


def desk(seminar: Seminar) -> str:
    return f"/admin/faculty/{teacher(seminar).slug}"


@pytest.fixture
def link(seminar: Seminar, clock: Any) -> str:
    """The address the director was sent."""
    services.ask_to_disclose(teacher(seminar).id, form_id="f" * 20, by=None, now=clock.now)
    return f"/disclosures/{tokens()[0]}"


def fill(page: Page, button: str = "Send disclosure", **values: Any) -> Page:
    return page.press(button, **values)


ONE = {"answer": "some", "relationships-0-company": "Palewell", "relationships-0-nature": "consultant", "attests": "y"}


def said() -> list[tuple[str, str]]:
    db.session.rollback()
    found = db.session.scalars(select(Disclosure).order_by(Disclosure.id))
    return [(each.company, each.nature) for each in found if not each.is_decided]


def test_faculty_disclose_without_an_account(app, link):
    page = Browser(app).open(link)
    assert "producing, marketing, selling, re-selling or distributing healthcare products" in page.text
    assert "24 months" in page.text
    assert "any amount" in page.text
    page = fill(page, **ONE)
    assert page.h1.startswith("Thank you, Odalys")
    assert "Palewell Consultant" in page.text
    assert said() == [("Palewell", "consultant")]


def test_nothing_to_disclose_takes_two_clicks(app, link, seminar, clock):
    page = fill(Browser(app).open(link), answer="none", attests="y")
    assert "None" in page.text
    assert independence.standing(teacher(seminar).disclosures, clock.now.date()) == "current"


def test_the_form_names_what_is_missing_and_keeps_what_was_typed(app, link):
    page = fill(Browser(app).open(link))
    assert page.status == 422
    assert page.errors == [
        "Select whether you have anything to disclose",
        "Tick the box to attest that this is complete",
    ]
    page = fill(page, **ONE | {"relationships-0-nature": "", "relationships-1-nature": "speaker"})
    assert page.errors == ["Select the nature of the relationship", "Enter the company's name"]
    assert page.root.find("input", name="relationships-0-company")[0].attrs["value"] == "Palewell"


@pytest.mark.parametrize("company", ["Cardiozap®", "https://palewell.example", "logo.png", "<img src=x>"])
def test_logos_and_trade_names_are_refused_in_a_clear_sentence(app, link, company):
    page = fill(Browser(app).open(link), **ONE | {"relationships-0-company": company})
    [error] = page.errors
    assert error.startswith("Enter the company's name alone")
    assert said() == []


def test_choice_and_companies_must_tell_the_same(app, link):
    page = fill(Browser(app).open(link), **ONE | {"answer": "none"})
    assert page.errors == ["You named a company: remove it, or select that you have a relationship"]
    page = fill(Browser(app).open(link), answer="some", attests="y")
    assert page.errors == ["Name at least one company, or select that you have nothing to disclose"]


def test_more_companies_can_be_added_without_script(app, link):
    page = fill(Browser(app).open(link), "Add a company", **ONE)
    assert page.status == 200
    assert [f.attrs["name"] for f in page.root.find("input") if "autofocus" in f.attrs] == ["relationships-2-company"]
    more = {"relationships-2-company": "Northwind Biologics", "relationships-2-nature": "speaker"}
    page = fill(page, **more, **{"relationships-2-time": "ended"})
    assert said() == [("Palewell", "consultant"), ("Northwind Biologics", "speaker (ended)")]


def test_an_answer_can_be_corrected_and_a_company_removed(app, link):
    browser = Browser(app)
    fill(browser.open(link), **ONE)
    page = browser.open(link).click("Correct your disclosure")
    assert page.root.find("input", name="relationships-0-company")[0].attrs["value"] == "Palewell"
    page = fill(page, **{"relationships-0-remove": "y", "answer": "none", "attests": "y"})
    assert "None" in page.text


def test_nobody_keeps_the_page_of_a_personal_link(app, link):
    client = Browser(app).client
    for address, status in ((link, 200), ("/disclosures/" + "x" * 43, 404), ("/disclosures/short", 404)):
        answer = client.get(address)
        assert answer.status_code == status
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        # The form is only taken with a referrer of ours, so it is sent to us and to nobody else.
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_link_works_for_thirty_days(app, link, clock):
    clock.advance(days=29, hours=23)
    page = Browser(app).open(link)
    clock.advance(hours=1)
    page = fill(page, **ONE)
    assert (page.status, page.h1) == (410, "This link no longer works")
    assert said() == []


def test_a_token_stays_out_of_the_log_and_of_what_staff_read(app, link, sam, monkeypatch, caplog):
    token = link.rsplit("/", 1)[1]
    letter = db.session.scalars(select(Letter).where(Letter.kind == "catalog/disclosure_asked")).one().id
    monkeypatch.setitem(app.config, "MAIL_URL", "smtp://mail.example.test")
    assert token not in sam.open(f"/admin/letters/{letter}").html
    monkeypatch.setattr("cme.catalog.views.faculty.queries.request_by_token", lambda _: 1 / 0)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    with caplog.at_level(logging.DEBUG):
        assert sam.client.get(link).status_code == 500
    assert "surprise" in caplog.text
    assert token not in caplog.text


def test_the_desk_shows_how_it_stands_with_everybody(sam, seminar, clock):
    with transaction():
        teacher_ = db.session.get_one(Faculty, seminar.people[0].faculty_id)
        teacher_.disclosures[0].expires_on = clock.now.date() + timedelta(days=10)
    factories.faculty("Tobias Marrowgate", now=clock.now)
    page = sam.open("/admin/faculty")
    assert re.search(r"Odalys Venn-Whitaker, MD .* Expires soon until March 11, 2027", page.text.replace("\xa0", " "))
    assert "Expires soon (1)" in page.text
    page = page.click("Expires soon")
    assert "Marrowgate" not in page.text
    assert sam.open("/admin/faculty?q=marrow&state=current").links("Tobias Marrowgate")
    assert "Nobody matches" in sam.open("/admin/faculty?q=nobody").text


def test_staff_send_a_link_decide_and_mitigate(sam, app, seminar, clock):
    page = sam.open(desk(seminar)).press("Send disclosure link")
    assert "A link is on its way to odalys@example.test" in page.root.text
    fill(Browser(app).open(f"/disclosures/{tokens()[0]}"), **ONE)
    page = sam.open(desk(seminar))
    assert "To decide" in page.text
    page = page.press("Save decision", relevant="yes", mitigation="Peer review of content")
    assert page.errors == ["Enter both how and when the relationship was mitigated"]
    assert "Peer review of content" in page.html
    page = page.press("Save decision", mitigated_on="2027-03-01")
    assert "Decision saved" in page.root.text
    assert "Mitigated" in page.text
    told = independence.disclosed(db.session.get_one(Seminar, seminar.id), clock.now.date())
    assert told.mitigation == independence.MITIGATED


def test_two_editors_do_not_overwrite_each_other_and_see_the_other_version(sam, seminar):
    first, second = sam.open(desk(seminar)), sam.open(desk(seminar))
    first.press("Save profile", title="Chief of Cardiology")
    page = second.press("Save profile", bio="My own words")
    assert page.status == 409
    assert "Chief of Cardiology" in page.text
    assert "My own words" in page.html
    assert teacher(seminar).title == "Chief of Cardiology"
    page.press("Save profile")
    assert teacher(seminar).bio == "My own words"


def test_a_profile_needs_a_name_and_an_address_that_is_one(sam, seminar):
    page = sam.open(desk(seminar)).press("Save profile", name="", email="nobody")
    assert page.errors == ["Enter the name", "Enter an email address, like name@example.com"]


def test_whoever_is_not_there_cannot_be_decided_on(sam, seminar, clock):
    other = factories.faculty("Tobias Marrowgate", now=clock.now, discloses="Palewell")
    page = sam.open(f"/admin/faculty/{other.slug}")
    number = page.root.find("input", name="number")[0].attrs["value"]
    token = page.root.find("input", name="csrf_token")[0].attrs["value"]
    for wrong in (number, "", "0", "9" * 20, "x"):
        data = {"csrf_token": token, "number": wrong, "relevant": "no"}
        assert sam.client.post(f"{desk(seminar)}/decide", data=data).status_code == 303
        assert "This relationship is not on file" in sam.open(desk(seminar)).root.text
    assert db.session.get_one(Disclosure, int(number)).is_relevant


@pytest.mark.parametrize("words", [HOSTILE, FORMULA, ARABIC])
def test_whatever_somebody_is_called_is_shown_as_it_was_typed(sam, app, seminar, words):
    sam.open(desk(seminar)).press("Save profile", name=words, credentials="", bio=words, title=words, affiliation=words)
    for address in (desk(seminar), "/admin/faculty", f"/faculty/{teacher(seminar).slug}"):
        page = sam.open(address)
        assert words in page.text
        assert "<script>alert" not in page.html
        assert "49" not in page.text or "{{ 7 * 7 }}" in page.text


def test_learners_read_who_teaches_and_what_is_ahead(app, seminar):
    with transaction():
        person = db.session.get_one(Faculty, seminar.people[0].faculty_id)
        person.bio = "Studies **heart failure**.\n\n<b>Bold</b>"
        person.disclosures[0].has_relationship, person.disclosures[0].is_relevant = True, True
        person.disclosures[0].company, person.disclosures[0].nature = "Palewell", "consultant"
    page = Browser(app).open(f"/faculty/{teacher(seminar).slug}")
    assert page.h1 == "Odalys Venn-Whitaker, MD"
    assert "Professor of Medicine, Bayward School of Medicine" in page.text
    assert page.root.find("strong")[0].text == "heart failure"
    assert "<b>Bold</b>" in page.text
    assert page.links("Cardiology for Primary Care")
    assert "Palewell: consultant" in page.text
    assert "mitigated" not in page.text
    assert "odalys@example.test" not in page.html


def test_nobody_reads_about_somebody_of_a_draft(app, sam, clock):
    hidden = factories.seminar(now=clock.now, status=DRAFT)
    for browser in (Browser(app), sam):
        assert browser.client.get(f"/faculty/{teacher(hidden).slug}").status_code == 404
    assert not sam.open(desk(hidden)).links("View page")


def test_people_are_found_by_the_name_they_have_now(sam, app, seminar):
    sam.open(desk(seminar)).press("Save profile", name="Zenobia Thistlewood")
    assert Browser(app).open("/seminars?q=thistlewood").links("Cardiology for Primary Care")
    assert "Zenobia Thistlewood" in Browser(app).open(f"/seminars/{seminar.slug}").text
