"""Giving up a seat: for what the page showed, once, whatever else happens to it at the same moment."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from cme.credits import services as credits
from cme.database import db, transaction
from cme.registration import checkout, funds, rules, services
from cme.registration.changes import Changes
from cme.registration.checkout import conversation
from cme.registration.models import Registration, Substitution
from cme.registration.rules.staffing import ChangedMeanwhile
from cme.registration.services import cancelling
from cme.registration.services import desk as office
from cme.registration.standing import Stage, Standing
from cme.values import Credits, CreditType, Money
from tests import factories
from tests.registration import moving
from tests.registration.conftest import Desk

pytestmark = pytest.mark.usefixtures("promises")


@pytest.fixture
def paid(desk: Desk) -> Registration:
    """Ada's seat, paid for, sixty days before the start."""
    desk.open(starts_in=60)
    return desk.pay()


def shown(desk: Desk, seat: Registration) -> int:
    """What the page says comes back."""
    db.session.rollback()
    return Changes(seat, desk.clock.now).refund.amount.minor


def cancel(desk: Desk, seat: Registration, *, expected: int | None = None) -> list[int]:
    """Press the button of the page, and let the refunds go out."""
    expected = shown(desk, seat) if expected is None else expected
    refunds = services.cancel(seat.id, expected_minor=expected, by=desk.cast.ada, now=desk.clock.now)
    for refund in refunds:
        checkout.send_refund(refund, payments=desk.client, now=desk.clock.now)
    return refunds


def hold(desk: Desk, seat: Registration) -> None:
    """Put the tuition on hold as the page offers it."""
    db.session.rollback()
    until = Changes(seat, desk.clock.now).hold_until
    services.put_on_hold(seat.id, until=until, by=desk.cast.ada, now=desk.clock.now)


def stage(desk: Desk, seat: Registration) -> Stage:
    """Where a registration stands."""
    db.session.rollback()
    return Standing(seat, desk.clock.now).stage


def test_a_seat_is_given_up_for_what_was_shown(desk, paid):
    cancel(desk, paid, expected=104500)
    assert (paid.status, paid.end_reason, desk.taken()) == ("cancelled", "given up", 0)
    assert moving.returned() == [(104500, "succeeded")]
    assert desk.letters()[1] == "cancelled"
    assert {"requested refund", "cancelled", "refund succeeded"} <= set(desk.log())
    assert stage(desk, paid) is Stage.GIVEN_UP


def test_too_late_for_a_refund_the_seat_is_free_all_the_same(desk, paid):
    desk.clock.advance(days=31)
    assert cancel(desk, paid, expected=0) == []
    assert (paid.status, desk.taken(), moving.returned()) == ("cancelled", 0, [])


def test_another_amount_than_was_shown_does_nothing(desk, paid):
    desk.clock.advance(days=31)
    with pytest.raises(rules.RefundChanged, match=r"\$0 comes back now"):
        services.cancel(paid.id, expected_minor=104500, by=desk.cast.ada, now=desk.clock.now)
    assert (stage(desk, paid), desk.taken(), moving.returned()) == (Stage.CONFIRMED, 1, [])


def test_pressed_twice_it_is_done_once(desk, paid):
    cancel(desk, paid)
    with pytest.raises(rules.MovedMeanwhile):
        services.cancel(paid.id, expected_minor=104500, by=desk.cast.ada, now=desk.clock.now)
    assert moving.returned() == [(104500, "succeeded")]


def test_somebody_else_can_take_the_seat_at_once(desk, cast):
    desk.open(starts_in=60, capacity=1)
    seat = desk.pay()
    cancel(desk, seat)
    assert desk.pay(cast.nell).status == "confirmed"


