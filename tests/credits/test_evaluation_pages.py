"""The evaluation as learners meet it: step 2 of the claim, sessions during the seminar, and three months later."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cme.credits import services
from cme.credits.models import Evaluation, Questionnaire
from cme.credits.queries import evaluations
from cme.credits.rules import questions as asking
from cme.credits.services import following_up
from cme.database import db, transaction
from cme.registration.models import Registration
from tests import factories
from tests.browser import Browser, Page

pytestmark = pytest.mark.pages
GOOD = {"objectives_met": "5", "relevant": "4", "overall": "5", "free_of_bias": "yes"}


@pytest.fixture
def ref(cast: SimpleNamespace, clock: Any) -> str:
    """Ada's registration for a seminar of two mornings that ended last week, attended."""
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    return made.ref


@pytest.fixture
def page(browser: Browser, cast: SimpleNamespace, ref: str) -> Page:
    return browser.sign_in(cast.ada).open(f"/registrations/{ref}/evaluation")


def draft(ref: str) -> dict[str, Any]:
    number = db.session.scalars(select(Registration.id).where(Registration.ref == ref)).one()
    return evaluations.draft_of(number)


def ask(ref: str, *questions: asking.Question) -> None:
    """Let the seminar ask these questions from now on."""
    with transaction() as session:
        held = session.scalars(select(Registration).where(Registration.ref == ref)).one().seminar
        asked = [each.to_json() for each in questions]
        session.add(Questionnaire(seminar_id=held.id, questions=asked, version=1, updated_at=held.updated_at))


def save(page: Page, **typed: Any) -> int:
    """Send what the page's script would send while somebody types."""
    token = page.root.find(name="csrf_token")[0].attrs["value"]
    answer = page.browser.client.post(page.url + "/draft", data={"csrf_token": token, **typed})
    return answer.status_code


def test_four_taps_are_enough_and_lead_to_the_last_step(page: Page, ref: str):
    assert "Six questions. Faculty see combined results only, never names." in page.text
    folded = [f for fold in page.root.find("details", class_="asked-fold") for f in fold.find("fieldset")]
    asked = [f for f in page.root.find("fieldset") if f not in folded]
    assert len([f for f in asked if "(optional)" not in f.text]) == 4
    answer = page.press("Continue to attest", **GOOD)
    assert answer.url.startswith(f"/registrations/{ref}/claim")
    kept = db.session.scalars(select(Evaluation)).one()
    assert kept.answers == {
        "objectives_met": 5,
        "relevant": 4,
        "overall": 5,
        "free_of_bias": True,
        "bias_noticed": "",
    }
    assert [each["key"] for each in kept.questions][:4] == list(GOOD)
    assert page.browser.open(f"/registrations/{ref}/evaluation").url.startswith(f"/registrations/{ref}/claim")


def test_nothing_is_chosen_beforehand(page: Page):
    assert [f for f in page.root.find("input") if "checked" in f.attrs] == []


def test_speakers_and_sessions_wait_folded(page: Page):
    folds = page.root.find("details", class_="asked-fold")
    assert [fold.find("summary")[0].text for fold in folds] == [
        "Rate each speaker (optional)",
        "Rate each session (optional)",
    ]
    assert len(folds[1].find("fieldset")) == 4
    assert all("open" not in fold.attrs for fold in folds)


def test_gaps_are_named_and_the_rest_is_kept(page: Page):
    answer = page.press("Continue", relevant="4", comments="Listen.")
    assert answer.status == 422
    assert answer.errors == [
        "Choose a rating: The seminar met its stated objectives",
        "Choose a rating: Overall, I would recommend this seminar",
        "Select whether the content was free of commercial bias",
    ]
    assert "checked" in answer.root.find("input", name="relevant", value="4")[0].attrs
    assert "Listen." in answer.html
    assert db.session.scalar(select(func.count()).select_from(Evaluation)) == 0


def test_a_bias_must_be_described(page: Page):
    answer = page.press("Continue", **{**GOOD, "free_of_bias": "no"})
    assert answer.errors == ["Describe the commercial bias you noticed"]
    assert "/claim" in answer.press("Continue", bias_noticed="One product named throughout.").url


def test_white_space_is_no_answer(page: Page, ref: str):
    ask(ref, asking.Question("why", asking.TEXT, "Why did you come?", is_required=True))
    again = page.browser.open(page.url)
    assert again.press("Continue", why=" \n\t ").errors == ["Enter an answer: Why did you come?"]


def test_a_draft_older_than_the_questions_fills_nothing_in(page: Page, ref: str):
    save(page, overall="4", comments="More cases")
    ask(ref, asking.Question("overall", asking.TEXT, "What did you expect?"), asking.USUAL[5])
    again = page.browser.open(page.url)
    assert "4</textarea>" not in again.html
    assert "More cases" in again.html


