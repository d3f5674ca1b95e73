"""Everybody locks in one order: offerings, promo codes, registrations, payments, and the audit log last."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from cme.audit import AuditHead
from cme.catalog.models import Offering
from cme.database import db
from cme.registration import checkout
from cme.registration.checkout import invoices
from cme.registration.checkout.invoices import Received
from cme.registration.models import Payment, PromoCode, Registration
from tests.registration.moving import move, other, pay, place, two_ways, way

pytestmark = pytest.mark.usefixtures("promises", "sandbox")

ORDER = (Offering, PromoCode, Registration, Payment, AuditHead)


@contextmanager
def noting() -> Iterator[list[tuple[str, int]]]:
    """Note each row at the moment it is first locked."""
    held: list[tuple[str, int]] = []

    def note(asked: Any) -> Any:
        if getattr(asked.statement, "_for_update_arg", None) is None:
            return None
        found = asked.invoke_statement().freeze()
        rows = ((type(row).__name__, row.id) for row in found().scalars())
        held.extend(row for row in rows if row not in held)
        return found()

    event.listen(db.session, "do_orm_execute", note)
    try:
        yield held
    finally:
        event.remove(db.session, "do_orm_execute", note)


def numbers(held: list[tuple[str, int]], kind: type) -> list[int]:
    return [number for name, number in held if name == kind.__name__]


def is_in_order(held: list[tuple[str, int]]) -> bool:
    """Whether no kind was locked after a later one, and places and seats in the order of their numbers."""
    ranks = [[each.__name__ for each in ORDER].index(name) for name, _ in held]
    upward = (numbers(held, Offering), numbers(held, Registration))
    return ranks == sorted(ranks) and all(each == sorted(each) for each in upward)


@pytest.fixture
def third(desk):
    """A place that is begun with the money of two payments, made for the two places before it."""
    seminar = two_ways(desk, in_person=109500, livestream=129500)
    second = place(move(desk, desk.pay(), way(seminar, "livestream")))
    assert pay(desk, second) == "paid"
    return place(move(desk, second, other(desk, 149500)))


def test_a_move_that_is_paid_holds_the_money_before_the_log(desk, third):
    """Everybody needs the head of the audit log last; whoever has it and then waits for money waits in a circle."""
    desk.start(third, shown=20000)
    desk.sandbox.pay(desk.session(third))
    with noting() as held:
        assert checkout.apply(desk.session(third), payments=desk.client, now=desk.clock.now) == "paid"
    assert len(numbers(held, Payment)) == 3
    assert is_in_order(held)


def test_a_move_paid_by_check_holds_the_money_before_the_log(desk, cast, third):
    check = Received("check", third.to_pay, "4711")
    with noting() as held:
        invoices.record_payment(third.id, check, form_id="check", payments=desk.client, by=cast.sam, now=desk.clock.now)
    assert len(numbers(held, Payment)) == 2
    assert is_in_order(held)
    assert place(third.ref).status == "confirmed"


def test_a_dispute_holds_every_place_of_its_money_before_the_payment(desk, third):
    first = third.moved_from.moved_from
    assert pay(desk, third) == "paid"
    desk.sandbox.dispute(desk.session(first))
    desk.sandbox.deliver()
    with noting() as held:
        desk.tell(desk.sandbox.books()["disputes"][0]["id"], "charge.dispute.created")
    assert numbers(held, Registration) == [first.id, first.id + 1, third.id]
    assert is_in_order(held)
    assert place(third.ref).disputed_at is not None
