"""Facts about the pages of the door, of sheets, logs and corrections, and of checking oneself in."""

import io
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from cme.credits import services as credits
from cme.database import db, transaction
from cme.registration import queries
from cme.registration.models import Attendance
from cme.registration.rules.attendance import code_now
from cme.values import Credits, CreditType
from tests import factories
from tests.browser import Browser

pytestmark = pytest.mark.pages

LOG = b"Name,Email,Join Time,Leave Time\nAda,ada@example.test,3/15/2027 8:00 AM,3/15/2027 8:40 AM\n"


@pytest.fixture
def here(app, cast, clock):
    """The first morning of a seminar, ten minutes in: ada and nell are registered, vi stands at the door."""
    clock.now = datetime(2027, 3, 15, 12, 10, tzinfo=UTC)
    seminar = factories.seminar(now=clock.now, starts_in=0, slug="cardiology")
    ada, nell = (factories.registration(each, seminar, now=clock.now) for each in (cast.ada, cast.nell))
    vi = factories.staff("vi@example.test", "Vi Lantern", ["attendance"], now=clock.now)
    told = SimpleNamespace(seminar=seminar, ada=ada, nell=nell, first=seminar.sessions[0])
    told.staff, told.learner = Browser(app).sign_in(vi), Browser(app).sign_in(cast.ada)
    told.address = "/admin/seminars/cardiology"
    return told


def on_file(registration):
    db.session.rollback()
    return queries.attended_by_session(registration.id)


def code(app, here, clock):
    return code_now(app.config["SECRET_KEY"], here.first.id, clock.now)


def test_the_door_is_found_without_any_other_permission(here):
    page = here.staff.open("/admin/check-in").click("Check people in")
    assert page.h1 == here.first.title
    assert "0 of 2 checked in" in page.text


def test_a_name_typed_at_the_door_checks_in(here):
    page = here.staff.open(f"{here.address}/check-in").press("Check in", code="quill")
    assert "60 of 60 minutes, desk" in page.text
    assert on_file(here.ada) == {here.first.id: 60}


def test_several_of_a_name_are_listed_to_choose_from(here):
    page = here.staff.open(f"{here.address}/check-in").press("Check in", code="example.test")
    assert "2 found" in page.text
    assert on_file(here.ada) == on_file(here.nell) == {}


def test_a_scanned_badge_checks_in_and_says_how(here):
    address = f"http://localhost/admin/check-in/{here.nell.ref}"
    here.staff.open(f"{here.address}/check-in").press("Check in", code=address)
    assert db.session.scalars(select(Attendance.source)).all() == ["scan"]


def test_who_is_there_already_is_said(here):
    here.staff.open(f"{here.address}/check-in").press("Check in", code="quill")
    page = here.staff.open(f"{here.address}/check-in").press("Check in", code="quill")
    assert (page.status, page.errors) == (409, ["Already checked in to this session."])


def test_nobody_of_that_name_is_said(here):
    page = here.staff.open(f"{here.address}/check-in").press("Check in", code="zebedee")
    assert page.errors[0].startswith("Nobody registered for this session fits")


def test_a_mistake_at_the_door_is_undone_with_one_press(here):
    page = here.staff.open(f"{here.address}/check-in").press("Check in", code="quill")
    page.press("Undo")
    assert on_file(here.ada) == {}


def test_late_comers_are_given_the_rest_or_all_as_staff_say(here, clock):
    clock.advance(minutes=30)
    page = here.staff.open(f"{here.address}/check-in?q=quill")
    assert page.form_with("Was here all along")
    page.press("Check in for 20 min", mark=f"{here.ada.ref}:now")
    here.staff.open(f"{here.address}/check-in?q=nell").press("Was here", mark=f"{here.nell.ref}:all")
    assert (on_file(here.ada), on_file(here.nell)) == ({here.first.id: 20}, {here.first.id: 60})


def test_a_badge_opens_its_page_for_staff_alone(here):
    page = here.staff.open(f"/admin/check-in/{here.ada.ref}")
    assert page.h1 == "Ada Quillfeather, MD"
    assert "Checked in, 60 min" in page.press("Check in", mark="1:now").text
    here.learner.open(f"/admin/check-in/{here.ada.ref}", expect=404)


