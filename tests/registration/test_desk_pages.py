"""Facts about the desk's pages: one registration with all its money, places given, what is stuck."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from cme.audit import AuditEntry
from cme.database import db, transaction
from cme.queue import Job
from cme.registration.models import Payment, Refund, Registration
from tests import factories
from tests.browser import Browser, Page

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("promises", "sandbox")]


@pytest.fixture
def sam(browser: Browser, cast: Any) -> Browser:
    return browser.sign_in(cast.sam)


def at(desk: Any, person: Browser, held: Any) -> Page:
    """The page of one registration."""
    return person.open(f"/admin/registrations/{held.ref}")


def refunds() -> list[tuple[str, int]]:
    db.session.rollback()
    return [(each.status, each.amount_minor) for each in db.session.scalars(select(Refund).order_by(Refund.id))]


def test_it_shows_all_about_a_registration(desk, sam):
    held = desk.pay()
    desk.sandbox.dispute(desk.session(held))
    desk.tell(held, "charge.dispute.created")
    page = at(desk, sam, held)
    for said in (
        "Ada Quillfeather, MD",
        "Physician, in person $1,095",
        desk.session(held),
        "Answer in Stripe's dashboard until March",
        "Receipt R-",
        "Your seat is confirmed",
        "fraudulent Needs response",
    ):
        assert said in page.text


def test_it_is_reached_from_the_lists(desk, sam):
    desk.pay()
    for where in ("/admin/registrations", "/admin/payments", f"/admin/seminars/{desk.seminar.slug}/roster"):
        assert sam.open(where).click("Ada Quillfeather, MD").h1 == "Ada Quillfeather, MD"


def test_a_check_is_asked_for_only_where_nothing_was_paid(desk, sam):
    held, paid = desk.hold(), desk.pay(desk.cast.otto)
    assert "$1,095 is due. The seat is confirmed with it." in at(desk, sam, held).text
    for each in (held, paid):
        at(desk, sam, each).press("Cancel the registration", way="none", cancel_reason="asked by telephone")
    assert "the money waits for a decision" in at(desk, sam, held).text
    assert "Record a check" not in at(desk, sam, paid).text


def test_nothing_is_said_of_money_where_there_is_none(desk, sam):
    assert "can still be given back" in at(desk, sam, desk.pay()).text
    assert "can still be given back" not in at(desk, sam, desk.hold(desk.cast.otto)).text


def test_a_ref_nobody_has_is_not_there(sam):
    sam.open(f"/admin/registrations/{'0' * 26}", expect=404)
    sam.open("/admin/registrations/'", expect=404)


def test_a_part_is_refunded_once(desk, sam):
    held = desk.pay()
    page = at(desk, sam, held)
    for _ in range(2):
        page = page.press("Refund", refund_amount="50", refund_reason="Rain") if _ == 0 else again(page)
    assert refunds() == [("succeeded", 5000)]
    assert "$1,045 of what was paid can still be given back" in at(desk, sam, held).text
    assert "refund_sent" in desk.letters()


def again(page: Page) -> Page:
    """Send the last form once more, as a browser does that was told to reload."""
    token = page.root.find("input", name="csrf_token")[0].attrs["value"]
    form_id = db.session.scalar(select(AuditEntry.payload).where(AuditEntry.action == "gave money back"))
    used = re.findall(r'"form":"([^"]+)"', str(form_id))[0]
    data = {"csrf_token": token, "form_id": used, "left": "109500", "refund_amount": "50", "refund_reason": "Rain"}
    answer = page.browser.client.post(page.url + "/refund", data=data)
    return page.browser._arrive(answer, page.url, 200)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("1095.01", "more than can be refunded"),
        ("x", "enter an amount like"),
        ("10,50", "enter an amount like"),
        ("0", "more than $0"),
    ],
)
def test_never_more_is_refunded_than_there_is(desk, sam, amount, said):
    held = desk.pay()
    page = at(desk, sam, held).press("Refund", refund_amount=amount, refund_reason="Rain")
    assert said in " ".join(page.errors)
    assert refunds() == []


def test_a_refund_is_compared_with_what_the_page_showed(desk, sam):
    held = desk.pay()
    page = at(desk, sam, held)
    desk.sandbox.refund(desk.session(held), 5000)
    desk.tell(held, "charge.refunded")
    page = page.press("Refund", refund_amount="10", refund_reason="Rain")
    assert page.errors == ["$1,045 can be given back now, not what the page showed. Look again."]
    assert refunds() == [("succeeded", 5000)]


def test_a_seat_whose_money_all_went_back_counts_as_waived(desk, sam):
    held = desk.pay()
    at(desk, sam, held).press("Refund", refund_reason="Speaker after all")
    db.session.refresh(held)
    assert (held.status, held.waived_by, refunds()) == ("confirmed", desk.cast.sam.id, [("succeeded", 109500)])


@pytest.mark.parametrize(
    ("way", "back"), [("full", [("succeeded", 109500)]), ("none", []), ("policy", [("succeeded", 104500)])]
)
def test_staff_cancel_with_what_they_choose(desk, sam, way, back):
    desk.open(starts_in=60)
    held = desk.pay()
    at(desk, sam, held).press("Cancel the registration", way=way, cancel_reason="Called us")
    db.session.refresh(held)
    assert (held.status, refunds(), desk.taken()) == ("cancelled", back, 0)
    assert "cancelled" in desk.letters()


def test_staff_keep_the_tuition_on_hold_and_then_for_longer(desk, sam):
    desk.open(starts_in=60)
    held = desk.pay()
    last = (desk.clock.now + timedelta(days=90)).date()
    page = at(desk, sam, held).press("Cancel the registration", way="hold", keep_until="", cancel_reason="Ill")
    assert page.errors == ["Enter the last day on which the tuition can be used"]
    page = page.press("Cancel the registration", way="hold", keep_until=last.isoformat(), cancel_reason="Ill")
    db.session.refresh(held)
    assert (held.credit_until, refunds()) == (last, [])
    page = page.press("Extend", credit_until=last.isoformat())
    assert page.errors == ["Enter a day after today, and after the one until which it is kept now."]
    page.press("Extend", credit_until=(last + timedelta(days=30)).isoformat())
    db.session.refresh(held)
    assert held.credit_until == last + timedelta(days=30)


def test_staff_cancel_even_where_somebody_attended(desk, sam):
    held = desk.pay()
    factories.attend(held, now=desk.clock.now)
    page = at(desk, sam, held)
    assert "They attended 240 minutes" in page.text
    page.press("Cancel the registration", way="none", cancel_reason="Wrong person")
    assert desk.state(held)[0] == "cancelled"


def test_cancelling_a_held_seat_closes_what_could_be_paid_first(desk, sam):
    held = desk.begin()
    at(desk, sam, held).press("Cancel the registration", cancel_reason="Called us")
    assert desk.state(held) == ("cancelled", "expired")
    assert desk.sandbox.books()["sessions"][0]["status"] == "expired"


def test_tuition_is_waived_for_a_held_seat(desk, sam):
    held = desk.begin()
    at(desk, sam, held).press("Waive", waive_reason="Hardship")
    db.session.refresh(held)
    assert (desk.state(held), held.waived_by) == (("confirmed", "expired"), desk.cast.sam.id)


def test_a_note_stays_among_colleagues(desk, sam):
    held = desk.pay()
    page = at(desk, sam, held).press("Keep the note", note="Travels with a guide dog.")
    assert "“Travels with a guide dog.”" in page.text
    assert "guide dog" not in str(list(db.session.scalars(select(AuditEntry.payload))))


def invoiced(desk: Any, app: Any) -> Registration:
    """Somebody who asked to pay by check."""
    held = desk.hold()
    page = Browser(app).sign_in(desk.cast.ada).open(f"/registrations/{held.ref}")
    page = page.press("Send me an invoice")
    assert "We wait for your check or transfer" in page.text
    return held


class TestMoney:
    """Money that comes by check or transfer."""

    def test_a_check_is_written_down_and_gives_the_seat(self, desk, app, sam):
        held = invoiced(desk, app)
        page = at(desk, sam, held).press("Record the money", reference="4711")
        assert "The money is written down" in page.text
        payment = desk.payment(held)
        assert (desk.state(held), payment.mode, payment.reference) == (("confirmed", "paid"), "manual", "4711")
        assert "confirmed" in desk.letters()
        assert "invoice" in desk.letters()

    def test_a_check_over_another_amount_is_not(self, desk, app, sam):
        held = invoiced(desk, app)
        page = at(desk, sam, held).press("Record the money", amount="1000", reference="4711")
        assert "$1,095 is due, and $1,000 was entered" in page.errors[0]
        assert db.session.scalar(select(func.count(Payment.id))) == 0

    def test_its_refund_is_sent_by_staff_who_say_so(self, desk, app, sam):
        held = invoiced(desk, app)
        at(desk, sam, held).press("Record the money", reference="4711")
        page = at(desk, sam, held).press("Refund", refund_amount="95", refund_reason="Rain")
        assert refunds() == [("requested", 9500)]
        assert "came by check and goes back the same way" in sam.open("/admin/payments/stuck").text
        page = page.press("It was sent")
        assert refunds() == [("succeeded", 9500)]
        assert "refund_sent" in desk.letters()
        assert "It was sent" not in page.text


class TestReview:
    """Payments that wait for a decision."""

    @pytest.fixture
    def emptied(self, desk: Any) -> Registration:
        """A seat whose money all went back in the dashboard."""
        held = desk.pay()
        desk.sandbox.refund(desk.session(held))
        desk.tell(held, "charge.refunded")
        assert desk.payment(held).review_reason == "refunded at Stripe, still holds a seat"
        return held

    def test_a_whole_dashboard_refund_cancels_nothing_and_shows(self, desk, sam, emptied):
        assert desk.state(emptied) == ("confirmed", "paid")
        assert "refunded at Stripe, still holds a seat" in sam.open("/admin/payments/stuck").text

    def test_staff_let_them_keep_the_seat(self, desk, sam, emptied):
        at(desk, sam, emptied).press("Decide", what="keep", decision_note="Speaker")
        db.session.refresh(emptied)
        assert (emptied.waived_by, desk.payment(emptied).review_since) == (desk.cast.sam.id, None)

    def test_a_decision_needs_a_note_and_a_choice(self, desk, sam, emptied):
        page = at(desk, sam, emptied).press("Decide", decision_note="")
        assert page.errors == ["Choose what happens", "Say what you found, and what you did"]

    def test_cancelling_ends_the_review(self, desk, sam, emptied):
        at(desk, sam, emptied).press("Cancel the registration", cancel_reason="Refunded")
        assert (emptied.status, desk.payment(emptied).review_since) == ("cancelled", None)


def test_a_lost_dispute_waits_until_staff_decide(desk, sam):
    held = desk.pay()
    desk.sandbox.dispute(desk.session(held))
    desk.tell(held, "charge.dispute.created")
    desk.sandbox.close_dispute(desk.session(held), won=False)
    desk.tell(held, "charge.dispute.closed")
    page = at(desk, sam, held)
    assert "The dispute is lost, and the seat is still theirs" in page.text
    page.press("Let them keep the seat", keep_note="Goodwill")
    db.session.refresh(held)
    assert (held.disputed_at, held.waived_by) == (None, desk.cast.sam.id)


class TestPlaces:
    """Places given to guests and faculty."""

    def give(self, sam: Browser, seminar: Any, **typed: Any) -> Page:
        asked = {"email": "otto@example.test", "offering": "in-person", "place": "faculty", "reason": "Speaks"} | typed
        return sam.open(f"/admin/seminars/{seminar.slug}/places/new").press("Give the place", **asked)

    def test_a_place_is_counted_confirmed_and_costs_nothing(self, desk, sam):
        seminar = desk.open()
        page = self.give(sam, seminar)
        assert page.h1 == "Otto Stranger, MD"
        made = db.session.scalars(select(Registration)).one()
        assert (made.status, made.place, made.list_minor, made.discount_minor) == (
            "confirmed",
            "faculty",
            109500,
            109500,
        )
        assert desk.taken() == 1
        assert desk.letters(desk.cast.otto) == ["confirmed"]

    def test_somebody_without_an_account_is_asked_to_join(self, desk, sam):
        page = self.give(sam, desk.open(), email="nobody@example.test")
        assert "Nobody has an account with this address" in page.errors[0]

    def test_nobody_is_let_in_over_the_capacity_by_accident(self, desk, sam):
        seminar = desk.open(capacity=0)
        page = self.give(sam, seminar)
        assert "No seat is free" in page.errors[0]
        page = page.press("Give the place", over="y")
        assert "overrode capacity" in desk.log()
        assert desk.taken() == 1

    def test_a_person_has_one_place(self, desk, sam):
        seminar = desk.open()
        self.give(sam, seminar)
        assert self.give(sam, seminar).errors == ["This person is already registered for this seminar."]


class TestStuck:
    """What is not settled, and the button that does the next step now."""

    def test_all_is_well(self, desk, sam):
        desk.pay()
        assert "Everything is settled" in sam.open("/admin/payments/stuck").text

    def test_an_attempt_without_an_answer_is_asked_again(self, desk, sam):
        held = desk.hold()
        desk.sandbox.faults.next("lost_answer")
        with pytest.raises(Exception, match="preparing your payment"):
            desk.start(held)
        desk.clock.advance(minutes=3)
        page = sam.open("/admin/payments/stuck")
        assert "Stripe has not said whether it made the payment page" in page.text
        page = page.press("Do it now")
        assert "Done." in page.text
        assert desk.state(held) == ("held", "open")

    def test_a_hold_that_is_over_is_ended(self, desk, sam):
        held = desk.hold()
        desk.clock.advance(minutes=16)
        sam.open("/admin/payments/stuck").press("Do it now")
        assert desk.state(held)[0] == "expired"

    def test_a_bank_debit_on_its_way_is_shown_and_alarms_nobody(self, desk, sam):
        held = desk.begin()
        desk.sandbox.pay_later(desk.session(held))
        desk.apply(held)
        with transaction() as session:
            session.execute(delete(Job))  # its letters wait for a worker, which is another matter
        desk.clock.advance(days=2)
        sam.sign_in(desk.cast.sam)
        assert "A bank debit is on its way" in sam.open("/admin/payments/stuck").text
        assert not sam.open("/admin").links("Payments and letters not settled")

    def test_the_first_page_leads_to_what_waits(self, desk, sam):
        desk.hold()
        desk.clock.advance(hours=2)
        sam.sign_in(desk.cast.sam)
        assert sam.open("/admin").click("Payments and letters not settled").h1 == "Not settled"

    def test_letters_that_wait_for_the_worker_are_one_thing(self, desk, sam):
        desk.pay()
        desk.pay(desk.cast.otto)
        count = db.session.scalar(select(func.count(Job.id)))
        desk.clock.advance(minutes=20)
        page = sam.open("/admin/payments/stuck")
        assert count > 1
        assert f"{count} letters and jobs wait for the worker." in page.text
        assert page.text.count("The worker takes them up") == 1

    def test_what_nobody_knows_is_refused(self, desk, sam):
        held = desk.hold()
        desk.clock.advance(minutes=16)
        page = sam.open("/admin/payments/stuck")
        for what in ("hold:nobody", "payment:", "refund:1:2:3", f"payment:{held.ref}:x", "x"):
            assert page.press("Do it now", what=what).status == 409

    def test_stripe_that_is_silent_is_asked_later(self, desk, sam):
        held = desk.begin()
        desk.clock.advance(minutes=33)
        desk.sandbox.faults.next("error_500", count=4)
        page = sam.open("/admin/payments/stuck").press("Do it now")
        assert "Stripe does not answer" in page.errors[0]
        assert desk.state(held) == ("held", "open")


@pytest.mark.parametrize("name", ["refund", "waive", "money", "decide", "sent", "keep"])
def test_money_is_for_those_who_look_after_it(desk, app, name):
    held = desk.pay()
    clerk = factories.staff("clerk@example.test", "Quill Marrow", ["registrations"], now=desk.clock.now)
    browser = Browser(app).sign_in(clerk)
    page = at(desk, browser, held)
    assert not page.root.find("h2", id="refund-h")
    token = page.root.find("input", name="csrf_token")[0].attrs["value"]
    answer = browser.client.post(f"/admin/registrations/{held.ref}/{name}", data={"csrf_token": token})
    assert answer.status_code == 404


def test_whoever_has_no_right_to_money_gives_back_what_the_policy_does(desk, app):
    desk.open(starts_in=60)
    held = desk.pay()
    clerk = factories.staff("clerk@example.test", "Quill Marrow", ["registrations"], now=desk.clock.now)
    page = at(desk, Browser(app).sign_in(clerk), held)
    page = page.press("Cancel the registration", way="full", cancel_reason="Kind")
    assert "Only staff who look after payments" in page.errors[0]
    page.press("Cancel the registration", way="policy", cancel_reason="Called")
    assert refunds() == [("succeeded", 104500)]


def test_a_place_that_is_invoiced_keeps_its_seat_until_the_invoice_is_due(desk, app, clock):
    held = invoiced(desk, app)
    clock.advance(days=13)
    desk.sweep()
    assert desk.state(held)[0] == "held"
    clock.advance(days=2)
    desk.sweep()
    assert desk.state(held)[0] == "expired"


def test_no_invoice_is_offered_where_a_check_would_come_too_late(desk, app):
    desk.open(starts_in=10)
    held = desk.hold()
    page = Browser(app).sign_in(desk.cast.ada).open(f"/registrations/{held.ref}")
    assert "Send me an invoice" not in page.html