def test_the_seat_is_offered_to_whoever_waited(desk, cast):
    desk.open(starts_in=60, capacity=1)
    seat = desk.pay()
    offering = desk.seminar.offerings[0].id
    ref = services.join_waitlist(cast.nell.id, offering, form_id=None, now=desk.clock.now)
    cancel(desk, seat)
    waited = db.session.scalars(select(Registration).where(Registration.ref == ref)).one()
    assert (waited.status, desk.taken()) == ("offered", 1)


def test_a_free_seat_is_given_up_for_nothing(desk):
    desk.open(starts_in=60, prices={"physician": 0})
    seat = desk.hold()
    assert cancel(desk, seat, expected=0) == []
    assert stage(desk, seat) is Stage.GIVEN_UP


def test_an_invitation_letter_leaves_half(desk, paid):
    with transaction() as session:
        session.get_one(Registration, paid.id).invitation_at = desk.clock.now
    assert shown(desk, paid) == 54750
    cancel(desk, paid)
    assert moving.returned() == [(54750, "succeeded")]


def test_an_invitation_follows_the_person_who_moves(desk, paid):
    with transaction() as session:
        session.get_one(Registration, paid.id).invitation_at = desk.clock.now
    new = moving.place(moving.move(desk, paid, moving.other(desk)))
    desk.clock.advance(minutes=1)
    assert shown(desk, new) == 54750


def test_a_seminar_called_off_gives_everything_back(desk, paid):
    desk.clock.advance(days=50)
    assert shown(desk, paid) == 0
    with transaction() as session:
        seminar = session.get_one(type(paid.seminar), paid.seminar_id)
        seminar.status, seminar.cancelled_at = "cancelled", desk.clock.now
    assert shown(desk, paid) == 109500
    cancel(desk, paid)
    assert moving.returned() == [(109500, "succeeded")]


def test_once_it_began_nobody_cancels(desk, paid):
    desk.clock.advance(days=61)
    with pytest.raises(rules.ChangeImpossible, match="has begun"):
        cancel(desk, paid, expected=0)
    with pytest.raises(rules.ChangeImpossible, match="has begun"):
        hold(desk, paid)


def test_whoever_attended_asks_staff(desk, paid):
    factories.attend(paid, now=desk.clock.now)
    for act in (cancel, hold):
        with pytest.raises(rules.ClaimedOrAttended):
            act(desk, paid)


def test_whoever_claimed_on_demand_asks_staff(desk, cast, monkeypatch):
    seat = factories.registration(cast.ada, desk.open(starts_in=60), now=desk.clock.now)
    monkeypatch.setitem(desk.app.extensions, "earned", (lambda number: number == seat.id,))
    with pytest.raises(rules.ClaimedOrAttended):
        cancel(desk, seat, expected=0)


def test_the_roof_asks_the_room_of_credits(desk, cast):
    made = factories.seminar(now=desk.clock.now, starts_in=-8)
    seat = factories.registration(cast.ada, made, now=desk.clock.now)
    factories.attend(seat, now=desk.clock.now)
    (asks,) = desk.app.extensions["earned"]
    assert not asks(seat.id)
    credits.submit_evaluation(seat.id, {"overall": 5}, form_id=None, now=desk.clock.now)
    credits.claim_credit(
        seat.id,
        {CreditType.AMA_PRA_1: Credits(200)},
        attested=True,
        address="127.0.0.1",
        form_id=None,
        now=desk.clock.now,
        may_print=lambda _: (),
    )
    assert asks(seat.id)


def test_money_a_bank_questions_stays_where_it_is(desk, paid):
    made = desk.sandbox.dispute(desk.session(paid))
    desk.tell(made["id"], "charge.dispute.created")
    with pytest.raises(rules.Disputed):
        cancel(desk, paid)


def test_what_staff_look_at_stays_where_it_is(desk, paid):
    with transaction():
        conversation.flag(desk.payment(paid), "look at it", now=desk.clock.now)
    with pytest.raises(rules.UnderReview):
        cancel(desk, paid)