def test_badges_are_for_the_room_and_carry_a_code_each(here):
    page = here.staff.open(f"{here.address}/badges")
    assert len(page.root.find(class_="badge-card")) == len(page.root.find("svg", role="img")) == 2
    assert len(here.staff.open(f"{here.address}/badges?q=nell").root.find(class_="badge-card")) == 1


def test_the_screen_shows_the_code_and_renews_itself(here, app, clock):
    page = here.staff.open(f"{here.address}/sessions/1/code")
    shown = code(app, here, clock)
    assert " ".join(shown) in page.text
    assert page.root.find("meta", http_equiv="refresh")[0].attrs["content"] == "20"
    clock.advance(seconds=20)
    assert " ".join(shown) not in here.staff.open(f"{here.address}/sessions/1/code").text


def test_no_code_is_shown_when_the_doors_are_closed(here, app, clock):
    clock.advance(minutes=51)
    page = here.staff.open(f"{here.address}/sessions/1/code")
    assert "This session has ended" in page.text
    assert " ".join(code(app, here, clock)) not in page.text


@pytest.mark.parametrize("number", ["0", "5", "x", "1 ", "01"])
def test_a_session_that_is_not_there_is_not_there(here, number):
    here.staff.open(f"{here.address}/sessions/{number}/code", expect=404)


def test_a_learner_scans_and_presses_once(here, app, clock):
    page = here.learner.open(f"/check-in?code={code(app, here, clock)}").press("Check in")
    assert f"You are checked in: {here.first.title}, 60 minutes" in page.root.text
    assert "60 min" in page.text
    assert on_file(here.ada) == {here.first.id: 60}


def test_opening_the_address_alone_checks_nobody_in(here, app, clock):
    here.learner.open(f"/check-in?code={code(app, here, clock)}")
    assert on_file(here.ada) == {}


def test_a_code_that_ran_out_is_said_and_kept(here, app, clock):
    page = here.learner.open(f"/check-in?code={code(app, here, clock)}")
    clock.advance(minutes=1)
    page = page.press("Check in")
    assert page.status == 409
    assert page.errors[0].startswith("This code is not valid, or no longer.")


def test_the_page_of_a_registration_leads_to_check_in_while_it_is_open(here, clock):
    address = f"/registrations/{here.ada.ref}"
    assert here.learner.open(address).links("Check in") == ["/check-in"]
    here.staff.open(f"{here.address}/check-in").press("Check in", code="quill")
    assert here.learner.open(address).links("Check in") == []
    clock.advance(minutes=40)
    assert here.learner.open(address).links("Check in") == ["/check-in"]
    clock.advance(hours=8)
    assert here.learner.open(address).links("Check in") == []


def test_a_sheet_is_printed_and_keyed_in(here):
    page = here.staff.open(f"{here.address}/sign-in-sheet?session=1")
    assert "Ada Quillfeather, MD" in page.text
    page = page.click("Key in who signed").press("Write down", signed=[here.nell.ref])
    assert f"1 written down for {here.first.title}" in page.root.text
    assert (on_file(here.ada), on_file(here.nell)) == ({}, {here.first.id: 60})


def send_log(here, content, name="zoom.csv", **more):
    page = here.staff.open(f"{here.address}/attendance/import")
    fields = ("csrf_token", "form_id", "zone")
    data = {each.attrs["name"]: each.attrs.get("value", "") for each in page.root.find("input") if "name" in each.attrs}
    data = {each: data.get(each, "America/New_York") for each in fields} | more
    data["file"] = (io.BytesIO(content), name)
    return here.staff.client.post(page.url, data=data, content_type="multipart/form-data")


def test_a_log_is_looked_at_then_written_down(here, clock):
    clock.advance(minutes=40)
    answer = send_log(here, LOG)
    page = here.staff.open(answer.headers["Location"])
    assert page.h1 == "Look before it counts"
    assert on_file(here.ada) == {}
    assert "Written down for 1 person" in page.press("Write it down").root.text
    assert on_file(here.ada) == {here.first.id: 40}


@pytest.mark.parametrize(("content", "name"), [(b"", "a.csv"), (b"\x89PNG\r\n", "a.png"), (LOG, "")])
def test_what_is_no_log_is_said_at_the_field(here, content, name):
    answer = send_log(here, content, name)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_a_zone_nobody_offered_is_refused(here):
    assert send_log(here, LOG, zone="Mars/Olympus").status_code == 422


