"""The pages to watch and to answer, and those where staff set both up."""

import io
from typing import Any

import pytest

from cme.credits import queries, services
from cme.database import db
from tests import factories
from tests.browser import Browser
from tests.credits import on_demand

pytestmark = pytest.mark.pages


@pytest.fixture
def course(cast, clock) -> Any:
    made = on_demand.activity(
        cast, now=clock.now, slug="course", questions=3, most_attempts=2, bibliography="- A book."
    )
    on_demand.record(cast, made, now=clock.now)
    return made


@pytest.fixture
def place(cast, clock, course) -> Any:
    return factories.registration(cast.ada, course, now=clock.now)


@pytest.fixture
def ada(app, cast) -> Browser:
    return Browser(app).sign_in(cast.ada)


def csrf(page: Any) -> str:
    return page.root.find(name="csrf_token")[0].attrs["value"]


def test_a_learner_watches_answers_fails_reads_why_passes_and_claims(ada, place, clock):
    page = ada.open(f"/registrations/{place.ref}")
    assert "0 of 2 watched" in page.text
    page = page.click("Watch")
    assert "assessment opens once you have played 90%" in page.text
    closed = page.click("Go to the assessment")
    assert "Watch the recordings first" in closed.text
    assert "70% of the questions right" in closed.text
    for number in (1, 2):
        services.begin_watching(place.id, number, now=clock.now)
        services.say_watched(place.id, number, now=clock.advance(minutes=10))
    page = ada.open(f"/registrations/{place.ref}/claim")
    page = page.click("Go to the assessment").press("Begin")
    page = page.press("Hand in", q0="0")
    assert page.errors == ["Answer question 2", "Answer question 3"]
    page = page.press("Save and go on later", q0="1", q1="0")
    page = ada.open(f"/registrations/{place.ref}/assessment")
    page = page.press("Hand in", q2="0")
    assert "You answered 66% right. The pass mark is 70%" in page.text
    assert "Why. Reason 1." in page.text
    assert "Read more. Reference 1." in page.text
    assert "1 attempt left" in page.text
    page = page.click("Answer again").press("Answer again").press("Hand in", q0="0", q1="0", q2="0")
    assert "You passed with 100%" in page.text
    page = page.click("Claim credit")
    assert "Claim credit" in page.h1
    assert "66%" in ada.open(f"/registrations/{place.ref}/assessment").text


def test_the_player_may_load_its_recording_and_nothing_else(ada, place):
    page = ada.open(f"/registrations/{place.ref}/watch/1")
    policy = page.response.headers["Content-Security-Policy"]
    assert "media-src 'self' https://media.example.test;" in policy
    assert "media-src 'none'" in ada.open("/my").response.headers["Content-Security-Policy"]


def test_the_player_tells_what_was_played_and_is_answered_how_far_one_is(ada, place, clock):
    page = ada.open(f"/registrations/{place.ref}/watch/1")
    token, address = csrf(page), f"/registrations/{place.ref}/watch/1"
    told = {"csrf_token": token, "played": "0-15", "position": "15"}
    assert ada.client.post(f"{address}/begin", data={"csrf_token": token}).status_code == 204
    clock.advance(seconds=15)
    assert ada.client.post(f"{address}/progress", data=told).json == {"percent": 2, "done": False}
    for wrong in ({"played": "x"}, {"position": "x"}, {"played": "1-2-3"}):
        assert ada.client.post(f"{address}/progress", data=told | wrong).status_code == 400
    assert ada.client.post(f"/registrations/{place.ref}/watch/9/progress", data=told).status_code == 404
    assert 'data-position="15"' in ada.open(address).html


def test_a_stream_elsewhere_is_opened_after_the_start_is_noted(app, cast, clock, ada):
    course = on_demand.activity(cast, now=clock.now)
    on_demand.record(cast, course, now=clock.now, kind="stream")
    place = factories.registration(cast.ada, course, now=clock.now)
    page = ada.open(f"/registrations/{place.ref}/watch/1")
    assert "media.example.test" not in page.html
    page = page.press("Begin")
    assert page.links("Open the recording") == ["https://media.example.test/talk.mp4"]
    page = page.press("I have watched it")
    assert "quicker than the recording lasts" in page.errors[0]
    clock.advance(minutes=10)
    assert "Watched" in page.press("I have watched it").text


def test_nobody_watches_or_answers_with_the_place_of_another(app, cast, place):
    otto = Browser(app).sign_in(cast.otto)
    for address in ("watch", "watch/1", "assessment"):
        otto.open(f"/registrations/{place.ref}/{address}", expect=404)


def test_after_the_last_day_the_pages_say_so(app, cast, place, clock):
    clock.advance(days=40)
    ada = Browser(app).sign_in(cast.ada)
    for address in ("watch", "watch/1", "assessment"):
        page = ada.open(f"/registrations/{place.ref}/{address}")
        assert "Your access to this activity has ended" in page.text
        assert "media.example.test" not in page.html


def test_answers_are_kept_as_they_are_given(ada, cast, clock):
    course = on_demand.activity(cast, now=clock.now)
    place = factories.registration(cast.ada, course, now=clock.now)
    page = ada.open(f"/registrations/{place.ref}/assessment").press("Begin")
    data = {"csrf_token": csrf(page), "attempt": "1", "q1": "2", "q2": "99"}
    assert ada.client.post(f"/registrations/{place.ref}/assessment/answers", data=data).status_code == 204
    assert queries.open_attempt(place.id).answers == {"1": [2]}
    done = on_demand.attempt(place.id, 10, now=clock.now)
    assert done.has_passed
    assert ada.client.post(f"/registrations/{place.ref}/assessment/answers", data=data).status_code == 409


