"""The pages of those who wait for a seat, and of staff who call a seminar off."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.catalog import services as catalog
from cme.catalog.models import Offering, Seminar
from cme.database import db, transaction
from cme.registration import asked, checkout
from cme.registration.models import Registration
from tests import factories
from tests.browser import Browser
from tests.registration.pages import ask_about_meals, meals, ref_of

pytestmark = pytest.mark.pages


@pytest.fixture
def full(cast: Any, clock: Any) -> Any:
    """A seminar whose only seat otto has."""
    made = factories.seminar(now=clock.now, capacity=1)
    factories.registration(cast.otto, made, now=clock.now)
    return made


def mine(account: Any) -> Registration:
    db.session.rollback()
    found = select(Registration).where(Registration.account_id == account.id).order_by(Registration.id.desc())
    return db.session.scalars(found.limit(1)).one()


def join(browser: Browser, seminar: Any) -> Any:
    return browser.open(f"/seminars/{seminar.slug}/waitlist").press("Join the waitlist")


def free_the_seat(seminar: Any, clock: Any) -> None:
    """Let staff add a seat, and the sweep come by."""
    with transaction() as session:
        session.get_one(Offering, seminar.offerings[0].id).capacity += 1
    checkout.sweep(payments=None, now=clock.now)


def test_from_the_full_seminar_into_the_line_and_out_again(browser, cast, full):
    browser.sign_in(cast.ada)
    page = browser.open(f"/seminars/{full.slug}")
    page = page.click("Join the waitlist").press("Join the waitlist")
    assert page.h1 == "You are 1st in line."
    assert "Nothing has been charged" in page.text
    assert "On the waitlist, 1st in line" in browser.open("/my").text
    assert "You are 1st in line" in browser.open(f"/seminars/{full.slug}").text
    assert browser.open(f"/seminars/{full.slug}/waitlist").h1 == page.h1
    assert browser.open(f"/seminars/{full.slug}/register").h1 == page.h1
    page = page.click("Leave the waitlist")
    assert page.press("Leave the waitlist").h1 == "You left the waitlist"


def test_the_register_page_of_a_full_seminar_leads_into_the_line(browser, cast, full):
    page = browser.sign_in(cast.ada).open(f"/seminars/{full.slug}/register", expect=409)
    assert page.click("Join the waitlist").h1 == "Join the waitlist"


def test_where_a_seat_is_free_one_registers(browser, cast, clock):
    made = factories.seminar(now=clock.now)
    page = browser.sign_in(cast.ada).open(f"/seminars/{made.slug}/waitlist")
    assert page.url.endswith(f"/seminars/{made.slug}/register")


def test_where_several_ways_are_full_one_chooses(browser, cast, clock):
    made = factories.seminar(now=clock.now, modes=("in-person", "livestream"), capacity=0)
    page = browser.sign_in(cast.ada).open(f"/seminars/{made.slug}/waitlist?mode=livestream")
    assert "Which seat do you wait for?" in page.text
    page.press("Join the waitlist")
    assert mine(cast.ada).offering.mode == "livestream"


def test_a_way_that_is_not_full_is_no_choice(browser, cast, full):
    page = browser.sign_in(cast.ada).open(f"/seminars/{full.slug}/waitlist")
    page = page.press("Join the waitlist", expect=422, mode="on-demand")
    assert "Choose how you will attend" in page.text


def test_somebody_without_details_is_asked_for_them(browser, cast, full):
    page = browser.sign_in(cast.noah).open(f"/seminars/{full.slug}/waitlist")
    page = page.press("Join the waitlist", expect=422)
    assert "Select your Certification Type" in page.text
    page = page.press("Join the waitlist", professional_name="Noah Ferris, MD", certification_type="md")
    assert page.h1 == "You are 1st in line."


def test_an_offered_seat_is_shown_accepted_and_paid(browser, cast, clock, full):
    join(browser.sign_in(cast.ada), full)
    free_the_seat(full, clock)
    ada = mine(cast.ada)
    assert "See the offer" in browser.open("/my").text
    assert "A seat is offered to you" in browser.open(f"/seminars/{full.slug}").text
    page = browser.open(f"/registrations/{ada.ref}")
    assert page.h1 == "A seat is yours to take"
    assert "$1,095" in page.text
    page = page.press("Accept the seat", expect=422)
    assert "Confirm that you have read" in page.text
    page = page.press("Accept the seat", terms="y")
    assert page.h1 == "Review and pay"
    assert mine(cast.ada).status == "held"
    assert ref_of(page) == ada.ref


def test_a_free_seat_accepted_is_confirmed(browser, cast, clock):
    made = factories.seminar(now=clock.now, capacity=0, prices=factories.FREE)
    join(browser.sign_in(cast.ada), made)
    free_the_seat(made, clock)
    page = browser.open(f"/registrations/{mine(cast.ada).ref}").press("Accept the free seat", terms="y")
    assert page.h1.startswith("You are registered")


def test_a_forged_price_takes_no_seat(browser, cast, clock, full):
    join(browser.sign_in(cast.ada), full)
    free_the_seat(full, clock)
    page = browser.open(f"/registrations/{mine(cast.ada).ref}/offer")
    for forged in ("1", "-5", "99999999999999", "free"):
        page = page.press("Accept the seat", expect=409, terms="y", shown=forged)
        assert "The tuition has changed" in page.text
    assert mine(cast.ada).status == "offered"


def test_a_declined_seat_goes_on(browser, cast, clock, full):
    join(browser.sign_in(cast.ada), full)
    free_the_seat(full, clock)
    page = browser.open(f"/registrations/{mine(cast.ada).ref}").press("Decline the seat")
    assert (page.h1, mine(cast.ada).status) == ("You declined the seat", "cancelled")


def test_whoever_accepts_is_asked_what_everybody_is_asked(browser, cast, clock, full):
    ask_about_meals(full, clock.now)
    browser.sign_in(cast.ada)
    join(browser, full)
    free_the_seat(full, clock)
    page = browser.open(f"/registrations/{mine(cast.ada).ref}/offer")
    refused = page.press("Accept the seat", terms="y", consent_news="y")
    assert refused.errors == ["Enter an answer: Meals"]
    assert mine(cast.ada).status == "offered"
    refused.press("Accept the seat", terms="y", **{meals(): "Vegan"})
    assert [kept["answer"] for kept in mine(cast.ada).questions.values()] == ["Vegan"]
    assert {each.is_given for each in asked.consents_of(cast.ada.id) if each.key == "news"} == {True}


def test_an_offer_that_ended_says_so_before_and_after_the_sweep(browser, cast, clock, full):
    join(browser.sign_in(cast.ada), full)
    free_the_seat(full, clock)
    offer = browser.open(f"/registrations/{mine(cast.ada).ref}")
    clock.advance(hours=24)
    browser.sign_in(cast.ada)
    assert browser.open(f"/registrations/{mine(cast.ada).ref}").h1 == "The offer has ended"
    page = offer.press("Accept the seat", expect=None, terms="y")
    assert mine(cast.ada).status == "offered"
    checkout.sweep(payments=None, now=clock.now)
    page = browser.open(f"/registrations/{mine(cast.ada).ref}/offer")
    assert page.h1 == "Your offer has ended"


def test_nobody_sees_or_answers_somebody_elses_offer(app, browser, cast, clock, full):
    join(browser.sign_in(cast.ada), full)
    free_the_seat(full, clock)
    ref = mine(cast.ada).ref
    nell = Browser(app).sign_in(cast.nell)
    for path in ("offer", "waitlist"):
        assert nell.open(f"/registrations/{ref}/{path}", expect=404).status == 404


# Staff.


def test_staff_see_who_waits_in_order(app, browser, cast, clock, full):
    for person in (cast.ada, cast.nell):
        join(Browser(app).sign_in(person), full)
    page = browser.sign_in(cast.sam).open(f"/admin/seminars/{full.slug}/roster").click("Waitlist")
    assert page.text.index("Ada Quillfeather") < page.text.index("Nell Bracegirdle")
    assert "2nd in line" in page.text
    free_the_seat(full, clock)
    page = browser.open(f"/admin/seminars/{full.slug}/waitlist")
    assert "Offered" in page.text
    assert "2nd in line" not in page.text


def test_staff_call_a_seminar_off_after_seeing_what_it_does(app, browser, cast, clock, full):
    ada = Browser(app).sign_in(cast.ada)
    join(ada, full)
    browser.sign_in(cast.sam)
    page = browser.open(f"/admin/seminars/{full.slug}").click("Cancel this seminar")
    assert "Everybody gets a letter with your reason: 2 letters." in page.text
    page = page.press("Cancel the seminar", expect=422, reason="A storm.", typed="something else")
    assert f"Type {full.slug}, exactly as it is shown" in page.text
    assert db.session.get_one(Seminar, full.id).status == "published"
    page = page.press("Cancel the seminar", expect=422, reason="", typed=full.slug)
    assert "Enter the reason" in page.text
    page = page.press("Cancel the seminar", reason="A storm.", typed=full.slug)
    assert "Cancelled. 2 letters are being written." in page.text
    assert "This seminar has been cancelled A storm." in page.text
    assert page.links("Give a place") == []
    assert "This seminar was cancelled on" in browser.open(f"/admin/seminars/{full.slug}/cancel").text
    assert "Cancelled" in browser.open("/admin/seminars?view=withdrawn").text
    public = browser.open(f"/seminars/{full.slug}").text
    assert "A storm." in public
    calendar = browser.client.get(f"/seminars/{full.slug}.ics").get_data(as_text=True)
    assert "STATUS:CANCELLED" in calendar
    checkout.sweep(payments=None, now=clock.now)
    assert ada.open(f"/registrations/{mine(cast.ada).ref}").h1 == "This seminar has been cancelled"


def test_what_has_begun_or_was_never_published_is_not_called_off(browser, cast, clock):
    begun = factories.seminar(now=clock.now, starts_in=-1, days=3)
    draft = factories.seminar(now=clock.now, status="draft")
    browser.sign_in(cast.sam)
    for made in (begun, draft):
        assert "This seminar cannot be cancelled" in browser.open(f"/admin/seminars/{made.slug}/cancel").text


def test_whoever_has_paid_is_shown_the_choices(browser, cast, clock, desk):
    ada = desk.pay()
    catalog.cancel_seminar(desk.seminar.id, reason="A storm.", by=cast.sam, now=clock.now)
    desk.sweep()
    page = browser.sign_in(cast.ada).open(f"/registrations/{ada.ref}")
    assert page.h1 == "This seminar has been cancelled."
    until = clock.now + timedelta(days=5)
    assert f"Choose until March {until.day}, 2027" in page.text
    assert "Refund $1,095" in page.text
    page = page.click("Refund $1,095")
    assert "$1,095" in page.text
