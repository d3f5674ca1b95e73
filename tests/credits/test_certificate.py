"""A certificate says what the snapshot says, to physicians and to everyone else, whatever the names and titles are."""

import io
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from itertools import combinations
from typing import Any

import pikepdf
import pypdfium2
import pytest
import segno
from flask import Flask
from PIL import Image, ImageChops

from cme.catalog.rules import TOPICS, accreditation, statements, topic_line
from cme.credits.certificate import CREDIT, PARTICIPATION, Snapshot, compose, date_span, html_of, italics, sha256_of
from cme.gateways.press import MissingLetters, Press
from cme.settings import Provider
from cme.values import Credits
from tests.catalog.plain import designation, seminar

CODE = "7F3KQ9XD2M0123456789ABCDEF"
JOINT = (
    "This activity has been planned and implemented in accordance with the accreditation requirements and policies of "
    "the Accreditation Council for Continuing Medical Education (ACCME) through the joint providership of Gulf Coast "
    "Medical Seminars, the Meridian Institute for Cardiometabolic Education, the Tidewater Society of Family "
    "Physicians, the Harborview Foundation for Rural Health and the Inland Association of Nurse Practitioners in "
    "Primary Care. Gulf Coast Medical Seminars is accredited by the ACCME to provide continuing medical education for "
    "physicians. In support of improving patient care, this activity was also reviewed by the joint providers' own "
    "committees, whose members have nothing to disclose, and by two physicians who took no part in its planning, under "
    "the policy on independence of the accredited provider, which is kept for six years and shown to whoever asks."
)
JOINTLY_HELD = seminar(
    designation("aanp", 1600, approval_number="27041234", extra={"pharmacology": 450}),
    designation("ancc", 1600, extra={"approver": "Sunshine Nurses Association"}, approval_number="5-118"),
    providership="joint",
    joint_providers=["Tidewell Hospital", "Sablecove Clinic"],
)
JOINTLY = Provider(accreditation="joint")
LONG_TITLE = (
    "Comprehensive Cardiovascular Medicine and Cardiometabolic Risk Reduction for the Practising Primary Care "
    "Clinician: Evidence, Guidelines, Controversies and Decisions at the Bedside in Twelve Cases"
)


def certificate(**words: Any) -> Snapshot:
    """A physician's certificate, but for the words given."""
    known: dict[str, Any] = {
        "kind": CREDIT,
        "professional_name": "Marisol Thackeray-Lund, MD",
        "provider_name": "Gulf Coast Medical Seminars",
        "activity_title": "Cardiology for Primary Care: Evidence to Bedside",
        "learning_format": "live activity",
        "dates": date_span(date(2027, 3, 15), date(2027, 3, 18)),
        "location": "Sarasota, Florida",
        "claimed": Credits(1875),
        "designated": Credits(2000),
        "accreditation_statement": "Gulf Coast Medical Seminars is accredited by the ACCME to provide CME "
        "for physicians.",
        "designation_statement": "Gulf Coast Medical Seminars designates this live activity for a maximum of 20.0 "
        "AMA PRA Category 1 Credits™. Physicians should claim only the credit commensurate with their participation.",
        "signatory_name": "Odalys Venn-Whitaker, MD",
        "signatory_title": "Course director",
        "issued_on": date(2027, 3, 18),
        "number": "7F3K-Q9XD-2M",
        "code": CODE,
        "public_url": "https://gcms.example",
    }
    return compose(**{**known, **words})


def participation(**words: Any) -> Snapshot:
    """A nurse practitioner's certificate, but for the words given."""
    name = "Bettina Hargrove-Lim, DNP, FNP-C"
    told = {"kind": PARTICIPATION, "professional_name": name, "claimed": None, "hours": Credits(1875)}
    return certificate(**{**told, **words})


@pytest.fixture(scope="module", autouse=True)
def paper_house() -> Iterator[None]:
    """Just enough of an application to hold the templates."""
    with Flask(__name__, root_path=".", template_folder="templates").app_context():
        yield


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def text_of(pdf: bytes) -> str:
    """What a reader copies out of a PDF, in one line."""
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        return " ".join(document[0].get_textpage().get_text_bounded().split())


def picture_of(pdf: bytes, scale: float = 2) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=scale).to_pil().convert("L")


