"""The editor's agenda and credit: every slip named at its row, the counting shown, each type of credit once."""

import ast
from pathlib import Path

import pytest

from cme.catalog import rules
from cme.catalog.admin.seminars import CHECKS
from cme.catalog.forms import SeminarForm
from cme.catalog.rules import checks
from cme.database import db
from tests.browser import Page
from tests.catalog.test_admin import COMPLETE, draft, only, sam, send, value

__all__ = ["sam"]
pytestmark = pytest.mark.pages


LIPIDS_ENDS = "Session 2, Ends: “Lipids” must end after it starts"


def session(number: int, title: str, starts: str, ends: str, **more: str) -> dict[str, str]:
    """The fields of one row of the agenda."""
    row = {"title": title, "on": "2027-06-07", "starts": starts, "ends": ends} | more
    return {f"sessions-{number}-{name}": typed for name, typed in row.items()}


def other(number: int, credit_type: str, amount: str = "2.00", **more: str) -> dict[str, str]:
    """The fields of one row of other credit."""
    row = {"credit_type": credit_type, "amount": amount} | more
    return {f"designations-{number}-{name}": typed for name, typed in row.items()}


def anchors(page: Page) -> list[str]:
    """Where the error summary leads; every target is on the page."""
    ids = {element.attrs["id"] for element in page.root.find() if "id" in element.attrs}
    found = [a.attrs["href"].removeprefix("#") for a in page.root.find(data_error_summary="")[0].find("a")]
    assert set(found) <= ids
    return found


# The agenda


@pytest.mark.parametrize(
    ("row", "error", "field"),
    [
        (
            session(1, "Lipids", "09:00", "11:00"),
            "Session 2, Starts: “Lipids” overlaps “Blood pressure” (session 1): change a time, or give them different "
            "tracks",
            "sessions-1-starts",
        ),
        (session(1, "Lipids", "11:00", "10:30"), LIPIDS_ENDS, "sessions-1-ends"),
        (session(1, "Lipids", "11:00", "11:00"), LIPIDS_ENDS, "sessions-1-ends"),
        (
            session(1, "Lipids", "10:00", "11:00", on="2027-06-08"),
            "Session 2, Day: “Lipids” is outside the seminar's dates",
            "sessions-1-on",
        ),
        (
            session(1, "Lipids", "10:00", "10:30", **{"topics-ethics": "15", "topics-hiv": "45"}),
            "Session 2, HIV and AIDS: “Lipids” lasts 30 minutes: 45 on HIV and AIDS cannot be",
            "sessions-1-topics-hiv",
        ),
        (
            session(1, "Coffee", "10:00", "10:30", kind="break", **{"topics-ethics": "15"}),
            "Session 2, Ethics: “Coffee”: break has no minutes on ethics",
            "sessions-1-topics-ethics",
        ),
        (
            session(1, "Lipids", "10:00", "10:30", **{"topics-ethics": "half"}),
            "Session 2, Ethics: enter a whole number from 1 to 1,440",
            "sessions-1-topics-ethics",
        ),
        (session(1, "Lipids", "25:00", "10:30"), "Session 2, Starts: enter a time like 08:30", "sessions-1-starts"),
        (
            session(1, "L" * 201, "10:00", "10:30"),
            "Session 2, Title must be 200 characters or fewer",
            "sessions-1-title",
        ),
        (session(1, "", "10:00", "10:30"), "Session 2, Title: Enter the session's title", "sessions-1-title"),
    ],
)
def test_each_slip_of_the_timetable_names_its_row_and_leads_there(sam, row, error, field):
    page = draft(sam, **row)
    assert (page.status, page.errors) == (422, [error])
    assert anchors(page) == [field]
    assert {name: value(page, name) for name in row} == row


def test_sessions_side_by_side_need_tracks_or_other_listeners_and_count_once(sam):
    tracks = session(1, "Lipids", "08:00", "10:00", track="B") | {"sessions-0-track": "A"}
    assert "Draft created" in draft(sam, **tracks).text
    ways = session(1, "Lipids", "08:00", "10:00", mode="livestream") | {"sessions-0-mode": "in-person"}
    page = draft(sam, title="Another", **ways)
    assert "Draft created" in page.text
    assert "2.00 credits in the agenda, 2.00 designated" in page.text