def test_a_huge_log_is_stopped_at_the_door(here, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 10_000)
    assert send_log(here, b"x" * 11_000).status_code == 413


def test_minutes_are_corrected_with_a_reason(here):
    here.staff.open(f"{here.address}/check-in").press("Check in", code="quill")
    address = f"/admin/registrations/{here.ada.ref}/attendance"
    page = here.staff.open(address).press("Save attendance", minutes_1="45")
    assert page.errors == ["Say why minutes on file change"]
    page = page.press("Save attendance", reason="Left early")
    assert "60 to 45" in page.text
    assert on_file(here.ada) == {here.first.id: 45}


@pytest.mark.parametrize("typed", ["61", "-1", "many", "1e3"])
def test_minutes_that_cannot_be_are_refused_at_the_field(here, typed):
    address = f"/admin/registrations/{here.ada.ref}/attendance"
    page = here.staff.open(address).press("Save attendance", minutes_1=typed, reason="x")
    assert page.status == 422
    assert page.errors[0].endswith("enter a whole number from 0 to 60")


def test_a_claim_beyond_its_attendance_leads_to_where_it_is_amended(here, app, cast, clock):
    factories.attend(here.ada, now=clock.now)
    clock.advance(days=3)
    credits.submit_evaluation(here.ada.id, {"overall": 5}, form_id=None, now=clock.now)
    how = {"attested": True, "address": "::1", "form_id": None, "now": clock.now, "may_print": lambda _: ()}
    credits.claim_credit(here.ada.id, {CreditType.AMA_PRA_1: Credits(400)}, **how)
    address = f"/admin/registrations/{here.ada.ref}/attendance"
    boss = Browser(app).sign_in(cast.sam)
    page = boss.open(address).press("Save attendance", minutes_1="0", reason="Was elsewhere")
    assert "4.00 claimed, 3.00 supported" in page.text
    assert page.links("Amend the claim") == [f"/admin/claims/{here.ada.ref}"]
    assert here.staff.open(address).links("Amend the claim") == []


def test_what_a_page_did_not_show_is_not_overwritten(here):
    address = f"/admin/registrations/{here.ada.ref}/attendance"
    page = here.staff.open(address)
    here.staff.open(f"{here.address}/check-in").press("Check in", code="quill")
    page = page.press("Save attendance", minutes_1="10", reason="x")
    assert (page.status, on_file(here.ada)) == (409, {here.first.id: 60})


def test_the_roster_says_minutes_and_how_we_know(here, app, cast):
    here.staff.open(f"{here.address}/check-in").press("Check in", code=here.ada.ref)
    text = Browser(app).sign_in(cast.sam).open(f"{here.address}/roster").text
    assert "60 min of Ada Quillfeather, MD , badge" in text


def test_a_tick_on_the_roster_that_needs_a_reason_says_so(here, app, cast, clock):
    here.learner.open(f"/check-in?code={code(app, here, clock)}").press("Check in")
    boss = Browser(app).sign_in(cast.sam)
    form = boss.open(f"{here.address}/roster").form_with("1")
    data = {each.attrs["name"]: each.attrs["value"] for each in form.find("input")}
    data["mark"] = f"{here.ada.ref}:2027-03-15:absent"
    answer = boss.client.post(f"{here.address}/attendance", data=data, headers={"X-Fragment": "toggle"})
    assert (answer.status_code, answer.mimetype) == (409, "text/plain")
    assert "say why" in answer.text
    assert on_file(here.ada) == {here.first.id: 60}


def test_the_editor_says_whether_attendance_limits_a_claim(here, app, cast):
    boss = Browser(app).sign_in(cast.sam)
    boss.open(here.address).press("Save draft", tracks_attendance=None)
    db.session.rollback()
    assert db.session.merge(here.seminar).tracks_attendance is False
    assert "does not limit what can be claimed" in here.staff.open(f"{here.address}/check-in").text


def test_a_seminar_without_sessions_has_no_door(here):
    with transaction() as session:
        for each in session.merge(here.seminar).sessions:
            each.kind = "break"
    for page in ("check-in", "sign-in-sheet", "badges", "attendance/import"):
        assert here.staff.open(f"{here.address}/{page}").status == 200
