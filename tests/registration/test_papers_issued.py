"""Papers are numbered without gaps, once for each payment, refund, invoice and letter, and keep their words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from cme import jobs
from cme.audit import AuditEntry
from cme.database import db, lock, retried, transaction
from cme.registration import papers
from cme.registration.models import LedgerEntry, Paper, PaperCount, Payment, PromoCode, Refund, Registration
from cme.registration.papers import issue, promises
from cme.registration.papers.words import sheet_from
from cme.registration.services.papers import issue_missing
from tests import factories


def paid(person: Any, at: Any, *, now: datetime, amount: int = 109500, **more: Any) -> tuple[Registration, Payment]:
    """A confirmed place and the payment for it, without a paper yet."""
    place = factories.registration(person, at, now=now, amount_due_minor=amount)
    return place, payment_for(place, now=now, amount=amount, **more)


def payment_for(place: Registration, *, now: datetime, amount: int, no: int = 1, **more: Any) -> Payment:
    """Money that came."""
    words = {"status": "paid", "amount_minor": amount, "currency": "USD", "mode": "sandbox", "paid_at": now} | more
    with transaction() as session:
        payment = Payment(registration_id=place.id, attempt_no=no, created_at=now, **words)
        session.add(payment)
        session.flush()
        entry = {"kind": "charge", "stripe_id": f"ch_{payment.id}", "at": now, "recorded_at": now}
        values = {"amount_minor": amount, "currency": "USD", "mode": payment.mode}
        session.add(LedgerEntry(payment_id=payment.id, **entry, **values))
    return payment


def returned(payment: Payment, amount: int, *, now: datetime, seq: int = 1) -> Refund:
    """Money that went back."""
    with transaction() as session:
        words = {
            "status": "succeeded",
            "reason": "asked",
            "settled_at": now,
            "created_at": now,
            "stripe_id": f"re_{seq}",
        }
        refund = Refund(payment_id=payment.id, seq=seq, amount_minor=amount, currency="USD", **words)
        session.add(refund)
    return refund


@retried
def receipt(place: Registration, payment: Payment, *, now: datetime) -> str:
    """Issue a receipt in a transaction of its own; answers its number."""
    with transaction():
        issued = papers.issue_receipt(lock(Registration, place.id), lock(Payment, payment.id), now=now)
        assert issued is not None
        return issued.number


def words_of(kind: str) -> Any:
    """The words of the only paper of a kind."""
    db.session.rollback()
    return sheet_from(db.session.scalars(select(Paper.snapshot).where(Paper.kind == kind)).one())


@pytest.fixture
def seminar(app: Any, clock: Any) -> Any:
    return factories.seminar(now=clock.now, capacity=100)


def count(kind: str = "receipt") -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Paper.kind == kind)) or 0


class TestNumbers:
    """They run from 1, by kind and year."""

    def test_the_first_of_a_year_is_number_one_and_the_next_two(self, cast, seminar, clock):
        first, second = (paid(who, seminar, now=clock.now) for who in (cast.ada, cast.nell))
        assert receipt(*first, now=clock.now) == "R-2027-000001"
        assert receipt(*second, now=clock.now) == "R-2027-000002"

    def test_a_second_call_gives_the_first_paper(self, cast, seminar, clock):
        money = paid(cast.ada, seminar, now=clock.now)
        assert {receipt(*money, now=clock.now) for _ in range(3)} == {"R-2027-000001"}
        assert count() == 1

    def test_each_kind_counts_for_itself(self, cast, seminar, clock):
        place, payment = paid(cast.ada, seminar, now=clock.now)
        refund = returned(payment, 50000, now=clock.now)
        with transaction():
            place = lock(Registration, place.id)
            papers.issue_receipt(place, db.session.get_one(Payment, payment.id), now=clock.now)
            invoice = papers.issue_invoice(place, now=clock.now)
            note = papers.issue_credit_note(place, db.session.get_one(Refund, refund.id), now=clock.now)
            letter = papers.issue_invitation(place, "ADA", "Portugal", now=clock.now)
            numbers = [invoice.number, note.number, letter.number]
        assert numbers == ["I-2027-000001", "C-2027-000001", "L-2027-000001"]

    def test_the_year_changes_at_midnight_where_the_provider_is(self, cast, seminar, clock):
        new_year = datetime(2028, 1, 1, 5, tzinfo=UTC)  # midnight in Sarasota
        first, second = (paid(who, seminar, now=clock.now) for who in (cast.ada, cast.nell))
        assert receipt(*first, now=new_year - timedelta(seconds=1)) == "R-2027-000001"
        assert receipt(*second, now=new_year) == "R-2028-000001"

    def test_a_rollback_leaves_no_gap(self, cast, seminar, clock):
        first, second = (paid(who, seminar, now=clock.now) for who in (cast.ada, cast.nell))
        with pytest.raises(RuntimeError), transaction():
            papers.issue_receipt(lock(Registration, first[0].id), first[1], now=clock.now)
            raise RuntimeError("the power went")
        assert count() == 0
        assert receipt(*second, now=clock.now) == "R-2027-000001"
        assert not [breach for breach in promises.breaches() if "last" in breach]

    def test_a_paper_needs_the_transaction_of_what_it_is_about(self, cast, seminar, clock):
        place, payment = paid(cast.ada, seminar, now=clock.now)
        with pytest.raises(RuntimeError, match="needs a transaction"):
            papers.issue_receipt(place, payment, now=clock.now)

    def test_papers_may_be_issued_before_and_after_other_entries_of_the_log(self, cast, seminar, clock):
        money = paid(cast.ada, seminar, now=clock.now)
        receipt(*money, now=clock.now)
        assert db.session.scalars(select(AuditEntry.action)).all() == ["issued receipt"]


def fifty(cast: Any, seminar: Any, now: datetime) -> list[tuple[int, int]]:
    """Fifty payments for one place, by the numbers of place and payment."""
    place = factories.registration(cast.ada, seminar, now=now, amount_due_minor=109500)
    return [(place.id, payment_for(place, now=now, amount=109500, no=no).id) for no in range(1, 51)]


def issue_one(numbers: tuple[int, int], now: datetime) -> str:
    @retried
    def issued() -> str:
        with transaction():
            place, payment = db.session.get_one(Registration, numbers[0]), db.session.get_one(Payment, numbers[1])
            made = papers.issue_receipt(place, payment, now=now)
            assert made is not None
            return made.number

    return issued()


def test_fifty_at_once_get_fifty_numbers_in_a_row(cast, seminar, clock, together):
    money = fifty(cast, seminar, clock.now)
    numbers = together(50, lambda number: issue_one(money[number], clock.now))
    assert sorted(numbers) == [f"R-2027-{number:06d}" for number in range(1, 51)]
    assert list(promises.breaches()) == []


def test_fifty_calls_for_one_payment_give_one_paper(cast, seminar, clock, together):
    [money, *_] = fifty(cast, seminar, clock.now)
    assert set(together(50, lambda _: issue_one(money, clock.now))) == {"R-2027-000001"}
    assert count() == 1


def test_without_the_count_two_of_fifty_take_the_same_number(app, cast, seminar, clock, together, monkeypatch):
    def looked_up(kind: str, year: int) -> int:
        newest = select(func.coalesce(func.max(Paper.seq), 0)).where(Paper.kind == kind, Paper.year == year)
        return (db.session.scalar(newest) or 0) + 1

    monkeypatch.setattr(issue, "next_number", looked_up)
    monkeypatch.setattr(issue, "lock", lambda *_: None)
    money = fifty(cast, seminar, clock.now)
    numbers = together(50, lambda number: issue_one(money[number], clock.now))
    # Writers of SQLite come one after the other anyway; on PostgreSQL the constraint is the last word.
    is_sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    assert any("uq_paper_kind_year_seq" in str(number) for number in numbers) != is_sqlite


class TestWords:
    """What is printed is kept as it was."""

    def test_a_receipt_stays_as_it_was_when_the_person_is_renamed(self, cast, seminar, clock):
        receipt(*paid(cast.ada, seminar, now=clock.now), now=clock.now)
        with transaction() as session:
            session.get_one(type(cast.ada), cast.ada.id).professional_name = "Ada Married, MD"
        assert words_of("receipt").person[0] == "Ada Quillfeather, MD"

    @pytest.mark.parametrize(("mode", "is_demo"), [("sandbox", True), ("test", True), ("live", False)])
    def test_money_that_never_moved_is_marked(self, cast, seminar, clock, mode, is_demo):
        receipt(*paid(cast.ada, seminar, now=clock.now, mode=mode), now=clock.now)
        assert words_of("receipt").demo.startswith("DEMO") == is_demo

    def test_money_by_hand_is_marked_where_the_installation_is_a_demo(self, cast, seminar, clock):
        money = paid(cast.ada, seminar, now=clock.now, mode="manual", means="check", reference="1042")
        receipt(*money, now=clock.now)
        assert words_of("receipt").demo
        assert ("Paid by", "Check, 1042") in words_of("receipt").settled

    def test_a_code_is_named(self, cast, seminar, clock):
        place, payment = paid(cast.ada, seminar, now=clock.now)
        with transaction() as session:
            promo = PromoCode(code="SPRING27", amount_minor=10000, created_at=clock.now)
            session.add(promo)
            session.flush()
            place = session.get_one(Registration, place.id)
            place.promo_id, place.list_minor, place.discount_minor = promo.id, 119500, 10000
        receipt(place, payment, now=clock.now)
        assert ("Discount, code SPRING27", "−$100.00") in words_of("receipt").lines

    def test_a_move_that_earlier_money_paid_for_has_a_receipt_that_names_the_first(self, cast, seminar, clock):
        old, payment = paid(cast.ada, seminar, now=clock.now)
        receipt(old, payment, now=clock.now)
        other = factories.seminar(now=clock.now)
        more = {"amount_due_minor": 109500, "carried_minor": 109500, "moved_from_id": old.id}
        new = factories.registration(cast.ada, other, now=clock.now, **more)
        with transaction():
            made = papers.issue_receipt(lock(Registration, new.id), None, now=clock.now)
            assert made is not None
            words = sheet_from(made.snapshot)
        assert words.total == ("Paid", "$0.00")
        assert words.notes[0] == "Carried over from what was paid before: see receipt R-2027-000001."

    def test_what_is_free_has_no_receipt(self, cast, seminar, clock):
        place = factories.registration(cast.ada, seminar, now=clock.now)
        with transaction():
            assert papers.issue_receipt(lock(Registration, place.id), None, now=clock.now) is None

    def test_a_credit_note_names_its_receipt_and_what_went_back_before(self, cast, seminar, clock):
        place, payment = paid(cast.ada, seminar, now=clock.now)
        first, second = returned(payment, 50000, now=clock.now), returned(payment, 20000, now=clock.now, seq=2)
        for refund in (first, second):
            with transaction() as session:
                made = papers.issue_credit_note(
                    lock(Registration, place.id), session.get_one(Refund, refund.id), now=clock.now
                )
                words = sheet_from(made.snapshot)
        assert words.lines[:2] == (("Paid, receipt R-2027-000001", "$1,095.00"), ("Returned before", "−$500.00"))
        assert words.total == ("Returned", "$200.00")

    def test_an_invoice_is_due_when_the_hold_ends(self, cast, seminar, clock):
        place = factories.registration(cast.ada, seminar, now=clock.now, status="held", amount_due_minor=109500)
        with transaction():
            place = lock(Registration, place.id)
            place.hold_until = clock.now + timedelta(days=14)
            papers.issue_invoice(place, now=clock.now)
        words = words_of("invoice")
        assert words.settled[0] == ("Due", "March\N{NO-BREAK SPACE}15,\N{NO-BREAK SPACE}2027")
        assert words.total == ("Amount due", "$1,095.00")


class TestPromises:
    """What audit-check finds."""

    def test_a_payment_without_a_receipt(self, cast, seminar, clock):
        _, payment = paid(cast.ada, seminar, now=clock.now)
        assert list(promises.breaches()) == [f"payment {payment.id} has no receipt"]

    def test_a_refund_without_a_credit_note(self, cast, seminar, clock):
        place, payment = paid(cast.ada, seminar, now=clock.now)
        receipt(place, payment, now=clock.now)
        refund = returned(payment, 1000, now=clock.now)
        assert list(promises.breaches()) == [f"refund {refund.id} has no credit-note"]

    @pytest.mark.parametrize("last", [0, 2])
    def test_a_count_that_ran_ahead_or_behind(self, cast, seminar, clock, last):
        receipt(*paid(cast.ada, seminar, now=clock.now), now=clock.now)
        with transaction() as session:
            session.scalars(select(PaperCount)).one().last = last
        said = f"receipts of 2027 are 1, the last is number 1, and {last} were counted"
        assert list(promises.breaches()) == [said]

    def test_a_number_left_out(self, cast, seminar, clock):
        receipt(*paid(cast.ada, seminar, now=clock.now), now=clock.now)
        with transaction() as session:
            session.scalars(select(Paper)).one().seq = 2
        assert list(promises.breaches()) == ["receipts of 2027 are 1, the last is number 2, and 1 were counted"]

    def test_money_from_before_there_were_papers_gets_them_once(self, cast, seminar, clock):
        _, payment = paid(cast.ada, seminar, now=clock.now)
        returned(payment, 1000, now=clock.now)
        assert jobs.look_after_money(clock.now)["papers issued"] == 2
        assert issue_missing(now=clock.now) == 0
        assert list(promises.breaches()) == []
