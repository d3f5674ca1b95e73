"""Moves: the old place stays until the new one is somebody's, and no cent is lost, doubled or kept in silence."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cme.audit import AuditEntry
from cme.catalog.models import CANCELLED
from cme.database import db, transaction
from cme.mail import Letter
from cme.registration import checkout, moving, rules, services
from cme.registration.changes import Changes
from cme.registration.checkout.refunds import mirror
from cme.registration.models import Dispute, Payment
from cme.values import Policy
from tests import factories
from tests.registration.moving import (
    left_behind,
    move,
    other,
    pay,
    pending,
    place,
    prices,
    returned,
    sum_of,
    taken,
    two_ways,
    way,
)

pytestmark = pytest.mark.usefixtures("promises")


@pytest.fixture
def old(desk):
    """A seat of ada's, paid for, sixty days ahead."""
    desk.open(starts_in=60)
    return desk.pay()


def test_a_dearer_place_is_held_while_the_old_one_stays(desk, old):
    target = other(desk, 129500)
    new = place(move(desk, old, target))
    assert (new.status, new.to_pay.minor, new.carried_minor) == ("held", 20000, 109500)
    assert (old.status, desk.taken(), taken(target)) == ("confirmed", 1, 1)
    assert pending(old).id == new.id


def test_paying_the_difference_exchanges_the_places(desk, old):
    target = other(desk, 129500)
    new = place(move(desk, old, target))
    assert pay(desk, new) == "paid"
    assert (new.status, old.status, old.end_reason) == ("confirmed", "cancelled", "moved")
    assert (desk.taken(), taken(target), pending(old).id) == (0, 1, new.id)
    assert left_behind(new) == 129500
    assert returned() == []


def test_only_the_difference_is_asked_of_stripe(desk, old):
    new = place(move(desk, old, other(desk, 129500)))
    desk.start(new, shown=20000)
    assert desk.payment(new).amount_minor == 20000
    assert desk.payment(new).request["line_items"][0]["price_data"]["unit_amount"] == 20000


def test_a_place_of_the_same_price_is_theirs_at_once(desk, old):
    target = other(desk)
    new = place(move(desk, old, target))
    assert (new.status, old.status, desk.taken(), taken(target)) == ("confirmed", "cancelled", 0, 1)
    assert desk.letters()[-2:] == ["confirmed", "moved"]


def test_of_a_cheaper_place_the_difference_comes_back(desk, old):
    new = place(move(desk, old, other(desk, 89500)))
    assert (new.status, new.carried_minor) == ("confirmed", 89500)
    assert returned() == [(20000, "succeeded")]
    assert left_behind(new) == 89500


def test_moving_refunds_no_more_than_giving_up_would(desk, old, clock):
    clock.advance(days=50)
    target = other(desk, 0)
    planned = moving.move_to(old, target, now=clock.now)
    assert (planned.words, planned.stays.minor) == ("Nothing to pay", 109500)
    assert planned.back.why.startswith("Refunds for this seminar ended on")
    new = place(move(desk, old, target))
    assert (new.status, returned()) == ("confirmed", [])


def test_a_refund_that_was_lost_is_not_bought_back_by_moving_far_ahead(desk, old, clock):
    clock.advance(days=50)
    new = place(move(desk, old, other(desk)))
    assert Changes(new, clock.now).refund.amount.minor == 0


def test_the_page_and_the_command_agree_on_the_sum(desk, old):
    target = other(desk, 129500)
    with pytest.raises(rules.PriceChanged, match=r"Pay \$200 more now"):
        move(desk, old, target, shown=10000)
    with pytest.raises(rules.PriceChanged):
        move(desk, old, target, shown=-20000)
    assert taken(target) == 0


def test_a_form_sent_twice_makes_one_move(desk, old):
    target = other(desk, 129500)
    first = move(desk, old, target, form_id="m" * 20)
    again = services.move(old.id, target.id, shown_minor=20000, form_id="m" * 20, by=desk.cast.ada, now=desk.clock.now)
    assert first.ref == again.ref
    assert taken(target) == 1


def test_a_form_sent_again_after_the_exchange_returns_what_it_did(desk, old):
    target = other(desk)
    first = move(desk, old, target, form_id="m" * 20)
    again = services.move(old.id, target.id, shown_minor=0, form_id="m" * 20, by=desk.cast.ada, now=desk.clock.now)
    assert (first.ref, taken(target)) == (again.ref, 1)


