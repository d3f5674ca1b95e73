"""What the AMA and the accreditor ask of a seminar."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cme.catalog import rules
from cme.catalog.rules import Finding, accreditation_statement, designated_maximum, designation_statement
from cme.values import Credits

NOW = datetime(2027, 3, 1, 15, tzinfo=UTC)
TODAY = NOW.date()
FIRST = date(2027, 4, 5)
PROVIDER = "Gulf Coast Medical Seminars"
ACCREDITOR = "Accreditation Council for Continuing Medical Education (ACCME)"


@dataclass
class Item:
    """An item of an agenda."""

    starts_at: datetime
    minutes: int
    counts: bool = True
    mode: str = "both"
    on: date = FIRST
    title: str = "A session"
    faculty: tuple[Any, ...] = ()

    @property
    def ends_at(self) -> datetime:
        """When it ends."""
        return self.starts_at + timedelta(minutes=self.minutes)


def at(clock: str, minutes: int, *, day: int = 0, **more: Any) -> Item:
    hour, minute = map(int, clock.split(":"))
    return Item(datetime(2027, 4, 5 + day, hour, minute, tzinfo=UTC), minutes, **more)


# Statements


def test_the_designation_is_the_sentence_the_ama_prescribes() -> None:
    assert designation_statement(PROVIDER, "live activity", Credits(2000), "ama-pra-1") == (
        "The Gulf Coast Medical Seminars designates this live activity for a maximum of 20.0 AMA PRA Category 1 "
        "Credits™. Physicians should claim only the credit commensurate with the extent of their participation in the "
        "activity."
    )


@pytest.mark.parametrize(
    ("maximum", "amount"),
    [
        (100, "1.0 AMA PRA Category 1 Credit™."),
        (75, "0.75 AMA PRA Category 1 Credits™."),
        (1875, "18.75 AMA PRA Category 1 Credits™."),
        (950, "9.5 AMA PRA Category 1 Credits™."),
    ],
)
def test_credit_is_singular_at_exactly_one(maximum: int, amount: str) -> None:
    assert amount in designation_statement(PROVIDER, "live activity", Credits(maximum), "ama-pra-1")


def test_the_name_of_a_provider_may_bring_its_own_article() -> None:
    statement = designation_statement("The Bayward Society", "enduring material", Credits(200), "ama-pra-1")
    assert statement.startswith("The Bayward Society designates this enduring material")


def test_other_credit_is_designated_in_plain_words_and_participation_not_at_all() -> None:
    statement = designation_statement(PROVIDER, "live activity", Credits(800), "aapa-1")
    assert statement == "This activity is designated for 8.0 AAPA Category 1 CME credits."
    assert designation_statement(PROVIDER, "live activity", Credits(800), "participation") == ""


def test_a_direct_provider_names_its_accreditor() -> None:
    assert accreditation_statement(PROVIDER, ACCREDITOR, "ACCME", "direct", []) == (
        "The Gulf Coast Medical Seminars is accredited by the Accreditation Council for Continuing Medical Education "
        "(ACCME) to provide continuing medical education for physicians."
    )


def test_a_joint_activity_names_every_partner() -> None:
    statement = accreditation_statement(PROVIDER, ACCREDITOR, "ACCME", "joint", ["Tidewell", "Sablecove", "Bayward"])
    assert statement == (
        "This activity has been planned and implemented in accordance with the accreditation requirements and policies "
        "of the Accreditation Council for Continuing Medical Education (ACCME) through the joint providership of Gulf "
        "Coast Medical Seminars and Tidewell, Sablecove and Bayward. The Gulf Coast Medical Seminars is accredited by "
        "the ACCME to provide continuing medical education for physicians."
    )


# Counting credit


def test_four_mornings_with_a_break_support_sixteen_credits() -> None:
    agenda = [
        item
        for day in range(4)
        for item in (at("8:00", 120, day=day), at("10:00", 15, day=day, counts=False), at("10:15", 120, day=day))
    ]
    assert designated_maximum(agenda) == Credits(1600)


def test_parallel_workshops_count_once_and_lunch_never() -> None:
    agenda = [at("9:00", 60), at("10:00", 45), at("10:00", 45), at("10:45", 60, counts=False)]
    assert rules.credit_minutes(agenda) == 105
    assert designated_maximum(agenda) == Credits(175)


def test_staggered_tracks_count_as_the_longest_way_through_them() -> None:
    agenda = [at("9:00", 45), at("9:45", 30), at("9:00", 60), at("10:00", 15)]
    assert rules.credit_minutes(agenda) == 75
    assert rules.credit_minutes([at("9:00", 60), at("9:30", 60)]) == 60


@pytest.mark.parametrize(
    ("minutes", "counted"),
    [
        ((60, 45, 45), 105),  # in both rooms at once: one of them
        ((60, 20, 25), 105),  # from one room to the other
        ((60, 0, 45), 105),
        ((60, 10, 0), 70),
        ((0, 0, 0), 0),
    ],
)
def test_who_sat_in_parallel_workshops_sat_in_one_at_a_time(minutes: tuple[int, ...], counted: int) -> None:
    agenda = [at("9:00", 60), at("10:00", 45), at("10:00", 45)]
    assert rules.attended_minutes(zip(agenda, minutes, strict=True)) == counted


def test_nobody_attends_in_person_and_by_livestream_at_once() -> None:
    agenda = [at("9:00", 60), at("10:00", 60, mode="in-person"), at("11:00", 30, mode="livestream")]
    assert rules.credit_minutes(agenda) == 120


@pytest.mark.parametrize(
    ("minutes", "credits"),
    [(0, 0), (7, 0), (8, 25), (50, 75), (53, 100), (60, 100), (112, 175), (113, 200), (960, 1600)],
)
def test_the_total_goes_to_the_nearest_quarter(minutes: int, credits: int) -> None:
    assert rules.credit_for(minutes) == Credits(credits)


def test_an_empty_agenda_supports_nothing() -> None:
    assert designated_maximum([]) == Credits(0)


# Publishing


@dataclass(eq=False)
class Teacher:
    """Somebody who teaches, with what they disclosed."""

    full_name: str
    disclosures: list[SimpleNamespace]


def person(name: str, role: str = "faculty", **disclosure: Any) -> SimpleNamespace:
    disclosed = {
        "has_relationship": False,
        "is_relevant": False,
        "company": "",
        "mitigation": "",
        "mitigated_on": None,
        "expires_on": TODAY,
    } | disclosure
    return SimpleNamespace(faculty=Teacher(name, [SimpleNamespace(**disclosed)]), role=role)


def offering(mode: str = "in-person", **more: Any) -> SimpleNamespace:
    tiers = [
        SimpleNamespace(tier=tier, amount_minor=amount, early_minor=None, early_until=None)
        for tier, amount in {"physician": 109500, "clinician": 89500, "trainee": 0}.items()
    ]
    return SimpleNamespace(**({"mode": mode, "capacity": 40, "currency": "USD", "tiers": tiers} | more))


def seminar(**changes: Any) -> SimpleNamespace:
    """A seminar that lacks nothing, but for the changes."""
    ada = person("Ada Quillfeather, MD", "director")
    made = {
        "title": "Cardiology for Primary Care",
        "slug": "cardiology-for-primary-care",
        "summary": "Blood pressure, lipids and results that are pending at discharge.",
        "description": "",
        "audience": "Physicians",
        "objectives": ["Choose a target"],
        "learning_format": "live activity",
        "time_zone": "America/New_York",
        "starts_on": FIRST,
        "ends_on": FIRST,
        "starts_at": NOW + timedelta(days=35),
        "venue": "Harborlight Hotel",
        "city": "Sarasota",
        "providership": "direct",
        "joint_providers": [],
        "commercial_support": [],
        "no_commercial_support": True,
        "pass_mark": None,
        "released_on": None,
        "reviewed_on": None,
        "terminates_on": None,
        "offerings": [offering()],
        "sessions": [at("8:00", 60, faculty=(ada.faculty,)), at("9:00", 60)],
        "people": [ada],
        "maximum": 200,
    } | changes
    designation = SimpleNamespace(maximum=made["maximum"], credits=Credits(made.pop("maximum")))
    return SimpleNamespace(**made, designation_of=lambda kind: designation if kind == "ama-pra-1" else None)


def findings(made: SimpleNamespace) -> list[Finding]:
    return rules.publish_findings(made, now=NOW, today=TODAY)


def test_a_whole_seminar_can_be_published() -> None:
    assert findings(seminar()) == []


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"title": "  "}, "title", "Enter the title"),
        ({"slug": "Cardiology!"}, "slug", "Enter the address"),
        ({"time_zone": "Gulf"}, "time_zone", "Select the time zone"),
        ({"venue": ""}, "venue", "venue and the city"),
        ({"city": ""}, "venue", "venue and the city"),
        ({"starts_at": NOW}, "starts_on", "has started"),
        ({"objectives": [" "]}, "objectives", "learning objective"),
        ({"audience": ""}, "audience", "who the seminar is for"),
        ({"learning_format": "webinar"}, "learning_format", "AMA's list"),
        ({"learning_format": "other activity"}, "learning_format", "AMA's list"),
        ({"providership": "joint"}, "joint_providers", "every joint provider"),
        ({"sessions": [at("8:00", 60, counts=False)], "maximum": 0}, "sessions", "session of instruction"),
        ({"sessions": [at("8:00", 120, on=FIRST + timedelta(days=1))]}, "sessions", "outside the seminar's dates"),
        ({"maximum": 0}, "maximum", "Enter the number of AMA PRA Category 1 Credit(s)™"),
        ({"maximum": 190}, "maximum", "steps of 0.25"),
        ({"maximum": 225}, "maximum", "The agenda supports 2.0"),
        ({"people": []}, "people", "course director"),
        ({"no_commercial_support": False}, "commercial_support", "or say that there is none"),
        ({"commercial_support": [{"source": "Halyard"}]}, "commercial_support", "or say that there is none"),
        (
            {"commercial_support": [{"source": ""}], "no_commercial_support": False},
            "commercial_support",
            "Name the source",
        ),
        ({"offerings": []}, "offerings", "at least one way to attend"),
        ({"offerings": [offering(capacity=0)]}, "offerings", "number of seats"),
        ({"offerings": [offering(tiers=[])]}, "tiers", "In person: enter the tuition for Physician"),
        ({"offerings": [offering(currency="XYZ")]}, "tiers", "XYZ cannot be charged"),
        ({"offerings": [offering("on-demand")]}, "learning_format", "On demand does not go with"),
        ({"summary": "Credit has been applied for."}, "summary", "never pending"),
        ({"description": "Pending AMA PRA approval"}, "description", "never pending"),
        ({"title": "Ten Category 1 credits"}, "title", "full name"),
        ({"objectives": ["Earn ACCME credits"]}, "objectives", "full name"),
    ],
)
def test_what_is_missing_is_named_with_its_field(changes: dict[str, Any], field: str, message: str) -> None:
    found = findings(seminar(**changes))
    assert any(each.field == field and message in each.message for each in found), found


def test_the_full_name_of_the_credit_may_be_written() -> None:
    assert findings(seminar(description="Up to 2.0 AMA PRA Category 1 Credits™.")) == []


def test_a_format_outside_the_list_is_described_in_parentheses() -> None:
    assert findings(seminar(learning_format="other activity (shadowing)")) == []


def test_everybody_in_control_of_content_has_disclosed() -> None:
    late = person("Tobias Marrowgate, DO", "director", expires_on=TODAY - timedelta(days=1))
    never = person("Wren Adair-Holt, NP")
    never.faculty.disclosures = []
    assert findings(seminar(people=[late, never], sessions=[at("8:00", 120)])) == [
        Finding("people", "The disclosure of Tobias Marrowgate, DO has expired"),
        Finding("people", "The disclosure of Wren Adair-Holt, NP is missing"),
    ]


def test_a_relevant_relationship_is_mitigated_first() -> None:
    tied = {"has_relationship": True, "is_relevant": True, "company": "Halyard Devices"}
    open_ = seminar(people=[person("Tobias Marrowgate, DO", "director", **tied)], sessions=[at("8:00", 120)])
    assert findings(open_) == [
        Finding("people", "Mitigate the relationship of Tobias Marrowgate, DO with Halyard Devices")
    ]
    mitigated = tied | {"mitigation": "Peer review of content", "mitigated_on": TODAY}
    settled = seminar(people=[person("Tobias Marrowgate, DO", "director", **mitigated)], sessions=[at("8:00", 120)])
    assert findings(settled) == []


def test_whoever_teaches_is_listed() -> None:
    guest = person("Ines Calloway-Brandt, MD").faculty
    assert findings(seminar(sessions=[at("8:00", 120, faculty=(guest,))])) == [
        Finding("people", "Ines Calloway-Brandt, MD teaches “A session”: add them to the faculty")
    ]


@pytest.mark.parametrize(
    ("tuition", "message"),
    [
        ({"amount_minor": 49}, "free, or at least $0.50"),
        ({"amount_minor": 9000, "early_minor": 9500, "early_until": TODAY}, "early rate must not be higher"),
        ({"amount_minor": 9000, "early_minor": 8000, "early_until": FIRST}, "must end before the first day"),
    ],
)
def test_tuition_can_be_charged(tuition: dict[str, Any], message: str) -> None:
    place = offering()
    vars(place.tiers[0]).update(tuition)
    (found,) = findings(seminar(offerings=[place]))
    assert found.field == "tiers"
    assert found.message.startswith("In person, Physician")
    assert message in found.message


@pytest.mark.parametrize(
    ("dates", "fits"),
    [
        ({"released_on": TODAY, "terminates_on": date(2030, 3, 1)}, True),
        ({"released_on": TODAY, "terminates_on": date(2030, 3, 2)}, False),
        ({"released_on": TODAY, "terminates_on": TODAY - timedelta(days=1)}, False),
        ({"released_on": date(2024, 1, 1), "reviewed_on": TODAY, "terminates_on": date(2030, 3, 1)}, True),
        ({"released_on": TODAY}, False),
    ],
)
def test_on_demand_stands_three_years_without_review(dates: dict[str, date], fits: bool) -> None:
    made = seminar(learning_format="enduring material", offerings=[offering("on-demand")], pass_mark=70, **dates)
    assert [found.field for found in findings(made)] == ([] if fits else ["terminates_on"])


def test_on_demand_states_its_pass_mark() -> None:
    dates = {"released_on": TODAY, "terminates_on": date(2029, 1, 1)}
    made = seminar(learning_format="enduring material", offerings=[offering("on-demand")], **dates)
    assert [found.field for found in findings(made)] == ["pass_mark"]
