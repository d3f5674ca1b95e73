"""Facts about the pages on which somebody moves to another place, or hands theirs to a colleague."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from cme.database import db, transaction
from cme.mail import Letter
from cme.registration import checkout, services
from cme.registration.models import Refund, Registration, Substitution
from cme.values import Policy
from tests import factories
from tests.browser import Browser
from tests.registration.moving import other, prices, two_ways
from tests.registration.pages import ask_about_meals, count, meals, ref_of

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("promises", "sandbox")]


@pytest.fixture
def old(desk: Any) -> Registration:
    """A seat of ada's, paid for, sixty days ahead."""
    desk.open(starts_in=60)
    return desk.pay()


@pytest.fixture
def ada(browser: Browser, cast: Any) -> Browser:
    return browser.sign_in(cast.ada)


@pytest.fixture
def otto(app: Any, cast: Any) -> Browser:
    return Browser(app).sign_in(cast.otto)


def transfer(old: Any, offering: Any = None) -> str:
    address = f"/registrations/{old.ref}/change/transfer"
    return f"{address}?to={offering.seminar.slug}&mode={offering.mode}" if offering else address


class TestChoosing:
    """The list of seminars somebody could move to."""

    def test_each_way_says_what_it_costs_besides(self, ada, desk, old):
        for price in (129500, 109500, 99500):
            other(desk, price)
        text = ada.open(transfer(old)).text
        for words in ("Pay $200 more", "Nothing to pay", "$100 comes back"):
            assert words in text

    def test_the_seminar_left_is_not_among_them(self, ada, desk, old):
        other(desk)
        assert "Cardiology for Primary Care" not in " ".join(
            link.text for link in ada.open(transfer(old)).root.find("li", **{"class": "sem-row"})
        )

    def test_words_find_some_of_them(self, ada, desk, old):
        other(desk)
        factories.seminar(now=desk.clock.now, title="Sleep Medicine", starts_in=100)
        page = ada.open(transfer(old)).press("Search", q="sleep")
        assert "Sleep Medicine" in page.text
        assert "Endocrinology" not in page.text
        assert "No seminar matches" in ada.open(transfer(old) + "?q=zzyzx").text

    def test_a_full_one_says_so_and_leads_nowhere(self, ada, desk, cast, old):
        target = other(desk, capacity=1)
        services.register(cast.otto.id, target.id, form_id=None, now=desk.clock.now)
        page = ada.open(transfer(old))
        assert "In person: No seat is left." in page.text
        assert page.links("In person") == []

    def test_a_policy_without_transfers_says_so(self, ada, desk):
        desk.open(starts_in=60, policy=Policy(transfers=0).to_json())
        page = ada.open(transfer(desk.pay()), expect=409)
        assert "The policy you accepted has no transfer" in page.text

    def test_somebody_elses_registration_is_not_there(self, otto, old):
        for page in ("transfer", "switch", "substitute"):
            otto.open(f"/registrations/{old.ref}/change/{page}", expect=404)

    def test_a_page_that_is_no_number_is_the_first(self, ada, desk, old):
        other(desk)
        for number in ("-3", "x", "99999999999"):
            ada.open(transfer(old) + f"?page={number}")

    def test_tuition_on_hold_says_how_much_and_until_when(self, ada, desk, old):
        other(desk, 119500)
        services.put_on_hold(
            old.id, until=desk.clock.now.date().replace(year=2028), by=desk.cast.ada, now=desk.clock.now
        )
        page = ada.open(transfer(old))
        assert page.h1 == "Use your tuition for another seminar"
        assert "$1,095 is on hold for you until" in page.text
        assert "Pay $100 more" in page.text