def test_nobody_moves_a_place_twice_at_a_time(desk, old):
    move(desk, old, other(desk, 129500))
    with pytest.raises(rules.MovePending):
        move(desk, old, other(desk))
    with pytest.raises(rules.MovePending):
        services.cancel(old.id, expected_minor=104500, by=desk.cast.ada, now=desk.clock.now)


def test_a_hold_that_runs_out_leaves_the_old_place_as_it_was(desk, old, clock):
    target = other(desk, 129500)
    new = place(move(desk, old, target))
    clock.advance(minutes=16)
    desk.sweep()
    assert (new.status, old.status, desk.taken(), taken(target)) == ("expired", "confirmed", 1, 0)
    assert pending(old) is None
    assert sum_of(desk, old, target) == 20000


def test_a_move_that_is_given_up_leaves_the_old_place_as_it_was(desk, old):
    target = other(desk, 129500)
    new = place(move(desk, old, target))
    desk.start(new, shown=20000)
    assert desk.give_up(new) == "cancelled"
    assert (old.status, desk.taken(), taken(target), left_behind(old)) == ("confirmed", 1, 0, 109500)


def lapsed(desk, old, target):
    """A move whose payment page was paid after the hold had ended."""
    new = place(move(desk, old, target))
    desk.start(new, shown=new.to_pay.minor)
    session = desk.session(new)
    desk.sandbox.pay(session)
    with transaction():
        db.session.get_one(Payment, desk.payment(new).id).status = "expired"
    desk.clock.advance(hours=2)
    with transaction():
        services.moves.seats.end(new, "expired", payment=None, by=None, now=desk.clock.now)
    return new


def test_a_late_payment_still_exchanges_the_places_while_a_seat_is_free(desk, old):
    target = other(desk, 129500)
    new = lapsed(desk, old, target)
    assert desk.apply(new) == "paid"
    assert (new.status, old.status, desk.taken(), taken(target)) == ("confirmed", "cancelled", 0, 1)


def test_a_late_payment_goes_back_when_the_new_seat_is_gone(desk, old, cast):
    target = other(desk, 129500, capacity=1)
    new = lapsed(desk, old, target)
    services.register(cast.otto.id, target.id, form_id=None, now=desk.clock.now)
    assert desk.apply(new) == "refunded"
    assert (new.status, old.status, returned()) == ("expired", "confirmed", [(20000, "succeeded")])


def test_a_late_payment_goes_back_when_the_old_place_was_given_up(desk, old):
    new = lapsed(desk, old, other(desk, 129500))
    services.cancel(old.id, expected_minor=104500, by=desk.cast.ada, now=desk.clock.now)
    assert desk.apply(new) == "refunded"
    assert "the place it was to replace is no longer yours" in letter_text("payment_returned")


def test_a_late_payment_goes_back_when_another_move_was_begun(desk, old):
    new = lapsed(desk, old, other(desk, 129500))
    move(desk, old, other(desk, 119500))
    assert desk.apply(new) == "refunded"
    assert "you have begun another move meanwhile" in letter_text("payment_returned")


def letter_text(kind):
    """The latest letter of a kind."""
    db.session.rollback()
    found = select(Letter.text).where(Letter.kind == f"registration/{kind}").order_by(Letter.id.desc())
    return " ".join(db.session.scalars(found).first().split())


def test_a_payment_goes_back_when_the_earlier_one_was_refunded_at_stripe_meanwhile(desk, old, sandbox):
    new = place(move(desk, old, other(desk, 129500)))
    desk.start(new, shown=20000)
    refund_at_stripe(desk, old, 30000)
    sandbox.pay(desk.session(new))
    assert desk.apply(new) == "refunded"
    assert (new.status, old.status, left_behind(old)) == (
        "held",
        "confirmed",
        79500,
    )
    assert "part of the earlier payment was refunded meanwhile" in letter_text("payment_returned")


def refund_at_stripe(desk, registration, amount):
    """Let staff refund something at Stripe's dashboard, and be told of it."""
    payment = desk.payment(registration)
    intent, number = payment.intent_id, payment.id
    made = desk.client.v1.refunds.create({"payment_intent": intent, "amount": amount})
    mirror(number, [made], now=desk.clock.now)


