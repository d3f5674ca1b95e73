"""Facts about the uses of promo codes: reserved with the seat, given back with it, the last one given once."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from cme.accounts.models import Account
from cme.audit import AuditEntry
from cme.catalog.models import PriceTier
from cme.database import db, transaction
from cme.errors import EditedMeanwhile, TooManyTries
from cme.registration import checkout, codes, invariants, queries, rules, seats, services
from cme.registration.models import PromoCode, Registration
from cme.registration.rules.codes import (
    CodeDoesNotFit,
    CodeInTheWay,
    CodeNotNeeded,
    CodeUnknown,
    CodeUsedBefore,
    CodeUsedUp,
)
from cme.registration.services.codes import CodeTaken, CodeValues, FewerThanUsed
from cme.registration.services.registering import Said
from cme.values import Money
from tests import factories
from tests.factories import FREE

MANY, FEW = 50, 8

promised = pytest.mark.usefixtures("promises")


def issue(desk: Any, name: str = "SPRING", **values: Any) -> PromoCode:
    given = {"percent": 20} if "amount_minor" not in values else {}
    services.add_code(name, CodeValues(**given | values), form_id=None, by=desk.cast.sam, now=desk.clock.now)
    return db.session.scalars(select(PromoCode).where(PromoCode.code == name)).one()


def hold(desk: Any, typed: str = "spring", person: Any = None, **more: Any) -> Registration:
    seminar = more.pop("seminar", None) or desk.seminar or desk.open()
    who, said = (person or desk.cast.ada).id, Said(code=typed, **more)
    ref = services.register(who, seminar.offerings[0].id, form_id=None, now=desk.clock.now, said=said)
    return db.session.scalars(select(Registration).where(Registration.ref == ref)).one()


def used(name: str = "SPRING") -> int:
    db.session.rollback()
    return db.session.scalars(select(PromoCode.used).where(PromoCode.code == name)).one()


def edit(desk: Any, code: PromoCode, **values: Any) -> None:
    number, seen = code.id, values.pop("seen", code.version)
    services.edit_code(number, CodeValues(**values), seen=seen, by=desk.cast.sam, now=desk.clock.now)


@promised
class TestReserving:
    """A use is taken with the seat."""

    def test_a_code_lowers_the_price_and_its_use_is_reserved(self, desk):
        issue(desk)
        held = hold(desk)
        assert (held.list_minor, held.discount_minor, held.amount_due_minor) == (109500, 21900, 87600)
        assert (held.promo.code, used()) == ("SPRING", 1)

    def test_the_lower_price_is_what_stripe_is_asked_for(self, desk):
        issue(desk)
        held = hold(desk)
        desk.start(held)
        desk.sandbox.pay(desk.session(held))
        assert desk.apply(held) == "paid"
        assert desk.payment(held).amount_minor == 87600
        assert (desk.state(held), used()) == (("confirmed", "paid"), 1)

    def test_a_code_for_everything_confirms_at_once(self, desk):
        issue(desk, percent=100)
        assert hold(desk).status == "confirmed"
        assert (used(), desk.letters()) == (1, ["confirmed"])

    def test_an_unknown_code_takes_no_seat(self, desk):
        desk.open()
        with pytest.raises(CodeUnknown):
            hold(desk)
        assert desk.taken() == 0

    def test_a_code_used_up_takes_no_seat(self, desk):
        issue(desk, most_uses=1)
        hold(desk)
        with pytest.raises(CodeUsedUp):
            hold(desk, person=desk.cast.otto)
        assert (desk.taken(), used()) == (1, 1)

    def test_a_code_used_up_is_said_before_a_seat_is_asked_for(self, desk):
        code = issue(desk, most_uses=1)
        offering = hold(desk).offering
        asked = queries.quote(offering, "md", now=desk.clock.now)
        with pytest.raises(CodeUsedUp):
            codes.discount(code, offering, asked, desk.cast.otto.id, now=desk.clock.now)

    def test_a_code_for_another_group_is_refused(self, desk):
        issue(desk, tiers=("trainee",))
        with pytest.raises(CodeDoesNotFit, match="another group"):
            hold(desk)

    def test_each_person_uses_it_once(self, desk):
        issue(desk)
        hold(desk)
        with pytest.raises(CodeUsedBefore):
            hold(desk, seminar=factories.seminar(now=desk.clock.now))
        assert hold(desk, seminar=factories.seminar(now=desk.clock.now), person=desk.cast.otto).promo_id

    def test_unless_it_may_be_used_again(self, desk):
        issue(desk, once_each=False)
        hold(desk)
        hold(desk, seminar=factories.seminar(now=desk.clock.now))
        assert used() == 2

    def test_what_is_free_needs_no_code(self, desk):
        desk.open(prices=FREE)
        issue(desk)
        with pytest.raises(CodeNotNeeded):
            hold(desk)
        assert used() == 0

    def test_the_days_of_a_code_are_days_at_the_seminar(self, desk):
        desk.clock.now = desk.clock.now.replace(hour=4, minute=59)  # still the day before, in Florida
        yesterday = desk.clock.now.date() - timedelta(days=1)
        issue(desk, last_on=yesterday)
        assert hold(desk).promo_id
        desk.clock.advance(minutes=1)
        with pytest.raises(CodeDoesNotFit, match="until"):
            hold(desk, person=desk.cast.otto)

    def test_and_so_is_its_first_day(self, desk):
        desk.clock.now = desk.clock.now.replace(hour=4, minute=59)
        issue(desk, first_on=desk.clock.now.date())
        with pytest.raises(CodeDoesNotFit, match="from"):
            hold(desk)
        desk.clock.advance(minutes=1)
        assert hold(desk).promo_id


@promised
class TestGivingBack:
    """A use goes back with the seat, and is kept while the seat is."""

    def test_a_hold_that_ends_frees_the_use(self, desk):
        issue(desk, most_uses=1)
        hold(desk)
        desk.clock.advance(minutes=20)
        desk.sweep()
        assert used() == 0
        assert hold(desk, person=desk.cast.otto).promo_id

    def test_a_seat_given_up_frees_the_use(self, desk):
        issue(desk)
        held = hold(desk)
        desk.give_up(held)
        assert used() == 0
        assert hold(desk).promo_id  # and the same person may use it again

    def test_a_confirmed_seat_that_is_cancelled_frees_the_use(self, desk):
        issue(desk, percent=100)
        ref = hold(desk).ref
        with transaction():
            going = db.session.scalars(select(Registration).where(Registration.ref == ref)).one()
            seats.end(going, rules.CANCELLED, payment=None, by=desk.cast.sam, now=desk.clock.now)
        assert used() == 0

    def test_switching_a_code_off_leaves_what_is_reserved(self, desk):
        code = issue(desk)
        held = hold(desk)
        services.switch_code(code.id, on=False, by=desk.cast.sam, now=desk.clock.now)
        desk.start(held)
        assert desk.payment(held).amount_minor == 87600
        with pytest.raises(CodeDoesNotFit, match="no longer valid"):
            hold(desk, person=desk.cast.otto)


def late(desk: Any) -> Registration:
    """Pay, while the hold is ending, for a session that stayed open."""
    held = hold(desk)
    desk.start(held)
    session = desk.session(held)
    with transaction():
        row = db.session.get_one(Registration, held.id)
        seats.end(row, rules.EXPIRED, payment=None, by=None, now=desk.clock.now)
    desk.sandbox.pay(session)
    return held


@promised
class TestLatePayments:
    """Money that comes after the hold ended takes the use again, or goes back."""

    def test_the_use_is_taken_again(self, desk):
        issue(desk, most_uses=1)
        held = late(desk)
        assert used() == 0
        assert desk.apply(held) == "paid"
        assert (desk.state(held)[0], used()) == ("confirmed", 1)

    def test_when_somebody_else_has_it_the_money_goes_back(self, desk):
        issue(desk, most_uses=1)
        held = late(desk)
        hold(desk, person=desk.cast.otto)
        assert desk.apply(held) == "refunded"
        assert (desk.state(held)[0], used(), desk.taken()) == ("expired", 1, 1)

    def test_when_the_same_person_used_it_elsewhere_the_money_goes_back(self, desk):
        issue(desk)
        held = late(desk)
        hold(desk, seminar=factories.seminar(now=desk.clock.now))
        assert desk.apply(held) == "refunded"
        assert used() == 1

    def test_when_no_seat_is_free_the_use_stays_free_too(self, desk):
        desk.open(capacity=1)
        issue(desk)
        held = late(desk)
        hold(desk, typed="", person=desk.cast.otto)
        assert desk.apply(held) == "refunded"
        assert used() == 0


@promised
class TestPricingAgain:
    """At checkout the price is asked for again, and the discount with it."""

    def test_a_higher_price_has_a_higher_discount(self, desk):
        issue(desk)
        held = hold(desk)
        with transaction():
            db.session.execute(update(PriceTier).where(PriceTier.tier == "physician").values(amount_minor=120000))
        with pytest.raises(rules.PriceChanged, match=r"\$960"):
            desk.start(held)
        desk.start(held, shown=96000)
        assert desk.payment(held).amount_minor == 96000

    def test_a_code_edited_meanwhile_shows_the_new_price(self, desk):
        code = issue(desk)
        held = hold(desk)
        edit(desk, code, percent=10)
        with pytest.raises(rules.PriceChanged, match=r"\$985\.50"):
            desk.start(held)

    def test_a_person_who_is_of_another_group_now_pays_without_the_code(self, desk):
        issue(desk, tiers=("physician",))
        held = hold(desk)
        with transaction():
            db.session.get_one(Account, desk.cast.ada.id).certification_type = "np"
        with pytest.raises(rules.PriceChanged, match=r"\$895"):
            desk.start(held)
        desk.start(held, shown=89500)
        assert used() == 0

    def test_a_code_that_has_ended_since_is_honoured_while_the_seat_is_held(self, desk):
        desk.clock.now = desk.clock.now.replace(hour=4, minute=55)
        issue(desk, last_on=desk.clock.now.date() - timedelta(days=1))
        held = hold(desk)
        desk.clock.advance(minutes=10)
        desk.start(held)
        assert desk.payment(held).amount_minor == 87600


@promised
class TestChangingTheCode:
    """While a seat is held and nothing is being paid, the code can be another."""

    def test_a_code_can_be_used_later(self, desk):
        issue(desk)
        held = desk.hold()
        services.use_code(held.id, "SPRING", now=desk.clock.now)
        assert (held.amount_due_minor, used()) == (87600, 1)

    def test_another_takes_its_place(self, desk):
        issue(desk)
        issue(desk, "FIFTY", amount_minor=5000)
        held = hold(desk)
        services.use_code(held.id, "fifty", now=desk.clock.now)
        assert (held.amount_due_minor, used(), used("FIFTY")) == (104500, 0, 1)

    def test_an_empty_field_lets_it_go(self, desk):
        issue(desk)
        held = hold(desk)
        services.use_code(held.id, "", now=desk.clock.now)
        assert (held.amount_due_minor, held.promo_id, used()) == (109500, None, 0)

    def test_the_same_code_again_changes_nothing(self, desk):
        issue(desk, most_uses=1)
        held = hold(desk)
        services.use_code(held.id, "SPRING", now=desk.clock.now)
        assert (held.amount_due_minor, used()) == (87600, 1)

    def test_a_refused_one_leaves_the_old_in_its_place(self, desk):
        issue(desk)
        issue(desk, "TRAINEES", tiers=("trainee",))
        held = hold(desk)
        with pytest.raises(CodeDoesNotFit):
            services.use_code(held.id, "TRAINEES", now=desk.clock.now)
        db.session.rollback()
        assert (held.amount_due_minor, used(), used("TRAINEES")) == (87600, 1, 0)

    def test_not_while_a_payment_is_open(self, desk):
        issue(desk)
        held = desk.begin()
        with pytest.raises(CodeInTheWay):
            services.use_code(held.id, "SPRING", now=desk.clock.now)

    def test_not_after_the_hold_has_ended(self, desk):
        issue(desk)
        held = desk.hold()
        with pytest.raises(CodeInTheWay):
            services.use_code(held.id, "SPRING", now=desk.clock.advance(minutes=16))

    def test_a_seat_that_became_free_is_confirmed_by_the_button(self, desk):
        issue(desk, percent=100)
        held = desk.hold()
        services.use_code(held.id, "SPRING", now=desk.clock.now)
        assert desk.start(held, shown=0).endswith(held.ref)
        assert desk.state(held) == ("confirmed", None)

    def test_whoever_guesses_codes_has_to_wait(self, desk):
        ada, now = desk.cast.ada.id, desk.clock.now
        for number in range(20):
            with pytest.raises(CodeUnknown):
                services.look_up(f"GUESS{number}", account_id=ada, now=now)
        issue(desk)
        with pytest.raises(TooManyTries):
            services.look_up("SPRING", account_id=ada, now=now)
        assert services.look_up("SPRING", account_id=ada, now=desk.clock.advance(hours=2)).code == "SPRING"


@promised
class TestIssuing:
    """Codes are issued and changed by staff."""

    def test_the_same_letters_twice_are_refused(self, desk):
        issue(desk)
        with pytest.raises(CodeTaken):
            issue(desk)

    def test_a_form_sent_twice_issues_one_code(self, desk):
        values, more = CodeValues(percent=5), {"form_id": "f" * 20, "by": desk.cast.sam, "now": desk.clock.now}
        assert services.add_code("one", values, **more) == services.add_code("one", values, **more) == "ONE"
        assert len(db.session.scalars(select(PromoCode.id)).all()) == 1

    def test_two_editors_do_not_overwrite_each_other_unseen(self, desk):
        code = issue(desk)
        seen = code.version
        edit(desk, code, percent=30, seen=seen)
        with pytest.raises(EditedMeanwhile):
            edit(desk, code, percent=40, seen=seen)
        assert db.session.get_one(PromoCode, code.id).percent == 30

    def test_the_limit_cannot_lie_below_what_was_used(self, desk):
        code = issue(desk)
        hold(desk)
        hold(desk, person=desk.cast.otto)
        with pytest.raises(FewerThanUsed):
            edit(desk, code, percent=20, most_uses=1)
        edit(desk, code, percent=20, most_uses=2)
        assert used() == 2

    def test_confirmed_seats_keep_their_price(self, desk):
        code = issue(desk, percent=100)
        held = hold(desk)
        edit(desk, code, percent=10)
        assert (held.status, held.amount_due_minor) == ("confirmed", 0)

    def test_every_change_is_in_the_log(self, desk):
        code = issue(desk)
        edit(desk, code, percent=30)
        for on in (False, False, True):
            services.switch_code(code.id, on=on, by=desk.cast.sam, now=desk.clock.now)
        done = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
        assert done[-4:] == ["issued code", "edited code", "switched code off", "switched code on"]


class TestRaces:
    """The last use goes to one person, however many come at once."""

    @pytest.fixture
    def crowd(self, desk: Any) -> list[int]:
        now = desk.clock.now
        return [factories.account(f"crowd{n}@example.test", "Crowd, MD", "md", now=now).id for n in range(MANY)]

    def rush(self, desk: Any, together: Any, people: list[int]) -> list[Any]:
        offering, now, said = desk.seminar.offerings[0].id, desk.clock.now, Said(code="SPRING")
        return together(len(people), lambda n: services.register(people[n], offering, form_id=None, now=now, said=said))

    def test_fifty_people_and_one_use(self, desk, together, crowd):
        desk.open(capacity=MANY)
        issue(desk, most_uses=1)
        results = self.rush(desk, together, crowd)
        assert sum(isinstance(result, str) for result in results) == 1
        assert all(isinstance(result, str | CodeUsedUp) for result in results)
        assert (used(), desk.taken()) == (1, 1)
        assert list(invariants.breaches(now=desk.clock.now)) == []

    def test_fifty_people_at_different_seminars_and_one_use(self, desk, together, crowd):
        """No offering's lock orders these: the code alone does."""
        issue(desk, most_uses=1)
        now, said = desk.clock.now, Said(code="SPRING")
        rooms = [factories.seminar(now=now).offerings[0].id for _ in range(FEW)]
        results = together(
            FEW * 2, lambda n: services.register(crowd[n], rooms[n % FEW], form_id=None, now=now, said=said)
        )
        assert sum(isinstance(result, str) for result in results) == 1
        assert used() == 1
        assert list(invariants.breaches(now=now)) == []

    def test_without_the_condition_the_last_use_is_given_to_many(self, desk, together, crowd, monkeypatch):
        """The control: who looks first and counts later gives one use to all who looked at once."""

        def careless(code_id: int) -> bool:
            return bool(db.session.execute(update(PromoCode).values(used=PromoCode.used + 1)))

        monkeypatch.setattr(codes, "take", careless)
        desk.open(capacity=MANY)
        code = issue(desk, most_uses=1)
        number, offering, now = code.id, desk.seminar.offerings[0].id, desk.clock.now
        monkeypatch.setattr(codes, "discount", lambda *_, **__: Money(5000))
        all_looked = Barrier(FEW)

        def come(n: int) -> None:
            left = db.session.get_one(PromoCode, number).uses_left
            all_looked.wait(timeout=20)
            if left:
                services.register(crowd[n], offering, form_id=None, now=now, said=Said(code="SPRING"))

        together(FEW, come)
        assert used() > 1
        assert any(breach.startswith("I7") for breach in invariants.breaches(now=now))

    def test_one_person_at_two_seminars_uses_it_once(self, desk, together):
        issue(desk)
        now, ada, said = desk.clock.now, desk.cast.ada.id, Said(code="SPRING")
        rooms = [factories.seminar(now=now).offerings[0].id for _ in range(4)]
        results = together(4, lambda n: services.register(ada, rooms[n], form_id=None, now=now, said=said))
        assert sum(isinstance(result, str) for result in results) == 1
        assert all(isinstance(result, str | CodeUsedBefore) for result in results)
        assert used() == 1

    def test_giving_up_and_paying_at_once_count_the_use_right(self, desk, together):
        issue(desk)
        held = hold(desk)
        desk.start(held)
        number, session, now = held.id, desk.session(held), desk.clock.now

        def act(n: int) -> Any:
            if n == 0:
                return desk.sandbox.pay(session)
            return checkout.give_up(number, payments=desk.client, by=None, now=now)

        together(4, act)
        desk.sweep()
        assert used() == int(desk.state(held)[0] == "confirmed")
        assert list(invariants.breaches(now=now)) == []


def test_a_use_counted_wrong_is_found(desk):
    code = issue(desk)
    hold(desk)
    with transaction():
        db.session.execute(update(PromoCode).where(PromoCode.id == code.id).values(used=3))
    assert list(invariants.breaches(now=desk.clock.now)) == ["I7 promo code SPRING counts 3 uses and 1 seats hold it"]
