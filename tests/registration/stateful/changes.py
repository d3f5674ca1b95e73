"""What people change about the places they have, and what staff decide about anybody's."""

import re
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from cme.catalog.models import Offering
from cme.catalog.services import cancel_seminar
from cme.database import db
from cme.mail import Letter
from cme.registration import moving, services
from cme.registration.changes import Changes
from cme.registration.checkout import invoices
from cme.registration.models import CANCELLED, CONFIRMED, EXPIRED, HELD, OFFERED, WAITLISTED, Registration
from cme.registration.services import deciding, desk, ending, granting, substitution
from tests.registration.stateful.machine import A_PERSON, AN_OFFERING, House, Learners, Machine, Stripe, one_of, where
from tests.registration.stateful.world import CODE, PEOPLE, Seat

FORMS = (f"form-{number}" for number in count(1))


def of(seat: Seat) -> Registration:
    """The registration itself."""
    return db.session.get_one(Registration, seat.id)


class Changing(Machine):
    """What people change: the line for a seat, codes, moves, colleagues, and giving up what was paid for."""

    @rule(person=A_PERSON, offering=AN_OFFERING)
    def join_the_line(self, person: int, offering: int) -> None:
        """Wait for a seat."""
        world = self.world
        with world.trying():
            services.join_waitlist(world.people[person], world.offerings[offering], form_id=None, now=world.clock.now)

    @where(WAITLISTED)
    @rule(seat=one_of(WAITLISTED))
    def leave_the_line(self, seat: Seat) -> None:
        """Wait no longer."""
        with self.world.trying():
            services.leave_waitlist(seat.id, by=self.world.person(seat.person), now=self.world.clock.now)

    @where(OFFERED)
    @rule(seat=one_of(OFFERED), accepts=st.booleans())
    def answer_an_offer(self, seat: Seat, accepts: bool) -> None:
        """Take the seat that came free, or pass it on."""
        now = self.world.clock.now
        with self.world.trying():
            if accepts:
                services.accept_offer(seat.id, shown_minor=of(seat).amount_due_minor, now=now)
            else:
                services.decline_offer(seat.id, by=self.world.person(seat.person), now=now)

    @where(HELD)
    @rule(seat=one_of(HELD), typed=st.sampled_from([CODE, ""]))
    def use_a_code(self, seat: Seat, typed: str) -> None:
        """Half the price, for two of all of them; or let go of it."""
        with self.world.trying():
            services.use_code(seat.id, typed, now=self.world.clock.now)

    @where(CONFIRMED)
    @rule(seat=one_of(CONFIRMED))
    def cancel(self, seat: Seat) -> None:
        """Give a seat back for what the page shows."""
        world, now = self.world, self.world.clock.now
        with world.trying():
            shown = Changes(of(seat), now).refund.amount.minor
            world.send(services.cancel(seat.id, expected_minor=shown, by=world.person(seat.person), now=now))

    @where(CONFIRMED)
    @rule(seat=one_of(CONFIRMED))
    def put_on_hold(self, seat: Seat) -> None:
        """Give a seat back, and keep the tuition for later."""
        world, now = self.world, self.world.clock.now
        with world.trying():
            until = Changes(of(seat), now).hold_until
            services.put_on_hold(seat.id, until=until, by=world.person(seat.person), now=now)

    @where("theirs")
    @rule(seat=one_of("theirs"), offering=AN_OFFERING, pays=st.booleans())
    def move(self, seat: Seat, offering: int, pays: bool) -> None:
        """To another seminar, or another way to attend; with the seat they have, or with money on hold."""
        world, now = self.world, self.world.clock.now
        with world.trying():
            to = db.session.get_one(Offering, world.offerings[offering])
            shown = moving.move_to(of(seat), to, now=now).sum_minor
            by = world.person(seat.person)
            moved = services.move(seat.id, to.id, shown_minor=shown, form_id=None, by=by, now=now)
            world.send(moved.refunds)
        world.look()
        for held in world.having(HELD):
            if pays and held.person == seat.person:
                self.press_pay(held)
                world.look()
                if held.id in world.open_for:
                    self.at_the_pay_page(world.open_for[held.id], "pay")

    @where(CONFIRMED)
    @rule(seat=one_of(CONFIRMED), colleague=A_PERSON, accepts=st.booleans())
    def hand_on(self, seat: Seat, colleague: int, accepts: bool) -> None:
        """Let a colleague have the seat."""
        world, now = self.world, self.world.clock.now
        with world.trying():
            email = f"{PEOPLE[colleague]}@example.test"
            substitution.ask_colleague(seat.id, email, by=world.person(seat.person), now=now)
        asked = select(Letter.text).where(Letter.kind.endswith("substitute_asked")).order_by(Letter.id.desc())
        found = re.search(r"/substitutions/(\S+)", db.session.scalar(asked.limit(1)) or "")
        if found and accepts:
            with world.trying():
                substitution.take_over(found[1], world.people[colleague], now=now)


