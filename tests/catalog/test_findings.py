"""What keeps a seminar from being published: the smallest seminar that shows each finding, and one that does not."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cme.catalog import rules
from cme.catalog.rules.checks import CHECKS, Finding
from cme.settings import Provider
from tests.catalog.plain import (
    FIRST,
    NOW,
    TODAY,
    agenda,
    at,
    designation,
    offering,
    on_demand,
    person,
    seminar,
    tuition,
)

Made = SimpleNamespace
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
PARTNER = {"providership": "joint", "joint_providers": ["Tidewell Hospital"]}
HALYARD = {"company": "Halyard Devices"}
TERM = {"approval_number": "104275", "approved_from": FIRST, "approved_until": FIRST}
PHARMACOLOGY = [at("8:00", 120, topic_minutes={"pharmacology": 60})]
UNPRICED = offering(tiers=[tuition(), tuition("clinician")])


def early(amount: int, until: date) -> Any:
    tiers = [tuition(early_minor=amount, early_until=until), tuition("clinician"), tuition("trainee")]
    return offering(tiers=tiers)


def priced(amount: int) -> Any:
    return offering(tiers=[tuition(amount=amount), tuition("clinician"), tuition("trainee")])


def undisclosed() -> Any:
    made = person()
    made.faculty.disclosures = []
    return made


def with_people(*people: Any, **changes: Any) -> Made:
    return seminar(people=list(people), sessions=[at("8:00", 120)], **changes)


def told(**facts: Any) -> Made:
    return with_people(person(**facts))


def acpe(*uans: tuple[str, str], kind: str = "Knowledge") -> Any:
    listed = [{"uan": uan, "audience": audience} for uan, audience in uans]
    return designation("acpe", extra={"uans": listed, "activity_type": kind})


def pharmacist(uan: str, audience: str = "P") -> Any:
    return acpe((uan, audience))


def aanp(pharmacology: int, **more: Any) -> Any:
    return designation("aanp", approval_number="27041234", extra={"pharmacology": pharmacology}, **more)


GOOD_UAN = "0123-0000-27-001-L01-P"
AAPA = {"approved_until": FIRST}
ANCC = {"extra": {"approver": "Sunshine Nurses Association"}}

# name: the field it stands at; a seminar that has it; the nearest seminar that has not.
TABLE: dict[str, tuple[str, Made, Made]] = {
    "title-missing": ("title", seminar(title="  "), seminar(title="Gout")),
    "address-malformed": ("slug", seminar(slug="Gout!"), seminar(slug="gout-2027")),
    "zone-unknown": ("time_zone", seminar(time_zone="Gulf"), seminar(time_zone="America/Chicago")),
    "dates-missing": ("starts_on", seminar(starts_on=None), seminar()),
    "dates-reversed": (
        "ends_on",
        seminar(ends_on=FIRST - timedelta(days=1)),
        seminar(ends_on=FIRST + timedelta(days=1)),
    ),
    "designated-after-start": (
        "starts_on",
        seminar(starts_at=NOW),
        seminar(starts_at=NOW + timedelta(minutes=1)),
    ),
    "designated-after-release": (
        "terminates_on",
        on_demand(released_on=YESTERDAY),
        on_demand(released_on=YESTERDAY, published_at=NOW - timedelta(days=1)),
    ),
    "place-missing": ("venue", seminar(city=""), seminar(city="", offerings=[offering("livestream")])),
    "objectives-missing": ("objectives", seminar(objectives=[" "]), seminar(objectives=["Choose"])),
    "audience-missing": ("audience", seminar(audience=" "), seminar(audience="Nurses")),
    "format-missing": (
        "learning_format",
        seminar(learning_format="other activity"),
        seminar(learning_format="other activity (shadowing)"),
    ),
    "joint-providers-missing": (
        "joint_providers",
        seminar(providership="joint", joint_providers=[" "]),
        seminar(**PARTNER),
    ),
    "joint-providership-unsaid": (
        "joint_providers",
        seminar(joint_providers=["Tidewell Hospital"]),
        seminar(**PARTNER),
    ),
    "joint-provider-ineligible": (
        "joint_providers",
        seminar(**PARTNER, no_commercial_support=False, commercial_support=[{"source": "tidewell hospital "}]),
        seminar(**PARTNER, no_commercial_support=False, commercial_support=[{"source": "Tidewell Pharma"}]),
    ),
    "enduring-dates-missing": ("terminates_on", on_demand(terminates_on=None), on_demand()),
    "enduring-dates-reversed": (
        "terminates_on",
        on_demand(terminates_on=YESTERDAY),
        on_demand(terminates_on=TODAY),
    ),
    "enduring-over": (
        "terminates_on",
        on_demand(released_on=date(2025, 1, 1), terminates_on=YESTERDAY),
        on_demand(released_on=date(2025, 1, 1), terminates_on=TODAY),
    ),
    "enduring-too-long": (
        "terminates_on",
        on_demand(terminates_on=date(2030, 3, 2)),
        on_demand(terminates_on=date(2030, 3, 1)),
    ),
    "pass-mark-missing": ("pass_mark", on_demand(pass_mark=None), on_demand(pass_mark=70)),
    "method-missing": ("method", on_demand(method=" "), on_demand()),
    "estimated-time-missing": ("estimated_minutes", on_demand(estimated_minutes=None), on_demand()),
    "bibliography-missing": ("bibliography", on_demand(bibliography=""), on_demand()),
    "sessions-missing": (
        "sessions",
        seminar(sessions=[at("8:00", 120, kind="break")]),
        on_demand(sessions=[]),
    ),
    "agenda-fault": (
        "sessions",
        seminar(sessions=agenda("8:00-10:00 One\n9:00-9:30 Two")),
        seminar(sessions=agenda("8:00-10:00 One\n9:00-9:30 @B Two")),
    ),
    "session-for-nobody": (
        "sessions",
        seminar(sessions=agenda("8:00-10:00 livestream One")),
        seminar(
            sessions=agenda("8:00-10:00 livestream One\n8:00-10:00 in-person One"),
            offerings=[offering(), offering("livestream")],
        ),
    ),
    "nothing-to-attend": (
        "sessions",
        seminar(sessions=agenda("8:00-10:00 in-person One"), offerings=[offering(), offering("livestream")]),
        seminar(sessions=agenda("8:00-10:00 One"), offerings=[offering(), offering("livestream")]),
    ),
    "teacher-unlisted": (
        "people",
        seminar(sessions=[at("8:00", 120, faculty=(person("Ines Calloway-Brandt, MD").faculty,))]),
        seminar(),
    ),
    "maximum-missing": ("maximum", seminar(designations=[]), seminar()),
    "maximum-not-in-quarters": (
        "maximum",
        seminar(designations=[designation(step=10)]),
        seminar(designations=[designation(step=25)]),
    ),
    "maximum-differs-from-agenda": (
        "maximum",
        seminar(designations=[designation(maximum=175)]),
        seminar(designations=[designation(maximum=200)]),
    ),
    "maximum-differs-from-estimated-time": (
        "maximum",
        on_demand(estimated_minutes=90),
        on_demand(estimated_minutes=120),
    ),
    "ama-pending": ("maximum", seminar(designations=[designation(is_pending=True)]), seminar()),
    "designation-empty": (
        "designations",
        seminar(designation("aapa-1", 0, **AAPA)),
        seminar(designation("aafp-elective", 0, is_pending=True)),
    ),
    "step-unknown": (
        "designations",
        seminar(designation("aapa-1", 110, step=10, **AAPA)),
        seminar(designation("ancc", 110, step=10, **ANCC)),
    ),
    "pending-not-allowed": (
        "designations",
        seminar(designation("ancc", is_pending=True, **ANCC)),
        seminar(designation("aapa-1", is_pending=True)),
    ),
    "above-agenda": (
        "designations",
        seminar(designation("aapa-1", 225, **AAPA)),
        seminar(designation("ancc", 225, **ANCC)),
    ),
    "above-ama": ("designations", seminar(designation("moc-abim", 225)), seminar(designation("moc-abim", 200))),
    "depends-on-ama": (
        "designations",
        seminar(designations=[designation("moc-abs")]),
        seminar(designations=[designation("aapa-1", **AAPA)]),
    ),
    "approval-missing": (
        "designations",
        seminar(designation("aafp-prescribed")),
        seminar(designation("aafp-prescribed", **TERM)),
    ),
    "approval-outside-dates": (
        "designations",
        seminar(designation("aapa-1", approved_until=FIRST - timedelta(days=1))),
        seminar(designation("aapa-1", approved_until=FIRST)),
    ),
    "aafp-joint": (
        "designations",
        seminar(designation("aafp-elective", **TERM), **PARTNER),
        seminar(designation("aapa-1", **AAPA), **PARTNER),
    ),
    "aanp-pharmacology-above-total": (
        "designations",
        seminar(aanp(225, maximum=200)),
        seminar(aanp(100, maximum=200), sessions=PHARMACOLOGY),
    ),
    "aanp-pharmacology-above-agenda": (
        "designations",
        seminar(aanp(125), sessions=PHARMACOLOGY),
        seminar(aanp(100), sessions=PHARMACOLOGY),
    ),
    "ancc-approver-missing": ("designations", seminar(designation("ancc")), seminar(designation("ancc", **ANCC))),
    "acpe-uan-missing": ("designations", seminar(acpe()), seminar(pharmacist(GOOD_UAN))),
    "acpe-uan-malformed": (
        "designations",
        seminar(pharmacist("0123-0000-27-001-L09-P")),
        seminar(pharmacist("JA4008163-9999-27-001-B99-P")),
    ),
    "acpe-uan-mismatch": (
        "designations",
        seminar(pharmacist(GOOD_UAN, "T")),
        seminar(pharmacist("0123-0000-27-001-L01-T", "T")),
    ),
    "acpe-type-missing": (
        "designations",
        seminar(acpe((GOOD_UAN, "P"), kind="Lecture")),
        seminar(acpe((GOOD_UAN, "P"), kind="Application")),
    ),
    "moc-without-evaluation": (
        "designations",
        seminar(designation("moc-abp"), evaluation_required=False),
        seminar(designation("moc-abp")),
    ),
    "moc-kind-missing": (
        "designations",
        seminar(designation("moc-aba", extra={"credit_kind": "Medical Knowledge"})),
        seminar(designation("moc-aba", extra={"credit_kind": "Patient Safety"})),
    ),
    "aoa-not-live": ("designations", on_demand(designation("aoa-2a")), seminar(designation("aoa-2a"))),
    "director-missing": ("people", with_people(person(role="faculty")), with_people(person())),
    "disclosure-missing": ("people", with_people(undisclosed()), with_people(person())),
    "disclosure-expired": ("people", told(expires_on=YESTERDAY), told(expires_on=TODAY)),
    "relevance-undecided": (
        "people",
        told(**HALYARD, is_decided=False, is_relevant=False),
        told(**HALYARD, is_decided=True, is_relevant=False),
    ),
    "nature-missing": ("people", told(**HALYARD, nature=" "), told(**HALYARD, nature="consultant")),
    "mitigation-missing": ("people", told(**HALYARD, mitigated_on=None), told(**HALYARD, mitigated_on=TODAY)),
    "mitigation-to-come": (
        "people",
        told(**HALYARD, mitigated_on=TOMORROW),
        told(**HALYARD, mitigated_on=TODAY),
    ),
    "logo-or-trade-name-in-disclosure": ("people", told(company="Halyard®"), told(company="Halyard Devices, Inc.")),
    "support-undecided": (
        "commercial_support",
        seminar(no_commercial_support=False),
        seminar(no_commercial_support=False, commercial_support=[{"source": "Halyard Devices", "nature": "loan"}]),
    ),
    "support-source-missing": (
        "commercial_support",
        seminar(no_commercial_support=False, commercial_support=[{"source": " "}]),
        seminar(no_commercial_support=False, commercial_support=[{"source": "Halyard Devices"}]),
    ),
    "logo-or-trade-name-in-support": (
        "commercial_support",
        seminar(no_commercial_support=False, commercial_support=[{"source": "Halyard ![](halyard.png)"}]),
        seminar(no_commercial_support=False, commercial_support=[{"source": "Halyard Devices"}]),
    ),
    "offerings-missing": ("offerings", seminar(offerings=[]), seminar()),
    "way-and-format-differ": ("learning_format", seminar(offerings=[offering("on-demand")]), on_demand()),
    "seats-missing": (
        "offerings",
        seminar(offerings=[offering(capacity=0)]),
        seminar(offerings=[offering(capacity=1)]),
    ),
    "tuition-missing": ("tiers", seminar(offerings=[UNPRICED]), seminar()),
    "currency-unknown": (
        "tiers",
        seminar(offerings=[offering(currency="XYZ")]),
        seminar(offerings=[offering(currency="CAD")]),
    ),
    "tuition-too-small": ("tiers", seminar(offerings=[priced(49)]), seminar(offerings=[priced(50)])),
    "early-rate-higher": (
        "tiers",
        seminar(offerings=[early(109600, TODAY)]),
        seminar(offerings=[early(109500, TODAY)]),
    ),
    "early-rate-too-late": (
        "tiers",
        seminar(offerings=[early(9900, FIRST)]),
        seminar(offerings=[early(9900, FIRST - timedelta(days=1))]),
    ),
    "credit-misnamed": (
        "description",
        seminar(description="Ten Category 1 credits."),
        seminar(description="2.0 AMA PRA Category 1 Credits™ and AAPA Category 1 CME work."),
    ),
    "trademark-missing": (
        "description",
        seminar(description="Up to 2.0 AMA PRA Category 1 Credits."),
        seminar(description="Up to 2.0 AMA PRA Category 1 Credits™."),
    ),
    "category-2-designated": (
        "description",
        seminar(description="Also offered for AMA PRA Category 2 Credit."),
        seminar(designation("aoa-2a"), description="Also offered for AOA Category 2-A credit."),
    ),
    "more-credit-in-words": (
        "description",
        seminar(description="Earn 2.25 AMA PRA Category 1 Credits™."),
        seminar(description="The morning alone carries 1.75 AMA PRA Category 1 Credits™."),
    ),
    "format-differs-in-words": (
        "description",
        seminar(description="We designate; who designates this webinar for a maximum of 2.0 credits is wrong."),
        seminar(description="The provider designates this live activity for a maximum of 2.0 credits."),
    ),
    "credit-not-designated": (
        "description",
        seminar(description="Physician assistants earn 2.0 AAPA Category 1 CME credits."),
        seminar(designation("aapa-1", **AAPA), description="Physician assistants earn AAPA Category 1 CME credits."),
    ),
}


def findings(made: Made) -> list[Finding]:
    return rules.publish_findings(made, now=NOW, today=TODAY)


def test_a_whole_seminar_can_be_published() -> None:
    assert findings(seminar()) == []
    assert findings(on_demand()) == []


@pytest.mark.parametrize("name", TABLE)
def test_what_is_missing_is_named_with_its_field(name: str) -> None:
    field, lacking, _ = TABLE[name]
    found = [one for one in findings(lacking) if one.name == name]
    assert [one.field for one in found] == [field] * len(found)
    assert found, findings(lacking)
    assert all(one.message and "{" not in one.message for one in found)


@pytest.mark.parametrize("name", TABLE)
def test_what_is_there_is_not_asked_for(name: str) -> None:
    assert name not in {one.name for one in findings(TABLE[name][2])}


# What the rooms to the right find, and their own tests ask.
FURTHER = {"assessment-missing", "assessment-too-small", "threshold-without-assessment"}


def test_every_finding_is_on_this_table() -> None:
    assert set(TABLE) == set(CHECKS) - FURTHER


# Findings that several things cause


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("place-missing", seminar(venue="")),
        ("dates-missing", seminar(ends_on=None)),
        ("format-missing", seminar(learning_format="webinar")),
        ("joint-providers-missing", seminar(providership="joint", joint_providers=[])),
        ("enduring-dates-missing", on_demand(released_on=None)),
        ("enduring-dates-reversed", on_demand(reviewed_on=YESTERDAY)),
        ("designated-after-release", on_demand(released_on=date(2025, 1, 1), reviewed_on=YESTERDAY)),
        ("maximum-missing", seminar(designations=[designation(maximum=0)])),
        ("maximum-not-in-quarters", seminar(designations=[designation(maximum=190)])),
        ("maximum-differs-from-agenda", seminar(designations=[designation(maximum=225)])),
        ("agenda-fault", seminar(sessions=[at("8:00", 120, day=1)])),
        ("agenda-fault", seminar(sessions=[at("8:00", 60, topic_minutes={"ethics": 61}), at("9:00", 60)])),
        ("pending-not-allowed", seminar(aanp(0, is_pending=True))),
        ("pending-not-allowed", seminar(designation("moc-abim", is_pending=True))),
        ("pending-not-allowed", seminar(designation("acpe", is_pending=True))),
        ("depends-on-ama", seminar(designations=[designation("aoa-2a")])),
        ("above-ama", seminar(designation("aoa-2a", 225))),
        ("designation-empty", seminar(designation("aapa-1", 0, is_pending=True))),
        ("maximum-differs-from-estimated-time", on_demand(estimated_minutes=7)),
        ("moc-kind-missing", seminar(designation("moc-abp"))),
        ("joint-provider-ineligible", with_people(person(company="Tidewell Hospital"), **PARTNER)),
        ("mitigation-to-come", on_demand(people=[person(**HALYARD, mitigated_on=TOMORROW)])),
        ("above-agenda", seminar(designation("aanp", 225, approval_number="27041234"))),
        ("above-agenda", on_demand(designation("aapa-1", 225, **AAPA))),
        ("approval-missing", seminar(designation("aafp-elective", approved_from=FIRST, approved_until=FIRST))),
        ("approval-missing", seminar(designation("aafp-prescribed", approval_number="1", approved_until=FIRST))),
        ("approval-missing", seminar(designation("aafp-prescribed", approval_number="1", approved_from=FIRST))),
        ("approval-missing", seminar(designation("aapa-1"))),
        ("approval-missing", seminar(designation("aanp"))),
        ("approval-outside-dates", seminar(designation("ancc", approved_from=FIRST + timedelta(days=1), **ANCC))),
        ("approval-outside-dates", on_demand(designation("aapa-1", approved_until=YESTERDAY))),
        ("acpe-uan-missing", seminar(acpe((" ", "P")))),
        ("acpe-uan-malformed", seminar(pharmacist("123-0000-27-001-L01-P"))),
        ("acpe-uan-malformed", seminar(pharmacist(GOOD_UAN + " "))),
        ("acpe-uan-mismatch", seminar(pharmacist("0123-0000-27-001-H01-P"))),
        ("acpe-uan-mismatch", on_demand(pharmacist(GOOD_UAN))),
        ("director-missing", with_people()),
        ("mitigation-missing", told(**HALYARD, mitigation="")),
        ("support-undecided", seminar(commercial_support=[{"source": "Halyard Devices"}])),
        ("tuition-too-small", seminar(offerings=[early(49, TODAY)])),
        ("tuition-missing", seminar(offerings=[offering(tiers=[])])),
        ("way-and-format-differ", on_demand(offerings=[offering("livestream")])),
    ],
)
def test_each_of_these_causes_it_too(name: str, made: Made) -> None:
    assert name in {one.name for one in findings(made)}


@pytest.mark.parametrize(
    "words",
    [
        "Halyard™",
        "Halyard (R)",
        "© Halyard",
        '<img src="/h.svg">',
        "https://halyard.example",
        "www.halyard.example",
        "halyard.png",
        "Halyard logo",
        "[Halyard](/h)",
    ],
)
def test_learners_are_told_the_name_of_a_company_and_nothing_that_sells(words: str) -> None:
    assert "logo-or-trade-name-in-disclosure" in {one.name for one in findings(told(company=words))}
    assert "logo-or-trade-name-in-disclosure" in {
        one.name for one in findings(told(**HALYARD, nature=f"consultant for {words}"))
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ama-pending", "Credit has been applied for."),
        ("ama-pending", "Pending AMA PRA approval"),
        ("ama-pending", "AMA PRA Category 1 Credits™ pending."),
        ("ama-pending", "AMA PRA Category 1 Credit™ of up to 2.0 is **pending**."),
        ("ama-pending", "AMA PRA Category 1 Credits™\nare pending."),
        ("ama-pending", "Application for AMA PRA Category 1 Credit™ has been submitted."),
        ("ama-pending", "CME credit: to be determined"),
        ("credit-misnamed", "Earn ACCME credits"),
        ("credit-misnamed", "CME credit Category 1"),
        ("credit-misnamed", "Two AMA PRA category 1 credits."),
        ("credit-misnamed", "AMA PRA Category I Credits™"),
        ("credit-misnamed", "AMA PRA Category 1 CME Credits"),
        ("credit-misnamed", "Two AMA PRA credits."),
        ("category-2-designated", "Category II credit for reading ahead."),
        ("category-2-designated", "Counts as AMA PRA Category 2."),
        ("trademark-missing", "One AMA PRA Category 1 Credit"),
        ("trademark-missing", "Two *AMA PRA Category 1\nCredits*."),
        ("more-credit-in-words", "Earn 2.25 *AMA PRA\N{NO-BREAK SPACE}Category 1 Credits*™."),
        ("credit-not-designated", "Earn 2 ABIM MOC points."),
        ("credit-not-designated", "Approved for AAFP Prescribed credits."),
        ("credit-not-designated", "Contact hours of the ANCC are granted."),
    ],
)
@pytest.mark.parametrize("field", ["title", "summary", "description", "audience", "objectives"])
def test_no_text_says_of_credit_what_is_not_so(field: str, name: str, text: str) -> None:
    value: Any = [text] if field == "objectives" else text
    assert (name, field) in {(one.name, one.field) for one in findings(seminar(**{field: value}))}


@pytest.mark.parametrize(
    "text",
    [
        "Results that are pending at discharge.",
        "Up to 2.0 AMA PRA Category 1 Credits™.",
        "One credit is enough: 1.0 AMA PRA Category 1 Credit™.",
        "No AAPA credit is offered.",
        "Members of the AANP pay less.",
        "Up to 2.0 *AMA PRA Category 1 Credits*™, or *AMA PRA Category 1 Credits™*.",
        "Up to 2.0 AMA\N{NO-BREAK SPACE}PRA Category\N{NO-BREAK SPACE}1 Credits&trade;.",
        "Your seat is held while the credit card payment is pending.",
        "Patients who leave AMA while results are pending.",
        "This CME activity is about results that are pending at discharge.",
        "Category II fetal heart rate tracings, and what to do in a hurricane of category 2.",
        "ABA therapy: 5 points to remember.",
        "Semaglutide (Ozempic®) against tirzepatide.",
    ],
)
def test_these_words_are_in_order(text: str) -> None:
    assert findings(seminar(description=text)) == []


@pytest.mark.parametrize("kind", ["aafp-prescribed", "aapa-1"])
def test_the_sentence_for_credit_not_yet_approved_may_be_written(kind: str) -> None:
    waiting = designation(kind, is_pending=True)
    text = rules.statement_for(seminar(waiting), Provider(), kind)
    assert findings(seminar(waiting, description=f"{text} Come early.")) == []
    assert "ama-pending" in {
        one.name for one in findings(seminar(waiting, description=f"{text} AMA PRA credit is pending."))
    }


@pytest.mark.parametrize(
    ("dates", "fits"),
    [
        ({"released_on": TODAY, "terminates_on": date(2030, 3, 1)}, True),
        ({"released_on": TOMORROW, "terminates_on": date(2030, 3, 1)}, True),
        ({"released_on": date(2024, 1, 1), "reviewed_on": TODAY, "terminates_on": date(2030, 3, 1)}, True),
        ({"released_on": date(2024, 1, 1), "reviewed_on": TODAY, "terminates_on": date(2030, 3, 2)}, False),
    ],
)
def test_on_demand_stands_three_years_without_review(dates: dict[str, date], fits: bool) -> None:
    assert [one.name for one in findings(on_demand(**dates))] == ([] if fits else ["enduring-too-long"])


def test_credit_of_a_format_of_its_own_follows_the_estimated_time() -> None:
    made = {"learning_format": "PI CME activity", "estimated_minutes": 1200}
    assert findings(seminar(**made, designations=[designation(maximum=2000)])) == []
    assert [one.name for one in findings(seminar(**made))] == ["maximum-differs-from-estimated-time"]


@pytest.mark.parametrize(
    ("kind", "said", "facts"),
    [
        ("aapa-1", "2.25 AAPA Category 1 CME credits", AAPA),
        ("aafp-prescribed", "2.25 Live AAFP Prescribed credits", TERM),
        ("aafp-elective", "2.25 AAFP Elective credits", TERM),
        ("aanp", "2.25 AANP contact hours", {"approval_number": "27041234"}),
        ("ancc", "2.25 ANCC contact hours", ANCC),
    ],
)
def test_no_credit_is_announced_for_more_than_designated(kind: str, said: str, facts: dict[str, Any]) -> None:
    made = [seminar(designation(kind, amount, **facts), description=f"Earn {said}.") for amount in (200, 225)]
    names = [{one.name for one in findings(each)} for each in made]
    assert ["more-credit-in-words" in each for each in names] == [True, False]


@pytest.mark.parametrize("text", ["AMA PRA credit is pending.", "AMA PRA Category 1 Credits."])
def test_what_is_wrong_is_found_wherever_learners_read_it(text: str) -> None:
    made = {
        "topics": seminar(topics=["Gout", text]),
        "method": on_demand(method=text),
        "day_themes": seminar(day_themes={"2027-04-05": text}),
        "sessions": seminar(sessions=[at("8:00", 120, title=text)]),
    }
    for field, each in made.items():
        assert field in {one.field for one in findings(each)}


def test_each_finding_says_whom_or_what_it_is_about() -> None:
    late = person("Tobias Marrowgate, DO", expires_on=YESTERDAY)
    never = undisclosed()
    assert findings(with_people(late, never)) == [
        Finding("people", "The disclosure of Tobias Marrowgate, DO has expired", "disclosure-expired"),
        Finding("people", "The disclosure of Ada Quillfeather, MD is missing", "disclosure-missing"),
    ]
    assert findings(told(**HALYARD, mitigation="")) == [
        Finding(
            "people", "Mitigate the relationship of Ada Quillfeather, MD with Halyard Devices", "mitigation-missing"
        )
    ]
    assert findings(seminar(designations=[designation(maximum=225)])) == [
        Finding(
            "maximum",
            "The agenda supports 2.0 AMA PRA Category 1 Credit(s)™, designated are 2.25: make them the same",
            "maximum-differs-from-agenda",
        )
    ]
