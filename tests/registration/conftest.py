"""What facts about registration and money may ask for."""

from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cme import gateways
from cme.audit import AuditEntry
from cme.catalog.models import Offering
from cme.database import db
from cme.mail import Letter
from cme.registration import checkout, invariants, services
from cme.registration.models import Payment, Registration
from tests import factories


@pytest.fixture
def promises(app: Flask, clock: Any) -> Iterator[None]:
    """Every promise about seats and money is kept when the test ends."""
    yield
    db.session.rollback()
    assert list(invariants.breaches(now=clock.now)) == []


class Desk:
    """Ada's way to a seat at one seminar, and what everybody can see of it."""

    def __init__(self, app: Flask, cast: SimpleNamespace, clock: Any, sandbox: Any) -> None:
        self.app, self.cast, self.clock, self.sandbox = app, cast, clock, sandbox
        self.client = gateways.stripe()
        self.seminar: Any = None

    def open(self, **more: Any) -> Any:
        """Offer a seminar."""
        self.seminar = factories.seminar(now=self.clock.now, **more)
        return self.seminar

    def hold(self, person: Any = None) -> Registration:
        """Hold a seat, for ada unless somebody else is named."""
        seminar = self.seminar or self.open()
        who = (person or self.cast.ada).id
        ref = services.register(who, seminar.offerings[0].id, form_id=None, now=self.clock.now)
        return db.session.scalars(select(Registration).where(Registration.ref == ref)).one()

    def start(self, held: Registration, *, shown: int | None = None, form_id: str | None = None) -> str:
        """Press "Pay"."""
        shown = held.amount_due_minor if shown is None else shown
        now = self.clock.now
        return checkout.start(held.id, shown_minor=shown, form_id=form_id, payments=self.client, now=now)

    def payment(self, held: Registration) -> Payment:
        """The latest attempt."""
        db.session.rollback()
        newest = select(Payment).where(Payment.registration_id == held.id).order_by(Payment.attempt_no.desc())
        return db.session.scalars(newest.limit(1)).one()

    def session(self, held: Registration) -> str:
        """The latest attempt's session."""
        return str(self.payment(held).session_id)

    def begin(self, person: Any = None) -> Registration:
        """Hold a seat and press "Pay"."""
        held = self.hold(person)
        self.start(held)
        return held

    def apply(self, held: Registration) -> str:
        """Look at the latest session."""
        return checkout.apply(self.session(held), payments=self.client, now=self.clock.now)

    def pay(self, person: Any = None) -> Registration:
        """Come all the way to a confirmed seat."""
        held = self.begin(person)
        self.sandbox.pay(self.session(held))
        assert self.apply(held) == "paid"
        return held

    def give_up(self, held: Registration) -> str:
        """Press "Give up the seat"."""
        return checkout.give_up(held.id, payments=self.client, by=self.cast.ada, now=self.clock.now)

    def sweep(self) -> dict[str, int]:
        """Let the sweep run."""
        return checkout.sweep(payments=self.client, now=self.clock.now)

    def state(self, held: Registration) -> tuple[str, str | None]:
        """Where registration and latest attempt stand."""
        db.session.rollback()
        latest = select(Payment.status).where(Payment.registration_id == held.id).order_by(Payment.attempt_no.desc())
        return held.status, db.session.scalar(latest.limit(1))

    def letters(self, person: Any = None) -> list[str]:
        """The kinds of letters written, oldest first."""
        db.session.rollback()
        mine = select(Letter.kind).where(Letter.account_id == (person or self.cast.ada).id).order_by(Letter.id)
        return [kind.removeprefix("registration/") for kind in db.session.scalars(mine)]

    def taken(self) -> int:
        """How many seats are in use."""
        db.session.rollback()
        return db.session.scalars(select(Offering.taken).where(Offering.seminar_id == self.seminar.id)).one()

    def log(self) -> list[str]:
        """What the audit log says was done."""
        return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))

    def deliver(self, payload: bytes, header: str | None = None) -> int:
        """Be Stripe telling the webhook something; answers the status it gets."""
        signed = self.sandbox.signed(payload) if header is None else header
        answer = self.app.test_client().post(
            "/webhooks/stripe",
            data=payload,
            headers={"Stripe-Signature": signed, "Content-Type": "application/json"},
        )
        assert answer.get_data() == b""
        return answer.status_code

    def tell(self, about: Registration | str, kind: str) -> int:
        """Deliver the latest event of a kind about a registration's session, or about an object."""
        name = about if isinstance(about, str) else self.session(about)
        return self.deliver(self.sandbox.event_for(name, kind))


@pytest.fixture
def desk(app: Flask, cast: SimpleNamespace, clock: Any, sandbox: Any) -> Desk:
    """The registration desk."""
    return Desk(app, cast, clock, sandbox)


@pytest.fixture
def together(app: Flask) -> Callable[..., list[Any]]:
    """Do something many times at the same moment, each time in a thread with a session of its own."""

    def run(times: int, act: Callable[[int], Any]) -> list[Any]:
        barrier, results = Barrier(times), [None] * times

        def one(number: int) -> None:
            with app.app_context():
                barrier.wait(timeout=20)
                try:
                    results[number] = act(number)
                except Exception as error:
                    results[number] = error
                finally:
                    db.session.remove()

        threads = [Thread(target=one, args=(number,)) for number in range(times)]
        db.session.rollback()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run
