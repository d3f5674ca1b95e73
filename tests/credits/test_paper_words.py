"""Each kind of certificate, letter by letter, as somebody copies it out of the PDF."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from cme.catalog.rules import accreditation, statement_for
from cme.credits.certificate import CONTACT, TEACHING, Snapshot, html_of, long_date
from cme.credits.services.wording import TAUGHT
from cme.gateways.press import Press
from cme.settings import Provider
from cme.values import Credits
from tests.catalog.plain import designation, seminar
from tests.credits.test_certificate import certificate, participation, text_of

pytestmark = pytest.mark.paper

PROVIDER = Provider()
UAN = {"uan": "JA4008190-0000-27-012-L01-P", "audience": "P"}
HELD = seminar(
    designation("aafp-prescribed", 2000, approved_from=date(2027, 1, 1), approved_until=date(2027, 12, 31)),
    designation("aanp", 1600, approval_number="27041234", extra={"pharmacology": 450}),
    designation("ancc", 1600, extra={"approver": "Sunshine Nurses Association"}, approval_number="5-118"),
    designation("acpe", 1600, extra={"uans": [UAN], "activity_type": "Knowledge-based"}),
)
ACCREDITED = accreditation(HELD, PROVIDER).text
TOP = "Gulf Coast Medical Seminars {heading} This certifies that {name}"
HELD_THEN = "Cardiology for Primary Care: Evidence to Bedside, held March 15–18, 2027, in Sarasota, Florida,"
SIGNED = (
    "Certificate number 7F3K-Q9XD-2M Odalys Venn-Whitaker Odalys Venn-Whitaker, MD Course director "
    "Issued March 18, 2027"
)
PHYSICIANS = (
    "The Gulf Coast Medical Seminars is accredited by the Accreditation Council for Continuing Medical Education "
    "(ACCME) to provide continuing medical education for physicians."
)
DESIGNATED = (
    "Gulf Coast Medical Seminars designates this live activity for a maximum of 20.0 AMA PRA Category 1 Credits™. "
    "Physicians should claim only the credit commensurate with their participation."
)
BELOW = "Number 7F3K-Q9XD-2M Verify at gcms.example/verify"
PAPERS = {
    "credit": (
        certificate(
            accreditation_statement=ACCREDITED,
            other_credits=["18.75 AAFP Prescribed credits", "10.00 ABIM MOC points"],
            statements=[statement_for(HELD, PROVIDER, "aafp-prescribed")],
            topic_lines=["Of these, 2.0 hours on prevention of medical errors; confirm with your board."],
        ),
        [
            TOP.format(heading="Certificate of Credit", name="Marisol Thackeray-Lund, MD"),
            f"has participated in the live activity titled {HELD_THEN} and is awarded",
            "18.75 AMA PRA Category 1 Credits™ 18.75 AAFP Prescribed credits 10.00 ABIM MOC points",
            "Of these, 2.0 hours on prevention of medical errors; confirm with your board.",
            SIGNED,
            PHYSICIANS,
            DESIGNATED,
            "The AAFP has reviewed Cardiology for Primary Care and deemed it acceptable for up to 20.0 Live AAFP "
            "Prescribed credits. Term of Approval is from January 1, 2027 to December 31, 2027. Physicians should "
            "claim only the credit commensurate with the extent of their participation in the activity.",
            BELOW,
        ],
    ),
    "participation": (
        participation(
            accreditation_statement=ACCREDITED,
            other_credits=["16.00 AANP contact hours earned"],
            statements=[statement_for(HELD, PROVIDER, "aanp")],
        ),
        [
            TOP.format(heading="Certificate of Participation", name="Bettina Hargrove-Lim, DNP, FNP-C"),
            f"has participated in the live activity titled {HELD_THEN} for 18.75 hours. The activity was",
            "designated for 20.00 AMA PRA Category 1 Credits™ 16.00 AANP contact hours earned",
            SIGNED,
            PHYSICIANS,
            DESIGNATED,
            "This activity is approved for 16.0 contact hour(s) of continuing education (which includes 4.5 hours of "
            "pharmacology) by the American Association of Nurse Practitioners®. Activity ID 27041234. This activity "
            "was planned in accordance with AANP Accreditation Standards and Policies.",
            BELOW,
        ],
    ),
    "nursing": (
        certificate(
            kind=CONTACT,
            professional_name="Nguyễn Thị Ánh Tuyết, RN",
            claimed=Credits(1600),
            unit="ANCC contact hours",
            accreditation_statement="",
            designation_statement=statement_for(HELD, PROVIDER, "ancc"),
        ),
        [
            TOP.format(heading="Certificate of Contact Hours", name="Nguyễn Thị Ánh Tuyết, RN"),
            f"has participated in the live activity titled {HELD_THEN} and has earned",
            "16.00 ANCC contact hours",
            SIGNED,
            "Nurses may earn 16.0 contact hours of continuing education at this activity, which may include the time "
            "for its evaluation. Approver: Sunshine Nurses Association (number 5-118). Provider: Gulf Coast Medical "
            "Seminars, 1 Lighthouse Pier, Sarasota, FL 34236.",
            BELOW,
        ],
    ),
    "pharmacy": (
        certificate(
            kind=CONTACT,
            professional_name="Łukasz Żółć-Šťastný, PharmD",
            claimed=Credits(1600),
            unit="ACPE contact hours (1.6 CEU)",
            accreditation_statement="",
            designation_statement=statement_for(HELD, PROVIDER, "acpe"),
        ),
        [
            TOP.format(heading="Certificate of Contact Hours", name="Łukasz Żółć-Šťastný, PharmD"),
            f"has participated in the live activity titled {HELD_THEN} and has earned",
            "16.00 ACPE contact hours (1.6 CEU)",
            SIGNED,
            "This activity is designated for 16.0 contact hours (1.6 CEU) of continuing pharmacy education credit for "
            "pharmacists. Universal Activity Number: JA4008190-0000-27-012-L01-P (pharmacists). Activity type: "
            "Knowledge-based. Credit is reported to CPE Monitor within 60 days; the transcript there is the official "
            "statement of credit.",
            BELOW,
        ],
    ),
    "teaching": (
        certificate(
            kind=TEACHING,
            claimed=Credits(400),
            accreditation_statement=ACCREDITED,
            designation_statement=TAUGHT,
        ),
        [
            TOP.format(heading="Certificate of Teaching Credit", name="Marisol Thackeray-Lund, MD"),
            f"has taught in the live activity titled {HELD_THEN} and is awarded, for learning from teaching,",
            "4.00 AMA PRA Category 1 Credits™",
            SIGNED,
            PHYSICIANS,
            "Credit for learning from teaching is awarded to the physician who taught: up to 2 AMA PRA Category 1 "
            "Credits™ for each hour of an original presentation, once however often it is repeated.",
            BELOW,
        ],
    ),
    "recording": (
        certificate(
            held="completed",
            learning_format="enduring material",
            location="",
            dates=long_date(date(2027, 5, 2)),
            claimed=Credits(100),
            accreditation_statement=ACCREDITED,
            designation_statement="Designated for 1.0 AMA PRA Category 1 Credit™.",
            term="Released March 1, 2027. Credit can be claimed until February 28, 2029.",
        ),
        [
            TOP.format(heading="Certificate of Credit", name="Marisol Thackeray-Lund, MD"),
            "has participated in the enduring material titled Cardiology for Primary Care: Evidence to Bedside,",
            "completed May 2, 2027, and is awarded",
            "1.00 AMA PRA Category 1 Credit™",
            SIGNED,
            PHYSICIANS,
            "Designated for 1.0 AMA PRA Category 1 Credit™.",
            "Released March 1, 2027. Credit can be claimed until February 28, 2029.",
            BELOW,
        ],
    ),
}


@pytest.fixture(scope="module", autouse=True)
def paper_house() -> Iterator[None]:
    """Just enough of an application to hold the templates."""
    with Flask(__name__, root_path=".", template_folder="templates").app_context():
        yield


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


@pytest.mark.parametrize(("snapshot", "said"), PAPERS.values(), ids=PAPERS)
def test_each_kind_of_certificate_says_exactly_this(snapshot: Snapshot, said: list[str], press: Press) -> None:
    assert text_of(press.render(html_of(snapshot))) == " ".join(said)


@pytest.mark.parametrize("kind", [CONTACT, TEACHING])
def test_only_participation_is_not_an_award(kind: str) -> None:
    assert certificate(kind=kind).is_awarded
    assert not participation().is_awarded
