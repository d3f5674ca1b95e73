"""Papers as the press prints them: every word, on one page, the same bytes each time, whatever somebody is called."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest

from cme.catalog.leaflet import leaflet
from cme.catalog.models import Designation, Seminar
from cme.database import db, transaction
from cme.gateways.press import MissingLetters
from cme.registration.papers import letters
from cme.registration.papers.pages import page_of
from tests import factories
from tests.registration import paper_samples as samples
from tests.registration.paper_samples import US, credit_note, designation, full_receipt, invoice, place, receipt

pytestmark = [pytest.mark.paper, pytest.mark.pages]
ALL_KINDS = ("ama-pra-1", "aafp-prescribed", "aapa-1", "aanp", "ancc", "acpe", "moc-abim", "moc-aba", "aoa-2a")


@pytest.fixture
def printed(app: Any, real_press: Any) -> Callable[[Any], bytes]:
    """Print the words of a paper."""
    return lambda words: real_press.render(page_of(words))


def text_of(pdf: bytes) -> str:
    """The words of a PDF, in their order, white space folded."""
    with pypdfium2.PdfDocument(pdf) as document:
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
    return " ".join(text.replace("\ufffe", "-").split())


def pages_in(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


SHEETS = {
    "receipt": receipt,
    "with everything": full_receipt,
    "receipt of a demo": lambda: receipt(is_demo=True),
    "invoice": lambda: invoice(place(discount_minor=10000), code="SPRING27"),
    "invoice of a demo": lambda: invoice(is_demo=True),
    "invoice with everything": lambda: invoice(
        place(discount_minor=15000, carried_minor=50000, name=samples.LONGEST_NAME, title=samples.LONG_TITLE),
        is_demo=True,
        code="SPRING-CARDIOLOGY-2027",
    ),
    "credit note": lambda: credit_note(is_demo=True),
    "nine kinds of credit": lambda: receipt(place(designations=[designation(kind, 2000) for kind in ALL_KINDS])),
}


@pytest.mark.parametrize("make", SHEETS.values(), ids=SHEETS.keys())
def test_a_sheet_is_one_page_with_every_word_that_is_kept(printed, make):
    words = make()
    pdf = printed(words)
    assert pages_in(pdf) == 1
    text = text_of(pdf)
    pairs = [*words.facts, *words.lines, words.total, *words.settled, *words.credits]
    for said in (words.title, words.number, words.seminar, words.demo, *words.notes, *(w for p in pairs for w in p)):
        assert " ".join(said.split()) in text


def test_the_mark_of_a_demo_stands_on_it_twice(printed):
    assert text_of(printed(receipt(is_demo=True))).count("DEMO") == 2
    assert "DEMO" not in text_of(printed(receipt()))


def test_the_same_words_give_the_same_bytes(printed):
    assert printed(full_receipt()) == printed(full_receipt())


def test_a_paper_can_be_read_aloud(printed):
    with pikepdf.open(io.BytesIO(printed(receipt()))) as pdf:
        assert pdf.Root.Lang == "en"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.docinfo["/Title"]) == "Receipt R-2027-000123"


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>, MD", "{{ 7 * 7 }} & Co., MD", "Robert'); DROP TABLE paper;--", '" onload="x']
)
def test_hostile_names_are_words_like_any_other(printed, name):
    assert " ".join(name.split()) in text_of(printed(receipt(place(name=name, title=name))))


@pytest.mark.parametrize(
    "name", ["Nguyễn Thị Ánh Nguyệt, MD", "Łukasz Żółć, DO", "Δημήτρης Παπαδόπουλος, MD", "Ольга Щукина, MD"]
)
def test_names_are_printed_letter_by_letter(printed, name):
    assert name in text_of(printed(receipt(place(name=name))))


def test_an_arabic_name_is_printed(printed):
    assert pages_in(printed(receipt(place(name="د. ليلى الحسيني، MD")))) == 1


def test_letters_no_font_has_are_refused(printed):
    with pytest.raises(MissingLetters):
        printed(receipt(place(name="田中 花子, MD")))


class TestLetters:
    @pytest.fixture
    def seminar(self, app: Any, clock: Any) -> Seminar:
        until = (clock.now + timedelta(days=20)).date()
        made = factories.seminar(
            now=clock.now,
            days=4,
            modes=("in-person", "livestream"),
            early={"physician": 99500},
            early_until=until,
            hotel="Group rooms.",
            hotel_name="Harborlight Hotel",
            hotel_rate_minor=21900,
            hotel_cutoff_on=until,
            address="200 Marina Way, Sarasota, FL 34236",
        )
        with transaction() as session:
            for kind in ("aafp-prescribed", "aapa-1", "aanp", "ancc"):
                session.add(Designation(seminar_id=made.id, credit_type=kind, maximum=800))
        return db.session.get_one(Seminar, made.id, populate_existing=True)

    def approval(self, seminar: Seminar, person: Any, clock: Any) -> letters.Letter:
        told = leaflet(seminar, US, mode=None, now=clock.now)
        address = "https://gcms.example/seminars/cardiology"
        return letters.pre_approval(told, person, on=date(2027, 3, 1), is_demo=False, address=address)

    def test_an_employer_reads_what_it_is_and_what_it_costs(self, printed, cast, seminar, clock):
        pdf = printed(self.approval(seminar, cast.ada, clock))
        text = text_of(pdf)
        for said in (
            "Ada Quillfeather, MD asks for your approval",
            "In person: Physician $995.00 March 21, 2027, then $1,095.00 $124.38",
            "AMA PRA Category 1 Credits™ up to 8.0",
            "Harborlight Hotel, 200 Marina Way, Sarasota, FL 34236",
            "$219.00 a night, to book by March 21, 2027",
            "is accredited by the Accreditation Council for Continuing Medical Education",
            "designates this live activity for a maximum of 8.0 AMA PRA Category 1 Credits™",
            "https://gcms.example/seminars/cardiology",
        ):
            assert said in text
        assert "NP, PA, nurse" not in text
        assert pages_in(pdf) == 2

    def test_of_somebody_we_do_not_know_yet_it_has_every_price(self, printed, cast, seminar, clock):
        pdf = printed(self.approval(seminar, cast.noah, clock))
        for said in ("noah@example.test", "In person: Physician", "Livestream: NP, PA, nurse, pharmacist"):
            assert said in text_of(pdf)
        assert pages_in(pdf) == 2

    def test_a_consulate_reads_who_comes_to_what(self, printed, cast, seminar, clock):
        made = factories.registration(cast.ada, seminar, now=clock.now, amount_due_minor=99500)
        words = {"name": "MARÍA DEL CARMEN FERREIRA", "country": "Portugal", "number": "L-2027-000001"}
        pdf = printed(letters.invitation(made, on=date(2027, 3, 1), provider=US, is_demo=False, **words))
        text = text_of(pdf)
        for said in (*words.values(), "the United States of America", "$995.00, paid in full", made.ref):
            assert said in text
        assert pages_in(pdf) == 1