def test_a_row_that_goes_is_in_nobodys_way(sam):
    overlapping = session(1, "Lipids", "08:30", "11:00", remove="y")
    assert "Draft created" in draft(sam, **overlapping).text


def test_an_unfinished_draft_is_saved_an_impossible_one_is_not(sam):
    unfinished = {name: "" for name in COMPLETE if name.startswith(("sessions", "people", "in_person"))}
    page = draft(sam, **unfinished, maximum="", audience="", objectives="")
    assert "Draft created" in page.text
    assert "cannot" not in page.text.split("Ready to publish?")[0]


def test_minutes_on_topics_are_kept_and_shown(sam):
    page = draft(sam, **{"sessions-0-topics-ethics": "30", "sessions-0-topics-medical-errors": "60"})
    assert only().sessions[0].topic_minutes == {"ethics": 30, "medical-errors": 60}
    assert value(page, "sessions-0-topics-medical-errors") == "60"
    assert "Minutes on topics: ethics 30, prevention of medical errors 60" in page.text
    send(page, **{"sessions-0-topics-ethics": ""})
    assert only().sessions[0].topic_minutes == {"medical-errors": 60}


def test_each_day_has_its_theme_and_keeps_it_when_the_seminar_moves(sam):
    page = draft(sam, ends_on="2027-06-08")
    page = send(page, **{"themes-0-theme": "Pressure", "themes-1-theme": "<b>Lipids</b>"})
    assert only().day_themes == {"2027-06-07": "Pressure", "2027-06-08": "<b>Lipids</b>"}
    assert "<b>Lipids" not in page.html
    page = send(page, starts_on="2027-06-14", ends_on="2027-06-15", **{"sessions-0-on": ""})
    assert only().day_themes == {"2027-06-14": "Pressure", "2027-06-15": "<b>Lipids</b>"}
    page = send(page, ends_on="2027-06-14")
    assert page.errors == ["Day 2, Theme: The seminar has no such day: empty this, or move the last day"]
    assert anchors(page) == ["themes-1-theme"]


def test_the_counting_is_shown_before_anything_is_saved(sam):
    typed = session(1, "Coffee", "10:00", "10:15", kind="break") | session(2, "Lipids", "10:15", "11:08")
    page = send(sam.open("/admin/seminars/new"), **COMPLETE | typed, more="count")
    assert page.status == 200
    assert "3.00 credits in the agenda, 2.00 designated" in page.text
    table = page.root.find("table")[0].text
    for words in ("Break: no instruction", "120 + 53 = 173 minutes", "173 ÷ 60 = 2.883…", "to the nearest quarter"):
        assert words in table


def test_on_demand_the_estimated_time_counts(sam):
    told = {"learning_format": "enduring material", "estimated_minutes": "90", "in_person-offered": None}
    page = send(sam.open("/admin/seminars/new"), **COMPLETE | {k: v or "" for k, v in told.items()}, more="count")
    assert "The estimated time supports 1.50 credits" in page.text


def test_what_is_wrong_with_the_timetable_does_not_stop_the_counting(sam):
    page = draft(sam, **session(1, "Lipids", "11:00", "10:00"), time_zone="Mars/Olympus")
    assert page.status == 422
    assert value(page, "sessions-1-starts") == "11:00"


# Other credit