class TestMoving:
    """The sum before the click, and the click."""

    def test_the_difference_is_shown_and_then_paid_for_the_new_place(self, ada, desk, old):
        target = other(desk, 129500)
        page = ada.open(transfer(old)).click("In person")
        for words in ("Pay $200 more", "Paid before −$1,095", "To pay $200"):
            assert words in page.text
        page = page.press("Continue to review", terms="y")
        assert page.h1 == "Review and pay"
        assert page.form_with("Pay $200 with Stripe")
        assert ref_of(page) != old.ref
        assert db.session.get_one(type(target), target.id).taken == 1

    def test_the_page_of_the_new_place_says_what_it_replaces(self, ada, desk, old):
        page = ada.open(transfer(old, other(desk, 129500))).press("Continue to review", terms="y")
        assert "Cardiology for Primary Care stays yours until this is paid" in page.text

    def test_an_exchange_without_payment_is_done_at_once(self, ada, desk, old):
        page = ada.open(transfer(old, other(desk, 89500)))
        assert "$200 goes back the way you paid" in page.text
        page = page.press("Move now", terms="y")
        assert "Endocrinology by the Sea" in page.text
        assert "Paid for your earlier place −$895" in page.text
        db.session.rollback()
        assert (old.status, db.session.scalars(select(Refund.status)).all()) == ("cancelled", ["succeeded"])

    def test_what_does_not_come_back_is_said_before(self, browser, desk, cast, old, clock):
        clock.advance(days=50)
        page = browser.sign_in(cast.ada).open(transfer(old, other(desk, 89500)))
        assert "$200 does not come back" in page.text
        assert "Refunds for this seminar ended on" in page.text

    def test_the_terms_of_the_other_seminar_have_to_be_accepted(self, ada, desk, old):
        page = ada.open(transfer(old, other(desk))).press("Move now")
        assert page.status == 422
        assert count(Registration) == 1

    def test_a_sum_that_changed_is_shown_before_anything_happens(self, ada, desk, old):
        target = other(desk, 129500)
        page = ada.open(transfer(old, target))
        with transaction():
            next(tier for tier in db.session.merge(target).tiers if tier.tier == "physician").amount_minor = 139500
        page = page.press("Continue to review", terms="y")
        assert (page.status, count(Registration)) == (409, 1)
        assert page.errors == ["Pay $300 more now. Nothing was changed: check the sum, then confirm."]
        assert page.press("Continue to review", terms="y").form_with("Pay $300 with Stripe")

    @pytest.mark.parametrize("shown", ["", "0", "-20001", "1e5", "99999999999999999999", "²", "<b>"])
    def test_a_sum_nobody_saw_changes_nothing(self, ada, desk, old, shown):
        page = ada.open(transfer(old, other(desk, 129500))).press("Continue to review", terms="y", shown=shown)
        assert (page.status, count(Registration)) == (409, 1)

    def test_sent_twice_from_two_tabs_or_by_the_back_button_it_is_one_move(self, ada, desk, old):
        target = other(desk, 129500)
        one, two = ada.open(transfer(old, target)), ada.open(transfer(old, target))
        first = one.press("Continue to review", terms="y")
        for again in (one, two):
            assert ref_of(again.press("Continue to review", terms="y")) == ref_of(first)
        assert count(Registration) == 2

    def test_whoever_has_begun_a_move_is_led_to_it(self, ada, desk, old):
        page = ada.open(transfer(old, other(desk, 129500))).press("Continue to review", terms="y")
        assert ref_of(ada.open(transfer(old))) == ref_of(page)

    def test_a_move_that_ran_out_stands_in_nobodys_way(self, ada, desk, old, clock):
        target = other(desk, 129500)
        ada.open(transfer(old, target)).press("Continue to review", terms="y")
        clock.advance(minutes=20)
        assert "Pay $200 more" in ada.open(transfer(old)).text

    def test_whoever_does_not_pay_for_a_move_reads_that_the_old_place_stays(self, ada, desk, old, clock):
        page = ada.open(transfer(old, other(desk, 129500))).press("Continue to review", terms="y")
        ref, stays = ref_of(page), "Your place at Cardiology for Primary Care stays yours."
        page = ada.open(f"/registrations/{ref}/cancel")
        assert stays in page.text
        assert "Paid for your earlier place −$1,095" in page.text
        assert ada.open(f"/registrations/{old.ref}/change").text.count("Finish the move or give it up first") == 1
        clock.advance(minutes=16)
        assert stays in ada.open(f"/registrations/{ref}").text
        checkout.sweep(payments=desk.client, now=clock.now)
        page = ada.open(f"/registrations/{ref}")
        assert stays in page.text
        assert page.click("See what you have").h1.startswith("You are registered")
        letter = db.session.scalars(select(Letter).where(Letter.key.startswith("expired:"))).one()
        assert letter.subject.startswith("The seat held for your change was released")
        for body in (letter.text, letter.html):
            assert stays in body
            assert f"/registrations/{old.ref}" in body
            assert "register again" not in body

    def test_a_transfer_that_was_used_is_promised_no_more(self, ada, desk, old):
        assert "One free transfer" in ada.open(f"/registrations/{old.ref}/change").text
        page = ada.open(transfer(old, other(desk)))
        assert "One free transfer" not in page.text
        ref = ref_of(page.press("Move now", terms="y"))
        page = ada.open(f"/registrations/{ref}/change")
        assert "One free transfer" not in page.text
        assert "Keep your tuition on hold for 12 months" in page.text

    def test_seminars_and_ways_that_do_not_exist_are_not_there(self, ada, desk, old):
        target = other(desk)
        ada.open(transfer(old) + "?to=nowhere&mode=in-person", expect=404)
        ada.open(transfer(old) + f"?to={target.seminar.slug}&mode=livestream", expect=404)
        ada.open(transfer(old) + f"?to={target.seminar.slug}", expect=404)

    def test_what_the_other_seminar_asks_is_asked(self, ada, desk, old):
        target = other(desk)
        ask_about_meals(target.seminar, desk.clock.now)
        page = ada.open(transfer(old, target))
        assert page.press("Move now", terms="y").errors == ["Enter an answer: Meals"]
        page = page.press("Move now", terms="y", **{meals(): "Vegan"})
        new = db.session.scalars(select(Registration).where(Registration.ref == ref_of(page))).one()
        assert [kept["answer"] for kept in new.questions.values()] == ["Vegan"]


