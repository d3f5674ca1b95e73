"""Handouts: theirs who are registered, and nobody else's."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cme.catalog.models import Offering, Seminar
from cme.database import transaction
from cme.registration.models import Registration
from tests.browser import Browser
from tests.factories import handout, registration, seminar

pytestmark = pytest.mark.pages

SLIDES = b"%PDF-1.7 slides of the first day"


@pytest.fixture
def going(cast: SimpleNamespace, clock: Any) -> SimpleNamespace:
    """Ada is going to a seminar with one handout."""
    made = seminar(now=clock.now)
    mine = registration(cast.ada, made, now=clock.now)
    slides = handout(made, now=clock.now, content=SLIDES)
    return SimpleNamespace(
        seminar=made, mine=mine, slides=slides, path=f"/registrations/{mine.ref}/handouts/{slides.ref}"
    )


def test_the_page_of_the_seminar_names_handouts_and_links_none(browser: Browser, going: SimpleNamespace) -> None:
    page = browser.open(f"/seminars/{going.seminar.slug}")
    (block,) = page.root.find(id="handouts")
    assert "Slides (1 kB)" in block.text
    assert not block.find("a")
    assert going.slides.ref not in page.html


def test_whoever_is_registered_is_led_to_them_from_the_page_of_the_seminar(
    browser: Browser, cast: Any, going: SimpleNamespace
) -> None:
    page = browser.sign_in(cast.ada).open(f"/seminars/{going.seminar.slug}")
    assert page.links("your registration") == [f"/registrations/{going.mine.ref}#han-h"]


def test_whoever_is_registered_takes_them_home(browser: Browser, cast: Any, going: SimpleNamespace) -> None:
    page = browser.sign_in(cast.ada).open(f"/registrations/{going.mine.ref}")
    assert page.links("Slides") == [going.path]
    answer = browser.client.get(going.path)
    assert answer.data == SLIDES
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=slides.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Día 1, “Presión”.pdf", "filename*=UTF-8''D%C3%ADa%201%2C%20%E2%80%9CPresi%C3%B3n%E2%80%9D.pdf"),
        ('a"; filename=evil.exe', r"filename=\"a\\\"; filename=evil.exe\""),
        ("عرض.pdf", "filename*=UTF-8''%D8%B9%D8%B1%D8%B6.pdf"),
    ],
)
def test_any_name_of_a_file_survives_its_header(
    browser: Browser, cast: Any, clock: Any, going: SimpleNamespace, name: str, header: str
) -> None:
    odd = handout(going.seminar, now=clock.now, file_name=name)
    browser.sign_in(cast.ada)
    answer = browser.client.get(f"/registrations/{going.mine.ref}/handouts/{odd.ref}")
    assert header.replace('\\"', '"').replace("\\\\", "\\") in answer.headers["Content-Disposition"]


def test_a_file_keeps_its_own_type(browser: Browser, cast: Any, clock: Any, going: SimpleNamespace) -> None:
    text = handout(going.seminar, now=clock.now, file_name="notes.txt", media_type="text/plain", content=b"\xff\xfe")
    browser.sign_in(cast.ada)
    answer = browser.client.get(f"/registrations/{going.mine.ref}/handouts/{text.ref}")
    assert (answer.headers["Content-Type"], answer.data) == ("text/plain", b"\xff\xfe")


def test_strangers_find_nothing(browser: Browser, cast: Any, clock: Any, going: SimpleNamespace) -> None:
    theirs = registration(cast.otto, going.seminar, now=clock.now)
    assert browser.client.get(going.path).status_code == 303  # to sign in
    browser.sign_in(cast.otto)
    browser.open(going.path, expect=404)  # otto is registered, and yet this registration is ada's
    assert browser.client.get(f"/registrations/{theirs.ref}/handouts/{going.slides.ref}").data == SLIDES


def test_a_registration_opens_the_files_of_its_own_seminar_alone(
    browser: Browser, cast: Any, clock: Any, going: SimpleNamespace
) -> None:
    other = handout(seminar(now=clock.now), now=clock.now)
    browser.sign_in(cast.ada).open(f"/registrations/{going.mine.ref}/handouts/{other.ref}", expect=404)


@pytest.mark.parametrize("ref", ["x", "%00", "Z" * 26, "..%2f..", "z" * 26, "9" * 3000])
def test_what_is_no_ref_is_not_found(browser: Browser, cast: Any, going: SimpleNamespace, ref: str) -> None:
    browser.sign_in(cast.ada)
    for path in (f"/registrations/{going.mine.ref}/handouts/{ref}", f"/registrations/{ref}/handouts/{ref}"):
        assert browser.client.get(path).status_code == 404


@pytest.mark.parametrize("status", ["held", "cancelled", "expired"])
def test_without_a_confirmed_seat_there_are_none(
    browser: Browser, cast: Any, clock: Any, going: SimpleNamespace, status: str
) -> None:
    with transaction() as session:
        mine = session.get_one(Registration, going.mine.id)
        mine.status, mine.confirmed_at = status, None
        mine.hold_until = clock.now + timedelta(minutes=15) if status == "held" else None
    browser.sign_in(cast.ada)
    page = browser.open(going.path, expect=409)
    assert "Handouts are yours once your registration is confirmed." in page.text
    assert not browser.open(f"/registrations/{going.mine.ref}").links("Slides")


@pytest.mark.parametrize(("access_days", "last"), [(10, 10), (None, 40), (90, 40)])
def test_on_demand_they_go_when_access_ends(
    browser: Browser, cast: Any, clock: Any, access_days: int | None, last: int
) -> None:
    today = clock.now.date()
    made = seminar(now=clock.now, starts_in=-30, modes=("on-demand",), learning_format="enduring material")
    with transaction() as session:
        session.get_one(Seminar, made.id).terminates_on = today + timedelta(days=40)
        session.get_one(Offering, made.offerings[0].id).access_days = access_days
    mine = registration(cast.ada, made, now=clock.now)
    slides = handout(made, now=clock.now, content=SLIDES)
    path = f"/registrations/{mine.ref}/handouts/{slides.ref}"
    browser.sign_in(cast.ada)
    clock.advance(days=last)
    browser = Browser(browser.app).sign_in(cast.ada)
    assert browser.client.get(path).data == SLIDES
    clock.advance(days=1)
    browser = Browser(browser.app).sign_in(cast.ada)
    assert "Your access to this activity has ended" in browser.open(path, expect=409).text