def test_every_type_of_credit_is_kept_with_what_its_organization_asks_for(sam):
    typed = (
        other(0, "aanp", approval_number="24071234", pharmacology="0.5")
        | other(1, "acpe", uans="0123-0000-27-001-L01-P\n0123-0000-27-001-l01-t", activity_type="Knowledge")
        | other(2, "ancc", "2.1", step="10", approver="Bayward Nurses")
        | other(3, "moc-abim", credit_kind="Medical Knowledge")
        | other(4, "aafp-prescribed", is_pending="y")
        | other(5, "aapa-1", approved_from="2027-01-01", approved_until="2027-12-31")
    )
    page = draft(sam, **typed)
    assert page.errors == []
    found = {each.credit_type: each for each in only().designations}
    assert found["ama-pra-1"].maximum == 200
    assert (found["aanp"].approval_number, found["aanp"].extra) == ("24071234", {"pharmacology": 50})
    assert [each["audience"] for each in found["acpe"].extra["uans"]] == ["P", "T"]
    assert (found["ancc"].maximum, found["ancc"].step, found["ancc"].extra) == (210, 10, {"approver": "Bayward Nurses"})
    assert found["moc-abim"].extra == {"credit_kind": "Medical Knowledge"}
    assert found["aafp-prescribed"].is_pending
    assert found["aapa-1"].approved_until.isoformat() == "2027-12-31"
    assert "Application for CME credit has been filed" in page.text
    rows = {value(page, f"designations-{n}-credit_type"): n for n in range(6)}
    assert value(page, f"designations-{rows['acpe']}-uans") == "0123-0000-27-001-L01-P\n0123-0000-27-001-L01-T"
    assert value(page, f"designations-{rows['ancc']}-step") == "10"
    before = {kind: (each.id, each.extra) for kind, each in found.items()}
    send(page)
    assert {each.credit_type: (each.id, each.extra) for each in only().designations} == before


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (other(0, "aanp") | other(1, "aanp"), "Other credit 2, Credit type: This credit type is listed twice"),
        (other(0, "aanp", "2.1"), "Other credit 1, Amount: Enter a number in steps of 0.25"),
        (other(0, "ancc", "2.15", step="10"), "Other credit 1, Amount: Enter a number in steps of 0.10"),
        (other(0, "aanp", step="10"), "AANP contact hours are claimed in quarters: select 0.25"),
        (other(0, "aanp", "much"), "Other credit 1, Amount: enter a number like 7.5, at most 500"),
        (other(0, "aanp", ""), "Other credit 1, Amount: Enter how much the seminar is designated for"),
        (other(0, "", "2"), "Other credit 1, Credit type: Select the type of credit"),
        (other(0, "ama-pra-1"), "Other credit 1, Credit type: Not a valid choice."),
        (other(0, "aanp", pharmacology="2.25"), "They are part of the 2.0 hours: enter no more"),
        (other(0, "ancc", pharmacology="1"), "Only AANP credit has this: empty it, or select that type"),
        (other(0, "acpe", uans="0123"), "“0123” is no universal activity number"),
        (other(0, "acpe", uans="0123-0000-27-001-L01-P\n0123-0000-27-001-L01-P"), "listed twice"),
        (other(0, "moc-abs", credit_kind="Medical Knowledge"), "of the kind Accredited CME or Self-Assessment"),
        (other(0, "acpe", is_pending="y"), "Only AAFP and AAPA credit is announced before it is decided"),
        (other(0, "aapa-1", approved_from="2027-05-01", approved_until="2027-04-01"), "must not end before it begins"),
    ],
)
def test_a_designation_that_cannot_be_is_an_error_at_its_field(sam, row, error):
    page = draft(sam, **row)
    assert page.status == 422
    assert any(error in said for said in page.errors), page.errors
    assert all(anchor.startswith("designations-") for anchor in anchors(page))
    assert value(page, "designations-0-amount") == row["designations-0-amount"]


def test_a_type_goes_when_its_row_is_emptied(sam):
    page = draft(sam, **other(0, "aanp") | other(1, "aapa-1"))
    page = send(page, **other(0, "", "", approval_number=""))
    assert {each.credit_type for each in only().designations} == {"ama-pra-1", "aapa-1"}
    send(page, maximum="")
    assert only().designation_of("ama-pra-1").maximum == 0


# On demand, and where to stay


def test_what_on_demand_learners_are_told_is_kept(sam):
    told = {
        "learning_format": "enduring material",
        "released_on": "2027-06-07",
        "terminates_on": "2029-06-06",
        "estimated_minutes": "120",
        "pass_mark": "70",
        "method": "Watch, then answer.",
        "bibliography": "- One source",
        "on_demand-offered": "y",
        "on_demand-access_days": "90",
        "on_demand-capacity": "500",
    }
    page = draft(sam, **told)
    seminar = only()
    assert (seminar.estimated_minutes, seminar.method) == (120, "Watch, then answer.")
    assert seminar.bibliography == "- One source"
    assert {o.mode: o.access_days for o in seminar.offerings} == {"in-person": None, "on-demand": 90}
    assert {name: value(page, name) for name in told if not name.endswith("offered")} == {
        name: typed for name, typed in told.items() if not name.endswith("offered")
    }
    assert "What on-demand learners are told" in page.text