class TestSwitching:
    """Another way to attend the same seminar."""

    def test_the_other_way_is_shown_with_what_comes_back(self, ada, desk):
        two_ways(desk)
        old = desk.pay()
        page = ada.open(f"/registrations/{old.ref}/change/switch")
        assert page.h1 == "Switch to livestream"
        assert "$300 comes back" in page.text
        page = page.press("Switch now")
        assert "Livestream" in page.text
        db.session.rollback()
        assert (old.status, db.session.scalars(select(Refund.amount_minor)).all()) == ("cancelled", [30000])

    def test_a_dearer_way_is_paid_first(self, ada, desk):
        two_ways(desk, in_person=79500, livestream=109500)
        old = desk.pay()
        page = ada.open(f"/registrations/{old.ref}/change/switch").press("Continue to review")
        assert page.form_with("Pay $300 with Stripe")
        assert "Your seat in person stays yours until this is paid" in page.text

    def test_where_there_is_one_way_the_page_says_so(self, ada, old):
        page = ada.open(f"/registrations/{old.ref}/change/switch", expect=409)
        assert "This seminar is offered in one way only." in page.text

    def test_a_full_way_says_so(self, ada, desk, cast):
        seminar = two_ways(desk, capacity=1)
        old = desk.pay()
        stream = next(each for each in seminar.offerings if each.mode == "livestream")
        services.register(cast.otto.id, stream.id, form_id=None, now=desk.clock.now)
        page = ada.open(f"/registrations/{old.ref}/change/switch", expect=409)
        assert "No seat is left." in page.text