def test_a_place_that_is_being_moved_is_not_cancelled(desk, paid):
    moving.move(desk, paid, moving.other(desk, physician=129500))
    for act in (cancel, hold):
        with pytest.raises(rules.MovePending):
            act(desk, paid)


def test_a_seat_offered_to_a_colleague_is_not_cancelled(desk, paid):
    with transaction() as session:
        now = desk.clock.now
        session.add(
            Substitution(
                registration_id=paid.id,
                token_hash="0" * 64,
                email="colleague@example.test",
                created_at=now,
                expires_at=now + timedelta(days=1),
            )
        )
    with pytest.raises(rules.SubstitutePending):
        cancel(desk, paid)


def test_tuition_on_hold_keeps_the_money_and_frees_the_seat(desk, paid):
    hold(desk, paid)
    assert (stage(desk, paid), desk.taken(), moving.returned()) == (Stage.ON_HOLD, 0, [])
    assert str(paid.credit_until) == "2028-03-01"
    assert funds.value(paid) == Money(109500)
    assert desk.letters()[-1] == "put_on_hold"


def test_another_last_day_than_was_shown_does_nothing(desk, paid):
    until = Changes(paid, desk.clock.now).hold_until
    desk.clock.advance(days=1)
    with pytest.raises(rules.HoldChanged):
        services.put_on_hold(paid.id, until=until, by=desk.cast.ada, now=desk.clock.now)
    assert stage(desk, paid) is Stage.CONFIRMED


def test_what_was_free_is_not_put_on_hold(desk):
    desk.open(starts_in=60, prices={"physician": 0})
    with pytest.raises(rules.ChangeImpossible, match="nothing to keep"):
        hold(desk, desk.hold())


def test_staff_give_more_time_once(desk, cast, paid):
    hold(desk, paid)
    now, before = desk.clock.now, paid.credit_until
    later = before + timedelta(days=30)
    more = {"today": now.date(), "by": cast.sam, "now": now}
    for _ in range(2):  # pressed twice
        office.extend_credit(paid.id, later, form_id="more", **more)
    db.session.rollback()
    assert (paid.credit_until, desk.log().count("extended hold")) == (later, 1)
    with pytest.raises(ChangedMeanwhile):
        office.extend_credit(paid.id, before, form_id="less", **more)


def test_only_what_is_on_hold_gets_more_time(desk, cast, paid):
    now = desk.clock.now
    with pytest.raises(ChangedMeanwhile, match="on hold"):
        office.extend_credit(paid.id, now.date(), today=now.date(), form_id="more", by=cast.sam, now=now)


def test_moving_to_a_later_seminar_does_not_buy_the_refund_back(desk, paid):
    desk.clock.advance(days=40)
    assert shown(desk, paid) == 0
    new = moving.place(moving.move(desk, paid, moving.other(desk)))
    assert shown(desk, new) == 0
    assert "could be refunded any more" in Changes(new, desk.clock.now).refund.why


def test_what_could_be_refunded_before_a_move_still_can(desk, paid):
    new = moving.place(moving.move(desk, paid, moving.other(desk)))
    assert shown(desk, new) == 104500
    cancel(desk, new)
    assert (stage(desk, paid), stage(desk, new)) == (Stage.MOVED, Stage.GIVEN_UP)
    assert moving.returned() == [(104500, "succeeded")]


def test_the_time_on_hold_does_not_buy_the_refund_back(desk, paid):
    desk.clock.advance(days=40)
    hold(desk, paid)
    new = moving.place(moving.move(desk, paid, moving.other(desk)))
    assert shown(desk, new) == 0


def test_a_refund_staff_made_counts(desk, paid):
    made = checkout.request_refund(
        desk.payment(paid).id, 100000, reason="goodwill", by=desk.cast.sam, now=desk.clock.now
    )
    checkout.send_refund(made, payments=desk.client, now=desk.clock.now)
    assert shown(desk, paid) == 9500


