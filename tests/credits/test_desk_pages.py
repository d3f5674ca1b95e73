"""The pages where staff correct claims and answer who asks for more time, and where learners ask."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from cme.catalog.models import Faculty, Seminar
from cme.credits import invariants, queries, services
from cme.credits.services import correcting
from cme.database import db, transaction
from cme.registration.models import Registration
from tests import factories
from tests.browser import Browser, Page
from tests.credits.test_correcting import MAY_PRINT, by, claimed, letters, papers, teaching, versions

pytestmark = pytest.mark.pages


@pytest.fixture
def desk(browser: Browser, cast: SimpleNamespace) -> Browser:
    """A browser in which sam is signed in."""
    return browser.sign_in(cast.sam)


def opened(desk: Browser, made: Registration) -> Page:
    return desk.open(f"/admin/claims/{made.ref}")


def test_claims_are_found_by_name_number_seminar_and_status(desk: Browser, cast: SimpleNamespace, clock: Any):
    made, other = claimed(cast.ada, clock), claimed(cast.otto, clock)
    number = papers(made)[0].number
    for asked in (f"q={number}", "q=quill", f"seminar={made.seminar.slug}"):
        page = desk.open(f"/admin/claims?{asked}&status=valid")
        assert "Ada Quillfeather, MD" in page.text
        assert other.ref not in page.html
    assert "No claim matches" in desk.open("/admin/claims?q=quill&status=void").text
    assert desk.open(f"/admin/claims/{number}").h1 == "Ada Quillfeather, MD"


@pytest.mark.parametrize(
    "asked", ["q=%00%25_%5C", "status=x", "seminar=..", "page=99999999999", "page=-1", "q=" + "x " * 400]
)
def test_a_list_is_shown_whatever_is_asked(desk: Browser, cast: SimpleNamespace, clock: Any, asked: str):
    desk.open(f"/admin/claims?{asked}")


@pytest.mark.parametrize("ref", ["nobody", "%00", "GCMS-0000-0000-00", "0" * 26])
def test_a_claim_nobody_has_is_not_there(desk: Browser, ref: str):
    desk.open(f"/admin/claims/{ref}", expect=404)


def test_staff_correct_an_amount_and_both_versions_are_shown(desk: Browser, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    sent = {"amount-ama-pra-1": "3.50", "amend_reason": "Left early"}
    page = opened(desk, made).press("Correct", **sent)
    assert versions(made) == [(1, "superseded", 400), (2, "valid", 350)]
    assert "Left early" in page.text
    assert "3.50 AMA PRA Category 1 Credits™" in page.text
    assert "4.00 AMA PRA Category 1 Credits™" in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("4.25", "up to 4.00"),
        ("3.1", "quarter hours"),
        ("", "Enter the amount"),
        ("NaN", "quarter hours"),
        ("-1", "quarter hours"),
        ("0", "more than 0.00"),
        ("\N{ARABIC-INDIC DIGIT THREE}", "quarter hours"),
    ],
)
def test_what_is_no_amount_changes_nothing_and_stays_as_typed(
    desk: Browser, cast: SimpleNamespace, clock: Any, typed: str, said: str
):
    made = claimed(cast.ada, clock)
    page = opened(desk, made).press("Correct", **{"amount-ama-pra-1": typed, "amend_reason": "Left early"})
    assert page.status in (409, 422)
    assert said in " ".join(page.errors)
    assert page.root.find("input", name="amount-ama-pra-1")[0].attrs["value"] == typed
    assert page.root.find("input", name="amend_reason")[0].attrs["value"] == "Left early"
    assert versions(made) == [(1, "valid", 400)]


def test_no_correction_goes_without_a_reason(desk: Browser, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    for button in ("Correct", "Issue again", "Withdraw"):
        page = opened(desk, made).press(button, **{"amount-ama-pra-1": "3.50", "why": "error"})
        assert "Say why" in " ".join(page.errors)
    assert versions(made) == [(1, "valid", 400)]


def test_a_type_is_corrected_and_the_old_number_says_so_to_whoever_verifies(
    app: Flask, desk: Browser, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.ada, clock)
    sent = {"professional_name": "Ada Quillfeather, PA", "certification_type": "pa", "reissue_reason": "She called"}
    page = opened(desk, made).press("Issue again", **sent)
    assert "4.00 hours of participation" in page.text
    old, new = papers(made)
    stranger = Browser(app)
    assert "was withdrawn" in stranger.open(f"/verify/{old.code}").h1
    assert stranger.open(f"/verify/{new.code}").h1 == "This certificate is valid"


def test_a_claim_is_withdrawn(desk: Browser, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    page = opened(desk, made).press("Withdraw", why="error", void_reason="Another Ada")
    assert versions(made) == [(1, "void", 400)]
    assert "It was issued in error." in page.text
    assert "Grant it anew" in page.text


def test_a_page_that_grew_old_corrects_nothing(desk: Browser, cast: SimpleNamespace, clock: Any):
    made = claimed(cast.ada, clock)
    old = opened(desk, made)
    opened(desk, made).press("Correct", **{"amount-ama-pra-1": "3.50", "amend_reason": "Left early"})
    page = old.press("Withdraw", why="error", void_reason="Another Ada")
    assert page.status == 409
    assert "has changed since you opened the page" in page.text
    assert versions(made) == [(1, "superseded", 400), (2, "valid", 350)]


def test_staff_link_a_teacher_and_grant_what_they_taught(desk: Browser, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=30), place="faculty")
    with transaction() as session:
        seminar = session.get_one(Seminar, held.id)
        seminar.sessions[0].faculty.append(session.get_one(Faculty, seminar.people[0].faculty_id))
        slug = seminar.people[0].faculty.slug
    assert "Everybody who taught" in desk.open("/admin/claims/waiting").text
    opened(desk, made).press("Link", teacher=slug)
    page = desk.open("/admin/claims/waiting").click("Ada Quillfeather, MD")
    page = page.press("Grant teaching credit", **{"minutes-1": "45", "teach_reason": "Her lecture"})
    assert "1.50 AMA PRA Category 1 Credits™ for teaching" in page.text
    page = page.press("Correct teaching credit", **{"minutes-1": "61", "teach_reason": "Longer"})
    assert page.status == 422
    assert list(invariants.breaches(now=clock.now)) == []


# More time


def late(person: Any, clock: Any) -> Registration:
    """Somebody who attended, and whose time to claim is over."""
    held = factories.seminar(now=clock.now, starts_in=-100)
    made = factories.registration(person, held, now=clock.now - timedelta(days=120))
    factories.attend(made, now=clock.now - timedelta(days=98))
    return db.session.get_one(Registration, made.id)


def test_who_missed_the_window_asks_is_granted_a_day_and_claims(
    app: Flask, desk: Browser, cast: SimpleNamespace, clock: Any
):
    made, hers = late(cast.ada, clock), Browser(app).sign_in(cast.ada)
    page = hers.open(f"/registrations/{made.ref}/claim").click("Ask for more time")
    page = page.press("Ask for more time", reason="I was in hospital.")
    assert "Your request is with us" in page.text
    page = desk.open("/admin/claims/waiting").click("Ada Quillfeather, MD")
    assert "I was in hospital." in page.text
    page.press("Answer", decision="grant", until="2027-03-10", answer="Get well soon.")
    [letter] = letters("extension_decided")
    assert "claim by the end of March\N{NO-BREAK SPACE}10, 2027" in letter.text.replace("10,\N{NO-BREAK SPACE}", "10, ")
    assert "Get well soon." in letter.text
    assert queries.standing_of(db.session.get_one(Registration, made.id), now=clock.now).step == "evaluate"
    services.submit_evaluation(made.id, {"overall": 4}, form_id=None, now=clock.now)
    clock.now = clock.now.replace(month=3, day=11, hour=3)  # still the tenth where the seminar is
    assert queries.standing_of(db.session.get_one(Registration, made.id), now=clock.now).step == "claim"
    clock.advance(hours=3)
    assert queries.standing_of(db.session.get_one(Registration, made.id), now=clock.now).step == "closed"


def test_a_refusal_needs_words_and_is_shown_to_the_learner(
    app: Flask, desk: Browser, cast: SimpleNamespace, clock: Any
):
    made, hers = late(cast.ada, clock), Browser(app).sign_in(cast.ada)
    address = f"/registrations/{made.ref}/claim/extension"
    hers.open(address).press("Ask for more time", reason="I forgot.")
    page = opened(desk, made).press("Answer", decision="refuse")
    assert "Say why, in words for the learner" in page.errors
    opened(desk, made).press("Answer", decision="refuse", answer="The report is filed.")
    assert "The report is filed." in hers.open(address).text


def test_nobody_asks_for_time_they_have(app: Flask, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    page = Browser(app).sign_in(cast.ada).open(f"/registrations/{made.ref}/claim/extension")
    assert "There is nothing to extend" in page.text
    Browser(app).sign_in(cast.otto).open(f"/registrations/{made.ref}/claim/extension", expect=404)


def test_who_had_a_claim_withdrawn_reads_so_instead_of_a_form(
    app: Flask, desk: Browser, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.ada, clock)
    opened(desk, made).press("Withdraw", why="error", void_reason="Another Ada")
    page = Browser(app).sign_in(cast.ada).open(f"/registrations/{made.ref}/claim")
    assert "Your claim for this seminar was withdrawn" in page.text
    assert not page.links("Ask for more time")
    assert "Claim withdrawn" in page.browser.open("/my").text
    opened(desk, made).press("Grant anew", **{"amount-ama-pra-1": "4.00", "amend_reason": "It was her after all"})
    assert versions(made) == [(1, "void", 400), (2, "valid", 400)]


def test_who_opens_a_certificate_that_was_replaced_is_led_to_the_one_that_counts(
    app: Flask, desk: Browser, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.ada, clock)
    for amount in ("3.50", "3.25"):
        opened(desk, made).press("Correct", **{"amount-ama-pra-1": amount, "amend_reason": "Left early"})
    first, _, last = papers(made)
    page = Browser(app).sign_in(cast.ada).open(f"/certificates/{first.code}")
    assert page.h1 == "This certificate was replaced."
    assert "The credit was corrected." in page.text
    assert "3.25 credits are yours." in page.click(f"certificate {last.number}").h1


def test_the_day_a_certificate_was_replaced_is_told_as_it_was_at_the_provider_s(
    app: Flask, cast: SimpleNamespace, clock: Any
):
    made = claimed(cast.ada, clock)
    clock.now = datetime(clock.now.year, 12, 2, 1, tzinfo=UTC)  # the evening before in Florida
    desk = Browser(app).sign_in(cast.sam)
    opened(desk, made).press("Correct", **{"amount-ama-pra-1": "3.50", "amend_reason": "Left early"})
    page = Browser(app).open(f"/verify/{papers(made)[0].code}")
    assert f"Replaced on December 1, {clock.now.year}" in page.text
    assert f"December 1, {clock.now.year}: The credit was corrected." in page.text


def test_a_name_is_corrected_on_the_page_of_somebody_who_only_taught(desk: Browser, cast: SimpleNamespace, clock: Any):
    made, [talk] = teaching(clock, cast.ada)
    correcting.give_teaching(made.id, {talk: 45}, by(cast, clock, version=0), **MAY_PRINT)
    page = opened(desk, made)
    page.press("Issue again", professional_name="Ada Quillfether, MD", reissue_reason="A letter too many")
    assert [each.status for each in papers(made)] == ["superseded", "valid"]
    assert papers(made)[0].status_reason == "The name was corrected."