def test_what_was_refunded_before_is_not_carried_on(desk, old):
    refund_at_stripe(desk, old, 30000)
    assert sum_of(desk, old, other(desk)) == 30000


def test_a_price_that_changes_before_the_payment_is_shown_first(desk, old):
    target = other(desk, 129500)
    new = place(move(desk, old, target))
    with transaction():
        next(tier for tier in db.session.merge(target).tiers if tier.tier == "physician").amount_minor = 119500
    with pytest.raises(rules.PriceChanged, match=r"\$100 now"):
        desk.start(new, shown=20000)
    assert place(new.ref).to_pay.minor == 10000
    desk.start(new, shown=10000)
    desk.sandbox.pay(desk.session(new))
    assert desk.apply(new) == "paid"
    assert returned() == []


def test_a_price_that_falls_below_what_was_paid_exchanges_and_refunds(desk, old):
    target = other(desk, 129500)
    new = place(move(desk, old, target))
    with transaction():
        next(tier for tier in db.session.merge(target).tiers if tier.tier == "physician").amount_minor = 99500
    with pytest.raises(rules.PriceChanged):
        desk.start(new, shown=20000)
    desk.start(new, shown=0)
    assert (place(new.ref).status, returned()) == ("confirmed", [(10000, "succeeded")])


def test_the_certification_type_of_today_sets_the_price(desk, old, cast):
    with transaction():
        db.session.get_one(type(cast.ada), cast.ada.id).certification_type = "np"
    assert sum_of(desk, old, other(desk)) == -20000


def test_a_switch_to_the_livestream_gives_the_difference_back(desk):
    seminar = two_ways(desk)
    old = desk.pay()
    stream, room = way(seminar, "livestream"), way(seminar, "in-person")
    new = place(move(desk, old, stream))
    assert (new.is_switch, new.status, old.status, returned()) == (
        True,
        "confirmed",
        "cancelled",
        [(30000, "succeeded")],
    )
    assert (taken(room), taken(stream), new.transfers, new.policy) == (0, 1, 0, old.policy)


def test_a_switch_to_the_room_is_paid_beside_the_livestream(desk):
    seminar = two_ways(desk, in_person=79500, livestream=109500)
    old = desk.pay()
    new = place(move(desk, old, way(seminar, "livestream")))
    assert (new.status, new.to_pay.minor, old.status) == ("held", 30000, "confirmed")
    assert pay(desk, new) == "paid"
    assert (new.status, old.status) == ("confirmed", "cancelled")


def test_a_switch_counts_as_no_transfer_and_a_transfer_does(desk):
    seminar = two_ways(desk)
    old = desk.pay()
    switched = place(move(desk, old, way(seminar, "livestream")))
    moved = place(move(desk, switched, other(desk)))
    assert (switched.transfers, moved.to_pay.minor) == (0, 30000)
    pay(desk, moved)
    assert moved.transfers == 1
    with pytest.raises(rules.ChangeImpossible, match="already moved once"):
        move(desk, moved, other(desk))


def test_a_switch_keeps_the_policy_that_was_accepted_and_a_transfer_accepts_another(desk):
    seminar = two_ways(desk)
    old = desk.pay()
    accepted, strict, own = dict(old.policy), Policy(transfers=1, hold_months=1), Policy(transfers=3, can_switch=False)
    seminar.policy = strict.to_json()
    db.session.commit()
    switched = place(move(desk, old, way(seminar, "livestream")))
    assert switched.policy == accepted != strict.to_json()
    target = other(desk)
    target.seminar.policy = own.to_json()
    db.session.commit()
    new = place(move(desk, switched, target))
    assert pay(desk, new) == "paid"
    assert (new.policy, new.transfers) == (own.to_json(), 1)


def test_answers_go_along_to_another_way_to_attend_and_not_to_another_seminar(desk):
    seminar = two_ways(desk)
    old = desk.pay()
    old.questions = {"7": {"asked": "Meals", "answer": "Vegan"}}
    db.session.commit()
    switched = place(move(desk, old, way(seminar, "livestream")))
    assert switched.questions == {"7": {"asked": "Meals", "answer": "Vegan"}}
    new = place(move(desk, switched, other(desk)))
    assert new.questions == {}