@pytest.mark.parametrize(
    "typed", [{"overall": "6"}, {"overall": "five"}, {"will_change": "Everything"}, {"comments": "x" * 2001}]
)
def test_what_was_not_offered_is_refused(page: Page, typed: dict[str, str]):
    assert page.press("Continue", **{**GOOD, **typed}).status == 422
    assert db.session.scalar(select(func.count()).select_from(Evaluation)) == 0


def test_what_is_typed_is_kept_and_found_again(page: Page, ref: str):
    assert save(page, overall="4", comments="More cases", will_change=["How I counsel patients"], relevant="9") == 204
    assert draft(ref) == {"overall": 4, "will_change": ["How I counsel patients"], "comments": "More cases"}
    again = page.browser.open(page.url)
    assert "checked" in again.root.find("input", name="overall", value="4")[0].attrs
    assert "checked" in again.root.find("input", name="will_change", value="How I counsel patients")[0].attrs
    assert "More cases" in again.html
    assert save(page, overall="5", comments="a bell \x07") == 204  # what cannot be stored is left out
    assert draft(ref) == {"overall": 5}
    assert save(page, comments="") == 204  # what is taken back is forgotten
    assert draft(ref) == {}


def test_a_draft_ends_with_the_evaluation(page: Page, ref: str):
    save(page, overall="4")
    page.press("Continue", **GOOD)
    assert draft(ref) == {}
    assert save(page, overall="1") == 409  # sent before the evaluation, arrived after it
    assert draft(ref) == {}


def test_a_draft_needs_the_token_and_its_owner(page: Page, ref: str, app: Flask, cast: SimpleNamespace):
    assert page.browser.client.post(page.url + "/draft", data={"overall": "4"}).status_code == 400
    stranger = Browser(app).sign_in(cast.otto)
    token = page.root.find(name="csrf_token")[0].attrs["value"]
    assert stranger.client.post(page.url + "/draft", data={"csrf_token": token}).status_code in (400, 404)
    assert draft(ref) == {}


def test_during_the_seminar_the_sessions_begun_can_be_rated(browser: Browser, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=0)
    made = factories.registration(cast.ada, held, now=clock.now)
    clock.now = held.starts_at + timedelta(minutes=90)  # in the second hour of the first morning
    page = browser.sign_in(cast.ada).open(f"/registrations/{made.ref}/sessions")
    names = {f.attrs["name"] for f in page.root.find("input", type="radio")}
    assert len(names) == 2
    first = min(names)
    assert "Saved: 1 session rated." in page.press("Save ratings", **{first: "5"}).root.text
    assert draft(made.ref) == {first: 5}
    clock.advance(days=2)
    factories.attend(made, now=clock.now)
    later = browser.sign_in(cast.ada).open(f"/registrations/{made.ref}/evaluation")
    assert "checked" in later.root.find("input", name=first, value="5")[0].attrs
    save(later, overall="4", **{first: "5"})
    assert draft(made.ref) == {first: 5, "overall": 4}


@pytest.mark.parametrize("starts_in", [1, 30])
def test_before_the_first_session_there_is_nothing_to_rate(
    browser: Browser, cast: SimpleNamespace, clock: Any, starts_in: int
):
    made = factories.registration(cast.ada, factories.seminar(now=clock.now, starts_in=starts_in), now=clock.now)
    browser.sign_in(cast.ada)
    assert browser.open(f"/registrations/{made.ref}/sessions").url == f"/registrations/{made.ref}"
    assert "Rate the sessions" not in browser.open(f"/registrations/{made.ref}").text


def test_three_months_later_what_was_intended_is_asked(page: Page, ref: str, clock: Any, cast: SimpleNamespace):
    page.press("Continue", **GOOD, will_change=["How I counsel patients"])
    browser = page.browser
    browser.open(f"/registrations/{ref}/follow-up", expect=404)
    clock.advance(days=90)
    assert following_up.ask_follow_ups(now=clock.now) == {"follow-ups asked": 1}
    later = browser.sign_in(cast.ada).open(f"/registrations/{ref}/follow-up")
    offered = [f.attrs["value"] for f in later.root.find("input", name="what")]
    assert offered == ["How I counsel patients", "Something else"]
    assert later.press("Send answers").errors == ["Choose an answer: Have you changed something in practice since?"]
    assert "Thank you" in later.press("Send answers", changed="Yes", what="How I counsel patients").text
    assert "Thank you" in browser.open(later.url).text


def test_somebody_elses_pages_are_not_there(browser: Browser, cast: SimpleNamespace, ref: str, clock: Any):
    services.submit_evaluation(
        db.session.scalars(select(Registration.id)).one(), {"overall": 4}, form_id=None, now=clock.now
    )
    clock.advance(days=90)
    following_up.ask_follow_ups(now=clock.now)
    browser.sign_in(cast.otto)
    for path in ("evaluation", "sessions", "follow-up"):
        browser.open(f"/registrations/{ref}/{path}", expect=404)