def test_a_window_with_an_earlier_attempt_answers_nothing_of_the_next(ada, cast, clock):
    course = on_demand.activity(cast, now=clock.now)
    place = factories.registration(cast.ada, course, now=clock.now)
    address = f"/registrations/{place.ref}/assessment"
    old = ada.open(address).press("Begin")
    right = {f"q{number}": "0" for number in range(10)}
    wrong = right | {"q0": "1", "q1": "1", "q2": "1", "q3": "1"}
    other = ada.open(address).press("Hand in", **wrong)
    assert "You answered 60% right" in other.text
    twice = old.press("Hand in", **wrong)
    assert "You answered 60% right" in twice.text
    assert queries.open_attempt(place.id) is None  # a button pressed twice begins nothing
    other.click("Answer again").press("Answer again")
    late = old.press("Hand in", **right)
    assert "You answered 60% right" in late.text
    draft = {"csrf_token": csrf(old), "attempt": "1", "q0": "2"}
    assert ada.client.post(f"{address}/answers", data=draft).status_code == 409
    begun = queries.open_attempt(place.id)
    assert (begun.number, begun.answers) == (2, {})


def test_beginning_twice_shows_the_questions_without_blame(ada, cast, clock):
    course = on_demand.activity(cast, now=clock.now)
    place = factories.registration(cast.ada, course, now=clock.now)
    start = ada.open(f"/registrations/{place.ref}/assessment")
    start.press("Begin")
    again = start.press("Begin")
    assert again.status == 200
    assert again.errors == []
    assert "Attempt 1" in again.text


@pytest.mark.parametrize("number", ["0", "2", "-1", "x", "9" * 40])
def test_an_attempt_that_never_was_is_not_there(ada, place, number):
    ada.open(f"/registrations/{place.ref}/assessment?attempt={number}", expect=404)


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 40])
def test_the_way_questions_are_put_is_saved_whatever_a_page_says_of_its_version(app, cast, course, version):
    sam = Browser(app).sign_in(cast.sam)
    page = sam.open("/admin/seminars/course/assessment")
    data = {"csrf_token": csrf(page), "asks": "2", **({"version": version} if version else {})}
    assert sam.client.post("/admin/seminars/course/assessment", data=data).status_code in (303, 409)


def test_the_seminar_page_tells_the_mark_the_questions_and_the_attempts(browser, course):
    text = browser.open(f"/seminars/{course.slug}").text
    assert "70% of the assessment" in text
    assert "3 questions; up to 2 attempts" in text


def test_staff_write_edit_move_and_import_questions(app, cast, clock):
    made = on_demand.activity(cast, now=clock.now, questions=0, status="draft")
    sam = Browser(app).sign_in(cast.sam)
    page = sam.open(f"/admin/seminars/{made.slug}/assessment").click("Add question")
    typed = {"stem": "Which cuff?", "answer_A": "Small", "answer_B": "Fitting", "rationale": "It reads high."}
    assert "Say which answers are right" in page.press("Add question", **typed).errors
    page = page.press("Add question", **typed, right_B="y")
    page = page.click("1. Which cuff?").press("Save Changes", answer_B="Fitting, on the bare arm")
    bank = "question;answer A;answer B;right;rationale\nWhich arm?;Left;Right;A;So.\n"
    answer = sam.client.post(
        f"/admin/seminars/{made.slug}/assessment/import",
        data={"csrf_token": csrf(page.click("Import CSV")), "file": (io.BytesIO(bank.encode()), "bank.csv")},
    )
    assert answer.status_code == 303
    page = sam.open(f"/admin/seminars/{made.slug}/assessment")
    move = {"csrf_token": csrf(page), "move": "1:down"}
    assert sam.client.post(f"/admin/seminars/{made.slug}/assessment/order", data=move).status_code == 303
    page = sam.open(f"/admin/seminars/{made.slug}/assessment")
    assert [each.stem for each in queries.bank_of(queries.assessment_of(made.id))] == ["Which arm?", "Which cuff?"]
    page = page.press("Save Changes", asks="1", most_attempts="3")
    assert "Asks 1 question, passed from 70% on" in page.text
    wrong = sam.client.post(
        f"/admin/seminars/{made.slug}/assessment/import",
        data={"csrf_token": csrf(page.click("Import CSV")), "file": (io.BytesIO(b"a,b\n1,2\n"), "bank.csv")},
    )
    assert wrong.status_code == 422


def test_staff_say_where_each_session_can_be_watched(app, cast, clock):
    made = on_demand.activity(cast, now=clock.now)
    sam = Browser(app).sign_in(cast.sam)
    page = sam.open(f"/admin/seminars/{made.slug}/recordings")
    typed = {"kind_0": "file", "url_0": "http://media.example.test/a.mp4", "length_0": "9", "watch_percent": "80"}
    page = page.press("Save Changes", **typed)
    assert page.errors == ["Enter an address that begins with https://", "Enter the length like 42:10 or 1:02:05"]
    page.press("Save Changes", url_0="https://media.example.test/a.mp4", length_0="42:10")
    db.session.expire_all()
    assert [each.seconds for each in queries.recordings_of(made.id).values()] == [2530]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://u@x.test/", "https://x.test/a b", "https://x;y/", "//x/"]
)
def test_an_address_that_is_none_is_refused(app, cast, clock, address):
    made = on_demand.activity(cast, now=clock.now, questions=1)
    sam = Browser(app).sign_in(cast.sam)
    page = sam.open(f"/admin/seminars/{made.slug}/recordings")
    page = page.press("Save Changes", kind_0="file", url_0=address, length_0="1:00")
    assert page.errors == ["Enter an address that begins with https://"]
