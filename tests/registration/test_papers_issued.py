"""Papers are numbered without gaps, once for each payment, refund, invoice and letter, and keep their words."""

from datetime import datetime
from typing import Any

from cme.database import lock, transaction
from cme.registration import papers
from cme.registration.models import Payment, Registration
from tests import factories


def paid(person: Any, at: Any, *, now: datetime, amount: int = 109500, **more: Any) -> tuple[Registration, Payment]:
    """A confirmed place and the payment for it, without a paper yet."""
    place = factories.registration(person, at, now=now, amount_due_minor=amount)
    words = {"status": "paid", "amount_minor": amount, "currency": "USD", "mode": "sandbox", "paid_at": now} | more
    with transaction() as session:
        payment = Payment(registration_id=place.id, attempt_no=1, created_at=now, **words)
        session.add(payment)
    return place, payment


def receipt(place: Registration, payment: Payment, *, now: datetime) -> str:
    """Issue a receipt in a transaction of its own; answers its number."""
    with transaction():
        issued = papers.issue_receipt(lock(Registration, place.id), lock(Payment, payment.id), now=now)
        assert issued is not None
        return issued.number


def test_the_first_receipt_of_a_year_is_number_one(app, cast, clock):
    place, payment = paid(cast.ada, factories.seminar(now=clock.now), now=clock.now)
    assert receipt(place, payment, now=clock.now) == "R-2027-000001"