def test_money_of_several_payments_is_carried_on_together(desk):
    seminar = two_ways(desk)
    old = desk.pay()
    moved = place(move(desk, place(move(desk, old, way(seminar, "livestream"))), other(desk)))
    pay(desk, moved)
    db.session.rollback()
    assert left_behind(moved) == 109500
    back = Changes(moved, desk.clock.now).refund.amount
    refunds = services.cancel(moved.id, expected_minor=back.minor, by=desk.cast.ada, now=desk.clock.now)
    assert len(refunds) == 2
    for each in refunds:
        checkout.send_refund(each, payments=desk.client, now=desk.clock.now)
    assert left_behind(moved) == 109500 - back.minor


def test_tuition_on_hold_pays_for_any_seminar_that_is_open(desk, old, clock):
    until = Changes(old, clock.now).hold_until
    services.put_on_hold(old.id, until=until, by=desk.cast.ada, now=clock.now)
    assert desk.taken() == 0
    clock.advance(days=200)
    new = place(move(desk, old, other(desk, 119500, starts_in=800)))
    assert (new.to_pay.minor, old.credit_until) == (10000, until)
    assert pay(desk, new) == "paid"
    assert (new.status, old.credit_until, old.end_reason, desk.taken()) == ("confirmed", None, "moved", 0)


def test_tuition_on_hold_is_of_no_use_after_its_last_day(desk, old, clock):
    until = Changes(old, clock.now).hold_until
    services.put_on_hold(old.id, until=until, by=desk.cast.ada, now=clock.now)
    clock.advance(days=367)
    with pytest.raises(rules.ChangeImpossible, match="which has passed"):
        move(desk, old, other(desk))


def test_tuition_on_hold_begins_one_move_at_a_time(desk, old, clock):
    services.put_on_hold(old.id, until=Changes(old, clock.now).hold_until, by=desk.cast.ada, now=clock.now)
    move(desk, old, other(desk, 129500))
    with pytest.raises(rules.MovePending):
        move(desk, old, other(desk))


def test_a_transfer_leads_to_a_seminar_within_the_months_of_the_policy(desk, old):
    with pytest.raises(rules.ChangeImpossible, match="begins by"):
        move(desk, old, other(desk, starts_in=60 + 740))


def test_whoever_attended_asks_staff(desk, old, clock):
    factories.attend(old, now=clock.now)
    with pytest.raises(rules.ClaimedOrAttended):
        move(desk, old, other(desk))


def test_a_place_that_staff_gave_is_moved_by_staff(desk, cast, clock):
    seminar = desk.open(prices=prices(0), starts_in=60)
    free = place(services.register(cast.ada.id, seminar.offerings[0].id, form_id=None, now=clock.now))
    with transaction():
        db.session.merge(free).place = "faculty"
    with pytest.raises(rules.NeedsStaff):
        move(desk, free, other(desk))


def test_a_policy_without_transfers_and_switches_has_none(desk):
    policy = Policy(transfers=0, can_switch=False).to_json()
    seminar = two_ways(desk, policy=policy)
    old = desk.pay()
    with pytest.raises(rules.ChangeImpossible, match="has no transfer"):
        move(desk, old, other(desk))
    with pytest.raises(rules.ChangeImpossible, match="does not let you switch"):
        move(desk, old, way(seminar, "livestream"))


def test_what_is_bought_on_demand_is_final(desk):
    desk.open(modes=("on-demand",), starts_in=-10, released_on=desk.clock.now.date() - timedelta(days=10))
    old = desk.pay()
    with pytest.raises(rules.ChangeImpossible, match="on demand"):
        move(desk, old, other(desk))


def test_a_full_seminar_takes_nobody(desk, old, cast, clock):
    target = other(desk, capacity=1)
    services.register(cast.otto.id, target.id, form_id=None, now=clock.now)
    with pytest.raises(rules.SeminarFull):
        move(desk, old, target)
    assert old.status == "confirmed"


@pytest.mark.parametrize("price", [129500, 109500, 89500])
def test_a_move_does_not_jump_the_line(desk, old, cast, clock, price):
    """A seat that staff added belongs to whoever waits: it is neither shown as free nor given to whoever moves."""
    target = other(desk, price, capacity=1)
    services.register(cast.otto.id, target.id, form_id=None, now=clock.now)
    waits = place(services.join_waitlist(cast.nell.id, target.id, form_id=None, now=clock.now))
    with transaction():
        db.session.merge(target).capacity = 2
    with pytest.raises(rules.SeminarFull, match="people who wait"):
        moving.move_to(old, target, now=clock.now)
    with pytest.raises(rules.SeminarFull):
        services.move(old.id, target.id, shown_minor=price - 109500, form_id=None, by=cast.ada, now=clock.now)
    desk.sweep()
    assert (old.status, place(waits.ref).status, taken(target)) == ("confirmed", "offered", 2)