class Office(Machine):
    """What staff do, each of it refused where it cannot be."""

    @where("seats")
    @rule(seat=one_of("seats"), part=st.sampled_from([1, 5000, 0]))
    def staff_refund(self, seat: Seat, part: int) -> None:
        """Give a cent back, a part, or all that is left."""
        world, now = self.world, self.world.clock.now
        with world.trying():
            left = desk.left_of(of(seat)).minor
            by, form = world.person(world.sam), next(FORMS)
            made = desk.refund(seat.id, part or left, left_minor=left, reason="kindness", form_id=form, by=by, now=now)
            world.send(made)

    @where("seats")
    @rule(seat=one_of("seats"), way=st.sampled_from(ending.WAYS))
    def staff_cancel(self, seat: Seat, way: str) -> None:
        """End a place by policy, in full, for nothing, or on hold."""
        world, now = self.world, self.world.clock.now
        with world.trying():
            changes = Changes(of(seat), now)
            left, policy = desk.left_of(of(seat)).minor, changes.refund.amount.minor
            asked = ending.Ending(way, left, policy, changes.hold_until if way == ending.ON_HOLD else None)
            by, form = world.person(world.sam), next(FORMS)
            client = world.client
            made = ending.cancel_place(seat.id, asked, reason="x", form_id=form, by=by, payments=client, now=now)
            world.send(made)

    @where(HELD)
    @rule(seat=one_of(HELD))
    def by_invoice(self, seat: Seat) -> None:
        """Wait for a check."""
        world = self.world
        with world.trying():
            by, client, now = world.person(seat.person), world.client, world.clock.now
            invoices.by_invoice(seat.id, shown_minor=seat.to_pay, payments=client, by=by, now=now)

    @where("unpaid")
    @rule(seat=one_of("unpaid"))
    def a_check_arrives(self, seat: Seat) -> None:
        """Staff write it down, whether the seat is still held or not."""
        world, now = self.world, self.world.clock.now
        with world.trying():
            received = invoices.Received("check", of(seat).to_pay, "1042")
            by, form = world.person(world.sam), next(FORMS)
            world.send(invoices.record_payment(seat.id, received, form_id=form, payments=world.client, by=by, now=now))

    @where(HELD)
    @rule(seat=one_of(HELD))
    def waive(self, seat: Seat) -> None:
        """Ask for no money."""
        world = self.world
        with world.trying():
            by, form, now = world.person(world.sam), next(FORMS), world.clock.now
            world.send(desk.waive(seat.id, reason="x", form_id=form, by=by, payments=world.client, now=now))

    @rule(person=A_PERSON, offering=AN_OFFERING)
    def give_a_place(self, person: int, offering: int) -> None:
        """Invite somebody."""
        world = self.world
        with world.trying():
            grant = granting.Grant(f"{PEOPLE[person]}@example.test", "comp", "our guest")
            by, form, now = world.person(world.sam), next(FORMS), world.clock.now
            granting.give_place(world.offerings[offering], grant, form_id=form, by=by, now=now)

    @where("doubtful")
    @rule(seat=one_of("doubtful"), what=st.sampled_from(deciding.DECISIONS))
    def decide(self, seat: Seat, what: str) -> None:
        """Say what becomes of a payment that waits for staff."""
        world = self.world
        with world.trying():
            decision = deciding.Decision(what, "looked into")
            by, form, now = world.person(world.sam), next(FORMS), world.clock.now
            made = deciding.decide(seat.in_review[0], decision, form_id=form, by=by, payments=world.client, now=now)
            world.send(made)

    @rule(seminar=st.integers(0, 9))
    def call_off(self, seminar: int) -> None:
        """Seldom, so that there is something left to walk through."""
        world = self.world
        if seminar < len(world.seminars):
            with world.trying():
                by, now = world.person(world.sam), world.clock.now
                cancel_seminar(world.seminars[seminar], reason="A storm.", by=by, now=now)


class Everything(Learners, Changing, Stripe, House, Office):
    """All of it."""

    def there(self, name: str) -> list[Any]:
        """What a rule can choose from."""
        if name == "theirs":
            return self.world.having(CONFIRMED, CANCELLED)
        if name == "unpaid":
            return [seat for seat in self.world.having(HELD, EXPIRED) if not seat.in_review]
        if name == "doubtful":
            return [seat for seat in self.world.seats if seat.in_review]
        return super().there(name)
