"""Staff write what an evaluation asks, and read what was said, without names."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from cme.catalog.models import Seminar
from cme.credits import services
from cme.credits.queries import evaluations
from cme.database import db
from tests import factories
from tests.browser import Browser, Page

pytestmark = pytest.mark.pages
RATINGS = {"objectives_met": 5, "relevant": 4, "overall": 5, "free_of_bias": True}


@pytest.fixture
def held(app: Flask, clock: Any) -> Seminar:
    return factories.seminar(now=clock.now, starts_in=-8, slug="held")


@pytest.fixture
def page(browser: Browser, cast: SimpleNamespace, held: Seminar) -> Page:
    return browser.sign_in(cast.sam).open("/admin/seminars/held/evaluation")


def asked(held: Seminar) -> list[str]:
    return [each.label for each in evaluations.questions_of(db.session.get_one(Seminar, held.id).id)]


def evaluate(held: Seminar, clock: Any, *answers: dict[str, Any]) -> None:
    for number, said in enumerate(answers):
        person = factories.account(f"p{number}@example.test", f"Person {number}, MD", "md", now=clock.now)
        made = factories.registration(person, held, now=clock.now - timedelta(days=30))
        factories.attend(made, now=clock.now)
        services.submit_evaluation(made.id, RATINGS | said, form_id=None, now=clock.now)


def test_staff_add_move_edit_and_remove_questions(page: Page, held: Seminar):
    assert "These are the usual questions." in page.text
    page = page.press("Add question", label="Which city next?", kind="choice", options="Sarasota\nBoulder")
    assert asked(held)[-1] == "Which city next?"
    page = page.press("Up : Which city next?")
    assert asked(held)[-2] == "Which city next?"
    edit = page.click("Which city next?")
    page = edit.press("Save Changes", label="Where next?", is_required="y")
    assert "Where next?" in asked(held)
    page = page.press("Remove : Where next?")
    assert "Where next?" not in asked(held)


def test_the_usual_ones_are_added_with_one_press_and_come_back_with_another(page: Page, held: Seminar):
    page = page.press("The teaching was clear : add")
    assert asked(held)[-1] == "The teaching was clear"
    page = page.press("Back to the usual questions")
    assert "The teaching was clear" not in asked(held)
    assert "These are the usual questions." in page.text


def test_a_question_of_white_space_is_none(page: Page, held: Seminar):
    assert page.press("Add question", label="   ", kind="text").errors == ["Enter the question"]
    assert "" not in asked(held)


def test_a_list_needs_something_to_choose_from(page: Page):
    again = page.press("Add question", label="Which city?", kind="choice", options="Sarasota")
    assert again.errors == ["Enter at least two answers to choose from, one on each line"]
    again = again.press("Add question", kind="speakers", label="Speakers once more")
    assert again.errors == ["The evaluation asks this already. Edit the question that is there."]


def test_who_edits_an_older_version_sees_the_newer_one(page: Page, browser: Browser):
    edit = page.click("The content was useful in my practice")
    browser.open(edit.url).press("Save Changes", label="It was useful")
    again = edit.press("Save Changes", label="I can use it")
    assert again.status == 409
    assert "It was useful" in again.text
    assert again.press("Save Changes").url.endswith("/evaluation")


@pytest.mark.parametrize("sent", [{"move": "x:up"}, {"move": "overall:sideways"}, {"remove": "x"}, {"add": "x"}, {}])
def test_a_senseless_wish_changes_nothing(page: Page, held: Seminar, sent: dict[str, str]):
    token = page.root.find(name="csrf_token")[0].attrs["value"]
    answer = page.browser.client.post(page.url + "/arrange", data={"csrf_token": token, **sent})
    assert answer.status_code == 303
    assert "These are the usual questions." in page.browser.open(page.url).text


def test_the_preview_asks_what_learners_are_asked(page: Page, held: Seminar):
    preview = page.click("Preview")
    assert "Six questions." in preview.text
    assert len(preview.root.find("details", class_="asked-fold")) == 2


def test_the_report_shows_sums_and_words_and_no_names(page: Page, held: Seminar, clock: Any):
    evaluate(held, clock, *[{"comments": "=More cases", "will_change": ["How I counsel patients"]}] * 5)
    browser = page.browser
    listed = browser.open("/admin/evaluations")
    assert "5.0" in listed.text
    report = listed.click("Cardiology for Primary Care")
    assert "of 5 who attended" in report.text
    assert report.text.count("=More cases") == 5
    assert "Person" not in report.text
    answer = browser.client.get("/admin/evaluations/held.csv")
    text = answer.data.decode("utf-8-sig")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="held-evaluation.csv"'
    assert "The content was useful in my practice,,5,4.0,4,5," in text
    assert "'=More cases" in text  # nothing somebody typed is run as a formula
    assert "Person" not in text
    assert "example.test" not in text


def test_what_few_said_is_shown_nowhere(page: Page, held: Seminar, clock: Any):
    evaluate(held, clock, *[{"comments": "Only me"}] * 4)
    browser = page.browser
    assert "Fewer than 5 answers" in browser.open("/admin/evaluations").text
    report = browser.open("/admin/evaluations/held")
    assert "Fewer than 5 answers: not shown" in report.text
    csv = browser.client.get("/admin/evaluations/held.csv").data.decode()
    assert "Not shown: fewer than 5 answers" in csv
    for text in (report.text, csv):
        assert "Only me" not in text
        assert "5.0" not in text


def test_a_speaker_has_a_report_to_hand_on(page: Page, held: Seminar, clock: Any):
    person = held.people[0].faculty
    evaluate(held, clock, *[{f"speakers-{person.slug}": 4}] * 5)
    report = page.browser.open("/admin/evaluations/held").click(person.full_name)
    assert report.h1 == person.full_name
    assert "4.0" in report.text
    assert "Person" not in report.text
    page.browser.open("/admin/evaluations/faculty/nobody", expect=404)
    page.browser.open("/admin/evaluations/nothing", expect=404)


def test_before_anybody_evaluated_the_pages_say_so(page: Page, held: Seminar):
    assert "No evaluations yet" in page.browser.open("/admin/evaluations").text
    assert "No evaluations yet" in page.browser.open("/admin/evaluations/held").text
    assert "Nobody has rated" in page.browser.open(f"/admin/evaluations/faculty/{held.people[0].faculty.slug}").text