def test_a_move_that_looks_away_still_does_not_jump_the_line(desk, old, cast, clock, monkeypatch):
    """Even where nobody asks whether somebody waits before the move, the seat itself asks."""
    target = other(desk, capacity=1)
    services.register(cast.otto.id, target.id, form_id=None, now=clock.now)
    services.join_waitlist(cast.nell.id, target.id, form_id=None, now=clock.now)
    with transaction():
        db.session.merge(target).capacity = 2
    monkeypatch.setattr("cme.registration.moving.somebody_waits", lambda offering_id: False)
    with pytest.raises(rules.SeminarFull, match="while you were deciding"):
        move(desk, old, target)
    assert (old.status, taken(target)) == ("confirmed", 1)


def test_nobody_moves_to_where_they_are_or_go_already(desk, old, cast, clock):
    target = other(desk)
    with pytest.raises(rules.ChangeImpossible):
        move(desk, old, old.offering)
    services.register(cast.ada.id, target.id, form_id=None, now=clock.now)
    with pytest.raises(rules.AlreadyRegistered):
        move(desk, old, target)


def test_from_a_seminar_we_cancelled_everything_is_carried_on(desk, old, clock):
    clock.advance(days=50)
    with transaction():
        db.session.merge(old.seminar).status = CANCELLED
    new = place(move(desk, old, other(desk, 89500)))
    assert (new.status, new.transfers, returned()) == ("confirmed", 0, [(20000, "succeeded")])


def test_from_a_seminar_we_cancelled_any_other_will_do(desk, old):
    with transaction():
        db.session.merge(old.seminar).status = CANCELLED
    assert place(move(desk, old, other(desk, starts_in=60 + 740))).status == "confirmed"


def test_a_free_place_is_exchanged_for_one_that_is_paid_in_full(desk, cast, clock):
    seminar = desk.open(prices=prices(0), starts_in=60)
    old = place(services.register(cast.ada.id, seminar.offerings[0].id, form_id=None, now=clock.now))
    new = place(move(desk, old, other(desk)))
    assert (new.to_pay.minor, new.carried_minor) == (109500, 0)
    assert pay(desk, new) == "paid"
    assert old.status == "cancelled"


def test_a_difference_too_small_to_charge_is_left_to_staff(desk, old):
    with pytest.raises(rules.NeedsStaff):
        move(desk, old, other(desk, 109520))


def test_a_move_in_which_the_old_place_is_attended_gives_the_money_back(desk, old, clock):
    new = place(move(desk, old, other(desk, 129500)))
    desk.start(new, shown=20000)
    desk.sandbox.pay(desk.session(new))
    factories.attend(old, now=clock.now)
    assert desk.apply(new) == "refunded"
    assert old.status == "confirmed"


def test_the_old_place_given_up_meanwhile_is_said_before_paying(desk, old, clock):
    new = place(move(desk, old, other(desk, 129500)))
    with transaction():
        services.moves.seats.end(db.session.merge(old), "cancelled", payment=None, by=desk.cast.sam, now=clock.now)
    with pytest.raises(rules.PlaceGone, match="is no longer yours"):
        desk.start(new, shown=20000)


def test_a_disputed_payment_is_carried_nowhere(desk, old, sandbox, clock):
    target = other(desk, 129500)
    new = place(move(desk, old, target))
    desk.start(new, shown=20000)
    dispute(desk, old)
    sandbox.pay(desk.session(new))
    assert desk.apply(new) == "refunded"
    assert "is being looked into" in letter_text("payment_returned")


def dispute(desk, registration):
    """Let the bank question the money behind a place."""
    with transaction() as session:
        session.add(
            Dispute(
                payment_id=desk.payment(registration).id,
                stripe_id="dp_1",
                amount_minor=109500,
                currency="USD",
                status="needs_response",
                created_at=desk.clock.now,
            )
        )


def test_each_move_is_written_down(desk, old):
    move(desk, old, other(desk))
    assert {"moved", "began move", "confirmed"} <= set(db.session.scalars(select(AuditEntry.action)))
