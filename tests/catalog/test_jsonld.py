"""What search engines read on the page of a seminar keeps to schema.org's definitions, and says what the page says."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cme.catalog.models import Designation, Offering, Seminar, SeminarFaculty
from cme.database import transaction
from tests.browser import Browser
from tests.factories import FREE, faculty, seminar

pytestmark = pytest.mark.pages

SCHEMA = json.loads(Path(__file__).with_name("jsonld_schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
NASTY = '</script><script>alert("1")</script> & <!-- {{ 7*7 }} ]]> \u2028 O\'Neill'


def faults(data: Any) -> list[str]:
    """What schema.org would not understand."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def read(browser: Browser, made: Seminar) -> dict[str, Any]:
    """The facts on the page of a seminar, checked."""
    page = browser.open(f"/seminars/{made.slug}")
    (script,) = page.root.find("script", type="application/ld+json")
    (text,) = script.parts
    assert isinstance(text, str)
    data: dict[str, Any] = json.loads(text)
    assert faults(data) == []
    return data


def on_demand(clock: Any, **more: Any) -> Seminar:
    today = clock.now.date()
    return seminar(
        now=clock.now,
        starts_in=-30,
        days=1,
        modes=("on-demand",),
        learning_format="enduring material",
        released_on=today - timedelta(days=30),
        reviewed_on=today - timedelta(days=3),
        terminates_on=today + timedelta(days=400),
        estimated_minutes=135,
        pass_mark=70,
        **more,
    )


def test_the_schema_itself_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_seminar_is_an_education_event(browser: Browser, clock: Any) -> None:
    until = clock.now.date() + timedelta(days=10)
    made = seminar(now=clock.now, modes=("in-person", "livestream"), early={"physician": 99500}, early_until=until)
    data = read(browser, made)
    assert data["@type"] == "EducationEvent"
    assert (data["startDate"], data["endDate"]) == ("2027-03-31T08:00:00-04:00", "2027-04-01T10:15:00-04:00")
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    place, online = data["location"]
    assert place["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Sarasota",
        "addressRegion": "FL",
        "addressCountry": "US",
    }
    assert online == {"@type": "VirtualLocation", "url": data["url"]}
    assert data["url"] == f"http://localhost/seminars/{made.slug}"
    assert data["image"] == [f"http://localhost/seminars/{made.slug}/share.png"]
    assert data["organizer"]["name"] == "Gulf Coast Medical Seminars"
    assert data["performer"][0]["name"] == "Odalys Venn-Whitaker"
    assert data["performer"][0]["honorificSuffix"] == "MD"
    assert data["maximumAttendeeCapacity"] == 20
    first = data["offers"][0]
    assert (first["name"], first["price"], first["priceCurrency"]) == ("Physician, in person", "995.00", "USD")
    assert first["priceValidUntil"] == until.isoformat()
    assert first["availability"] == "https://schema.org/InStock"
    assert first["availabilityEnds"] == data["startDate"]
    assert len(data["offers"]) == 6
    (credit,) = data["workFeatured"]["educationalCredentialAwarded"]
    assert credit["name"] == "4.0 AMA PRA Category 1 Credits™"


def test_clocks_go_forward_between_the_days(browser: Browser, clock: Any) -> None:
    data = read(browser, seminar(now=clock.now, starts_in=12, days=2))  # March 13 and 14, 2027
    assert (data["startDate"], data["endDate"]) == ("2027-03-13T08:00:00-05:00", "2027-03-14T10:15:00-04:00")


def test_an_activity_on_demand_is_a_course(browser: Browser, clock: Any) -> None:
    data = read(browser, on_demand(clock, prices=FREE))
    assert data["@type"] == "Course"
    assert (data["datePublished"], data["dateModified"], data["expires"]) == ("2027-01-30", "2027-02-26", "2028-04-04")
    assert data["hasCourseInstance"]["courseMode"] == "Online"
    assert data["hasCourseInstance"]["courseWorkload"] == "PT135M"
    assert data["isAccessibleForFree"] is True
    assert data["educationalCredentialAwarded"][0]["name"] == "2.0 AMA PRA Category 1 Credits™"
    assert {offer["price"] for offer in data["offers"]} == {"0.00"}


