"""Every statement a seminar must carry, letter for letter."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from cme.catalog import rules
from cme.settings import Provider
from cme.values import Credits, CreditType
from tests.catalog.plain import designation, on_demand, seminar

DIRECT = Provider()
SOCIETY = replace(
    DIRECT, accreditation="society", accreditor="Sunshine State Medical Society", accreditor_short="society"
)
JOINTLY = replace(DIRECT, accreditation="joint")
PARTNERS = {"providership": "joint", "joint_providers": ["Tidewell Hospital", "Sablecove Clinic", "Bayward Society"]}
UANS = [
    {"uan": "0123-0000-27-001-L01-P", "audience": "P"},
    {"uan": "0123-0000-27-001-L01-T", "audience": "T"},
]

ACCREDITATION = {
    "a provider accredited by the ACCME": (
        DIRECT,
        {},
        "The Gulf Coast Medical Seminars is accredited by the Accreditation Council for Continuing Medical Education "
        "(ACCME) to provide continuing medical education for physicians.",
    ),
    "a name that brings its own article": (
        replace(DIRECT, name="The Bayward Society"),
        {},
        "The Bayward Society is accredited by the Accreditation Council for Continuing Medical Education (ACCME) to "
        "provide continuing medical education for physicians.",
    ),
    "joint providership names every partner": (
        DIRECT,
        PARTNERS,
        "This activity has been planned and implemented in accordance with the accreditation requirements and policies "
        "of the Accreditation Council for Continuing Medical Education (ACCME) through the joint providership of Gulf "
        "Coast Medical Seminars and Tidewell Hospital, Sablecove Clinic and Bayward Society. The Gulf Coast Medical "
        "Seminars is accredited by the ACCME to provide continuing medical education for physicians.",
    ),
    "joint providership with one partner": (
        DIRECT,
        {"providership": "joint", "joint_providers": ["Tidewell Hospital"]},
        "This activity has been planned and implemented in accordance with the accreditation requirements and policies "
        "of the Accreditation Council for Continuing Medical Education (ACCME) through the joint providership of Gulf "
        "Coast Medical Seminars and Tidewell Hospital. The Gulf Coast Medical Seminars is accredited by the ACCME to "
        "provide continuing medical education for physicians.",
    ),
    "names that end with a period": (
        replace(DIRECT, name="Gulf Coast, Inc."),
        {"providership": "joint", "joint_providers": ["Tidewell Clinic, Inc."]},
        "This activity has been planned and implemented in accordance with the accreditation requirements and policies "
        "of the Accreditation Council for Continuing Medical Education (ACCME) through the joint providership of Gulf "
        "Coast, Inc. and Tidewell Clinic, Inc. The Gulf Coast, Inc. is accredited by the ACCME to provide continuing "
        "medical education for physicians.",
    ),
    "a society that brings its own article": (
        replace(SOCIETY, accreditor="The Sunshine State Medical Society"),
        {},
        "The Gulf Coast Medical Seminars is accredited by the Sunshine State Medical Society to provide continuing "
        "medical education for physicians.",
    ),
    "a provider accredited by a state society": (
        SOCIETY,
        {},
        "The Gulf Coast Medical Seminars is accredited by the Sunshine State Medical Society to provide continuing "
        "medical education for physicians.",
    ),
    "Joint Accreditation": (
        JOINTLY,
        {},
        "In support of improving patient care, Gulf Coast Medical Seminars is jointly accredited by the Accreditation "
        "Council for Continuing Medical Education (ACCME), the Accreditation Council for Pharmacy Education (ACPE), "
        "and the American Nurses Credentialing Center (ANCC), to provide continuing education for the healthcare team.",
    ),
    "Joint Accreditation, planned with others": (
        JOINTLY,
        PARTNERS,
        "In support of improving patient care, this activity has been planned and implemented by Gulf Coast Medical "
        "Seminars, Tidewell Hospital, Sablecove Clinic and Bayward Society. Gulf Coast Medical Seminars is jointly "
        "accredited by the Accreditation Council for Continuing Medical Education (ACCME), the Accreditation Council "
        "for Pharmacy Education (ACPE), and the American Nurses Credentialing Center (ANCC), to provide continuing "
        "education for the healthcare team.",
    ),
}

TERM = {"approved_from": date(2027, 4, 5), "approved_until": date(2028, 4, 4), "approval_number": "104275"}
AMA_LIVE = (
    "The Gulf Coast Medical Seminars designates this live activity for a maximum of {} Physicians should claim only "
    "the credit commensurate with the extent of their participation in the activity."
)
ABS_SHAPE = (
    "Successful completion of this CME activity enables the learner to earn credit toward the CME requirements of the "
    "{}. It is the CME activity provider's responsibility to submit learner completion information to ACCME for the "
    "purpose of granting {} credit."
)
ABIM_SHAPE = (
    "Successful completion of this CME activity, which includes participation in the evaluation component, enables the "
    "participant to earn up to {} in the {} Maintenance of Certification (MOC) program. {}It is the CME activity "
    "provider's responsibility to submit participant completion information to ACCME for the purpose of granting {} "
    "MOC credit."
)

# A designation, and what the live activity "Cardiology for Primary Care" says of it.
DESIGNATIONS = {
    "AMA PRA, sixteen": (
        designation(maximum=1600),
        AMA_LIVE.format("16.0 AMA PRA Category 1 Credits™."),
    ),
    "AMA PRA, exactly one": (
        designation(maximum=100),
        AMA_LIVE.format("1.0 AMA PRA Category 1 Credit™."),
    ),
    "AMA PRA, less than one": (
        designation(maximum=75),
        AMA_LIVE.format("0.75 AMA PRA Category 1 Credits™."),
    ),
    "AMA PRA, a quarter more than eighteen and a half": (
        designation(maximum=1875),
        AMA_LIVE.format("18.75 AMA PRA Category 1 Credits™."),
    ),
    "AAFP Prescribed, approved": (
        designation("aafp-prescribed", 1600, **TERM),
        "The AAFP has reviewed Cardiology for Primary Care and deemed it acceptable for up to 16.0 Live AAFP "
        "Prescribed credits. Term of Approval is from April 5, 2027 to April 4, 2028. Physicians should claim only the "
        "credit commensurate with the extent of their participation in the activity.",
    ),
    "AAFP Elective, approved": (
        designation("aafp-elective", 100, **TERM),
        "The AAFP has reviewed Cardiology for Primary Care and deemed it acceptable for up to 1.0 Live AAFP Elective "
        "credit. Term of Approval is from April 5, 2027 to April 4, 2028. Physicians should claim only the credit "
        "commensurate with the extent of their participation in the activity.",
    ),
    "AAFP Prescribed, filed": (
        designation("aafp-prescribed", 1600, is_pending=True),
        "Application for CME credit has been filed with the American Academy of Family Physicians. Determination of "
        "credit is pending.",
    ),
    "AAPA, approved": (
        designation("aapa-1", 1600, approved_until=date(2028, 4, 5)),
        "Gulf Coast Medical Seminars has been authorized by the American Academy of PAs (AAPA) to award AAPA Category "
        "1 CME credit for activities planned in accordance with AAPA CME Criteria. This activity is designated for "
        "16.0 AAPA Category 1 CME credits. Approval is valid until April 5, 2028. PAs should only claim credit "
        "commensurate with the extent of their participation.",
    ),
    "AAPA, not yet approved": (
        designation("aapa-1", 1600, is_pending=True),
        "This program is not yet approved for CME credit. Conference organizers plan to request 16.0 AAPA Category 1 "
        "CME credits from the Physician Assistant Review Panel. Total number of approved credits yet to be determined.",
    ),
    "AANP, with pharmacology inside": (
        designation("aanp", 1600, approval_number="27041234", extra={"pharmacology": 450}),
        "This activity is approved for 16.0 contact hour(s) of continuing education (which includes 4.5 hours of "
        "pharmacology) by the American Association of Nurse Practitioners®. Activity ID 27041234. This activity was "
        "planned in accordance with AANP Accreditation Standards and Policies.",
    ),
    "AANP, without pharmacology": (
        designation("aanp", 100, approval_number="27041234"),
        "This activity is approved for 1.0 contact hour(s) of continuing education by the American Association of "
        "Nurse Practitioners®. Activity ID 27041234. This activity was planned in accordance with AANP Accreditation "
        "Standards and Policies.",
    ),
    "ANCC": (
        designation("ancc", 1610, step=10, extra={"approver": "Sunshine Nurses Association"}, approval_number="5-118"),
        "Nurses may earn 16.1 contact hours of continuing education at this activity, which may include the time for "
        "its evaluation. Approver: Sunshine Nurses Association (number 5-118). Provider: Gulf Coast Medical Seminars, "
        "1 Lighthouse Pier, Sarasota, FL 34236.",
    ),
    "ACPE, both audiences": (
        designation("acpe", 1600, extra={"uans": UANS, "activity_type": "Knowledge"}),
        "This activity is designated for 16.0 contact hours (1.6 CEU) of continuing pharmacy education credit for "
        "pharmacists and pharmacy technicians. Universal Activity Numbers: 0123-0000-27-001-L01-P (pharmacists) and "
        "0123-0000-27-001-L01-T (pharmacy technicians). Activity type: Knowledge. Credit is reported to CPE Monitor "
        "within 60 days; the transcript there is the official statement of credit.",
    ),
    "ACPE, pharmacists alone, an hour and a quarter": (
        designation("acpe", 125, extra={"uans": UANS[:1], "activity_type": "Application"}),
        "This activity is designated for 1.25 contact hours (0.125 CEU) of continuing pharmacy education credit for "
        "pharmacists. Universal Activity Number: 0123-0000-27-001-L01-P (pharmacists). Activity type: Application. "
        "Credit is reported to CPE Monitor within 60 days; the transcript there is the official statement of credit.",
    ),
    "ABIM": (
        designation("moc-abim", 1600, extra={"credit_kind": "Medical Knowledge"}),
        ABIM_SHAPE.format(
            "16.0 Medical Knowledge MOC points",
            "American Board of Internal Medicine's (ABIM)",
            "Participants will earn MOC points equivalent to the amount of CME credits claimed for the activity. ",
            "ABIM",
        ),
    ),
    "ABA": (
        designation("moc-aba", 100, extra={"credit_kind": "Patient Safety"}),
        ABIM_SHAPE.format("1.0 Patient Safety MOC point", "American Board of Anesthesiology's (ABA)", "", "ABA"),
    ),
    "ABP": (
        designation("moc-abp", 1600, extra={"credit_kind": "Lifelong Learning & Self-Assessment"}),
        ABIM_SHAPE.format(
            "16.0 Lifelong Learning & Self-Assessment MOC points", "American Board of Pediatrics' (ABP)", "", "ABP"
        ),
    ),
    "ABS": (
        designation("moc-abs", 1600),
        "Successful completion of this CME activity enables the learner to earn credit toward the CME requirements of "
        "the American Board of Surgery's Continuous Certification program. It is the CME activity provider's "
        "responsibility to submit learner completion information to ACCME for the purpose of granting ABS credit.",
    ),
    "ABOHNS": (
        designation("moc-abohns", 1600),
        ABS_SHAPE.format(
            "American Board of Otolaryngology – Head and Neck Surgery's Continuing Certification program", "ABOHNS"
        ),
    ),
    "ABOS": (
        designation("moc-abos", 1600),
        ABS_SHAPE.format("American Board of Orthopaedic Surgery's Maintenance of Certification (MOC) program", "ABOS"),
    ),
    "ABPath": (
        designation("moc-abpath", 1600),
        ABS_SHAPE.format("American Board of Pathology's Continuing Certification program", "ABPath"),
    ),
    "ABTS": (
        designation("moc-abts", 1600),
        ABS_SHAPE.format("American Board of Thoracic Surgery's Maintenance of Certification (MOC) program", "ABTS"),
    ),
    "AOA 2-A": (
        designation("aoa-2a", 1600),
        "This live activity is designated for AMA PRA Category 1 Credits™, which the American Osteopathic Association "
        "accepts as AOA Category 2-A credit, hour for hour: up to 16.0.",
    ),
}


@pytest.mark.parametrize("case", ACCREDITATION)
def test_accreditation_is_stated_as_prescribed(case: str) -> None:
    provider, changes, text = ACCREDITATION[case]
    stated = rules.statements(seminar(**changes), provider)[0]
    assert (stated.key, stated.heading, stated.text) == ("accreditation", "Accreditation", text)


@pytest.mark.parametrize("case", DESIGNATIONS)
def test_credit_is_stated_as_prescribed(case: str) -> None:
    found, text = DESIGNATIONS[case]
    made = seminar(designations=[found])
    [_, stated] = rules.statements(made, DIRECT)
    assert (stated.key, stated.text) == (found.credit_type, text)
    assert rules.statement_for(made, DIRECT, found.credit_type) == text


def test_every_type_of_credit_has_a_statement_on_this_table() -> None:
    assert {found.credit_type for found, _ in DESIGNATIONS.values()} == set(CreditType) - {CreditType.PARTICIPATION}


@pytest.mark.parametrize(
    ("changes", "found", "said"),
    [
        ({}, designation(maximum=200), "designates this enduring material for a maximum of 2.0"),
        (
            {"learning_format": "other activity (shadowing)"},
            designation(maximum=200),
            "designates this other activity (shadowing) for a maximum of 2.0",
        ),
        (
            {},
            designation("aafp-prescribed", 200, **TERM),
            "acceptable for up to 2.0 Enduring Materials, Self-Study AAFP Prescribed credits. Term",
        ),
    ],
)
def test_the_format_is_named_in_the_statement(changes: dict[str, Any], found: SimpleNamespace, said: str) -> None:
    made = on_demand(**{"designations": [found]} | changes)
    assert said in rules.statement_for(made, DIRECT, found.credit_type)


@pytest.mark.parametrize(
    "found",
    [
        designation(maximum=0),
        designation(is_pending=True),
        designation("aanp", 200, is_pending=True),
        designation("participation", 200),
    ],
)
def test_what_is_not_designated_says_nothing(found: SimpleNamespace) -> None:
    assert [stated.key for stated in rules.statements(seminar(designations=[found]), DIRECT)] == ["accreditation"]


def test_what_nobody_designated_has_no_statement() -> None:
    assert rules.statement_for(seminar(), DIRECT, "aapa-1") == ""


def test_statements_stand_in_the_order_of_types_whatever_was_entered_first() -> None:
    made = seminar(designations=[designation("moc-abs"), designation("aapa-1"), designation()])
    assert [stated.key for stated in rules.statements(made, DIRECT)] == [
        "accreditation",
        "ama-pra-1",
        "aapa-1",
        "moc-abs",
    ]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (designation("aafp-prescribed", 1600), "Approved for 16.0 AAFP Prescribed credits."),
        (designation("aafp-elective", 1600), "Approved for 16.0 AAFP Elective credits."),
        (designation("aafp-elective", 1600, is_pending=True), ""),
        (designation("aapa-1", 1600), ""),
    ],
)
def test_an_announcement_may_say_this_of_aafp_credit(found: SimpleNamespace, said: str) -> None:
    assert rules.save_the_date(found) == said


def test_the_nursing_accreditor_speaks_first_where_it_asks_to() -> None:
    nursing = "Gulf Coast Medical Seminars is accredited with the Sunshine Board of Nursing, number 50-1."
    stated = rules.statement_for(seminar(designation("ancc", 100)), replace(DIRECT, nursing_statement=nursing), "ancc")
    assert stated.startswith(f"{nursing} Nurses may earn 1.0 contact hour of")


@pytest.mark.parametrize("kind", list(CreditType))
def test_every_type_of_credit_says_whom_it_is_for(kind: CreditType) -> None:
    assert rules.claimants(kind)[0].isupper()
    assert rules.short_name(kind)


def test_learners_read_whom_credit_is_for() -> None:
    assert rules.claimants("aapa-1") == "Physician assistants/associates"
    assert rules.claimants("moc-abp") == "Diplomates of the American Board of Pediatrics"
    assert rules.short_name("moc-abpath") == "ABPath MOC"


def test_other_credit_is_designated_in_plain_words_and_participation_not_at_all() -> None:
    plain = rules.designation_statement(DIRECT.name, "live activity", Credits(800), "aapa-1")
    assert plain == "This activity is designated for 8.0 AAPA Category 1 CME credits."
    assert rules.designation_statement(DIRECT.name, "live activity", Credits(800), "participation") == ""


def test_the_phrase_of_the_ama_is_set_in_italics_in_whatever_statement_it_stands(app: Flask) -> None:
    credit = app.jinja_env.get_template("components/credit.html").make_module({})
    phrase = '<em class="credit-name">AMA PRA Category 1 Credit'
    for found, text in DESIGNATIONS.values():
        shown = str(credit.credit_text(text))
        assert shown.count(phrase) == text.count("AMA PRA Category 1 Credit"), found.credit_type
        assert shown.count("<em") == shown.count("™</em>")


def test_settings_saved_before_are_read_as_accredited_by_the_accme() -> None:
    old = DIRECT.to_json()
    del old["accreditation"], old["nursing_statement"]
    assert Provider.from_json(old) == DIRECT
