"""A seat handed to a colleague: the same seat, the same money, another person; and nothing by halves."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from cme.database import db, transaction
from cme.mail import Letter, without_tokens
from cme.registration import funds, rules, services
from cme.registration.models import Registration, Substitution
from cme.registration.rules import handing_on
from cme.values import Policy
from tests import factories
from tests.registration.moving import move, other, place, prices

pytestmark = pytest.mark.usefixtures("promises")
COLLEAGUE = "otto@example.test"


@pytest.fixture
def old(desk):
    """A seat of ada's, paid for, sixty days ahead, the only one there is."""
    desk.open(starts_in=60, capacity=1)
    return desk.pay()


def ask(desk, old, email=COLLEAGUE):
    """Offer the seat; answers the token in the letter."""
    desk.clock.advance(seconds=1)
    services.ask_colleague(old.id, email, by=desk.cast.ada, now=desk.clock.now)
    db.session.rollback()
    text = db.session.scalars(
        select(Letter.text).where(Letter.kind == "registration/substitute_asked").order_by(Letter.id.desc())
    ).first()
    return re.search(r"/substitutions/(\S+)", text)[1]


def accept(desk, token, person):
    return place(services.take_over(token, person.id, now=desk.clock.now))


def letters() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Letter.id).where(Letter.kind == "registration/substitute_asked")).all())


def test_a_colleague_takes_the_seat_with_the_money(desk, cast, old):
    new = accept(desk, ask(desk, old), cast.otto)
    assert (new.status, new.account_id, new.offering_id) == ("confirmed", cast.otto.id, old.offering_id)
    assert (old.status, old.end_reason, desk.taken()) == ("cancelled", "moved", 1)
    assert (new.amount_due_minor, new.to_pay.minor, funds.value(new).minor) == (109500, 0, 109500)


def test_the_policy_and_the_transfers_that_were_used_go_with_the_seat(desk, cast, old):
    with transaction():
        old.transfers, old.seminar.policy = 1, Policy(can_substitute=True, transfers=5).to_json()
    accepted = dict(old.policy)
    new = accept(desk, ask(desk, old), cast.otto)
    assert (new.policy, new.transfers) == (accepted, 1)
    with pytest.raises(rules.ChangeImpossible, match="already moved once"):
        move(desk, new, other(desk))


def test_both_are_told(desk, cast, old):
    accept(desk, ask(desk, old), cast.otto)
    assert desk.letters()[-1] == "substituted"
    assert desk.letters(cast.otto) == ["confirmed"]


def test_the_letter_goes_to_the_colleague_and_staff_cannot_read_the_token(desk, old):
    token = ask(desk, old)
    db.session.rollback()
    letter = db.session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter.to == COLLEAGUE
    assert token not in without_tokens(letter.text) + without_tokens(letter.html)
    assert token not in db.session.scalars(select(Substitution.token_hash)).one()


def test_whoever_waits_for_a_seat_is_not_asked(desk, cast, old, clock):
    waiting = services.join_waitlist(cast.nell.id, old.offering_id, form_id=None, now=clock.now)
    accept(desk, ask(desk, old), cast.otto)
    assert place(waiting).status == "waitlisted"


def test_accepting_twice_is_accepting_once(desk, cast, old):
    token = ask(desk, old)
    assert accept(desk, token, cast.otto).ref == accept(desk, token, cast.otto).ref


def test_a_link_that_was_used_is_of_no_use_to_somebody_else(desk, cast, old):
    token = ask(desk, old)
    accept(desk, token, cast.otto)
    with pytest.raises(handing_on.OfferSpent):
        accept(desk, token, cast.nell)


def test_asking_the_same_colleague_twice_sends_one_letter(desk, old):
    ask(desk, old)
    ask(desk, old, COLLEAGUE.upper())
    assert letters() == 1


def test_another_colleague_can_be_asked_when_the_offer_was_taken_back(desk, cast, old, clock):
    token = ask(desk, old)
    with pytest.raises(rules.SubstitutePending):
        ask(desk, old, "nell@example.test")
    services.withdraw_offer(old.id, by=cast.ada, now=clock.now)
    with pytest.raises(handing_on.OfferSpent):
        accept(desk, token, cast.otto)
    ask(desk, old, "nell@example.test")
    assert letters() == 2


def test_an_offer_runs_out_after_two_weeks(desk, cast, old, clock):
    token = ask(desk, old)
    clock.advance(days=14)
    with pytest.raises(handing_on.OfferSpent):
        accept(desk, token, cast.otto)
    assert services.lapse_offers(now=clock.now) == 1
    assert services.lapse_offers(now=clock.now) == 0
    ask(desk, old)


def test_an_offer_that_ran_out_stands_in_nobodys_way(desk, old, clock):
    ask(desk, old)
    clock.advance(days=15)
    ask(desk, old, "nell@example.test")
    assert letters() == 2


