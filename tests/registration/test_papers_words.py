"""What papers say, letter by letter."""

from datetime import UTC, date, datetime

import pytest

from cme.registration.papers import letters
from cme.registration.papers.words import exact, letter_from, per_credit, sheet_from
from cme.settings import Provider
from cme.values import Money
from tests.registration import paper_samples as samples
from tests.registration.paper_samples import US, credit_note, designation, invoice, payment, place, receipt

NBSP = "\N{NO-BREAK SPACE}"


def plain(pairs: tuple[tuple[str, ...], ...]) -> list[tuple[str, ...]]:
    """The words with spaces that may break."""
    return [tuple(word.replace(NBSP, " ") for word in words) for words in pairs]


@pytest.mark.parametrize(
    ("money", "printed"),
    [
        (Money(109500), "$1,095.00"),
        (Money(-5), "−$0.05"),
        (Money(0), "$0.00"),
        (Money(109500, "JPY"), "¥109,500"),
        (Money(123456789, "EUR"), "€1,234,567.89"),
    ],
)
def test_amounts_have_their_cents(money, printed):
    assert exact(money) == printed


@pytest.mark.parametrize(
    ("price", "hundredths", "each"),
    [(109500, 2000, 5475), (100, 300, 33), (200, 300, 67), (1, 200, 1), (99500, 1975, 5038), (0, 100, 0)],
)
def test_the_cost_of_one_credit_rounds_half_up(price, hundredths, each):
    assert per_credit(Money(price), hundredths) == Money(each)


class TestAReceipt:
    def test_says_who_paid_what_for_what_and_how(self):
        said = receipt()
        assert (said.title, said.number, said.issued.replace(NBSP, " ")) == (
            "Receipt",
            "R-2027-000123",
            "March 1, 2027",
        )
        assert said.provider == "Gulf Coast Medical Seminars"
        assert said.provider_lines == (
            "1 Lighthouse Pier, Sarasota, FL 34236",
            "(941) 555-0142, help@gcms.example",
            "Federal tax ID (EIN) 00-0000000",
        )
        assert said.person == ("Marisol Thackeray-Lund, MD", "Physician (MD)", "marisol@example.test")
        assert said.seminar == "Cardiology for Primary Care"
        assert plain(said.facts) == [
            ("Dates", "April 15–18, 2027"),
            ("Place", "Harborlight Hotel, Sarasota, FL"),
            ("Attending", "In person"),
            ("Registration", samples.REF),
        ]
        assert said.lines == (
            ("Tuition: Physician, in person", "$1,195.00"),
            ("Early rate", "−$100.00"),
            ("Net", "$1,095.00"),
            ("Sales tax (none applies)", "$0.00"),
        )
        assert said.total == ("Paid", "$1,095.00")
        assert plain(said.settled) == [
            ("Paid on", "March 1, 2027"),
            ("Paid by", "Visa ending in 4242, through Stripe"),
            ("Reference", "ch_3Pk2"),
        ]
        assert said.credits[0] == ("AMA PRA Category 1 Credits™", "20.0", "$54.75")
        assert "confirmed by the certificate" in said.notes[0]

    def test_has_every_step_from_the_full_price_to_what_was_paid(self):
        said = samples.full_receipt()
        assert said.lines[:4] == (
            ("Tuition: Physician, in person", "$1,195.00"),
            ("Early rate", "−$100.00"),
            ("Discount, code SPRING-CARDIOLOGY-2027", "−$150.00"),
            ("Carried over from an earlier registration", "−$500.00"),
        )
        assert said.total == ("Paid", "$445.00")
        assert said.notes[0] == "Carried over from what was paid before: see receipt R-2026-000911."

    def test_of_a_second_move_names_all_earlier_receipts(self):
        said = receipt(place(carried_minor=100), earlier=["R-1", "R-2", "R-3"])
        assert "see receipts R-1, R-2 and R-3." in said.notes[0]

    @pytest.mark.parametrize(
        "more",
        [
            {"list_minor": 119500},
            {"created_at": datetime(2027, 3, 2, 5, tzinfo=UTC)},  # midnight in Sarasota: the early rate is over
            {"tier": "clinician"},
        ],
    )
    def test_knows_the_early_rate_only_where_it_was_had(self, more):
        assert "Early rate" not in dict(receipt(place(**more)).lines)

    def test_for_another_amount_than_the_price_says_only_what_came(self):
        of = place()
        said = receipt(of, payment=payment(of, amount=Money(50000)))
        assert said.lines[0] == ("Payment received", "$500.00")
        assert said.credits == ()

    @pytest.mark.parametrize(
        ("means", "reference", "words"),
        [
            ("card", "", "Card or account, through Stripe"),
            ("check", "1042", "Check, 1042"),
            ("transfer", "", "Bank transfer"),
            ("cash", "", "Cash"),
        ],
    )
    def test_says_how_money_came(self, means, reference, words):
        of = place()
        said = receipt(of, payment=payment(of, means=means, reference=reference, charge_id=None, intent_id=None))
        assert said.settled[1:] == (("Paid by", words),)

    def test_leaves_out_credit_that_is_undecided_or_none(self):
        kinds = [designation("aafp-prescribed", 2000, is_pending=True), designation("participation", 2000)]
        assert receipt(place(designations=[*kinds, designation("aanp", 0)])).credits == ()

    def test_for_on_demand_has_neither_days_nor_place(self):
        assert [label for label, _ in receipt(place(mode="on-demand")).facts] == ["Dates", "Registration"]
        assert receipt(place(mode="on-demand")).facts[0] == ("Dates", "On demand")

    def test_is_marked_where_no_money_moved(self):
        assert receipt(is_demo=True).demo.startswith("DEMO: ")
        assert receipt().demo == ""

    def test_without_tax_number_has_no_empty_line(self):
        assert "" not in receipt(provider=Provider()).provider_lines


