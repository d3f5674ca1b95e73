"""Many people at the same moment: each race once as it is, and once without its guard, to see that it is one."""

from itertools import count
from threading import Barrier
from typing import Any

from sqlalchemy import select, update

from cme import audit
from cme.catalog.models import Offering
from cme.database import db
from cme.registration import checkout, emails, invariants, queries, rules, seats, services
from cme.registration.checkout import conversation, outcomes
from cme.registration.models import LedgerEntry, Registration
from cme.registration.services import registering
from tests import factories

MANY, FEW = 50, 8
COMPLETED = "checkout.session.completed"


def broken(clock: Any) -> set[str]:
    """The promises now broken, by number."""
    db.session.rollback()
    return {breach.split()[0] for breach in (*invariants.breaches(now=clock.now), *audit.breaches())}


def crowd(clock: Any, size: int = MANY) -> list[int]:
    return [factories.account(f"crowd{n}@example.test", "Crowd, MD", "md", now=clock.now).id for n in range(size)]


def held() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(Registration.id).where(Registration.status == "held")).all())


def rush(together: Any, clock: Any, people: list[int], offering: int) -> list[Any]:
    return together(len(people), lambda n: services.register(people[n], offering, form_id=None, now=clock.now))


def test_fifty_people_and_one_seat(app, clock, together):
    seminar = factories.seminar(now=clock.now, capacity=1)
    people, offering = crowd(clock), seminar.offerings[0].id
    results = rush(together, clock, people, offering)
    assert held() == 1
    assert sum(isinstance(result, str) for result in results) == 1
    assert all(isinstance(result, str | rules.SeminarFull) for result in results)
    assert broken(clock) == set()


def test_without_the_condition_seats_are_sold_twice(app, clock, together, monkeypatch):
    """Looking first and taking later sells one seat to people who come in turn, and many to those who come at once."""

    def careless(offering_id: int) -> bool:
        changed = update(Offering).where(Offering.id == offering_id).values(taken=Offering.taken + 1)
        return bool(db.session.execute(changed))

    monkeypatch.setattr(seats, "take", careless)
    people, all_looked = crowd(clock, FEW), Barrier(FEW)

    def come(offering: int, person: int, wait: Any) -> None:
        free = db.session.get_one(Offering, offering).seats_left
        wait()
        if free:
            services.register(person, offering, form_id=None, now=clock.now)

    in_turn = factories.seminar(now=clock.now, capacity=1).offerings[0].id
    for person in people:
        come(in_turn, person, lambda: None)
    assert held() == 1
    at_once = factories.seminar(now=clock.now, capacity=1).offerings[0].id
    together(FEW, lambda n: come(at_once, people[n], lambda: all_looked.wait(timeout=20)))
    assert held() == 1 + FEW
    assert "I1" in broken(clock)


def test_the_condition_alone_keeps_the_last_seat(app, clock, together, monkeypatch):
    """Even where nobody locks the offering, the conditional update lets one person in."""
    monkeypatch.setattr(registering, "lock", lambda model, key: db.session.get_one(model, key))
    seminar = factories.seminar(now=clock.now, capacity=1)
    people, offering = crowd(clock, FEW), seminar.offerings[0].id
    rush(together, clock, people, offering)
    assert held() == 1
    assert broken(clock) == set()


def test_one_person_pressing_many_times_gets_one_seat(app, cast, clock, together):
    seminar = factories.seminar(now=clock.now, modes=("in-person", "livestream"))
    person, offerings = cast.ada.id, [offering.id for offering in seminar.offerings]
    results = together(FEW * 2, lambda n: services.register(person, offerings[n % 2], form_id=None, now=clock.now))
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, rules.AlreadyRegistered) for result in results) == FEW * 2 - 1
    assert broken(clock) == set()


def test_one_form_sent_many_times_is_one_registration(app, cast, clock, together):
    seminar = factories.seminar(now=clock.now)
    person, offering = cast.ada.id, seminar.offerings[0].id
    results = together(
        FEW, lambda _: services.register(person, offering, form_id="one-showing-of-the-form", now=clock.now)
    )
    assert len({str(result) for result in results}) == 1
    assert held() == 1
    assert broken(clock) == set()


def test_pay_pressed_many_times_is_one_session(desk, together):
    ada = desk.hold()
    number, due, now = ada.id, ada.amount_due_minor, desk.clock.now
    results = together(
        FEW, lambda _: checkout.start(number, shown_minor=due, form_id=None, payments=desk.client, now=now)
    )
    assert len(desk.sandbox.books()["sessions"]) == 1
    urls = {result for result in results if isinstance(result, str)}
    assert urls == {desk.payment(ada).session_url}
    assert all(isinstance(result, str | rules.PaymentDelayed) for result in results)
    assert broken(desk.clock) == set()


