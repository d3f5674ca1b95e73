"""The line for a full seminar: first come, first offered, whatever happens around it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cme import audit
from cme.catalog import services as catalog
from cme.catalog.models import Offering, PriceTier
from cme.catalog.models import Seminar as SeminarRow
from cme.database import db, transaction
from cme.mail import Letter
from cme.registration import checkout, emails, invariants, rules, seats, services, waitlist
from cme.registration.checkout import lines
from cme.registration.models import CONFIRMED, OFFERED, WAITLISTED, Registration
from cme.registration.rules import waiting
from tests import factories

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
FEW = 8


# The rules alone.


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (timedelta(days=30), timedelta(hours=24)),
        (timedelta(days=4), timedelta(hours=24)),
        (timedelta(days=2), timedelta(hours=12)),
        (timedelta(hours=4), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(minutes=10), timedelta(minutes=10)),
        (None, timedelta(hours=24)),
    ],
)
def test_an_offer_is_kept_for_a_day_and_shorter_when_the_seminar_is_near(left, kept):
    assert waiting.offer_until(NOON, NOON + left if left else None) == NOON + kept


@given(st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=400)))
def test_no_offer_ever_reaches_beyond_the_start(left):
    assert NOON < waiting.offer_until(NOON, NOON + left) <= NOON + min(left, timedelta(hours=24))


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd")]
)
def test_places_in_line_are_called_as_people_call_them(number, said):
    assert waiting.ordinal(number) == said


# The commands, on both databases.


class Line:
    """A full seminar with one seat, and people who come to it."""

    def __init__(self, app: Any, cast: SimpleNamespace, clock: Any) -> None:
        self.app, self.cast, self.clock = app, cast, clock
        self.seminar: Any = None

    def open(self, **more: Any) -> Registration:
        """A seminar whose only seat otto holds."""
        self.seminar = factories.seminar(now=self.clock.now, **({"capacity": 1} | more))
        return self.take(self.cast.otto)

    @property
    def offering(self) -> int:
        """The way to attend that is full."""
        return int(self.seminar.offerings[0].id)

    def take(self, person: Any) -> Registration:
        """Register for a seat."""
        return self.found(services.register(person.id, self.offering, form_id=None, now=self.clock.now))

    def join(self, person: Any, form_id: str | None = None) -> Registration:
        """Get in line."""
        return self.found(services.join_waitlist(person.id, self.offering, form_id=form_id, now=self.clock.now))

    def found(self, ref: str) -> Registration:
        """A registration by its ref."""
        return db.session.scalars(select(Registration).where(Registration.ref == ref)).one()

    def give_up(self, held: Registration) -> str:
        """Let a held seat go."""
        return checkout.give_up(held.id, payments=None, by=self.cast.sam, now=self.clock.now)

    def accept(self, offered: Registration) -> str:
        """Take the seat that is offered."""
        return services.accept_offer(offered.id, shown_minor=offered.amount_due_minor, now=self.clock.now)

    def pass_by(self, **time: float) -> dict[str, int]:
        """Let time pass, and the sweep come by."""
        self.clock.advance(**time)
        return checkout.sweep(payments=None, now=self.clock.now)

    def letters(self, person: Any) -> list[str]:
        """The kinds of letters somebody got."""
        db.session.rollback()
        kinds = db.session.scalars(select(Letter.kind).where(Letter.account_id == person.id).order_by(Letter.id))
        return [kind.removeprefix("registration/") for kind in kinds]

    def seats(self) -> tuple[int, int]:
        """Seats taken, of how many."""
        db.session.rollback()
        row = db.session.get_one(Offering, self.offering)
        return row.taken, row.capacity

    def set(self, **values: Any) -> None:
        """Let staff change the offering."""
        with transaction() as session:
            row = session.get_one(Offering, self.offering)
            for name, value in values.items():
                setattr(row, name, value)


@pytest.fixture
def line(app: Any, cast: SimpleNamespace, clock: Any, promises: None) -> Line:
    """A seminar to wait for."""
    return Line(app, cast, clock)


def status(registration: Registration) -> str:
    db.session.rollback()
    return registration.status


def test_whoever_comes_to_a_full_seminar_waits_and_pays_nothing(line):
    line.open()
    nell, ada = line.join(line.cast.nell), line.join(line.cast.ada)
    assert (nell.status, waitlist.in_line(nell)) == ("waitlisted", "1st in line")
    assert (ada.status, waitlist.in_line(ada)) == ("waitlisted", "2nd in line")
    assert line.seats() == (1, 1)
    assert ada.payments == []
    assert line.letters(line.cast.ada) == ["waitlisted"]


def test_one_form_sent_twice_waits_once(line):
    line.open()
    assert line.join(line.cast.ada, "a-form-shown-once").id == line.join(line.cast.ada, "a-form-shown-once").id


def test_nobody_waits_twice_or_beside_a_seat(line):
    line.open()
    ada = line.join(line.cast.ada)
    with pytest.raises(rules.AlreadyRegistered) as refused:
        line.join(line.cast.ada)
    assert refused.value.ref == ada.ref
    with pytest.raises(rules.AlreadyRegistered):
        line.take(line.cast.ada)
    with pytest.raises(rules.AlreadyRegistered):
        line.join(line.cast.otto)


def test_nobody_waits_where_a_seat_is_free(line):
    line.open(capacity=2)
    with pytest.raises(waiting.SeatFree):
        line.join(line.cast.ada)


def test_nobody_waits_without_account_details(line):
    line.open()
    with pytest.raises(rules.DetailsFirst):
        line.join(line.cast.noah)


@pytest.mark.parametrize("how", ["closed", "begun", "cancelled"])
def test_nobody_waits_for_what_takes_nobody_any_more(line, how):
    line.open()
    if how == "closed":
        line.set(status="closed")
    elif how == "begun":
        line.clock.advance(days=31)
    else:
        with transaction() as session:
            session.get_one(SeminarRow, line.seminar.id).status = "cancelled"
    with pytest.raises(rules.RegistrationClosed):
        line.join(line.cast.ada)
    line.pass_by()


def test_a_freed_seat_is_offered_to_the_first_in_line_in_the_same_moment(line):
    otto = line.open()
    nell, ada = line.join(line.cast.nell), line.join(line.cast.ada)
    line.give_up(otto)
    assert (status(nell), status(ada)) == ("offered", "waitlisted")
    assert nell.offer_until == line.clock.now + timedelta(hours=24)
    assert line.seats() == (1, 1)
    assert line.letters(line.cast.nell) == ["waitlisted", "seat_offered"]
    assert waitlist.in_line(ada) == "1st in line"


def test_an_offer_costs_what_a_seat_costs_on_its_day_and_keeps_that_price(line, desk):
    day = line.clock.now.date() + timedelta(days=1)
    otto = line.open(early={"physician": 99500}, early_until=day)
    ada = line.join(line.cast.ada)
    assert ada.amount_due_minor == 99500
    line.give_up(otto)
    line.clock.advance(hours=23, minutes=59)
    line.clock.now = ada.offer_until - timedelta(minutes=1)
    with transaction() as session:
        tier = session.scalars(select(PriceTier).where(PriceTier.tier == "physician")).one()
        tier.early_until = day - timedelta(days=2)
    assert line.accept(ada) == "held"
    url = desk.start(ada, shown=99500)
    assert url.startswith("http")
    assert desk.payment(ada).amount_minor == 99500
    desk.sandbox.pay(desk.session(ada))
    assert desk.apply(ada) == "paid"


def test_whoever_changes_their_profession_pays_what_theirs_pays(line, desk):
    otto = line.open()
    ada = line.join(line.cast.ada)
    line.give_up(otto)
    line.accept(ada)
    with transaction() as session:
        session.get_one(type(line.cast.ada), line.cast.ada.id).certification_type = "resident"
    with pytest.raises(rules.PriceChanged, match="\\$595"):
        desk.start(ada, shown=109500)


def test_an_offer_accepted_holds_the_seat_until_it_is_paid(line, desk):
    otto = line.open()
    ada = line.join(line.cast.ada)
    line.give_up(otto)
    assert line.accept(ada) == "held"
    assert line.accept(ada) == "held"  # pressed twice
    assert ada.hold_until == line.clock.now + rules.HOLD
    desk.start(ada)
    desk.sandbox.pay(desk.session(ada))
    assert desk.apply(ada) == "paid"
    assert status(ada) == "confirmed"
    assert line.seats() == (1, 1)


def test_a_free_seat_accepted_is_confirmed_at_once(line):
    otto = line.open(prices=factories.FREE)
    ada = line.join(line.cast.ada)
    services.cancel(otto.id, expected_minor=0, by=line.cast.otto, now=line.clock.now)
    assert line.accept(ada) == "confirmed"
    assert line.letters(line.cast.ada) == ["waitlisted", "seat_offered", "confirmed"]


def test_another_price_than_the_page_showed_is_not_accepted(line):
    otto = line.open()
    ada = line.join(line.cast.ada)
    line.give_up(otto)
    with pytest.raises(rules.PriceChanged):
        services.accept_offer(ada.id, shown_minor=1, now=line.clock.now)
    assert status(ada) == "offered"


def test_nobody_accepts_before_their_turn_or_after_their_time(line):
    otto = line.open()
    nell, ada = line.join(line.cast.nell), line.join(line.cast.ada)
    with pytest.raises(rules.MovedMeanwhile):
        line.accept(ada)
    line.give_up(otto)
    line.clock.now = nell.offer_until
    with pytest.raises(waiting.OfferEnded):
        line.accept(nell)
    line.pass_by()
    with pytest.raises(waiting.OfferEnded):
        line.accept(nell)


def test_a_declined_seat_goes_to_the_next(line):
    otto = line.open()
    nell, ada = line.join(line.cast.nell), line.join(line.cast.ada)
    line.give_up(otto)
    for _ in range(2):
        services.decline_offer(nell.id, by=line.cast.nell, now=line.clock.now)
    assert (status(nell), status(ada)) == ("cancelled", "offered")
    line.accept(ada)
    with pytest.raises(rules.MovedMeanwhile):
        services.decline_offer(ada.id, by=line.cast.ada, now=line.clock.now)
    with pytest.raises(rules.MovedMeanwhile):
        services.leave_waitlist(ada.id, by=line.cast.ada, now=line.clock.now)


def test_a_lapsed_offer_goes_to_the_next_and_both_are_told(line):
    otto = line.open()
    nell, ada = line.join(line.cast.nell), line.join(line.cast.ada)
    line.give_up(otto)
    assert line.pass_by(hours=24)["offers lapsed"] == 1
    assert (status(nell), status(ada)) == ("expired", "offered")
    assert line.letters(line.cast.nell)[-1] == "offer_lapsed"
    assert line.letters(line.cast.ada)[-1] == "seat_offered"
    assert line.pass_by()["offers lapsed"] == 0


def test_an_accepted_seat_not_paid_in_time_goes_to_the_next(line):
    otto = line.open()
    nell, ada = line.join(line.cast.nell), line.join(line.cast.ada)
    line.give_up(otto)
    line.accept(nell)
    assert line.pass_by(minutes=16)["holds ended"] == 1
    assert (status(nell), status(ada)) == ("expired", "offered")


def test_whoever_leaves_the_line_lets_the_others_move_up(line):
    line.open()
    nell, ada = line.join(line.cast.nell), line.join(line.cast.ada)
    for _ in range(2):
        services.leave_waitlist(nell.id, by=line.cast.nell, now=line.clock.now)
    assert (status(nell), waitlist.position(ada)) == ("cancelled", 1)
    assert line.seats() == (1, 1)


def test_a_seat_offered_meanwhile_is_not_thrown_away_with_the_place_in_line(line):
    otto = line.open()
    ada = line.join(line.cast.ada)
    line.give_up(otto)
    with pytest.raises(waiting.SeatOffered):
        services.leave_waitlist(ada.id, by=line.cast.ada, now=line.clock.now)
    assert status(ada) == "offered"


def test_seats_that_staff_add_are_offered_by_the_next_sweep(line):
    line.open()
    people = [line.join(line.cast.nell), line.join(line.cast.ada)]
    line.set(capacity=3)
    assert line.pass_by()["seats offered"] == 2
    assert [status(each) for each in people] == ["offered", "offered"]


def test_where_capacity_was_lowered_nobody_is_offered_a_seat_before_it_fits(line):
    first = line.open(capacity=2)
    second = line.take(factories.account("second@example.test", "Second, MD", "md", now=line.clock.now))
    ada = line.join(line.cast.ada)
    line.set(capacity=1)
    with transaction() as session:
        audit.record(line.cast.sam, "lowered capacity", session.get_one(Offering, line.offering), at=line.clock.now)
    line.give_up(first)
    assert status(ada) == "waitlisted"
    line.give_up(second)
    assert status(ada) == "offered"


def test_a_line_for_a_way_that_was_closed_stands_still(line):
    otto = line.open()
    ada = line.join(line.cast.ada)
    line.set(status="closed")
    line.give_up(otto)
    assert (status(ada), line.seats()) == ("waitlisted", (0, 1))
    line.set(status="open")
    line.pass_by()
    assert status(ada) == "offered"


def test_when_the_seminar_begins_those_who_wait_are_told_that_no_seat_came(line):
    line.open(starts_in=1)
    ada = line.join(line.cast.ada)
    assert line.pass_by(days=1)["lines closed"] == 1
    assert status(ada) == "expired"
    assert line.letters(line.cast.ada)[-1] == "no_seat_came"


def test_the_line_for_a_seminar_that_was_withdrawn_is_closed(line):
    """Nobody has a seat there any more, so it can be withdrawn; whoever still waits is told that it is over."""
    otto = line.open()
    ada = line.join(line.cast.ada)
    line.set(status="closed")
    line.give_up(otto)
    catalog.withdraw(line.seminar.id, by=line.cast.sam, now=line.clock.now)
    assert line.pass_by()["lines closed"] == 1
    assert (status(ada), ada.end_reason) == ("expired", "no seat came")
    assert line.letters(line.cast.ada)[-1] == "no_seat_came"


def test_an_offer_never_outlives_the_start(line):
    otto = line.open(starts_in=1)
    ada = line.join(line.cast.ada)
    starts = line.seminar.starts_at
    line.clock.now = starts - timedelta(minutes=10)
    line.give_up(otto)
    assert ada.offer_until == starts
    line.clock.now = starts
    with pytest.raises(waiting.OfferEnded):
        line.accept(ada)


def test_nobody_jumps_the_line(line):
    line.open()
    line.join(line.cast.ada)
    line.set(capacity=2)
    with pytest.raises(waiting.OthersWait):
        line.take(line.cast.nell)
    nell = line.join(line.cast.nell)
    assert waitlist.position(nell) == 2
    line.pass_by()
    assert status(nell) == "waitlisted"


def test_without_looking_at_the_line_the_free_seat_goes_to_whoever_comes(line, monkeypatch):
    """The control: the seat that staff added is sold over the heads of those who wait."""
    line.open()
    ada = line.join(line.cast.ada)
    line.set(capacity=2)
    monkeypatch.setattr(seats, "somebody_waits", lambda offering_id: False)
    assert line.take(line.cast.nell).status == "held"
    line.pass_by()
    assert status(ada) == "waitlisted"


def test_a_seat_freed_and_offered_later_could_be_taken_in_between(line, monkeypatch):
    """The control: freeing and offering are one step, or else a newcomer comes between."""
    otto = line.open()
    ada = line.join(line.cast.ada)
    with monkeypatch.context() as patched:
        patched.setattr(waitlist, "offer_next", lambda offering_id, *, now: 0)
        line.give_up(otto)
        assert line.seats() == (0, 1)
        patched.setattr(seats, "somebody_waits", lambda offering_id: False)
        line.take(line.cast.nell)
    line.pass_by()
    assert status(ada) == "waitlisted"


def test_late_money_does_not_jump_the_line(line, desk):
    otto = line.open()
    desk.start(otto)
    session_id = desk.session(otto)
    ada = line.join(line.cast.ada)
    desk.sandbox.pay(session_id)
    with transaction() as session:  # our books know nothing of it, and the seat was given back by hand
        held = session.get_one(Registration, otto.id)
        seats.end(held, "expired", payment=None, by=None, now=line.clock.now)
    assert status(ada) == "offered"
    assert desk.apply(otto) == "refunded"


def test_cut_off_before_the_letter_nothing_has_happened(line, monkeypatch):
    otto = line.open()
    ada = line.join(line.cast.ada)

    def cut_off(*_: Any, **__: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(emails, "seat_offered", cut_off)
        with pytest.raises(SystemExit):
            line.give_up(otto)
    assert (status(otto), status(ada), line.seats()) == ("held", "waitlisted", (1, 1))
    line.give_up(otto)
    assert (status(otto), status(ada)) == ("cancelled", "offered")


# Fairness, whatever happens.

STEPS = st.sampled_from(["come", "come", "free", "decline", "accept", "leave", "lapse", "add"])


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=8, max_size=24), chosen=st.lists(st.integers(0, 50), min_size=24, max_size=24))
def test_whatever_happens_the_first_to_come_is_the_first_to_be_offered(app, clock, steps, chosen):
    clock.now = NOON
    seminar = factories.seminar(now=clock.now, capacity=2, starts_in=60, prices=factories.FREE)
    offering = seminar.offerings[0].id
    waits: list[str] = []
    offered: list[str] = []
    confirmed: list[str] = []
    capacity = 2

    def fill() -> None:
        """What the rules promise: free seats go to the front of the line."""
        while waits and len(offered) + len(confirmed) < capacity:
            offered.append(waits.pop(0))

    def number(ref: str) -> int:
        return db.session.scalars(select(Registration.id).where(Registration.ref == ref)).one()

    for step, pick in zip(steps, chosen, strict=False):
        if step == "come":
            name = f"guest{next(factories.NUMBERS)}@example.test"
            guest = factories.account(name, "Guest, MD", "md", now=clock.now)
            try:
                confirmed.append(services.register(guest.id, offering, form_id=None, now=clock.now))
                assert not waits
            except (rules.SeminarFull, waiting.OthersWait):
                waits.append(services.join_waitlist(guest.id, offering, form_id=None, now=clock.now))
        elif step == "free" and confirmed:
            services.cancel(number(confirmed.pop(pick % len(confirmed))), expected_minor=0, by=None, now=clock.now)
        elif step == "decline" and offered:
            services.decline_offer(number(offered.pop(pick % len(offered))), by=None, now=clock.now)
        elif step == "accept" and offered:
            ref = offered.pop(pick % len(offered))
            services.accept_offer(number(ref), shown_minor=0, now=clock.now)
            confirmed.append(ref)
        elif step == "leave" and waits:
            services.leave_waitlist(number(waits.pop(pick % len(waits))), by=None, now=clock.now)
        elif step == "lapse":
            clock.advance(hours=24)
            lapsed = len(offered)
            for _ in range(lapsed):  # each one that lapses frees a seat for the next
                offered.pop(0)
                fill_one(waits, offered, confirmed, capacity)
            lines.look_after(now=clock.now)
        elif step == "add":
            capacity += 1
            with transaction() as session:
                session.get_one(Offering, offering).capacity = capacity
            lines.look_after(now=clock.now)
        fill()
        assert by_status(seminar.id) == {OFFERED: sorted(offered), CONFIRMED: sorted(confirmed), WAITLISTED: waits}
    assert list(invariants.breaches(now=clock.now)) == []


def fill_one(waits: list[str], offered: list[str], confirmed: list[str], capacity: int) -> None:
    if waits and len(offered) + len(confirmed) < capacity:
        offered.append(waits.pop(0))


def by_status(seminar_id: int) -> dict[str, list[str]]:
    """Who waits in order, who was offered a seat and who has one."""
    db.session.rollback()
    found: dict[str, list[str]] = {OFFERED: [], CONFIRMED: [], WAITLISTED: []}
    rows = select(Registration.status, Registration.ref).where(Registration.seminar_id == seminar_id)
    for state, ref in db.session.execute(rows.order_by(Registration.id)):
        if state in found:
            found[state].append(ref)
    return {state: refs if state == WAITLISTED else sorted(refs) for state, refs in found.items()}


# Many at the same moment.


def test_twenty_leave_while_twenty_come(line, together):
    line.open(capacity=20)
    guests = [factories.account(f"g{n}@example.test", "Guest, MD", "md", now=line.clock.now) for n in range(39)]
    held = [*db.session.scalars(select(Registration.id))]
    held += [line.take(guest).id for guest in guests[:19]]
    comers = [guest.id for guest in guests[19:]]
    offering, now = line.offering, line.clock.now

    def come(account_id: int) -> str:
        for _ in range(10):
            try:
                return services.register(account_id, offering, form_id=None, now=now)
            except (rules.SeminarFull, waiting.OthersWait):
                pass
            try:
                return services.join_waitlist(account_id, offering, form_id=None, now=now)
            except waiting.SeatFree:
                continue
        raise AssertionError("neither a seat nor a place in line")

    def act(n: int) -> Any:
        if n % 2:
            return come(comers[n // 2])
        return checkout.give_up(held[n // 2], payments=None, by=None, now=now)

    results = together(40, act)
    assert [one for one in results if isinstance(one, Exception)] == []
    taken, capacity = line.seats()
    found = by_status(line.seminar.id)
    assert not (found[WAITLISTED] and taken < capacity)
    assert taken == 20
    assert not found[WAITLISTED]


def test_the_last_seat_freed_many_times_over_is_offered_to_one_each(line, together):
    """Three let go at once while eight wait: the first three in line, no fewer, no others."""
    line.open(capacity=3)
    guests = [factories.account(f"g{n}@example.test", "Guest, MD", "md", now=line.clock.now) for n in range(2 + FEW)]
    held = [*db.session.scalars(select(Registration.id)), *(line.take(each).id for each in guests[:2])]
    refs = [line.join(each).ref for each in guests[2:]]
    now = line.clock.now
    results = together(3, lambda n: checkout.give_up(held[n], payments=None, by=None, now=now))
    assert results == ["cancelled"] * 3
    assert by_status(line.seminar.id) == {OFFERED: sorted(refs[:3]), CONFIRMED: [], WAITLISTED: refs[3:]}


def test_accepting_declining_and_lapsing_at_once_is_one_of_them(line, together):
    otto = line.open()
    nell, ada = line.join(line.cast.nell), line.join(line.cast.ada)
    line.give_up(otto)
    now = line.clock.now
    number, by = nell.id, line.cast.sam
    ways = (
        lambda: services.accept_offer(number, shown_minor=109500, now=now),
        lambda: services.decline_offer(number, by=by, now=now),
        lambda: lines.look_after(now=now + timedelta(hours=24)),
    )
    together(FEW + 1, lambda n: ways[n % 3]())
    assert line.seats() == (1, 1)
    assert (status(nell), status(ada)) in {
        ("held", "waitlisted"),
        ("cancelled", "offered"),
        ("expired", "offered"),
    }


def test_one_person_joining_many_times_waits_once(line, together):
    line.open()
    person, offering, now = line.cast.ada.id, line.offering, line.clock.now
    results = together(FEW, lambda _: services.join_waitlist(person, offering, form_id=None, now=now))
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, rules.AlreadyRegistered) for result in results) == FEW - 1