# Many at the same moment.


def at_once(desk: Desk, seat: Registration, expected: int = 104500) -> Callable[[], Any]:
    """Press the button in a thread of its own."""
    number, now, who = seat.id, desk.clock.now, SimpleNamespace(id=desk.cast.ada.id, __tablename__="account")
    return lambda: services.cancel(number, expected_minor=expected, by=who, now=now)


def test_cancelled_many_times_at_once_money_goes_back_once(desk, paid, together):
    press = at_once(desk, paid)
    results = together(5, lambda _: press())
    assert sorted(type(each).__name__ for each in results) == ["MovedMeanwhile"] * 4 + ["list"]
    assert [amount for amount, _ in moving.returned()] == [104500]
    assert desk.taken() == 0


def test_cancelled_and_put_on_hold_at_once_one_of_them_happens(desk, paid, together):
    press, until = at_once(desk, paid), Changes(paid, desk.clock.now).hold_until
    number, now, who = paid.id, desk.clock.now, SimpleNamespace(id=desk.cast.ada.id, __tablename__="account")
    acts = (press, lambda: services.put_on_hold(number, until=until, by=who, now=now))
    results = together(2, lambda turn: acts[turn]())
    assert [isinstance(each, rules.MovedMeanwhile) for each in results].count(True) == 1
    assert (desk.taken(), len(moving.returned())) == (0, 1 if stage(desk, paid) is Stage.GIVEN_UP else 0)


def test_cancelled_while_the_move_is_paid_only_one_of_them_happens(desk, paid, together):
    new = moving.place(moving.move(desk, paid, moving.other(desk, physician=129500)))
    desk.start(new, shown=new.to_pay.minor)
    session = desk.session(new)
    desk.sandbox.pay(session)
    press, client, now = at_once(desk, paid), desk.client, desk.clock.now
    acts = (press, lambda: checkout.apply(session, payments=client, now=now))
    results = together(2, lambda turn: acts[turn]())
    assert type(results[0]) in (rules.MovePending, rules.MovedMeanwhile)
    assert (results[1], desk.state(new)[0], stage(desk, paid)) == ("paid", "confirmed", Stage.MOVED)
    assert moving.returned() == []


def beside_the_dashboard(desk: Desk, seat: Registration, together: Any) -> list[Any]:
    """Cancel while the webhook tells of a refund staff made at Stripe."""
    desk.sandbox.refund(desk.session(seat), 100000)
    payload = desk.sandbox.event_for(desk.session(seat), "charge.refunded")
    acts = (at_once(desk, seat), lambda: desk.deliver(payload))
    return together(2, lambda turn: acts[turn]())


def test_cancelled_beside_a_refund_made_at_stripe_nobody_gets_more_than_was_paid(desk, paid, together):
    beside_the_dashboard(desk, paid, together)
    desk.sweep()
    given = sum(amount for amount, status in moving.returned() if status == "succeeded")
    assert given <= 109500


def test_a_refund_made_at_stripe_meanwhile_shows_the_new_amount(desk, paid):
    desk.sandbox.refund(desk.session(paid), 100000)
    assert desk.tell(paid, "charge.refunded") == 200
    with pytest.raises(rules.RefundChanged, match=r"\$95 comes back now"):
        cancel(desk, paid, expected=104500)
    assert shown(desk, paid) == 9500


def test_without_its_guards_the_race_is_lost(desk, paid, together, monkeypatch):
    """The control: nothing but these two keep five presses from being five cancellations."""
    desk.clock.advance(days=31)
    ended: list[int] = []
    monkeypatch.setattr(cancelling, "check_free", lambda seat: None)
    monkeypatch.setattr(cancelling.seats, "end", lambda seat, *_, **__: ended.append(seat.id))
    press = at_once(desk, paid, expected=0)
    assert together(5, lambda _: press()) == [[]] * 5
    assert len(ended) == 5