def tell_at_once(desk: Any, together: Any, copies: int) -> tuple[Any, list[Any]]:
    ada = desk.begin()
    desk.sandbox.pay(desk.session(ada))
    body = desk.sandbox.event_for(desk.session(ada), COMPLETED)
    header = desk.sandbox.signed(body)
    return ada, together(copies, lambda _: desk.deliver(body, header))


def test_fifty_copies_of_one_webhook_confirm_once(desk, together):
    ada, answers = tell_at_once(desk, together, MANY)
    # A database too busy to answer asks Stripe to tell it again, and Stripe does.
    assert set(answers) <= {200, 503}
    assert 200 in answers
    assert desk.state(ada) == ("confirmed", "paid")
    assert (desk.letters(), desk.log().count("confirmed")) == (["confirmed"], 1)
    assert len(db.session.scalars(select(LedgerEntry.id)).all()) == 1
    assert broken(desk.clock) == set()


def test_a_handler_that_only_does_what_it_is_told_writes_many_letters(desk, together, monkeypatch):
    numbers = count()

    def obey(session: Any, offering: Any, registration: Any, payment: Any, now: Any) -> Any:
        registration.status, payment.status = "confirmed", "paid"
        key = f"confirmed:{registration.id}:{next(numbers)}"
        emails.write("confirmed", registration, key, "Confirmed", at=now, payment=payment, paid_at=now)
        return outcomes._Result("paid")

    monkeypatch.setattr(conversation, "is_news", lambda event, *, now: True)
    monkeypatch.setattr(outcomes, "_take_effect", obey)
    tell_at_once(desk, together, FEW)
    assert len(desk.letters()) > 1
    assert "I8" in broken(desk.clock)


def test_even_events_nobody_remembers_confirm_once(desk, together, monkeypatch):
    """What was told before is one guard, the map of states another: either is enough."""
    monkeypatch.setattr(conversation, "is_news", lambda event, *, now: True)
    ada, _ = tell_at_once(desk, together, FEW)
    assert desk.state(ada) == ("confirmed", "paid")
    assert desk.letters() == ["confirmed"]
    assert broken(desk.clock) == set()


def test_webhook_return_page_and_sweep_at_once_confirm_once(desk, together):
    ada = desk.begin()
    session_id, now = desk.session(ada), desk.clock.advance(minutes=6)
    desk.sandbox.pay(session_id)
    body = desk.sandbox.event_for(session_id, COMPLETED)
    header = desk.sandbox.signed(body)
    ways = (
        lambda: desk.deliver(body, header),
        lambda: checkout.apply(session_id, payments=desk.client, now=now),
        lambda: checkout.sweep(payments=desk.client, now=now),
    )
    together(FEW + 1, lambda n: ways[n % 3]())
    assert desk.state(ada) == ("confirmed", "paid")
    assert (desk.letters(), desk.taken()) == (["confirmed"], 1)
    assert broken(desk.clock) == set()


def test_giving_up_and_paying_at_once_never_loses_the_money(desk, together):
    ada = desk.begin()
    number, session_id, now = ada.id, desk.session(ada), desk.clock.now
    by = desk.cast.sam

    def act(n: int) -> Any:
        if n == 0:
            return desk.sandbox.pay(session_id)
        return checkout.give_up(number, payments=desk.client, by=by if n == 1 else None, now=now)

    together(4, act)
    desk.sweep()
    desk.apply(ada)
    paid = any(session["payment_status"] == "paid" for session in desk.sandbox.books()["sessions"])
    assert desk.state(ada) == (("confirmed", "paid") if paid else ("cancelled", "expired"))
    assert desk.taken() == int(paid)
    assert broken(desk.clock) == set()


def test_a_seat_released_before_its_session_is_closed_can_be_sold_twice(desk, monkeypatch):
    """The control: without expire-then-release the money comes for a seat somebody else has."""
    desk.open(capacity=1)
    ada = desk.begin()
    session_id = desk.session(ada)
    with monkeypatch.context() as patched:
        patched.setattr(queries, "payable_payment", lambda registration_id: None)
        assert desk.give_up(ada) == "cancelled"
    desk.pay(desk.cast.otto)
    desk.sandbox.pay(session_id)
    assert checkout.apply(session_id, payments=desk.client, now=desk.clock.now) == "refunded"
    assert broken(desk.clock) == set()  # and even then nobody keeps the money


def test_two_sweeps_at_once_do_nothing_twice(desk, together):
    for person in (desk.cast.ada, desk.cast.nell, desk.cast.otto):
        desk.begin(person)
    session = desk.sandbox.books()["sessions"][0]["id"]
    desk.sandbox.pay(session)
    now = desk.clock.advance(hours=1)
    results = together(3, lambda _: checkout.sweep(payments=desk.client, now=now))
    assert not [result for result in results if isinstance(result, Exception)]
    assert desk.taken() == 1
    assert desk.log().count("expired") == 2
    assert broken(desk.clock) == set()
