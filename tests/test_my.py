"""My CME: what waits for a person, what is ahead, what is behind."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from cme.catalog.services import cancel_seminar
from cme.credits import services
from cme.database import transaction
from tests import factories
from tests.browser import Browser, Page

pytestmark = pytest.mark.pages
GOOD = {"objectives_met": "5", "relevant": "4", "overall": "5", "free_of_bias": "yes"}


def part(page: Page, heading: str) -> str:
    """The words under one heading of the page, or nothing."""
    for section in page.root.find("section"):
        if any(h2.text == heading for h2 in section.find("h2")):
            return section.text
    return ""


@pytest.fixture
def ended(clock: Any) -> Any:
    """A seminar of two mornings that ended last week."""
    return factories.seminar(now=clock.now, starts_in=-8, title="Cardiology")


def test_somebody_new_is_shown_where_to_begin(cast: SimpleNamespace, browser: Browser):
    page = browser.sign_in(cast.ada).open("/my")
    assert "No seminar ahead" in page.text
    assert page.links("Upcoming seminars")
    assert part(page, "Needs your attention") == part(page, "Past") == ""


def test_a_held_seat_waits_for_its_payment(cast: SimpleNamespace, browser: Browser, clock: Any):
    ahead = factories.seminar(now=clock.now, title="Geriatrics")
    made = factories.registration(cast.ada, ahead, now=clock.now, status="held", amount_due_minor=109500)
    page = browser.sign_in(cast.ada).open("/my")
    assert "Finish payment: Geriatrics Your seat is held until March 1, 2027, 10:15 am EST." in part(
        page, "Needs your attention"
    ).replace("\N{NO-BREAK SPACE}", " ")
    assert page.links("Pay $1,095") == [f"/registrations/{made.ref}"]
    assert "Payment open" in part(page, "Upcoming")


def test_an_invoice_is_paid_by_check_or_transfer_not_here(cast: SimpleNamespace, browser: Browser, clock: Any):
    ahead = factories.seminar(now=clock.now, title="Geriatrics")
    made = factories.registration(cast.ada, ahead, now=clock.now, status="held", amount_due_minor=109500)
    with transaction() as session:
        session.get_one(type(made), made.id).invoiced_at = clock.now
    page = browser.sign_in(cast.ada).open("/my")
    assert "Invoice open: Geriatrics Your check or transfer of $1,095 keeps" in part(page, "Needs your attention")
    assert page.links("See the invoice") == [f"/registrations/{made.ref}"]


@pytest.mark.parametrize(
    ("status", "due", "word"),
    [("confirmed", 109500, "Paid"), ("confirmed", 0, "Confirmed"), ("waitlisted", 109500, "On the waitlist")],
)
def test_what_is_ahead_says_how_it_stands(
    cast: SimpleNamespace, browser: Browser, clock: Any, status: str, due: int, word: str
):
    ahead = factories.seminar(now=clock.now, title="Geriatrics")
    factories.registration(cast.ada, ahead, now=clock.now, status=status, amount_due_minor=due)
    page = browser.sign_in(cast.ada).open("/my")
    assert word in part(page, "Upcoming")
    assert part(page, "Needs your attention") == ""


def test_an_offered_seat_is_something_to_do(cast: SimpleNamespace, browser: Browser, clock: Any):
    ahead = factories.seminar(now=clock.now, title="Geriatrics")
    until = clock.now + timedelta(days=1)
    factories.registration(cast.ada, ahead, now=clock.now, status="offered", offer_until=until)
    page = browser.sign_in(cast.ada).open("/my")
    assert "A seat is free: Geriatrics" in part(page, "Needs your attention")
    assert "Seat offered" in part(page, "Upcoming")


@pytest.mark.parametrize(
    ("status", "why", "word"),
    [
        ("expired", "", "Seat released"),
        ("expired", "offer lapsed", "Offer ended"),
        ("expired", "no seat came", "No seat came free"),
        ("cancelled", "", "Seat given up"),
        ("cancelled", "left the waitlist", "Left the waitlist"),
        ("cancelled", "declined the offer", "Seat declined"),
        ("cancelled", "called off", "Cancelled"),
    ],
)
def test_what_came_to_nothing_is_past(
    cast: SimpleNamespace, browser: Browser, clock: Any, status: str, why: str, word: str
):
    ahead = factories.seminar(now=clock.now, title="Geriatrics")
    factories.registration(cast.ada, ahead, now=clock.now, status=status, end_reason=why)
    page = browser.sign_in(cast.ada).open("/my")
    assert word in part(page, "Past")
    assert "Geriatrics" not in part(page, "Upcoming")


def test_a_move_asks_for_the_difference_and_is_no_cancelled_seat_when_given_up(
    cast: SimpleNamespace, browser: Browser, clock: Any
):
    old = factories.registration(
        cast.ada, factories.seminar(now=clock.now), now=clock.now, status="confirmed", amount_due_minor=109500
    )
    dearer = factories.seminar(now=clock.now, title="Geriatrics", slug="geriatrics")
    replaces: dict[str, Any] = {"amount_due_minor": 149500, "carried_minor": 109500, "moved_from_id": old.id}
    new = factories.registration(cast.ada, dearer, now=clock.now, status="held", **replaces)
    assert browser.sign_in(cast.ada).open("/my").links("Pay $400") == [f"/registrations/{new.ref}"]
    with transaction() as session:
        session.merge(new).status = "cancelled"
    past = part(browser.open("/my"), "Past")
    assert "Move not made" in past
    assert "Cancelled" not in past


def test_a_seminar_called_off_leaves_a_choice_to_make(cast: SimpleNamespace, browser: Browser, clock: Any):
    off = factories.seminar(now=clock.now, title="Geriatrics")
    made = factories.registration(cast.ada, off, now=clock.now, amount_due_minor=109500)
    cancel_seminar(off.id, reason="A storm.", by=cast.sam, now=clock.now)
    page = browser.sign_in(cast.ada).open("/my")
    assert "We cancelled this seminar: Geriatrics Choose what" in part(page, "Needs your attention")
    assert page.links("See your choices") == [f"/registrations/{made.ref}"]
    assert "Seminar cancelled" in part(page, "Upcoming")


def test_who_did_not_come_has_nothing_to_claim(cast: SimpleNamespace, browser: Browser, clock: Any, ended: Any):
    factories.registration(cast.ada, ended, now=clock.now)
    page = browser.sign_in(cast.ada).open("/my")
    assert "No attendance on file" in part(page, "Past")
    assert part(page, "Needs your attention") == ""


def test_details_then_evaluation_then_claim_then_certificate(
    cast: SimpleNamespace, browser: Browser, clock: Any, ended: Any
):
    made = factories.registration(cast.noah, ended, now=clock.now)
    factories.attend(made, now=clock.now)
    address = f"/registrations/{made.ref}/claim"
    todo = "Needs your attention"

    page = browser.sign_in(cast.noah).open("/my")
    assert "Complete your Account Details to claim credit: Cardiology" in part(page, todo)
    assert page.links("Claim credit for Cardiology") == [address]

    with transaction() as session:
        person = session.merge(cast.noah)
        person.professional_name, person.certification_type = "Noah Windrow, MD", "md"
    page = browser.open("/my")
    assert "Evaluate, then claim credit: Cardiology Up to 4.00 credits. Closes" in part(page, todo)

    page.click("Claim credit for Cardiology").press("Continue to evaluation").press("Continue", **GOOD)
    page = browser.open("/my")
    assert "Claim credit: Cardiology Up to 4.00 credits." in part(page, todo)

    done = page.click("Claim credit for Cardiology").press("Continue to attest").press("Claim", attests="y")
    page = browser.open("/my")
    assert part(page, todo) == ""
    assert page.links("PDF") == [f"{done.url}.pdf"]
    assert "4.00 credits in 2027" in page.text

    # The other pages know it too, and ask for nothing more.
    page = browser.open(f"/registrations/{made.ref}")
    assert "Credit is claimed" in page.text
    assert page.links("Evaluation") == []
    assert browser.open(f"/seminars/{ended.slug}").links("View certificate") == [done.url]


def test_a_claim_nobody_made_in_time_is_past(cast: SimpleNamespace, browser: Browser, clock: Any, ended: Any):
    made = factories.registration(cast.ada, ended, now=clock.now)
    factories.attend(made, now=clock.now)
    services.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
    clock.advance(days=61)
    page = browser.sign_in(cast.ada).open("/my")
    assert "Not claimed in time" in part(page, "Past")
    assert part(page, "Needs your attention") == ""


def test_the_hours_of_everyone_else_are_called_hours(cast: SimpleNamespace, browser: Browser, clock: Any, ended: Any):
    made = factories.registration(cast.nell, ended, now=clock.now)
    factories.attend(made, now=clock.now)
    services.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
    page = browser.sign_in(cast.nell).open("/my")
    assert "Up to 4.00 hours of participation." in page.text
    page.click("Claim credit for Cardiology").press("Continue to attest").press("Claim", attests="y")
    assert "4.00 hours in 2027" in browser.open("/my").text


def test_everybody_sees_only_their_own(cast: SimpleNamespace, browser: Browser, clock: Any, ended: Any, app: Flask):
    factories.registration(cast.ada, ended, now=clock.now)
    assert "Cardiology" not in browser.sign_in(cast.otto).open("/my").text
    assert "/sign-in" in Browser(app).open("/my").url
