"""What can happen to seats and money, one rule for each; the machine chooses in which order."""

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cme.registration import checkout, services
from cme.registration.models import CONFIRMED, HELD, OFFERED, WAITLISTED
from tests.registration.stateful.world import PEOPLE, Event, Seat, World

A_PERSON = st.integers(0, len(PEOPLE) - 1)
AN_OFFERING = st.integers(0, 3)
PAYS = st.sampled_from(["pay", "pay_later", "start", ""])
PARTS = st.sampled_from([1, 5000, 10**6])  # a cent, a part, more than there ever is


def one_of(name: str) -> Any:
    """One of the things of a kind that are there at this moment."""
    return st.runner().flatmap(lambda machine: st.sampled_from(machine.there(name)))


def where(name: str) -> Any:
    """Only where there is such a thing."""
    return precondition(lambda machine: bool(machine.there(name)))


class Machine(RuleBasedStateMachine):
    """People, staff, Stripe, the bank and the clock, all at once."""

    world: World  # set by the test that runs the machine
    reached: Counter[str]  # in which states the walks ended

    def __init__(self) -> None:
        super().__init__()
        self.steps = 0
        self.world.begin()

    def there(self, name: str) -> list[Any]:
        """What a rule can choose from."""
        if name in {HELD, CONFIRMED, OFFERED, WAITLISTED}:
            return self.world.having(name)
        return list(getattr(self.world, name))

    @invariant()
    def every_promise_is_kept(self) -> None:
        """After every single step."""
        self.steps += 1
        # The worker may have slept for days here; that it catches up is asked at the end.
        broken = [breach for breach in self.world.breaches() if "long after its time" not in breach]
        assert not broken, broken
        self.world.look()
        self.world.clock.advance(seconds=1)  # what comes after is later

    def teardown(self) -> None:
        """In every second walk nothing more is heard of Stripe, and the sweep alone must find it all."""
        if self.steps:
            self.world.settle(hear=self.steps % 2 == 0)
            unsettled = list(self.world.unsettled())
            self.reached.update(self.world.states())
            assert not unsettled, unsettled


class Learners(Machine):
    """What people do."""

    @initialize(coming=st.lists(st.tuples(A_PERSON, AN_OFFERING, PAYS), min_size=2, max_size=4))
    def it_is_a_busy_day(self, coming: list[tuple[int, int, str]]) -> None:
        """Every walk begins with some who come and pay, so that there is something to go wrong."""
        for person, offering, pays in coming:
            self.register(person, offering, pays)

    @rule(person=A_PERSON, offering=AN_OFFERING, pays=PAYS)
    def register(self, person: int, offering: int, pays: str) -> None:
        """Take a seat, and perhaps go straight on to pay."""
        world = self.world
        with world.trying():
            services.register(world.people[person], world.offerings[offering], form_id=None, now=world.clock.now)
        world.look()
        mine = [seat for seat in world.having(HELD) if seat.person == world.people[person]]
        if mine and pays:
            self.press_pay(mine[-1])
            world.look()
            if pays != "start" and mine[-1].id in world.open_for:
                self.at_the_pay_page(world.open_for[mine[-1].id], pays)

    @where(HELD)
    @rule(seat=one_of(HELD))
    def press_pay(self, seat: Seat) -> None:
        """Go to Stripe, or go on there."""
        world = self.world
        with world.trying():
            checkout.start(seat.id, shown_minor=seat.to_pay, form_id=None, payments=world.client, now=world.clock.now)

    @where("open")
    @rule(session=one_of("open"), act=st.sampled_from(["pay", "pay", "pay_later", "fail", "expire"]))
    def at_the_pay_page(self, session: str, act: str) -> None:
        """Pay by card, promise a debit, be declined, run out of time; who closes the tab does nothing at all."""
        if act == "pay_later" and len(self.world.sessions[session]["payment_method_types"]) == 1:
            act = "pay"
        with self.world.at_stripe():  # its time may be up by now
            getattr(self.world.sandbox, act)(session)

    @where(HELD)
    @rule(seat=one_of(HELD))
    def give_up(self, seat: Seat) -> None:
        """Change one's mind before paying."""
        world = self.world
        with world.trying():
            by = world.person(seat.person)
            checkout.give_up(seat.id, payments=world.client, by=by, now=world.clock.now)

    @where("sessions")
    @rule(session=one_of("sessions"))
    def come_back(self, session: str) -> None:
        """Land on the return page, with whichever session."""
        world = self.world
        with world.trying():
            checkout.apply(session, payments=world.client, now=world.clock.now)


