"""The pages on which people change what they have: what would come of it, then doing it once."""

from types import SimpleNamespace

import pytest

from cme.catalog import services as catalog
from cme.database import db, transaction
from cme.registration import services
from cme.registration.changes import Changes
from cme.registration.models import Refund, Registration
from tests import factories
from tests.browser import Browser, Page
from tests.registration import moving
from tests.registration.conftest import Desk

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("promises")]


@pytest.fixture
def paid(desk: Desk) -> Registration:
    """Ada's seat, paid for, sixty days before the start."""
    moving.two_ways(desk)
    return desk.pay()


@pytest.fixture
def ada(browser: Browser, cast: SimpleNamespace) -> Browser:
    """Ada's browser."""
    return browser.sign_in(cast.ada)


def address(seat: Registration, of: str = "") -> str:
    """A page of a registration."""
    return f"/registrations/{seat.ref}{of}"


def options(page: Page) -> dict[str, str]:
    """What is offered, with the words below it."""
    found = page.root.find(class_="tasks")[0].find("li")
    return {one.find("h2")[0].text: one.text.replace("\xa0", " ") for one in found}


def hold(desk: Desk, seat: Registration) -> None:
    """Put the tuition on hold as the page offers it."""
    until = Changes(seat, desk.clock.now).hold_until
    services.put_on_hold(seat.id, until=until, by=desk.cast.ada, now=desk.clock.now)


def test_every_change_is_shown_with_its_money_and_dates(ada, paid):
    page = ada.open(address(paid)).click("Change or cancel")
    told = options(page)
    assert "$1,045 comes back to your Visa ending in 4242" in told["Cancel"]
    assert "Until March 31, 2027, all of it comes back, less $50." in told["Cancel"]
    assert (
        "$1,095 stays with us and pays for another seminar if you register by March 1, 2028"
        in (told["Put your tuition on hold"])
    )
    assert "To one that begins by April 30, 2029" in told["Move to another seminar"]
    assert "Livestream: $300 comes back" in told["Switch between in person and livestream"]
    assert "the seat stays yours until it is taken over" in told["Let a colleague take your seat"]
    assert "at most 50% of the tuition comes back" in told["Get an invitation letter"]
    assert "Not possible" not in page.text


def test_what_is_not_possible_stands_there_with_its_reason(ada, desk, paid):
    desk.clock.advance(days=60)
    ada.sign_in(desk.cast.ada)
    told = options(ada.open(address(paid, "/change")))
    for title in ("Cancel", "Put your tuition on hold", "Move to another seminar", "Let a colleague take your seat"):
        assert told[title].endswith("The seminar has begun. Not possible")


def test_too_late_for_a_refund_the_page_says_so(ada, desk, paid):
    desk.clock.advance(days=31)
    ada.sign_in(desk.cast.ada)
    told = options(ada.open(address(paid, "/change")))
    assert "Nothing comes back. Refunds for this seminar ended on March 31, 2027." in told["Cancel"]
    page = ada.open(address(paid, "/change/cancel"))
    assert "keep all $1,095 on hold" in page.text
    assert "Your registration is cancelled" in page.press("Cancel without refund").text


def test_whoever_attended_is_told_to_call(ada, desk, paid):
    factories.attend(paid, now=desk.clock.now)
    for of in ("/change", "/change/cancel", "/change/hold"):
        page = ada.open(address(paid, of))
        assert "You have attended this seminar or claimed credit for it" in page.text
        assert "comes back to" not in page.text


def test_a_move_begun_is_led_to(ada, desk, paid):
    new = moving.place(moving.move(desk, paid, moving.other(desk, physician=129500)))
    page = ada.open(address(paid, "/change"))
    assert page.links("Go to the move you began") == [address(new)]


def test_cancelled_for_what_the_page_shows(ada, desk, paid, outbox):
    page = ada.open(address(paid)).click("Change or cancel").click("Cancel registration")
    assert "$1,045 comes back" in page.text
    assert "−$50" in page.text
    page = page.press("Cancel, with a refund of $1,045")
    assert page.h1 == "Your registration is cancelled"
    assert "$1,045 comes back to you" in page.text
    assert "Refunded" in page.text
    assert "DEMO: no money moves" in page.text
    assert moving.returned() == [(104500, "succeeded")]
    past = ada.open("/my")
    assert past.links("Cancelled") == [address(paid)]


def test_sent_twice_it_is_done_once(ada, paid):
    first, second = (ada.open(address(paid, "/change/cancel")) for _ in range(2))
    first.press("Cancel, with a refund of $1,045")
    assert second.press("Cancel, with a refund of $1,045").h1 == "Your registration is cancelled"
    assert ada.open(address(paid, "/change/cancel")).h1 == "Your registration is cancelled"
    assert moving.returned() == [(104500, "succeeded")]