class TestAnInvoice:
    def test_says_until_when_and_how_to_pay(self):
        said = invoice(place(discount_minor=9500), code="HOSPITAL")
        assert said.total == ("Amount due", "$1,000.00")
        assert plain(said.settled) == [
            ("Due", "March 15, 2027"),
            ("By check", "Payable to Gulf Coast Medical Seminars, 1 Lighthouse Pier, Sarasota, FL 34236"),
            ("By bank transfer", "Lighthouse Community Bank, account 000 000 000"),
            ("Say what it is for", "Write I-2027-000003 on the check or the transfer"),
        ]
        assert said.notes[0].replace(NBSP, " ").startswith("The seat is held until March 15, 2027.")

    def test_without_a_bank_says_whom_to_ask(self):
        assert ("By bank transfer", "Write to help@gcms.example for our bank details") in invoice(
            provider=Provider()
        ).settled


class TestACreditNote:
    def test_says_what_went_back_of_which_receipt_and_where_to(self):
        said = credit_note()
        assert said.lines == (("Paid, receipt R-2027-000123", "$1,095.00"), ("Left of this payment", "$50.00"))
        assert said.total == ("Returned", "$1,045.00")
        assert plain(said.settled) == [
            ("Returned", "March 1, 2027"),
            ("To", "The card or account it was paid with"),
            ("Reference", "re_3Pk2"),
        ]
        assert said.notes[0].startswith("This note corrects receipt R-2027-000123.")

    def test_counts_what_went_back_before(self):
        said = credit_note(amount=4500, before=Money(100000))
        assert said.lines[1:] == (("Returned before", "−$1,000.00"), ("Left of this payment", "$50.00"))

    def test_of_a_check_goes_back_by_check(self):
        of = place()
        assert ("To", "By check") in credit_note(of, payment=payment(of, means="check")).settled


class TestAnInvitation:
    def letter(self, of=None, **more):
        words = {"name": "MARISOL LUND", "country": "Portugal", "number": "L-2027-000004", "on": date(2027, 3, 1)}
        return letters.invitation(of or place(), **words | {"provider": US, "is_demo": False} | more)

    def test_invites_in_the_name_of_the_passport(self):
        said = self.letter()
        assert said.opening[0].startswith("We invite MARISOL LUND to the United States of America, to take part")
        facts = dict(plain(said.blocks[0].facts))
        assert (facts["Name in the passport"], facts["Passport issued by"]) == ("MARISOL LUND", "Portugal")
        assert (facts["Registration"], facts["Tuition"]) == (f"{samples.REF}, confirmed", "$1,095.00, paid in full")
        assert "L-2027-000004" in said.closing[0]

    @pytest.mark.parametrize("more", [{"list_minor": 0}, {"waived_by": 7}])
    def test_says_nothing_of_tuition_that_was_not_paid(self, more):
        assert "Tuition" not in dict(self.letter(place(**more)).blocks[0].facts)


@pytest.mark.parametrize("sheet", [receipt(), samples.full_receipt(), invoice(), credit_note()])
def test_what_is_kept_is_read_back_the_same(sheet):
    assert sheet_from(sheet.to_json()) == sheet


def test_a_letter_is_read_back_the_same():
    letter = TestAnInvitation().letter()
    assert letter_from(letter.to_json()) == letter


@pytest.mark.parametrize("more", [{"version": 2}, {"extra": "word"}])
def test_words_of_another_version_are_not_printed(more):
    with pytest.raises(ValueError, match="of a version we know"):
        sheet_from(receipt().to_json() | more)