def test_an_offer_ends_with_the_start_of_the_seminar(desk, old, clock):
    clock.advance(days=55)
    ask(desk, old)
    db.session.rollback()
    assert db.session.scalars(select(Substitution.expires_at)).one() == old.seminar.starts_at


def test_a_seat_given_up_meanwhile_is_not_handed_on(desk, cast, old, clock):
    token = ask(desk, old)
    with transaction():
        services.moves.seats.end(db.session.merge(old), "cancelled", payment=None, by=cast.sam, now=clock.now)
    with pytest.raises(handing_on.OfferSpent):
        accept(desk, token, cast.otto)


def test_nobody_hands_a_seat_to_themselves(desk, cast, old):
    with pytest.raises(handing_on.OwnSeat):
        ask(desk, old, cast.ada.email.upper())
    with pytest.raises(handing_on.OwnSeat):
        accept(desk, ask(desk, old), cast.ada)


def test_a_colleague_of_a_dearer_group_calls_us(desk, cast, clock):
    desk.open(starts_in=60)
    old = desk.pay(cast.nell)
    with pytest.raises(handing_on.DearerGroup, match=r"\$1,095, and \$895"):
        accept(desk, ask(desk, old), cast.otto)


def test_a_colleague_of_a_cheaper_group_takes_the_seat_as_it_was_paid(desk, cast, old):
    new = accept(desk, ask(desk, old, cast.nell.email), cast.nell)
    assert (new.tier, new.amount_due_minor) == ("clinician", 109500)


def test_the_early_rate_goes_with_the_seat(desk, cast, clock):
    early = clock.now.date() + timedelta(days=3)
    desk.open(starts_in=60, early={"physician": 99500, "clinician": 79500}, early_until=early)
    old = desk.pay()
    clock.advance(days=10)
    assert accept(desk, ask(desk, old), cast.otto).amount_due_minor == 99500


def test_whoever_goes_already_takes_no_second_seat(desk, cast, clock):
    desk.open(starts_in=60)
    old = desk.pay()
    desk.hold(cast.otto)
    with pytest.raises(rules.AlreadyRegistered):
        accept(desk, ask(desk, old), cast.otto)
    assert old.status == "confirmed"


def test_account_details_come_first(desk, cast, old):
    with pytest.raises(rules.DetailsFirst):
        accept(desk, ask(desk, old, cast.noah.email), cast.noah)


def test_a_seat_that_is_being_moved_is_not_handed_on(desk, cast, old):
    token = ask(desk, old)
    with transaction():
        db.session.scalars(select(Substitution)).one().ended_at = desk.clock.now
    move(desk, old, other(desk, 129500))
    with pytest.raises(rules.MovePending):
        ask(desk, old)
    with transaction():
        db.session.scalars(select(Substitution)).one().ended_at = None
    with pytest.raises(handing_on.OfferSpent):
        accept(desk, token, cast.otto)


def test_a_seat_offered_to_a_colleague_is_not_moved(desk, old):
    ask(desk, old)
    with pytest.raises(rules.SubstitutePending):
        move(desk, old, other(desk), shown=0)


def test_five_letters_from_one_registration_are_enough(desk, cast, old, clock):
    for number in range(handing_on.MOST_LETTERS):
        ask(desk, old, f"colleague{number}@example.test")
        services.withdraw_offer(old.id, by=cast.ada, now=clock.now)
    with pytest.raises(handing_on.OftenAsked):
        ask(desk, old)


def test_a_policy_without_substitutes_has_none(desk):
    desk.open(starts_in=60, policy=Policy(can_substitute=False).to_json())
    with pytest.raises(rules.ChangeImpossible, match="does not let a colleague"):
        ask(desk, desk.pay())


def test_a_place_that_staff_gave_is_handed_on_by_staff(desk, cast, clock):
    seminar = desk.open(prices=prices(0), starts_in=60)
    old = place(services.register(cast.ada.id, seminar.offerings[0].id, form_id=None, now=clock.now))
    with transaction():
        db.session.merge(old).place = "comp"
    with pytest.raises(rules.NeedsStaff):
        ask(desk, old)


def test_whoever_attended_keeps_the_seat(desk, cast, old, clock):
    token = ask(desk, old)
    factories.attend(old, now=clock.now)
    with pytest.raises(handing_on.OfferSpent):
        accept(desk, token, cast.otto)


def test_two_colleagues_with_one_link_and_one_seat(desk, cast, old, clock, together):
    token = ask(desk, old)
    people = [cast.otto.id, cast.nell.id]
    results = together(2, lambda n: services.take_over(token, people[n], now=clock.now))
    assert sum(isinstance(each, str) for each in results) == 1
    assert sum(isinstance(each, handing_on.OfferSpent) for each in results) == 1
    db.session.rollback()
    assert len(db.session.scalars(select(Registration.id).where(Registration.status == "confirmed")).all()) == 1


def test_answers_are_not_taken_over(desk, cast, old):
    with transaction():
        db.session.merge(old).questions = {"x": {"asked": "Meals", "answer": "Vegan"}}
    assert accept(desk, ask(desk, old), cast.otto).questions == {}
