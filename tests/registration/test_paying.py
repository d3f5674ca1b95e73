"""Facts about the pages between a held seat and a paid one, and the way back from Stripe."""

from typing import Any

import pytest
from sqlalchemy import select

from cme.catalog.models import Offering, PriceTier
from cme.database import db, transaction
from cme.registration.models import Payment, Registration
from tests import factories
from tests.browser import Browser, Page
from tests.registration.pages import count, fill, ref_of

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("promises", "sandbox")]


def payment() -> Payment:
    db.session.rollback()
    return db.session.scalars(select(Payment).order_by(Payment.id.desc())).first()


def go_to_stripe(page: Page) -> str:
    """Press Pay; answers the session's name."""
    arrived = page.press("with Stripe")
    assert "/pay/" in arrived.url
    return payment().session_id or ""


@pytest.fixture
def seminar(app: Any, clock: Any) -> Any:
    return factories.seminar(now=clock.now, slug="cardiology")


@pytest.fixture
def ada(browser: Browser, cast: Any) -> Browser:
    return browser.sign_in(cast.ada)


class TestPaying:
    """The second step, and the way back from Stripe."""

    def test_paying_confirms_the_seat_and_shows_the_receipt(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        session_id = go_to_stripe(page)
        sandbox.pay(session_id)
        done = ada.open(f"/registrations/{ref_of(page)}/thanks?session_id={session_id}")
        assert done.h1 == "You are registered, Ada Quillfeather."
        for words in ("Receipt", "Paid $1,095", "DEMO: no money moved", "Claim credit from"):
            assert words in done.text

    def test_pressing_pay_twice_makes_one_attempt(self, ada, seminar):
        page = fill(ada, seminar)
        first, second = (page.press("with Stripe") for _ in range(2))
        assert first.url == second.url
        assert count(Payment) == 1

    def test_a_price_that_has_changed_is_shown_and_not_charged(self, ada, seminar):
        page = fill(ada, seminar)
        with transaction() as session:
            tier = session.scalars(select(PriceTier).where(PriceTier.tier == "physician")).one()
            tier.amount_minor = 119500
        changed = page.press("with Stripe")
        assert (changed.status, count(Payment)) == (409, 0)
        assert "The tuition is $1,195 now" in changed.errors[0]
        assert "/pay/" in changed.press("Pay $1,195 with Stripe").url
        assert payment().amount_minor == 119500

    def test_the_amount_in_the_form_decides_nothing(self, ada, seminar):
        page = fill(ada, seminar)
        for typed in ("1", "", "-5", "109500.00", "x" * 50):
            assert page.press("with Stripe", shown=typed).status == 409
        assert count(Payment) == 0

    def test_when_stripe_is_slow_to_answer_the_person_can_try_again(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        sandbox.faults.next("rate_limit")
        delayed = page.press("with Stripe")
        assert delayed.status == 503
        assert "Your seat stays held and nothing was charged" in delayed.errors[0]
        assert "We are preparing your payment" in ada.open(f"/registrations/{ref_of(page)}").text
        assert "/pay/" in delayed.press("Try again").url
        assert count(Payment) == 1

    def test_an_open_payment_can_be_continued(self, ada, seminar):
        page = fill(ada, seminar)
        go_to_stripe(page)
        url = payment().session_url
        assert ada.open(f"/registrations/{ref_of(page)}").press("Continue to payment").url == url

    def test_a_hold_that_has_ended_cannot_be_paid(self, ada, seminar, clock):
        page = fill(ada, seminar)
        clock.advance(minutes=16)
        ended = page.press("with Stripe")
        assert ended.h1 == "Your hold has ended"
        assert count(Payment) == 0

    def test_after_the_hold_has_ended_one_can_register_again(self, ada, seminar, clock):
        page = fill(ada, seminar)
        clock.advance(minutes=16)
        again = ada.open(f"/registrations/{ref_of(page)}").click("Register again")
        held = again.press("Continue to review", terms="y")
        assert held.h1 == "Review and pay"
        assert ref_of(held) != ref_of(page)
        assert db.session.get_one(Offering, seminar.offerings[0].id).taken == 1

    def test_a_paid_seat_is_not_paid_again(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        session_id = go_to_stripe(page)
        sandbox.pay(session_id)
        ada.open(f"/registrations/{ref_of(page)}/thanks?session_id={session_id}")
        assert page.press("with Stripe").h1 == "You are registered, Ada Quillfeather."
        assert count(Payment) == 1

    def test_checkout_is_for_buttons_only(self, ada, seminar):
        assert ada.open(f"/registrations/{ref_of(fill(ada, seminar))}/checkout", expect=405)


class TestThanks:
    """The page people come back to says only what Stripe says."""

    def test_coming_back_without_having_paid_confirms_nothing(self, ada, seminar):
        page = fill(ada, seminar)
        session_id = go_to_stripe(page)
        back = ada.open(f"/registrations/{ref_of(page)}/thanks?session_id={session_id}")
        assert back.h1 == "Confirming your payment"
        assert "n=1" in next(e for e in back.root.find("div") if "data-again" in e.attrs).attrs["data-again"]
        assert payment().status == "open"

    def test_it_looks_a_few_times_and_then_promises_a_letter(self, ada, seminar):
        page = fill(ada, seminar)
        back = ada.open(f"/registrations/{ref_of(page)}/thanks?session_id={go_to_stripe(page)}&n=5")
        assert back.h1 == "We have not heard of your payment yet"
        assert not [e for e in back.root.find("div") if "data-again" in e.attrs]
        assert "we will mail you at ada@example.test" in back.text

    def test_when_stripe_does_not_answer_it_waits(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        session_id = go_to_stripe(page)
        sandbox.pay(session_id)
        sandbox.faults.next("rate_limit")
        back = ada.open(f"/registrations/{ref_of(page)}/thanks?session_id={session_id}")
        assert back.h1 == "Confirming your payment"
        assert back.click("Check again").h1 == "You are registered, Ada Quillfeather."

    @pytest.mark.parametrize("session_id", ["", "cs_test_made_up", "'; drop table payment; --"])
    def test_a_session_nobody_knows_confirms_nothing(self, ada, seminar, session_id):
        page = fill(ada, seminar)
        shown = ada.open(f"/registrations/{ref_of(page)}/thanks?session_id={session_id}")
        assert shown.h1 == "Review and pay"

    def test_the_session_of_somebody_else_confirms_nothing(self, app, cast, ada, seminar, sandbox):
        otto = Browser(app).sign_in(cast.otto)
        session_id = go_to_stripe(fill(otto, seminar))
        sandbox.pay(session_id)
        page = fill(ada, seminar)
        go_to_stripe(page)
        shown = ada.open(f"/registrations/{ref_of(page)}/thanks?session_id={session_id}")
        assert shown.h1 == "Review and pay"
        assert {each.status for each in db.session.scalars(select(Registration))} == {"held"}

    def test_a_promised_bank_debit_keeps_the_seat_until_it_arrives(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        session_id = go_to_stripe(page)
        sandbox.pay_later(session_id)
        thanks = f"/registrations/{ref_of(page)}/thanks?session_id={session_id}"
        assert ada.open(thanks).h1 == "Your payment is on its way"
        sandbox.settle(session_id)
        assert ada.open(thanks).h1 == "You are registered, Ada Quillfeather."

    def test_a_declined_bank_debit_can_be_paid_another_way(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        session_id = go_to_stripe(page)
        sandbox.pay_later(session_id)
        thanks = f"/registrations/{ref_of(page)}/thanks?session_id={session_id}"
        ada.open(thanks)
        sandbox.fail(session_id)
        failed = ada.open(thanks)
        assert "Your bank did not send the money" in failed.text
        assert "/pay/" in failed.press("with Stripe").url

    def test_a_payment_that_does_not_match_is_left_to_staff(self, ada, seminar):
        page = fill(ada, seminar)
        go_to_stripe(page)
        with transaction() as session:
            mine = session.get_one(Payment, payment().id)
        with transaction():
            mine.review_since, mine.review_reason = mine.created_at, "session differs in amount"
        assert ada.open(f"/registrations/{ref_of(page)}").h1 == "We are looking into your payment"


class TestCancelling:
    """Stripe's way back without payment."""

    def test_leaving_stripe_leads_to_a_choice(self, ada, seminar):
        page = fill(ada, seminar)
        go_to_stripe(page)
        left = ada.open(f"/registrations/{ref_of(page)}/cancel")
        assert "You left Stripe before paying, so nothing was charged" in left.text
        assert left.press("Continue paying $1,095").url == payment().session_url

    def test_the_seat_can_be_given_up(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        go_to_stripe(page)
        gone = ada.open(f"/registrations/{ref_of(page)}/cancel").press("Give up the seat")
        assert gone.h1 == "You gave up your seat"
        assert "Your seat was given up. Nothing was charged." in gone.html
        assert [each["status"] for each in sandbox.books()["sessions"]] == ["expired"]
        assert db.session.get_one(Offering, seminar.offerings[0].id).taken == 0

    def test_a_seat_without_a_payment_can_be_given_up(self, ada, seminar):
        page = fill(ada, seminar).click("Give up the seat")
        assert "You left Stripe" not in page.text
        assert page.press("Give up the seat").h1 == "You gave up your seat"

    def test_a_seat_paid_for_in_another_tab_stays(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        session_id = go_to_stripe(page)
        left = ada.open(f"/registrations/{ref_of(page)}/cancel")
        sandbox.pay(session_id)
        kept = left.press("Give up the seat")
        assert kept.h1 == "You are registered, Ada Quillfeather."
        assert "Nothing was charged" not in kept.html

    def test_coming_back_after_paying_shows_the_confirmation(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        sandbox.pay(go_to_stripe(page))
        assert ada.open(f"/registrations/{ref_of(page)}/cancel").h1 == "You are registered, Ada Quillfeather."

    def test_when_stripe_does_not_answer_the_seat_stays(self, ada, seminar, sandbox):
        page = fill(ada, seminar)
        go_to_stripe(page)
        left = ada.open(f"/registrations/{ref_of(page)}/cancel")
        sandbox.faults.next("rate_limit")
        assert left.press("Give up the seat").status == 503
        assert db.session.get_one(Offering, seminar.offerings[0].id).taken == 1

    def test_a_late_payment_comes_back_in_full(self, ada, cast, seminar, sandbox, clock):
        page = fill(ada, seminar)
        session_id = go_to_stripe(page)
        sandbox.pay(session_id)
        with transaction() as session:
            mine = session.scalars(select(Registration)).one()
            mine.status, mine.hold_until, mine.ended_at = "cancelled", None, clock.now
            session.get_one(Offering, seminar.offerings[0].id).taken = 0
        ended = ada.open(f"/registrations/{ref_of(page)}/thanks?session_id={session_id}")
        assert ended.h1 == "Your payment is on its way back"
        assert "We received $1,095" in ended.text
