"""Guards that stand behind other guards, each asked alone: what one overlooks, the next still holds."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cme.catalog.models import Offering
from cme.database import db, transaction
from cme.registration import rules, seats, services
from cme.registration.checkout import holds, invoices
from cme.registration.checkout.invoices import Received
from cme.registration.models import PromoCode, Registration
from cme.registration.rules import waiting
from cme.registration.rules.handing_on import OfferSpent
from cme.registration.services import deciding, granting
from cme.registration.services.codes import CodeValues
from cme.registration.services.deciding import Decision
from cme.registration.services.granting import Grant
from cme.registration.services.registering import Said
from cme.values import Money
from tests import factories
from tests.registration.moving import move, other, place, taken

pytestmark = pytest.mark.usefixtures("promises", "sandbox")

FORM = "g" * 20
CHECK = Received("check", Money(109500), "4711")


def join(desk: Any, person: Any, offering: Any, form_id: str | None = None) -> Registration:
    return place(services.join_waitlist(person.id, offering.id, form_id=form_id, now=desk.clock.now))


def add_a_seat(offering: Any) -> None:
    """Let staff add a seat; until the sweep comes by it is free, and belongs to whoever waits."""
    with transaction() as session:
        session.get_one(Offering, offering.id).capacity += 1


def test_a_record_that_moved_meanwhile_is_not_moved_again(desk):
    """Even where nobody holds the row, a step starts from the status that was seen, or does not happen."""
    held = desk.hold()
    with transaction() as session:
        seen = session.get_one(Registration, held.id)
        elsewhere = update(Registration).where(Registration.id == held.id).values(status="expired")
        session.execute(elsewhere.execution_options(synchronize_session=False))
        with pytest.raises(rules.MovedMeanwhile):
            seats.step(seen, "cancelled")
        session.rollback()
    assert place(held.ref).status == "held"


def test_a_form_of_somebody_else_joins_no_line(desk, cast):
    offering = desk.open(capacity=1).offerings[0]
    desk.hold(cast.otto)
    join(desk, cast.ada, offering, form_id=FORM)
    with pytest.raises(rules.FormUsed):
        join(desk, cast.nell, offering, form_id=FORM)


def test_a_form_of_somebody_else_moves_nobody(desk, cast):
    desk.open(starts_in=60)
    mine, theirs, target = desk.pay(), desk.pay(cast.otto), other(desk)
    move(desk, mine, target, form_id=FORM)
    with pytest.raises(rules.FormUsed):
        move(desk, theirs, target, form_id=FORM)
    assert (place(theirs.ref).status, taken(target)) == ("confirmed", 1)


def test_an_offer_ends_at_its_moment_for_everybody(desk, cast):
    """To the second: whoever presses then is too late, and the sweep passes the seat on then."""
    offering = desk.open(capacity=1).offerings[0]
    otto = desk.hold(cast.otto)
    ada, nell = join(desk, cast.ada, offering), join(desk, cast.nell, offering)
    desk.give_up(otto)
    desk.clock.now = place(ada.ref).offer_until
    with pytest.raises(waiting.OfferEnded):
        services.accept_offer(ada.id, shown_minor=ada.amount_due_minor, now=desk.clock.now)
    desk.sweep()
    assert (place(ada.ref).status, place(nell.ref).status) == ("expired", "offered")


def test_a_hold_made_longer_while_the_sweep_came_stays(desk):
    held = desk.hold()
    due = held.hold_until
    with transaction():
        db.session.get_one(Registration, held.id).hold_until = due + timedelta(days=14)
    assert not holds.end_hold(held.id, payments=desk.client, now=due)
    assert place(held.ref).status == "held"


def test_a_late_check_does_not_jump_the_line(desk, cast):
    """Its seat went to whoever waits: the money waits for staff, who cannot give what is promised to others either."""
    offering = desk.open(capacity=1).offerings[0]
    late = desk.hold()
    desk.clock.advance(minutes=16)
    desk.sweep()
    desk.hold(cast.otto)
    nell = join(desk, cast.nell, offering)
    add_a_seat(offering)
    who = {"by": cast.sam, "now": desk.clock.now}
    invoices.record_payment(late.id, CHECK, form_id=FORM, payments=desk.client, **who)
    assert desk.payment(late).review_reason == invoices.NO_SEAT
    with pytest.raises(rules.SeminarFull, match="somebody waits"):
        decision = Decision(deciding.SEAT, "Looked into it")
        deciding.decide(desk.payment(late).id, decision, form_id=FORM, payments=desk.client, **who)
    desk.sweep()
    assert (place(late.ref).status, place(nell.ref).status, taken(offering)) == ("expired", "offered", 2)


def test_a_late_check_without_a_seat_leaves_the_code_to_others(desk, cast):
    offering = desk.open(capacity=1).offerings[0]
    values = CodeValues(amount_minor=9500, most_uses=1)
    services.add_code("ONCE", values, form_id=None, by=cast.sam, now=desk.clock.now)
    ref = services.register(cast.ada.id, offering.id, form_id=None, now=desk.clock.now, said=Said(code="ONCE"))
    desk.clock.advance(minutes=16)
    desk.sweep()
    desk.hold(cast.otto)
    got = Received("check", Money(100000), "4712")
    more = {"form_id": FORM, "payments": desk.client, "by": cast.sam, "now": desk.clock.now}
    invoices.record_payment(place(ref).id, got, **more)
    db.session.rollback()
    assert db.session.scalars(select(PromoCode.used)).all() == [0]


def test_whoever_waits_takes_no_second_place_from_a_colleague(desk, cast, clock, monkeypatch):
    """A place in line counts as one for the seminar; when it was left, the colleague's seat can be had."""
    desk.open(starts_in=60, capacity=1)
    old = desk.pay()
    waits = join(desk, cast.otto, old.offering)
    monkeypatch.setattr("cme.registration.services.substitution.secrets.token_urlsafe", lambda _: "token-of-this-test")
    services.ask_colleague(old.id, cast.otto.email, by=cast.ada, now=clock.now)
    with pytest.raises(rules.AlreadyRegistered):
        services.take_over("token-of-this-test", cast.otto.id, now=clock.now)
    services.leave_waitlist(waits.id, by=cast.otto, now=clock.now)
    new = place(services.take_over("token-of-this-test", cast.otto.id, now=clock.now))
    assert (new.status, place(old.ref).status, desk.taken()) == ("confirmed", "cancelled", 1)
    with pytest.raises(OfferSpent):
        services.take_over("token-of-this-test", cast.nell.id, now=clock.now)


def test_a_guest_over_the_capacity_takes_nothing_from_the_line(desk, cast):
    """The next seat given back only makes up for the guest's; the one after it goes to the first in line."""
    offering = desk.open(capacity=2).offerings[0]
    ruth = factories.account("ruth@example.test", "Ruth, MD", "md", now=desk.clock.now)
    first, second = desk.hold(cast.otto), desk.hold(ruth)
    ada = join(desk, cast.ada, offering)
    guest = Grant(cast.nell.email, "comp", "Guest of the house", is_over_capacity=True)
    granting.give_place(offering.id, guest, form_id=FORM, by=cast.sam, now=desk.clock.now)
    desk.give_up(first)
    assert (place(ada.ref).status, taken(offering)) == ("waitlisted", 2)
    desk.give_up(second)
    assert (place(ada.ref).status, taken(offering)) == ("offered", 2)
