"""A seminar called off: everybody is told, nobody can pay any more, and every cent goes back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cme.audit import AuditEntry
from cme.catalog import services as catalog
from cme.catalog.errors import HasBegun, NotAnnounced, ReasonMissing, WasCancelled
from cme.catalog.models import Seminar
from cme.database import db, transaction
from cme.registration import calling_off, checkout, rules, services
from cme.registration.checkout import calling_off as consequences
from cme.registration.models import Dispute, Refund, Registration
from cme.values import Money
from tests import factories

pytestmark = pytest.mark.usefixtures("promises")
STORM = "A hurricane is coming."


def call_off(desk: Any, reason: str = STORM) -> None:
    catalog.cancel_seminar(desk.seminar.id, reason=reason, by=desk.cast.sam, now=desk.clock.now)


def status(registration: Registration) -> tuple[str, str]:
    db.session.rollback()
    return registration.status, registration.end_reason


def refunded() -> list[tuple[int, str]]:
    """What went back, and how far it came."""
    db.session.rollback()
    return [(each.amount_minor, each.status) for each in db.session.scalars(select(Refund).order_by(Refund.id))]


def refunded_at_stripe(desk: Any) -> int:
    """What Stripe says went back."""
    return sum(each["amount"] for each in desk.sandbox.books()["refunds"])


# The seminar itself.


def test_a_seminar_is_called_off_once_and_for_all(desk):
    made = desk.open()
    revision, version = made.offerings[0].revision, made.version
    call_off(desk)
    db.session.rollback()
    assert (made.status, made.cancelled_reason, made.cancelled_at) == ("cancelled", STORM, desk.clock.now)
    assert (made.version, made.offerings[0].revision) == (version + 1, revision + 1)
    desk.clock.advance(hours=1)
    call_off(desk, "Another reason.")
    assert (made.version, made.cancelled_reason) == (version + 1, STORM)
    assert db.session.scalars(select(AuditEntry.action)).all() == ["cancelled"]
    with pytest.raises(WasCancelled):
        catalog.publish(made.id, by=desk.cast.sam, now=desk.clock.now)


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_nobody_was_told_of_is_not_called_off(desk, state):
    desk.open(status=state)
    with pytest.raises(NotAnnounced):
        call_off(desk)


def test_what_has_begun_is_not_called_off(desk):
    desk.open(starts_in=0)
    with pytest.raises(HasBegun):
        call_off(desk)


def test_nothing_is_called_off_without_a_reason(desk):
    desk.open()
    with pytest.raises(ReasonMissing):
        call_off(desk, "  ")


def test_it_leaves_the_catalog_and_takes_nobody_any_more(desk):
    desk.open()
    call_off(desk)
    with pytest.raises(rules.RegistrationClosed, match="cancelled"):
        desk.hold()


# Everybody with a place.


def test_whoever_has_paid_can_choose_for_five_days_and_then_gets_everything_back(desk):
    ada = desk.pay()
    call_off(desk)
    desk.sweep()
    assert status(ada) == ("confirmed", "")
    assert desk.letters()[-1] == "called_off"
    desk.clock.advance(days=5)
    desk.sweep()
    assert (status(ada), desk.letters().count("called_off"), refunded()) == (("confirmed", ""), 1, [])
    desk.clock.advance(days=1)
    desk.sweep()
    assert status(ada) == ("cancelled", "called off")
    assert refunded() == [(109500, "succeeded")]  # the whole price, with no fee kept
    assert refunded_at_stripe(desk) == 109500
    assert desk.taken() == 0
    assert "cancelled" in desk.letters()
    assert desk.sweep()["places called off"] == 0


def test_whoever_chooses_the_money_gets_all_of_it_at_once(desk):
    ada = desk.pay()
    call_off(desk)
    desk.sweep()
    [refund] = services.cancel(ada.id, expected_minor=109500, by=desk.cast.ada, now=desk.clock.now)
    checkout.send_refund(refund, payments=desk.client, now=desk.clock.now)
    assert refunded() == [(109500, "succeeded")]
    desk.clock.advance(days=6)
    desk.sweep()
    assert refunded() == [(109500, "succeeded")]


def test_what_was_refunded_before_is_not_refunded_again(desk):
    ada = desk.pay()
    refund = checkout.request_refund(
        desk.payment(ada).id, 10000, reason="goodwill", by=desk.cast.sam, now=desk.clock.now
    )
    checkout.send_refund(refund, payments=desk.client, now=desk.clock.now)
    call_off(desk)
    desk.clock.advance(days=6)
    desk.sweep()
    assert refunded_at_stripe(desk) == 109500


def test_a_free_place_ends_at_once(desk):
    desk.open(prices=factories.FREE)
    ada = desk.hold()
    call_off(desk)
    desk.sweep()
    assert (status(ada), desk.letters()) == (("cancelled", "called off"), ["confirmed", "called_off"])


def test_those_who_wait_or_were_offered_a_seat_are_told_and_nobody_moves_up(desk):
    desk.open(capacity=1)
    otto = desk.hold(desk.cast.otto)
    offering, now = desk.seminar.offerings[0].id, desk.clock.now
    refs = [
        services.join_waitlist(each.id, offering, form_id=None, now=now) for each in (desk.cast.nell, desk.cast.ada)
    ]
    nell, ada = (db.session.scalars(select(Registration).where(Registration.ref == ref)).one() for ref in refs)
    desk.give_up(otto)
    assert status(nell)[0] == "offered"
    call_off(desk)
    with pytest.raises(rules.RegistrationClosed):
        services.accept_offer(nell.id, shown_minor=nell.amount_due_minor, now=desk.clock.now)
    desk.sweep()
    assert (status(nell), status(ada)) == (("cancelled", "called off"), ("cancelled", "called off"))
    assert desk.letters()[-1] == desk.letters(desk.cast.nell)[-1] == "called_off"
    assert desk.taken() == 0


def test_a_hold_without_payment_ends(desk):
    ada = desk.hold()
    call_off(desk)
    desk.sweep()
    assert (status(ada), desk.letters()) == (("cancelled", "called off"), ["called_off"])


def test_a_payment_page_is_closed_before_its_seat_is_let_go(desk):
    ada = desk.begin()
    call_off(desk)
    desk.sweep()
    assert (status(ada), desk.state(ada)[1]) == (("cancelled", "called off"), "expired")
    assert [each["status"] for each in desk.sandbox.books()["sessions"]] == ["expired"]


def test_what_was_paid_in_the_same_moment_goes_back_in_full(desk):
    ada = desk.begin()
    call_off(desk)
    desk.sandbox.pay(desk.session(ada))
    desk.sweep()
    assert desk.state(ada) == ("expired", "paid")
    assert refunded() == [(109500, "succeeded")]
    assert desk.letters()[-1] == "payment_returned"


def test_a_bank_debit_under_way_keeps_its_seat_until_the_bank_decides_then_all_goes_back(desk):
    desk.open(starts_in=60)
    ada = desk.begin()
    desk.sandbox.pay_later(desk.session(ada))
    desk.apply(ada)
    assert desk.state(ada) == ("held", "processing")
    call_off(desk)
    desk.sweep()
    assert desk.state(ada) == ("held", "processing")
    desk.sandbox.settle(desk.session(ada))
    desk.clock.advance(hours=2)
    desk.sweep()
    assert desk.state(ada) == ("expired", "paid")
    assert refunded_at_stripe(desk) == 109500


def test_where_a_bank_questions_the_payment_staff_decide(desk):
    ada = desk.pay()
    with transaction() as session:
        payment = desk.payment(ada)
        session.add(
            Dispute(
                payment_id=payment.id,
                stripe_id="dp_1",
                amount_minor=109500,
                currency="USD",
                status="needs_response",
                created_at=desk.clock.now,
            )
        )
        session.get_one(Registration, ada.id).disputed_at = desk.clock.now
    call_off(desk)
    desk.clock.advance(days=6)
    desk.sweep()
    assert status(ada) == ("cancelled", "called off")
    assert (refunded(), desk.payment(ada).review_reason) == ([], consequences.DISPUTED)


def test_money_stays_while_a_move_to_another_seminar_is_being_paid(desk):
    ada = desk.pay()
    elsewhere = factories.seminar(now=desk.clock.now, starts_in=90)
    call_off(desk)
    desk.clock.advance(days=6)
    with transaction() as session:
        session.add(
            Registration(
                ref="M" * 26,
                account_id=ada.account_id,
                seminar_id=elsewhere.id,
                offering_id=elsewhere.offerings[0].id,
                status="held",
                hold_until=desk.clock.now + timedelta(minutes=15),
                tier="physician",
                list_minor=109500,
                amount_due_minor=109500,
                carried_minor=109500,
                moved_from_id=ada.id,
                policy={"steps": []},
                created_at=desk.clock.now,
            )
        )
        elsewhere.offerings[0].taken = 1
    desk.sweep()
    assert (status(ada)[0], refunded()) == ("confirmed", [])
    desk.clock.advance(minutes=16)
    desk.sweep()
    desk.sweep()
    assert (status(ada)[0], refunded()) == ("cancelled", [(109500, "succeeded")])


# Cut off anywhere.


def test_the_work_goes_on_where_it_was_cut_off(desk, monkeypatch):
    people = [desk.cast.ada, desk.cast.nell, desk.cast.otto]
    places = [desk.pay(each) for each in people]
    call_off(desk)
    desk.clock.advance(days=6)
    settle, calls = consequences._settle, iter(range(9))

    def cut_off(number: int, *, now: Any) -> Any:
        if next(calls) == 1:
            raise SystemExit
        return settle(number, now=now)

    with monkeypatch.context() as patched:
        patched.setattr(consequences, "_settle", cut_off)
        with pytest.raises(SystemExit):
            desk.sweep()
    assert [status(each)[0] for each in places] == ["cancelled", "confirmed", "confirmed"]
    desk.sweep()
    assert [status(each)[0] for each in places] == ["cancelled"] * 3
    assert refunded_at_stripe(desk) == 109500 + 89500 + 109500


def test_a_refund_written_down_and_not_sent_is_sent_by_the_next_sweep(desk, monkeypatch):
    ada = desk.pay()
    call_off(desk)
    desk.clock.advance(days=6)

    def cut_off(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(consequences, "send_refund", cut_off)
        with pytest.raises(SystemExit):
            desk.sweep()
    assert (status(ada)[0], refunded()) == ("cancelled", [(109500, "requested")])
    desk.sweep()
    assert refunded() == [(109500, "succeeded")]


def test_two_sweeps_at_once_refund_once(desk, together):
    desk.pay()
    call_off(desk)
    now = desk.clock.advance(days=6)
    results = together(3, lambda _: checkout.sweep(payments=desk.client, now=now))
    assert not [result for result in results if isinstance(result, Exception)]
    desk.sweep()
    assert refunded_at_stripe(desk) == 109500


def test_calling_off_and_paying_at_once_never_keeps_the_money(desk, together):
    ada = desk.begin()
    seminar_id, session_id, now, sam = desk.seminar.id, desk.session(ada), desk.clock.now, desk.cast.sam

    def act(n: int) -> Any:
        if n == 0:
            return catalog.cancel_seminar(seminar_id, reason=STORM, by=sam, now=now)
        if n == 1:
            return desk.sandbox.pay(session_id)
        return checkout.sweep(payments=desk.client, now=now)

    together(4, act)
    desk.sweep()
    desk.clock.advance(days=6)
    desk.sweep()
    paid = sum(each["amount_total"] for each in desk.sandbox.books()["sessions"] if each["payment_status"] == "paid")
    assert refunded_at_stripe(desk) == paid
    assert status(ada)[0] in rules.ENDED


# What staff see first.


def test_staff_see_whom_it_concerns_and_how_much_goes_back(desk):
    desk.open(capacity=3)
    desk.pay()
    desk.hold(desk.cast.otto)
    desk.pay(desk.cast.nell)
    waits = factories.account("waits@example.test", "Waits, MD", "md", now=desk.clock.now)
    services.join_waitlist(waits.id, desk.seminar.offerings[0].id, form_id=None, now=desk.clock.now)
    db.session.rollback()
    will = calling_off.consequences(db.session.get_one(Seminar, desk.seminar.id))
    assert (will.paid, will.free, will.held, will.waiting, will.letters) == (2, 0, 1, 1, 4)
    assert will.money == [Money(109500 + 89500)]