def test_the_hotel_is_kept_and_its_rooms_end_before_the_seminar_begins(sam):
    hotel = {"hotel_name": "Harborlight", "hotel_url": "https://hotel.example/x", "hotel_rate": "219.50"}
    page = draft(sam, **hotel, hotel_cutoff_on="2027-05-07")
    seminar = only()
    assert (seminar.hotel_url, seminar.hotel_rate_minor) == ("https://hotel.example/x", 21950)
    assert value(page, "hotel_rate") == "219.50"
    page = send(page, hotel_cutoff_on="2027-06-08", hotel_url="http://hotel.example")
    assert page.errors == [
        "Enter a link that begins with https://",
        "Enter a day on or before the first day of the seminar",
    ]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a b", 'https://x"onmouseover=', "//x", "ftp://x"])
def test_a_link_that_is_no_address_is_refused(sam, link):
    assert draft(sam, hotel_url=link).errors == ["Enter a link that begins with https://"]


# Two editors, and every finding


def test_of_two_editors_the_second_learns_of_rows_the_other_added(sam):
    first = draft(sam)
    second = sam.open(first.url)
    send(first, **session(1, "Lipids", "10:00", "11:00"), **other(0, "aanp"), **{"themes-0-theme": "Pressure"})
    page = send(second, **other(0, "aapa-1"))
    assert page.status == 409
    for words in ("Agenda: Lipids", "Other credit: AANP contact hours, 2.00", "Themes of the days: Pressure"):
        assert words in page.text, words
    assert value(page, "designations-0-credit_type") == "aapa-1"
    assert [each.credit_type for each in only().designations] == ["ama-pra-1", "aanp"]


def test_every_finding_has_a_check_that_shows_it_and_a_place_to_go() -> None:
    shown = {field for _, fields in CHECKS for field in fields}
    usual = {field for field, _ in checks.CHECKS.values()}
    assert usual - shown == set()
    assert fields_named_in_the_rules() - shown == set()
    on_the_page = {
        "assessment",
        *dir(SeminarForm),
        "offerings",
        "tiers",
        "access_days",
        "commercial_support",
        "topics",
        "day_themes",
    }
    assert shown - on_the_page == set()


def fields_named_in_the_rules() -> set[str]:
    """The fields that findings are told to stand at, where it is not their usual one."""
    folder = Path(rules.__file__).parent
    calls = [node for file in folder.glob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    named = [c.args[1] for c in calls if isinstance(c, ast.Call) and ast.unparse(c.func) == "found" and len(c.args) > 1]
    return {str(each.value) for each in named if isinstance(each, ast.Constant)}


# The working, on paper


def test_an_auditor_sees_the_working_line_by_line(sam):
    parallel = session(1, "Lipids", "10:00", "10:45", track="A") | session(2, "Rhythm", "10:00", "10:45", track="B")
    draft(sam, **parallel, **other(0, "aanp", approval_number="24071234"), **{"sessions-0-topics-ethics": "30"})
    page = sam.open("/admin/seminars/hypertension-today").click("How the credit is counted")
    for words in (
        "Runs beside “Lipids”, which is counted",
        "120 + 45 = 165 minutes",
        "165 ÷ 60 = 2.75",
        "Nurse practitioners",
        "24071234",
        "Ethics 30 minutes",
        "designates this live activity for a maximum of 2.0",
    ):
        assert words in page.text, words


def test_an_empty_agenda_has_a_working_too(sam):
    draft(sam, **{name: "" for name in COMPLETE if name.startswith("sessions")}, maximum="")
    page = sam.open("/admin/seminars/hypertension-today/credit")
    assert "The agenda is empty" in page.text
    sam.open("/admin/seminars/nothing/credit", expect=404)


def test_hostile_words_stay_words_everywhere(sam):
    words = "<script>alert(1)</script>"
    page = draft(sam, **session(0, words, "08:00", "10:00", track=words[:50]), **other(0, "ancc", approver=words))
    page = send(page, **{"themes-0-theme": words}, method=words, bibliography=words, hotel_name=words)
    for each in (page, sam.open("/admin/seminars/hypertension-today/credit")):
        assert "<script>alert" not in each.html
        assert words in each.text
    db.session.rollback()