@pytest.mark.parametrize("sent", ["109500", "-1", "1e3", "٣", "", "9" * 40])
def test_another_amount_is_refused_and_the_right_one_shown(ada, paid, sent):
    page = ada.open(address(paid, "/change/cancel")).press("Cancel, with a refund of $1,045", expected=sent)
    assert page.status == 409
    assert "$1,045 comes back now, not what the page showed" in page.errors[0]
    assert moving.returned() == []
    assert page.press("Cancel, with a refund of $1,045").h1 == "Your registration is cancelled"


def test_a_page_left_open_past_the_deadline_does_nothing(ada, desk, paid):
    desk.clock.advance(days=30, hours=12)  # an hour before midnight on the last day
    page = ada.sign_in(desk.cast.ada).open(address(paid, "/change/cancel"))
    desk.clock.advance(hours=1, minutes=1)
    page = page.press("Cancel, with a refund of $1,045")
    assert page.status == 409
    assert "Nothing comes back" in page.text
    db.session.rollback()
    assert paid.status == "confirmed"


def test_put_on_hold_until_the_day_the_page_names(ada, desk, paid):
    page = ada.open(address(paid, "/change")).click("Put on hold")
    page = page.press("Put $1,095 on hold")
    assert page.h1 == "On hold until March 1, 2028"
    assert "$1,095 to use" in page.text
    mine = ada.open("/my")
    assert "On hold until March 1, 2028, $1,095 to use" in mine.text
    assert mine.links("Use it for a seminar") == [address(paid, "/change/transfer")]
    assert moving.returned() == []


@pytest.mark.parametrize("sent", ["2099-01-01", "soon", ""])
def test_another_day_is_refused(ada, paid, sent):
    page = ada.open(address(paid, "/change/hold")).press("Put $1,095 on hold", until=sent)
    assert (page.status, len(page.errors)) == (409, 1)
    db.session.rollback()
    assert paid.status == "confirmed"


def test_time_on_hold_ends_and_the_page_says_so(ada, desk, paid):
    hold(desk, paid)
    desk.clock.advance(days=367)
    ada.sign_in(desk.cast.ada)
    page = ada.open(address(paid))
    assert page.h1 == "Your time on hold has ended"
    assert not page.links("Use it for a seminar")
    assert "to use" not in ada.open("/my").text


def test_tuition_in_use_leads_to_the_place_begun(ada, desk, paid):
    hold(desk, paid)
    new = moving.place(moving.move(desk, paid, moving.other(desk, physician=129500)))
    page = ada.open(address(paid))
    assert page.links("Finish that registration") == [address(new)]


def test_what_was_moved_leads_to_where_it_went(ada, desk, paid):
    new = moving.place(moving.move(desk, paid, moving.other(desk, physician=99500)))
    page = ada.open(address(paid))
    assert page.h1 == "This registration was moved"
    assert page.links("See your registration") == [address(new)]
    assert "$100" in page.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("requested", "It is sent in a moment"),
        ("pending", "Your bank has not booked it yet"),
        ("succeeded", "Banks take up to ten business days to show it"),
        ("failed", "We pay it back another way"),
        ("refused", "We pay it back another way"),
    ],
)
def test_a_refund_says_where_it_is(ada, desk, paid, status, words):
    (refund,) = services.cancel(paid.id, expected_minor=104500, by=desk.cast.ada, now=desk.clock.now)
    with transaction() as session:
        session.get_one(Refund, refund).status = status
    text = ada.open(address(paid)).text
    assert words in text
    assert ("$1,045 comes back to you" in text) == (status not in ("failed", "refused"))
    with transaction() as session:
        session.get_one(Refund, refund).status = "requested"


def test_only_ones_own_registration_can_be_changed(browser, cast, desk, paid):
    nell = browser.sign_in(cast.nell)
    for of in ("/change", "/change/cancel", "/change/hold"):
        nell.open(address(paid, of), expect=404)


def test_what_is_not_confirmed_leads_to_where_it_stands(ada, desk):
    held = desk.hold()
    for of in ("/change", "/change/cancel", "/change/hold"):
        assert ada.open(address(held, of)).url.endswith(address(held))


def test_a_free_seat_is_given_up_without_money(ada, desk):
    desk.open(starts_in=60, prices={"physician": 0})
    seat = desk.hold()
    told = options(ada.open(address(seat, "/change")))
    assert "Nothing was paid for this seat, so nothing comes back." in told["Cancel"]
    assert "Not possible" in told["Put your tuition on hold"]
    page = ada.open(address(seat, "/change/cancel")).press("Cancel without refund")
    assert "Nothing had been paid." in page.text


def test_the_page_of_a_cancelled_seminar_leads_those_who_had_a_place_to_their_choice(ada, desk, paid):
    catalog.cancel_seminar(desk.seminar.id, reason="A storm.", by=desk.cast.sam, now=desk.clock.now)
    page = ada.open(f"/seminars/{desk.seminar.slug}")
    assert "See what becomes of your place." in page.text
    assert page.click("See your choices").h1 == "This seminar has been cancelled."
    for path in ("cancel", "hold", "transfer"):
        text = ada.open(address(paid, f"/change/{path}")).text
        for words in ("Your seat is free for somebody else", "Keep your seat", "Your place stays yours"):
            assert words not in text
