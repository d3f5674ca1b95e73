"""What a command holds, and in which order: others wait for exactly these rows, and nobody waits in a circle."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import delete, event

from cme.catalog import services as catalog
from cme.database import db, transaction
from cme.registration import checkout, funds, services
from cme.registration.checkout import calling_off, lines
from cme.registration.models import CREDIT_NOTE, RECEIPT, Paper, PaperCount, Registration
from cme.registration.papers import issue
from cme.registration.services import desk as office
from cme.registration.services import ending, granting, papers, substitution
from cme.registration.services.codes import CodeValues
from cme.registration.services.ending import Ending
from cme.registration.services.granting import Grant
from cme.registration.services.registering import Said
from tests.registration.moving import move, other, place

pytestmark = pytest.mark.usefixtures("promises", "sandbox")

Held = Callable[[], AbstractContextManager[list[str]]]
LOG = "audit_head 1"


@pytest.fixture
def holding(desk: Any) -> Held:
    """Writes down every row that is locked meanwhile, once, in the order in which they were."""

    @contextmanager
    def written() -> Iterator[list[str]]:
        held: list[str] = []

        def note(asked: Any) -> Any:
            if getattr(asked.statement, "_for_update_arg", None) is None:
                return None
            found = asked.invoke_statement().freeze()
            names = (f"{row.__tablename__} {row.id}" for row in found().scalars())
            held.extend(name for name in names if name not in held)
            return found()

        db.session.rollback()
        event.listen(db.session, "do_orm_execute", note)
        try:
            yield held
        finally:
            event.remove(db.session, "do_orm_execute", note)

    return written


def code(desk: Any, name: str = "SAVE") -> Said:
    services.add_code(name, CodeValues(amount_minor=9500), form_id=None, by=desk.cast.sam, now=desk.clock.now)
    return Said(code=name)


def register(desk: Any, offering: Any, said: Said, person: Any = None) -> Registration:
    who = (person or desk.cast.ada).id
    return place(services.register(who, offering.id, form_id=None, now=desk.clock.now, said=said))


def join(desk: Any, person: Any, offering: Any) -> Registration:
    return place(services.join_waitlist(person.id, offering.id, form_id=None, now=desk.clock.now))


def test_registering_holds_the_seats_then_the_code(desk, holding):
    offering, said = desk.open().offerings[0], code(desk)
    with holding() as held:
        register(desk, offering, said)
    assert held == ["offering 1", "promo_code 1", LOG]


def test_a_place_given_by_staff_holds_the_seats(desk, cast, holding):
    offering = desk.open().offerings[0]
    with holding() as held:
        guest = Grant(cast.ada.email, "comp", "Guest of the house")
        granting.give_place(offering.id, guest, form_id="g" * 20, by=cast.sam, now=desk.clock.now)
    assert held == ["offering 1", LOG]


def test_codes_are_edited_under_their_own_lock(desk, cast, holding):
    code(desk)
    with holding() as held:
        services.edit_code(1, CodeValues(percent=10), seen=1, by=cast.sam, now=desk.clock.now)
    assert held == ["promo_code 1", LOG]
    with holding() as held:
        services.switch_code(1, on=False, by=cast.sam, now=desk.clock.now)
    assert held == ["promo_code 1", LOG]


def test_one_code_for_another_holds_both_before_the_registration(desk, holding):
    offering, said = desk.open().offerings[0], code(desk)
    code(desk, "MORE")
    mine = register(desk, offering, said)
    with holding() as held:
        services.use_code(mine.id, "MORE", now=desk.clock.now)
    assert held == ["offering 1", "promo_code 1", "promo_code 2", "registration 1", LOG]


class TestLine:
    """The line for a full seminar is one for everybody who holds its way to attend."""

    @pytest.fixture
    def offering(self, desk, cast):
        offering = desk.open(capacity=1).offerings[0]
        desk.hold(cast.otto)
        return offering

    def test_whoever_joins_waits_for_whoever_joins(self, desk, cast, offering, holding):
        with holding() as held:
            join(desk, cast.ada, offering)
        assert held == ["offering 1", LOG]

    @pytest.mark.parametrize("act", ["leave", "accept", "decline", "lapse"])
    def test_whoever_leaves_it_or_answers_holds_the_seats_first(self, desk, cast, offering, holding, act):
        mine, now = join(desk, cast.ada, offering), desk.clock.now
        if act != "leave":
            desk.give_up(place_of(1))
        if act == "lapse":
            now = place(mine.ref).offer_until
        with holding() as held:
            {
                "leave": lambda: services.leave_waitlist(mine.id, by=cast.ada, now=now),
                "accept": lambda: services.accept_offer(mine.id, shown_minor=109500, now=now),
                "decline": lambda: services.decline_offer(mine.id, by=cast.ada, now=now),
                "lapse": lambda: lines.look_after(now=now),
            }[act]()
        assert held == ["offering 1", "registration 2", LOG]

    def test_a_seat_that_staff_added_is_offered_under_both_locks(self, desk, cast, offering, holding):
        join(desk, cast.ada, offering)
        with transaction():
            db.session.get_one(type(offering), offering.id).capacity += 1
        with holding() as held:
            lines.look_after(now=desk.clock.now)
        assert held == ["offering 1", "registration 2", LOG]


def place_of(number: int) -> Registration:
    db.session.rollback()
    return db.session.get_one(Registration, number)


class TestMoves:
    """Whoever moves holds both ways to attend, the lower number first, whichever way they go."""

    @pytest.fixture
    def target(self, desk):
        """A seminar opened before the one that is left: its number is the lower."""
        return other(desk, 129500)

    @pytest.fixture
    def old(self, desk, target):
        desk.open(starts_in=60)
        old = register(desk, desk.seminar.offerings[0], code(desk))
        desk.start(old)
        desk.sandbox.pay(desk.session(old))
        assert desk.apply(old) == "paid"
        return old

    def test_a_move_begins_under_all_its_locks(self, desk, target, old, holding):
        with holding() as held:
            move(desk, old, target, shown=29500)
        assert held[:4] == ["offering 1", "offering 2", "promo_code 1", "registration 1"]

    def test_and_ends_under_them(self, desk, target, old, holding):
        new = place(move(desk, old, target))
        desk.start(new, shown=29500)
        desk.sandbox.pay(desk.session(new))
        with holding() as held:
            assert desk.apply(new) == "paid"
        places = ["offering 1", "offering 2", "promo_code 1", "registration 1", "registration 2"]
        assert held == [*places, "payment 2", "payment 1", LOG]

    def test_a_dispute_holds_the_place_that_its_money_pays_for_now(self, desk, target, old, holding):
        new = place(move(desk, old, target))
        desk.start(new, shown=29500)
        desk.sandbox.pay(desk.session(new))
        assert desk.apply(new) == "paid"
        dispute = desk.sandbox.dispute(desk.session(old))
        with holding() as held:
            desk.tell(dispute["id"], "charge.dispute.created")
        assert held == ["registration 1", "registration 2", "payment 1", LOG]


class TestColleagues:
    """A seat is handed on under the lock of the offer too, which two people may answer at once."""

    @pytest.fixture
    def old(self, desk, cast, monkeypatch):
        desk.open(starts_in=60)
        old = desk.pay()
        monkeypatch.setattr(substitution.secrets, "token_urlsafe", lambda _: "token-of-this-test")
        services.ask_colleague(old.id, cast.otto.email, by=cast.ada, now=desk.clock.now)
        return old

    def test_taking_it_over(self, desk, cast, old, holding):
        with holding() as held:
            services.take_over("token-of-this-test", cast.otto.id, now=desk.clock.now)
        assert held == ["offering 1", "registration 1", "substitution 1", "payment 1", LOG]

    def test_taking_the_offer_back(self, desk, cast, old, holding):
        with holding() as held:
            services.withdraw_offer(old.id, by=cast.ada, now=desk.clock.now)
        assert held == ["offering 1", "registration 1", "substitution 1", LOG]

    def test_letting_it_lapse(self, desk, old, holding):
        with holding() as held:
            assert services.lapse_offers(now=desk.clock.advance(days=15)) == 1
        assert held == ["substitution 1"]


class TestMoney:
    """Money is counted only while nobody else can send any of it back."""

    def test_cancelling_holds_the_payments_it_counts(self, desk, cast, holding):
        desk.open(starts_in=60)
        mine = desk.pay()
        with holding() as held:
            services.cancel(mine.id, expected_minor=104500, by=cast.ada, now=desk.clock.now)
        assert held == ["offering 1", "registration 1", "payment 1", LOG]

    @pytest.mark.parametrize("act", ["cancel", "refund", "end", "call off"])
    def test_money_is_held_before_it_is_counted(self, desk, cast, holding, monkeypatch, act):
        """Counted first and held later, it could have gone back another way in between."""
        desk.open(starts_in=60)
        mine, count, before = desk.pay(), funds.refundable, []
        who = {"by": cast.sam, "now": desk.clock.now}
        if act == "call off":
            catalog.cancel_seminar(desk.seminar.id, reason="Storm", **who)
            desk.clock.advance(days=10)
        more = {"reason": "Ill", "form_id": "f" * 20, **who}
        in_full = Ending("full", 109500, 104500)
        acts = {
            "cancel": lambda: services.cancel(mine.id, expected_minor=104500, **who),
            "refund": lambda: office.refund(mine.id, 5000, left_minor=109500, **more),
            "end": lambda: ending.cancel_place(mine.id, in_full, payments=desk.client, **more),
            "call off": lambda: calling_off._settle(mine.id, now=desk.clock.now),
        }
        with holding() as held:
            monkeypatch.setattr(funds, "refundable", lambda payment: before.append([*held]) or count(payment))
            acts[act]()
        counted = before[-1] if act == "call off" else before[0]  # there, a first look only says whom it concerns
        assert "payment 1" in counted

    def test_a_payment_that_arrives_holds_its_seat_and_itself(self, desk, holding):
        mine = desk.begin()
        desk.sandbox.pay(desk.session(mine))
        with holding() as held:
            assert checkout.apply(desk.session(mine), payments=desk.client, now=desk.clock.now) == "paid"
        assert held == ["offering 1", "registration 1", "payment 1", LOG]

    def test_a_paper_takes_the_log_before_its_number(self, desk, holding, monkeypatch):
        """Whoever waits for the number has the log already, which is what everybody else takes last."""
        mine, before = desk.hold(), []
        counted = issue.next_number
        with holding() as held, transaction():
            monkeypatch.setattr(issue, "next_number", lambda *of: before.extend(held) or counted(*of))
            papers.issue_invoice(mine, now=desk.clock.now)
        assert before == [LOG]

    def test_an_invitation_changes_what_comes_back_under_the_lock_of_the_place(self, desk, cast, holding):
        mine = desk.pay()
        with holding() as held:
            words = {"by": cast.ada, "now": desk.clock.now, "may_print": lambda _: ()}
            papers.invite(mine.id, "Ada Example", "Chile", **words)
        assert held == ["registration 1", LOG]

    @pytest.mark.parametrize("kind", [RECEIPT, CREDIT_NOTE])
    def test_a_paper_from_before_there_were_any_holds_the_place(self, desk, cast, holding, kind):
        mine = desk.pay()
        if kind == CREDIT_NOTE:
            services.cancel(mine.id, expected_minor=104500, by=cast.ada, now=desk.clock.now)
            desk.sweep()
        with transaction() as session:
            session.execute(delete(Paper).where(Paper.kind == kind))
            session.execute(delete(PaperCount).where(PaperCount.kind == kind))
        with holding() as held:
            assert papers.issue_missing(now=desk.clock.now) == 1
        assert held == ["registration 1", LOG]