class TestHandingOn:
    """A colleague goes instead."""

    def offer(self, ada: Browser, old: Any, email: str = "otto@example.test") -> str:
        ada.open(f"/registrations/{old.ref}/change/substitute").press("Send the offer", email=email)
        text = db.session.scalars(select(Letter.text).where(Letter.kind == "registration/substitute_asked")).one()
        return re.search(r"(/substitutions/\S+)", text)[1]

    def test_the_offer_is_sent_shown_and_taken_back(self, ada, old, otto):
        link = self.offer(ada, old)
        page = ada.open(f"/registrations/{old.ref}/change/substitute")
        assert "You asked otto@example.test" in page.text
        page = page.press("Take the offer back")
        assert page.form_with("Send the offer")
        assert otto.open(link, expect=410).h1 == "This seat is not offered any more"

    def test_a_stranger_with_the_link_signs_in_or_joins_and_comes_back(self, ada, old, app, cast):
        link = self.offer(ada, old)
        page = Browser(app).open(link)
        assert "There is nothing to pay" in page.text
        assert page.links("Join to take it")[0].endswith(f"next={link}")
        page = page.click("Sign in to take it").press("Sign in", email=cast.otto.email, password="demo-seminars-2026")
        assert page.form_with("Take the seat")

    def test_accepting_puts_the_seat_in_the_colleagues_name(self, ada, old, otto):
        link = self.offer(ada, old)
        page = otto.open(link).press("Take the seat", terms="y")
        assert ref_of(page) != old.ref
        assert "Paid by your colleague −$1,095" in page.text
        db.session.rollback()
        assert old.status == "cancelled"
        assert ref_of(otto.open(link)) == ref_of(page)
        assert ada.open(link, expect=410)

    def test_what_was_paid_for_a_seat_given_up_later_is_promised_to_nobody_else(self, ada, old, otto):
        seat = ref_of(otto.open(self.offer(ada, old)).press("Take the seat", terms="y"))
        page = otto.open(f"/registrations/{seat}/change/cancel")
        assert "to the card or account it was paid with" in page.text
        page = page.press("Cancel, with a refund of $1,045")
        assert "$1,045 goes back the way it was paid" in page.text
        told = select(Letter.text).where(Letter.kind == "registration/cancelled")
        assert "to the card or account it was paid with" in db.session.scalars(told).one()
        assert "back to you" not in page.text + db.session.scalars(told).one()

    def test_pressed_twice_it_is_one_seat(self, ada, old, otto):
        page = otto.open(self.offer(ada, old))
        first = page.press("Take the seat", terms="y")
        assert ref_of(page.press("Take the seat", terms="y")) == ref_of(first)
        assert count(Registration) == 2

    def test_the_terms_have_to_be_accepted(self, ada, old, otto):
        page = otto.open(self.offer(ada, old)).press("Take the seat")
        assert (page.status, count(Registration)) == (422, 1)

    def test_whoever_offered_it_cannot_take_it(self, ada, old):
        page = ada.open(self.offer(ada, old), expect=409)
        assert "This is your own seat" in page.text

    def test_account_details_come_first_and_the_page_leads_there(self, ada, old, app, cast):
        page = Browser(app).sign_in(cast.noah).open(self.offer(ada, old), expect=409)
        assert page.links("Account Details")

    def test_nobody_keeps_the_page(self, ada, old, otto):
        answer = otto.client.get(self.offer(ada, old))
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"

    @pytest.mark.parametrize("email", ["", "nobody", "a@b", "x@exämple.test\n", "a" * 300 + "@example.test"])
    def test_an_address_no_letter_reaches_is_refused(self, ada, old, email):
        page = ada.open(f"/registrations/{old.ref}/change/substitute").press("Send the offer", email=email)
        assert (page.status, count(Substitution)) == (422, 0)

    def test_a_link_that_never_was_leads_nowhere(self, browser):
        browser.open("/substitutions/AAAA", expect=404)
        browser.open("/substitutions/" + "é" * 500, expect=404)

    def test_the_seminars_questions_are_asked_again(self, ada, old, otto):
        ask_about_meals(old.seminar, old.created_at)
        page = otto.open(self.offer(ada, old)).press("Take the seat", terms="y")
        assert page.errors == ["Enter an answer: Meals"]
        page = page.press("Take the seat", terms="y", **{meals(): "Vegan"})
        assert page.status == 200

    def test_a_free_seat_can_be_handed_on_too(self, ada, desk, cast, otto):
        seminar = desk.open(prices=prices(0), starts_in=60)
        ref = services.register(cast.ada.id, seminar.offerings[0].id, form_id=None, now=desk.clock.now)
        mine = db.session.scalars(select(Registration).where(Registration.ref == ref)).one()
        assert otto.open(self.offer(ada, mine)).press("Take the seat", terms="y").status == 200
