"""A small seminar house whose every neighbour can fail, for the machine to walk through."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import stripe
from flask import Flask
from sqlalchemy import func, select

from cme import audit
from cme.accounts.models import Account
from cme.catalog.models import Offering, PriceTier
from cme.database import db, transaction
from cme.errors import Refusal
from cme.registration import checkout, invariants, rules
from cme.registration.models import ACTIVE, SEATED, Dispute, Payment, Refund, Registration
from cme.registration.services.codes import CodeValues, add_code
from cme.sandbox.errors import ApiError
from cme.sandbox.webhooks import payload_of
from tests import factories
from tests.conftest import NOW, SANDBOX_KEY
from tests.registration.books import differences

CODE = "SPRING"
PEOPLE = ("ada", "nell", "otto", "rosa")


class Killed(BaseException):
    """The process ends here, as by SIGKILL: nothing after this line happens."""


class Wire(stripe.RequestsClient):
    """The line to Stripe, on which our process can die just before a question, or with the answer unread."""

    dies: str = ""

    def request(self, *asked: Any, **more: Any) -> Any:
        """Ask, unless we die."""
        when, self.dies = self.dies, ""
        if when == "before":
            raise Killed
        answer = super().request(*asked, **more)
        if when == "after":
            raise Killed
        return answer


@dataclass(frozen=True)
class Event:
    """Something that happened at Stripe, to be told."""

    type: str
    id: str = field(repr=False)
    body: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Seat:
    """One registration as the machine sees it."""

    id: int
    person: int
    offering: int
    status: str
    to_pay: int
    email: str = field(repr=False)
    in_review: tuple[int, ...] = ()


class World:
    """The house, its people, its Stripe, and what has not been told yet."""

    def __init__(self, app: Flask, empty: Callable[[], None], clock: Any, sandbox: Any) -> None:
        self.app, self.clock, self.sandbox, self._empty = app, clock, sandbox, empty
        self.wire = Wire(timeout=(3, 8))
        self.client = stripe.StripeClient(SANDBOX_KEY, base_addresses={"api": sandbox.base}, http_client=self.wire)

    def begin(self) -> None:
        """Start afresh: four people, two seminars with a seat or two for each way to attend."""
        db.session.remove()
        db.engine.dispose()
        self._empty()
        self.sandbox.reset()
        self.clock.now = NOW
        self.wire.dies = ""
        self.people = [
            factories.account(f"{name}@example.test", f"{name.title()} Quill", kind, now=NOW).id
            for name, kind in zip(PEOPLE, ("md", "np", "md", "resident"), strict=True)
        ]
        self.sam = factories.staff("sam@example.test", "Sam Keystone", ["*"], now=NOW).id
        far = factories.seminar(now=NOW, starts_in=45, capacity=1, modes=("in-person", "livestream"))
        near = factories.seminar(now=NOW, starts_in=20, capacity=2)
        free = factories.seminar(now=NOW, starts_in=60, capacity=1, prices=factories.FREE)
        self.seminars = [far.id, near.id, free.id]
        self.offerings = [offering.id for each in (far, near, free) for offering in each.offerings]
        half = CodeValues(percent=50, most_uses=2)
        add_code(CODE, half, form_id=None, by=self.person(self.sam), now=NOW)
        self.unheard: list[Event] = []
        self._known: set[str] = set()
        self.look()

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Whoever acts may be refused, find Stripe out of order, or be killed; nothing else may happen to them."""
        try:
            yield
        except (Refusal, stripe.StripeError, Killed):
            db.session.rollback()
        finally:
            db.session.remove()

    @contextmanager
    def at_stripe(self) -> Iterator[None]:
        """What somebody does at Stripe may not be possible there any more."""
        try:
            yield
        except ApiError:
            return

    def look(self) -> None:
        """See how everything stands, so that the next step can be chosen."""
        db.session.rollback()
        self.seats = [
            Seat(
                each.id,
                each.account_id,
                each.offering_id,
                each.status,
                each.to_pay.minor,
                each.account.email,
                tuple(one.id for one in each.payments if one.review_since and not one.settled_at),
            )
            for each in db.session.scalars(select(Registration).order_by(Registration.id))
        ]
        books = self.sandbox.books()
        self.sessions = {session["id"]: session for session in books["sessions"]}
        intents = {intent["id"]: intent["status"] for intent in books["intents"]}
        self.promised = [
            name for name, one in self.sessions.items() if intents.get(one["payment_intent"] or "") == "processing"
        ]
        self.paid = [name for name, one in self.sessions.items() if one["payment_status"] == "paid"]
        self.open = [name for name, one in self.sessions.items() if one["status"] == "open"]
        self.open_for = {int(self.sessions[name]["metadata"]["registration_id"]): name for name in self.open}
        self.refunds = [refund["id"] for refund in books["refunds"] if refund["status"] in {"pending", "succeeded"}]
        for event in self.sandbox.shop.store.find("event", newest_first=False):
            if event["id"] not in self._known:
                self._known.add(event["id"])
                self.unheard.append(Event(event["type"], event["id"], event))

    @property
    def all_is_well(self) -> bool:
        """Whether nothing is about to go wrong."""
        return not self.wire.dies and not self.sandbox.faults.listed()

    def having(self, *statuses: str) -> list[Seat]:
        """The registrations that stand so."""
        return [seat for seat in self.seats if seat.status in statuses]

    def send(self, refunds: Iterable[int]) -> None:
        """Send what was written down, as a page does after its command."""
        for refund in refunds:
            checkout.send_refund(refund, payments=self.client, now=self.clock.now)

    def person(self, number: int) -> Account:
        """Somebody, as the code that is told who acts wants them."""
        return db.session.get_one(Account, number)

    def tell(self, event: Event) -> int:
        """Be Stripe telling the webhook; what was heard is not told again by itself."""
        payload = payload_of(self.sandbox.shop, event.body)
        headers = {"Stripe-Signature": self.sandbox.signed(payload), "Content-Type": "application/json"}
        try:
            status = self.app.test_client().post("/webhooks/stripe", data=payload, headers=headers).status_code
        except Killed:
            status = 0
        finally:
            db.session.remove()
        assert status in {0, 200, 503}, f"the webhook answered {status} to {event.type}"
        if status == 200:
            self.sandbox.shop.store.put(event.body | {"_delivered": True})
            self.unheard = [each for each in self.unheard if each.id != event.id]
        return status

    def sweep(self) -> None:
        """Let the worker look after the money."""
        with self.trying():
            checkout.sweep(payments=self.client, now=self.clock.now)

    def price(self, offering: int, minor: int) -> None:
        """Let staff change what a seat costs."""
        with transaction() as session:
            for tier in session.scalars(select(PriceTier).where(PriceTier.offering_id == offering)):
                tier.amount_minor = minor

    def breaches(self) -> list[str]:
        """What is wrong at this moment, by our own promises and by counting again without them."""
        db.session.rollback()
        used = select(Registration.offering_id, func.count()).where(Registration.status.in_(SEATED))
        counted = dict(db.session.execute(used.group_by(Registration.offering_id)).all())
        found = [
            f"offering {each.id} has {each.capacity} seats and {counted[each.id]} people"
            for each in db.session.scalars(select(Offering))
            if counted.get(each.id, 0) > each.capacity
        ]
        ended = select(Registration.id).join(Registration.payments)
        ended = ended.where(Registration.status.in_(rules.ENDED), Payment.status.in_(rules.PAYABLE))
        found += [f"seat {number} was given back while it could be paid for" for number in db.session.scalars(ended)]
        return [*found, *invariants.breaches(now=self.clock.now)]

    def settle(self, *, hear: bool) -> None:
        """Let everybody go home: debits arrive, what was told is heard or lost for good, the sweep does the rest."""
        self.sandbox.faults.clear()
        self.wire.dies = ""
        for session in self.promised:
            self.sandbox.settle(session)
        self.look()
        for event in reversed(self.unheard if hear else []):
            self.tell(event)
        for days in (0, 0.1, 1, 1.5, 1, 1):
            self.clock.advance(days=days)
            self.sweep()
        for refund in [one["id"] for one in self.sandbox.books()["refunds"] if one["status"] == "pending"]:
            self.sandbox.settle_refund(refund)
        self.sweep()

    def states(self) -> Iterator[str]:
        """Where everything came to stand."""
        for model in (Registration, Payment, Refund, Dispute):
            for status in db.session.scalars(select(model.status)):
                yield f"{model.__tablename__} {status}"
        if db.session.scalar(select(Payment.id).where(Payment.review_since.is_not(None)).limit(1)):
            yield "payment in review"

    def unsettled(self) -> Iterator[str]:
        """What should be over when everything has been told and swept."""
        yield from self.breaches()
        yield from audit.breaches()
        yield from differences(self.sandbox.books())
        for payment in db.session.scalars(select(Payment).where(Payment.status.in_(rules.PAYABLE))):
            if payment.review_since is None:
                yield f"payment {payment.id} is {payment.status} for ever"
        # What came by check goes back by check: that waits for people.
        by_card = select(Refund).join(Refund.payment).where(Payment.means == "card")
        for refund in db.session.scalars(by_card.where(Refund.status.in_((rules.REQUESTED, rules.PENDING)))):
            yield f"refund {refund.id} is {refund.status} for ever"
        waiting = select(Registration).where(Registration.status.in_({*ACTIVE} - {rules.CONFIRMED, rules.WAITLISTED}))
        for registration in db.session.scalars(waiting.where(Registration.invoiced_at.is_(None))):
            if not any(payment.review_since for payment in registration.payments):
                yield f"registration {registration.id} is {registration.status} for ever"