class Stripe(Machine):
    """What happens at Stripe, at the bank, and on the way from there to us."""

    @where("promised")
    @rule(session=one_of("promised"), arrives=st.booleans())
    def a_debit_arrives_or_bounces(self, session: str, arrives: bool) -> None:
        """The bank decides, days later."""
        (self.world.sandbox.settle if arrives else self.world.sandbox.fail)(session)

    @where("unheard")
    @rule(event=one_of("unheard"), copies=st.integers(1, 2))
    def a_webhook_arrives(self, event: Event, copies: int) -> None:
        """In any order, however late, perhaps twice."""
        for _ in range(copies):
            self.world.tell(event)

    @where("unheard")
    @rule(event=one_of("unheard"))
    def a_webhook_is_lost(self, event: Event) -> None:
        """It never comes; Stripe only lists it as undelivered."""
        self.world.unheard.remove(event)

    @where("paid")
    @rule(session=one_of("paid"), part=PARTS)
    def refunded_in_the_dashboard(self, session: str, part: int) -> None:
        """Somebody gives money back at Stripe, behind our back."""
        with self.world.at_stripe():
            self.world.sandbox.refund(session, None if part > 5000 else part)

    @where("refunds")
    @rule(refund=one_of("refunds"))
    def a_refund_comes_back(self, refund: str) -> None:
        """The bank cannot deliver it, even after it succeeded."""
        self.world.sandbox.fail_refund(refund)

    @where("paid")
    @rule(session=one_of("paid"), inquiry=st.booleans())
    def disputed(self, session: str, inquiry: bool) -> None:
        """The customer goes to the bank."""
        with self.world.at_stripe():
            self.world.sandbox.dispute(session, inquiry=inquiry)

    @where("paid")
    @rule(session=one_of("paid"), won=st.booleans())
    def a_dispute_is_decided(self, session: str, won: bool) -> None:
        """By the bank."""
        with self.world.at_stripe():
            self.world.sandbox.close_dispute(session, won=won)

    @precondition(lambda machine: machine.world.all_is_well)
    @rule(what=st.sampled_from(["lost_answer", "error_500", "error_500_acted", "rate_limit", "before", "after"]))
    def the_next_question_goes_wrong(self, what: str) -> None:
        """Stripe fails, or the process that asks is killed before it asked, or before it read the answer."""
        if what in {"before", "after"}:
            self.world.wire.dies = what
        else:
            self.world.sandbox.faults.next(what)


class House(Machine):
    """What staff, the worker and the clock do."""

    @rule(minutes=st.sampled_from([0, 1, 6, 16, 45, 60, 24 * 60, 8 * 24 * 60]), is_awake=st.booleans())
    def time_passes(self, minutes: int, is_awake: bool) -> None:
        """Holds end, sessions expire, seminars begin; the worker makes its round, or lies dead."""
        self.world.clock.advance(minutes=minutes)
        if is_awake:
            self.world.sweep()

    @rule(offering=AN_OFFERING, minor=st.sampled_from([50000, 109500]))
    def a_price_changes(self, offering: int, minor: int) -> None:
        """Staff ask for another tuition from now on."""
        if offering < 3:
            self.world.price(self.world.offerings[offering], minor)