@pytest.mark.parametrize(
    ("modes", "attendance", "places"),
    [
        (("in-person",), "OfflineEventAttendanceMode", ["Place"]),
        (("livestream",), "OnlineEventAttendanceMode", ["VirtualLocation"]),
    ],
)
def test_where_one_attends_is_said(
    browser: Browser, clock: Any, modes: tuple[str, ...], attendance: str, places: list[str]
) -> None:
    data = read(browser, seminar(now=clock.now, modes=modes))
    assert data["eventAttendanceMode"].endswith(attendance)
    assert [place["@type"] for place in data["location"]] == places


def test_a_cancelled_seminar_is_cancelled_for_engines_too(browser: Browser, clock: Any) -> None:
    data = read(browser, seminar(now=clock.now, status="cancelled"))
    assert data["eventStatus"] == "https://schema.org/EventCancelled"
    assert {offer["availability"] for offer in data["offers"]} == {"https://schema.org/Discontinued"}


def test_seats_and_doors_are_told(browser: Browser, clock: Any) -> None:
    full, closed, over = (seminar(now=clock.now, starts_in=days) for days in (30, 30, -10))
    with transaction() as session:
        session.get_one(Offering, full.offerings[0].id).taken = 10
        session.get_one(Offering, closed.offerings[0].id).status = "closed"
    for made, word in ((full, "SoldOut"), (closed, "OutOfStock"), (over, "Discontinued")):
        assert {o["availability"] for o in read(browser, made)["offers"]} == {f"https://schema.org/{word}"}


def test_credit_that_is_not_decided_is_not_promised(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    with transaction() as session:
        more = {"seminar_id": made.id, "maximum": 400}
        session.add(Designation(credit_type="aapa-1", **more))
        session.add(Designation(credit_type="aafp-prescribed", is_pending=True, **more))
    names = [one["name"] for one in read(browser, made)["workFeatured"]["educationalCredentialAwarded"]]
    assert names == ["4.0 AMA PRA Category 1 Credits™", "4.0 AAPA Category 1 CME credits"]


def test_hostile_words_stay_words(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, title=NASTY, specialty=NASTY[:60], objectives=[NASTY])
    with transaction() as session:
        found = session.get_one(Seminar, made.id)
        found.summary = found.venue = found.audience = found.city = NASTY[:90]
        found.topics = [NASTY]
        found.people[0].faculty.name = NASTY[:90]
    data = read(browser, made)
    assert (data["name"], data["teaches"]) == (NASTY, [NASTY])
    html = browser.open(f"/seminars/{made.slug}").html
    assert "<script>alert" not in html
    assert html.count("</script>") == html.count("<script")


def test_nobody_is_told_of_a_draft(browser: Browser, cast: Any, clock: Any) -> None:
    made = seminar(now=clock.now, status="draft")
    page = browser.sign_in(cast.sam).open(f"/seminars/{made.slug}")
    assert not page.root.find("script", type="application/ld+json")
    assert not page.root.find("meta", property="og:image")
    assert page.root.find("meta", name="robots", content="noindex")


def test_a_bare_seminar_leaves_out_what_it_does_not_know(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, objectives=[], specialty="")
    with transaction() as session:
        found = session.get_one(Seminar, made.id)
        found.summary = found.audience = found.address = ""
        teacher = found.people[0].faculty
        teacher.credentials = teacher.title = teacher.affiliation = ""
    data = read(browser, made)
    assert "teaches" not in data
    assert data["performer"] == [{"@type": "Person", "name": "Odalys Venn-Whitaker"}]


def test_whoever_only_plans_does_not_perform(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now)
    planner = faculty("P. Lan", now=clock.now)
    with transaction() as session:
        session.add(SeminarFaculty(seminar_id=made.id, faculty_id=planner.id, role="planner"))
    assert [person["name"] for person in read(browser, made)["performer"]] == ["Odalys Venn-Whitaker"]


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (("startDate",), "2027-03-31T08:00:00", "startDate"),  # without its offset
        (("eventStatus",), "EventScheduled", "eventStatus"),
        (("offers", 0, "price"), "$995", "price"),
        (("location",), [], "location"),
        (("startdate",), "2027-03-31", "startdate"),
        (("offers", 0, "availability"), None, "availability"),
    ],
)
def test_a_fault_is_noticed(browser: Browser, clock: Any, path: tuple[Any, ...], value: Any, fault: str) -> None:
    data = read(browser, seminar(now=clock.now))
    at: Any = data
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    assert any(fault in found for found in _deep(VALIDATOR.iter_errors(data)))


def _deep(errors: Any) -> list[str]:
    """All that is wrong, also within each alternative."""
    found = []
    for error in errors:
        found += [f"{error.json_path}: {error.message}", *_deep(error.context or [])]
    return found
