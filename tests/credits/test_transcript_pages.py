"""The pages of a transcript, of what people add to it, and of all certificates of a seminar, as people meet them."""

import io
import json
import zipfile
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cme import gateways, jobs
from cme.credits.models import Document
from cme.credits.services import transcripts as services
from cme.database import db
from cme.gateways.letters import missing_letters
from cme.gateways.press import MissingLetters, PressBusy
from tests import factories
from tests.browser import Browser
from tests.credits.test_bulk import came
from tests.credits.test_transcripts import FLORIDA, STROKE, claimed

pytestmark = pytest.mark.pages


def test_somebody_enters_credit_corrects_it_and_takes_it_away(browser: Browser, cast: SimpleNamespace):
    browser.sign_in(cast.ada)
    form = browser.open("/transcript").click("Add credit from elsewhere")
    refused = form.press("Add to transcript", title="Stroke", on="2099-01-01", credits="0", topic_opioids="x")
    assert refused.status == 422
    assert refused.errors == [
        "Completed on: enter a day that has been",
        "Select the credit type",
        "Credits: enter more than 0",
        "Opioids and other substance use disorders: enter a number like 1.75",
    ]
    told = {"title": "Stroke", "on": "2026-05-03", "credits": "7.75", "credit_type": "ama-pra-1"}
    assert form.press("Add to transcript", **told, topic_ethics="8").status == 422
    page = form.press("Add to transcript", **told, topic_ethics="1")
    assert "Entered by you" in page.text
    changed = page.click("Edit").press("Save", credits="2.5")
    assert "2.50" in changed.text
    assert "Entered by you" not in changed.click("Edit").press("Remove from transcript").text


def test_somebody_follows_a_goal_that_began_with_what_a_board_asks(browser: Browser, cast: SimpleNamespace, clock: Any):
    claimed(cast.ada, clock, topics={"medical-errors": 60})
    browser.sign_in(cast.ada)
    form = browser.open("/transcript").click("Add a goal").click("Florida")
    assert "Confirm with your board" in form.text
    assert form.press("Add goal", due_on="").status == 422
    assert form.press("Add goal", due_on="2028-01-31", starts_on="2028-02-01").status == 422
    assert (
        form.press(
            "Add goal", due_on="2028-01-31", credits="", topic_medical_errors="", topic_controlled_substances=""
        ).status
        == 422
    )
    page = form.press("Add goal", due_on="2028-01-31", starts_on="2026-02-01")
    assert "4 of 40 credits" in page.text
    assert "Prevention of medical errors, 2 hours: 1 to go" in page.text
    assert "Prescribing controlled substances, 2 hours: not yet" in page.text
    assert "36 to go. 336 days left." in page.text
    assert "Goal removed" in page.click("Change").press("Remove goal").html


def test_what_is_another_s_is_not_there(browser: Browser, cast: SimpleNamespace, clock: Any):
    entry = services.add_external(cast.ada.id, STROKE, form_id=None, now=clock.now, may_print=missing_letters)
    goal = services.add_goal(cast.ada.id, FLORIDA, form_id=None, now=clock.now)
    browser.sign_in(cast.otto)
    for path in (f"/transcript/elsewhere/{entry}", f"/transcript/goals/{goal}", "/transcript/goals/x"):
        browser.open(path, expect=404)
    assert "Stroke" not in browser.open("/transcript").text


def test_a_transcript_is_filtered_on_the_page_and_in_every_file(browser: Browser, cast: SimpleNamespace, clock: Any):
    claimed(cast.ada, clock, title="Sleep Medicine")
    services.add_external(cast.ada.id, STROKE, form_id=None, now=clock.now, may_print=missing_letters)
    browser.sign_in(cast.ada)
    page = browser.open("/transcript").press("Show", year="2026")
    assert "Stroke Care Weekend" in page.text
    assert "Sleep Medicine" not in page.root.find("tbody")[-1].text
    [csv], [pdf] = page.links("CSV"), page.links("Transcript (PDF)")
    assert "year=2026" in pdf
    assert "Sleep" not in browser.client.get(csv).text
    told = json.loads(browser.client.get("/transcript.json?from=2027-01-01").text)
    assert [entry["title"] for entry in told["credits"]] == ["Sleep Medicine"]
    assert browser.client.get(pdf).mimetype == "application/pdf"
    assert "Nothing matches" in browser.open("/transcript?from=2030-01-01").text


def test_a_busy_press_asks_for_patience_and_letters_nobody_has_are_named(
    browser: Browser, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    browser.sign_in(cast.ada)

    def busy(html: str) -> bytes:
        raise PressBusy

    monkeypatch.setattr(gateways.printer(), "render", busy)
    page = browser.open("/transcript.pdf?year=2026", expect=503)
    assert page.h1 == "Your transcript is being printed"

    def poor(html: str) -> bytes:
        raise MissingLetters(["字"])

    monkeypatch.setattr(gateways.printer(), "render", poor)
    assert "字" in browser.open("/transcript.pdf", expect=409).text


def test_staff_print_all_certificates_and_take_them_in_one_file(
    app: Flask, browser: Browser, cast: SimpleNamespace, clock: Any
):
    claimed(cast.ada, clock, slug="sleep")
    browser.sign_in(cast.sam)
    page = browser.open("/admin/seminars/sleep/certificates")
    assert not page.links("Download all (ZIP)")
    assert browser.open("/admin/seminars/sleep/certificates.zip").h1 == "Certificates"
    running = page.press("Print the missing 1")
    assert running.root.find("meta", http_equiv="refresh")
    assert "0 of 1 printed" in running.text
    while jobs.do_jobs("tests", jobs.PAPER):
        pass
    done = browser.open(running.url)
    assert not done.root.find("meta", http_equiv="refresh")
    assert "1 of 1 printed" in done.text
    [address] = done.links("Download all (ZIP)")
    archive = zipfile.ZipFile(io.BytesIO(browser.client.get(address).data))
    assert archive.read(archive.namelist()[0]) == db.session.scalars(select(Document.content)).one()
    assert (
        "All again"
        in browser.open("/admin/seminars/sleep/certificates").press("Print all again").click("Certificates").text
    )
    other = browser.open("/admin/seminars/sleep/certificates/runs/" + "0" * 26, expect=404)
    assert other.status == 404


def test_staff_see_whom_they_would_write_to_before_they_do(browser: Browser, cast: SimpleNamespace, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8, slug="sleep")
    came(cast.ada, held, clock)
    browser.sign_in(cast.sam)
    page = browser.open("/admin/seminars/sleep/certificates").click("Look, and remind them")
    assert "1 letter would be written" in page.text
    after = page.press("Remind 1 person")
    assert "1 letter written" in after.html
    assert "Everybody was written to today" in after.text