def boxes_of(pdf: bytes) -> list[tuple[float, float, float, float]]:
    """Where the text stands: left, bottom, right, top of each run, in points."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0].get_textpage()
        return [page.get_rect(n) for n in range(page.count_rects())]


def flat(text: str) -> str:
    return " ".join(text.split())


# What is said, and to whom


def test_a_physician_is_awarded_the_credit_claimed() -> None:
    page = html_of(certificate())
    assert "and&#160;is&#160;awarded" in page
    assert ">18.75<" in page
    assert "Certificate of Credit" in page


def test_everyone_else_participated_in_what_was_designated(press: Press) -> None:
    said = text_of(press.render(html_of(participation())))
    assert "Certificate of Participation" in said
    assert "for 18.75 hours. The activity was designated for 20.00 AMA PRA Category 1 Credits™" in said
    assert "award" not in said.lower()


def test_hours_that_nobody_recorded_are_not_printed() -> None:
    assert "hours" not in html_of(participation(hours=None)).partition("<main")[2]


@pytest.mark.parametrize(("claimed", "unit"), [(25, "Credits™"), (100, "Credit™"), (125, "Credits™"), (0, "Credits™")])
def test_only_exactly_one_credit_is_singular(claimed: int, unit: str) -> None:
    assert certificate(claimed=Credits(claimed)).credit_unit == f"AMA PRA Category 1 {unit}"


def test_a_certificate_of_credit_needs_the_credit() -> None:
    with pytest.raises(ValueError, match="credit claimed"):
        certificate(claimed=None)


def test_an_activity_without_a_place_names_none() -> None:
    page = flat(html_of(certificate(location="", held="completed", learning_format="enduring material")))
    assert "completed <span" in page
    assert "</span>, and&#160;is&#160;awarded" in page


@pytest.mark.parametrize(
    ("first", "last", "printed"),
    [
        (date(2027, 3, 15), date(2027, 3, 15), "March 15, 2027"),
        (date(2027, 3, 15), date(2027, 3, 18), "March 15–18, 2027"),
        (date(2027, 3, 30), date(2027, 4, 2), "March 30 – April 2, 2027"),
        (date(2027, 12, 30), date(2028, 1, 2), "December 30, 2027 – January 2, 2028"),
    ],
)
def test_dates_read_as_people_write_them(first: date, last: date, printed: str) -> None:
    assert flat(date_span(first, last)) == printed


# The snapshot


def test_a_snapshot_has_one_spelling_and_comes_back_whole() -> None:
    snapshot = certificate(professional_name="Łukasz Żółć, MD", other_credits=["2.00 ABIM MOC points"])
    assert Snapshot.from_json(snapshot.to_json()) == snapshot
    assert snapshot.to_json() == Snapshot.from_json(snapshot.to_json()).to_json()
    assert snapshot.to_json().startswith('{"accreditation_statement":"')
    assert "Łukasz Żółć" in snapshot.to_json()


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"version":3}', '{"version":2}', '{"version":1,"kind":"credit"}', "not json"]
)
def test_what_is_not_a_snapshot_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"snapshot|Expecting"):
        Snapshot.from_json(text)


def test_the_words_to_check_before_issue_are_all_the_printed_ones() -> None:
    words = certificate(other_credits=["2.00 ABIM MOC points"]).words
    assert "Marisol" in words
    assert "2.00 ABIM MOC points" in words


# Italics


def test_the_trademark_is_in_italics_wherever_it_stands() -> None:
    assert italics("Up to 2 AMA PRA Category 1 Credits™ & <more>, AMA PRA Category 1 Credit(s)™.") == (
        "Up to 2 <em>AMA PRA Category 1 Credits™</em> &amp; &lt;more&gt;, <em>AMA PRA Category 1 Credit(s)™</em>."
    )


@pytest.mark.paper
def test_italics_are_printed_in_a_true_italic_face(press: Press) -> None:
    with pikepdf.open(io.BytesIO(press.render(html_of(certificate())))) as pdf:
        faces = {str(font.BaseFont).split("+")[1].strip(",") for font in pdf.pages[0].Resources.Font.values()}
    assert faces == {"Figtree", "Figtree-Semi-Bold", "Figtree-Italic", "Source-Serif-4", "Source-Serif-4-Italic"}


# On paper


@pytest.mark.paper
@pytest.mark.parametrize("snapshot", [certificate(), participation()], ids=["credit", "participation"])
def test_the_paper_says_what_the_snapshot_says(snapshot: Snapshot, press: Press) -> None:
    said = text_of(press.render(html_of(snapshot)))
    not_printed_as_such = {"version", "kind", "issued_on", "code", "verify_url", "granted"}
    for name, words in asdict(snapshot).items():
        lines = [words] if isinstance(words, str) else words
        assert name in not_printed_as_such or all(flat(line) in said for line in lines), name
    assert f"Number {snapshot.number} Verify at gcms.example/verify" in said
    assert "Code" not in said
    assert CODE not in said


@pytest.mark.paper
def test_the_qr_code_and_the_link_beside_it_lead_to_the_verification_page(press: Press) -> None:
    address = f"https://gcms.example/verify/{CODE}"
    with pikepdf.open(io.BytesIO(press.render(html_of(certificate())))) as pdf:
        links = [str(link.A.URI) for link in pdf.pages[0].Annots]
        figures = [str(thing.Alt) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/Alt" in thing]
    assert links == [address]
    assert figures == [f"QR code that opens {address}"]


@pytest.mark.paper
def test_each_module_of_the_qr_code_is_as_dark_or_light_as_it_should_be(press: Press) -> None:
    pdf = press.render(html_of(certificate()))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        (figure,) = (thing for thing in opened.objects if isinstance(thing, pikepdf.Dictionary) and "/Alt" in thing)
        left, _, right, top = (float(edge) * 96 / 72 for edge in figure.A.BBox)
        top = 816 - top
    code = segno.make(f"https://gcms.example/verify/{CODE}", error="m", mask=3, micro=False, boost_error=False)
    scale = 3  # dots for each of the page's 96 pixels to the inch
    drawn, modules = picture_of(pdf, scale * 96 / 72), list(code.matrix_iter(border=4))
    step = (right - left) / len(modules)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            shade = drawn.getpixel((int((left + (x + 0.5) * step) * scale), int((top + (y + 0.5) * step) * scale)))
            assert isinstance(shade, int)
            assert (shade < 128) == bool(dark), (x, y)


@pytest.mark.paper
def test_the_paper_is_tagged_in_reading_order(press: Press) -> None:
    with pikepdf.open(io.BytesIO(press.render(html_of(certificate())))) as pdf:
        tags = [str(thing.S) for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and "/S" in thing]
        assert str(pdf.docinfo["/Title"]) == "Certificate of Credit, Marisol Thackeray-Lund, MD"
        assert str(pdf.docinfo["/Author"]) == "Gulf Coast Medical Seminars"
    assert {"/H1", "/H2", "/P", "/Link", "/Figure"} <= set(tags)


@pytest.mark.paper
def test_the_same_snapshot_prints_the_same_fingerprint(press: Press) -> None:
    again = Snapshot.from_json(certificate().to_json())
    assert sha256_of(press.render(html_of(certificate()))) == sha256_of(press.render(html_of(again)))


@pytest.mark.paper
def test_the_frame_is_drawn(press: Press) -> None:
    edge = picture_of(press.render(html_of(certificate()))).crop((40, 40, 1540, 80))
    assert len(edge.getcolors() or []) > 20


# Names


NAMES = {
    "latin-extended": "Łukasz Żółć-Šťastný, MD",
    "vietnamese": "Nguyễn Thị Ánh Tuyết, MD",
    "greek": "Ελένη Παπαδοπούλου, MD",
    "cyrillic": "Щукина Ольга, MD",
    "arabic": "محمد الأحمد",
}


def name_alone(name: str, press: Press) -> Image.Image:
    """The picture of the line that holds the name."""
    return picture_of(press.render(html_of(certificate(professional_name=name)))).crop((150, 440, 1100, 545))


@pytest.mark.paper
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_each_script_prints_its_own_letters(name: str, press: Press) -> None:
    if name != NAMES["arabic"]:  # copied out letter by letter, in another order
        assert name in text_of(press.render(html_of(certificate(professional_name=name))))
    # Letters that looked like one box would look like each other.
    drawn = name_alone(name, press)
    one, *others = sorted({sign for sign in name if not sign.isascii()})[:4]
    for other in others:
        assert ImageChops.difference(drawn, name_alone(name.replace(other, one), press)).getbbox(), other


@pytest.mark.paper
@pytest.mark.parametrize("name", ["陳大文, MD", "Ana 🙂 Lund, MD"])
def test_a_letter_no_font_has_never_prints_as_a_box(name: str, press: Press) -> None:
    with pytest.raises(MissingLetters):
        press.render(html_of(certificate(professional_name=name)))


HOSTILE = [
    "<img src=file:///etc/passwd>",
    "<table><td colspan=1000000>",
    "</style><script>alert(1)</script>",
    "{{ 7 * 7 }} {% raw %}",
    "=HYPERLINK(0)+cmd|' /C calc'!A0",
    '"onload="x',
    "&lt;b&gt; &amp;amp;",
]


@pytest.mark.paper
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_print_as_they_are(name: str, press: Press) -> None:
    everywhere = dict.fromkeys(["professional_name", "activity_title", "location", "signatory_title"], name)
    said = text_of(press.render(html_of(certificate(**everywhere, topic_lines=[name], accreditation_statement=name))))
    assert said.count(flat(name)) == 6


# Room for everything


EXTREMES = {
    "usual": certificate(),
    "long name": certificate(professional_name="Maximiliana Konstantinidou-Featherstonehaugh, MD, MPH, FACC"),
    "name of 120 letters": certificate(professional_name=("Maximiliana Featherstonehaugh, MD " * 4)[:120]),
    "name of 120 capitals": certificate(professional_name=("MAXIMILIANA WOLOWITZ-MONTGOMERY " * 4)[:120]),
    "name without a break": certificate(professional_name="W" * 120),
    "long title": certificate(activity_title=LONG_TITLE),
    "title without a break": certificate(activity_title="W" * 200),
    "long statements": certificate(accreditation_statement=JOINT),
    "long host": certificate(public_url="https://certificates.gulfcoastmedicalseminars.example"),
    "long provider": certificate(provider_name="The Meridian Institute for Rural Cardiometabolic Health " * 2),
    "long signatory": certificate(
        signatory_name="Maximiliana Konstantinidou-Featherstonehaugh, MD, PhD, MPH, FACC",
        signatory_title="Associate Dean for Continuing Medical Education and Course Director",
    ),
    "other credits": certificate(other_credits=["20.00 AAFP Prescribed credits", "10.00 ABIM MOC points"]),
    "statements of several credits, every topic and a long title": certificate(
        kind=PARTICIPATION,
        hours=Credits(1600),
        activity_title=LONG_TITLE,
        accreditation_statement=accreditation(JOINTLY_HELD, JOINTLY).text,
        designation_statement=" ".join(said.text for said in statements(JOINTLY_HELD, JOINTLY)[1:]),
        other_credits=["16.00 AANP contact hours earned", "16.00 ANCC contact hours earned"],
        topic_lines=[topic_line(dict.fromkeys(TOPICS, 75), most=Credits(1600))],
    ),
    "everything": certificate(
        professional_name=("MAXIMILIANA WOLOWITZ-MONTGOMERY " * 4)[:120],
        provider_name="The Meridian Institute for Cardiometabolic Education and Rural Health",
        activity_title=LONG_TITLE.ljust(200, "x"),
        location="Lake Buena Vista (Orlando), Florida, United States of America",
        accreditation_statement=JOINT,
        other_credits=[
            "20.00 AAFP Prescribed credits",
            "10.00 ABIM MOC points",
            "20.00 AAPA Category 1 CME credits",
            "20.00 ANCC contact hours",
        ],
        topic_lines=["Of these, 2.00 hours on pain management and opioids.", "Of these, 1.00 hour on medical errors."],
        public_url="https://certificates.gulfcoastmedicalseminars.example",
        signatory_name="Maximiliana Konstantinidou-Featherstonehaugh, MD, PhD, MPH, FACC",
    ),
}


@pytest.mark.paper
@pytest.mark.parametrize("snapshot", EXTREMES.values(), ids=EXTREMES)
def test_nothing_touches_anything_else_nor_the_frame(snapshot: Snapshot, press: Press) -> None:
    pdf = press.render(html_of(snapshot))
    boxes = boxes_of(pdf)
    for left, bottom, right, top in boxes:
        assert 50 < left < right < 742
        assert 50 < bottom < top < 562
    for one, two in combinations(boxes, 2):
        wide = min(one[2], two[2]) - max(one[0], two[0])
        high = min(one[3], two[3]) - max(one[1], two[1])
        assert wide < 1 or high < 1.5, (one, two)
