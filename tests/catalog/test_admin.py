"""The pages with which staff look after the catalog."""

from typing import Any

import pytest
from sqlalchemy import func, select

from cme import settings
from cme.catalog.models import Seminar
from cme.database import db
from tests import factories
from tests.browser import Browser, Page, form_values

pytestmark = pytest.mark.pages

HOSTILE = '<script>alert("x")</script> {{ 7 * 7 }} \' OR 1=1 --'
SESSION = {"title": "Blood pressure", "on": "2027-06-07", "starts": "08:00", "ends": "10:00"}
COMPLETE = {
    "title": "Hypertension Today",
    "starts_on": "2027-06-07",
    "ends_on": "2027-06-07",
    "audience": "Physicians in primary care.",
    "objectives": "Choose a target.\nDefend it.",
    "venue": "Harborlight Hotel",
    "city": "Sarasota",
    "state": "fl",
    "maximum": "2.00",
    "support": "none",
    "in_person-offered": "y",
    "in_person-capacity": "40",
    "in_person-physician-amount": "1,095",
    "in_person-clinician-amount": "895.50",
    "in_person-trainee-amount": "0",
    **{f"sessions-0-{name}": value for name, value in SESSION.items()},
    "people-0-name": "Odalys Venn-Whitaker",
    "people-0-credentials": "MD",
    "people-0-role": "director",
    "people-0-disclosure": "none",
}


@pytest.fixture
def sam(browser: Browser, cast: Any) -> Browser:
    """The administrator's browser."""
    return browser.sign_in(cast.sam)


def send(page: Page, to: str = "", **values: Any) -> Page:
    """Send the editor as it stands, with some fields changed, by one of its buttons."""
    form = next(f for f in page.root.find("form") if f.attrs.get("id") == "sem-form")
    data = form_values(form) | {name: [value] for name, value in values.items()}
    target = form.attrs["action"] + to
    return page.browser._arrive(page.browser.client.post(target, data=data), target, None)


def draft(sam: Browser, **changes: Any) -> Page:
    """A seminar just created."""
    return send(sam.open("/admin/seminars/new"), **COMPLETE | changes)


def value(page: Page, name: str) -> str:
    """What a field of the page holds."""
    form = next(f for f in page.root.find("form") if f.attrs.get("id") == "sem-form")
    return form_values(form).get(name, [""])[0]


def only() -> Seminar:
    db.session.rollback()
    return db.session.scalars(select(Seminar)).one()


def test_staff_create_and_publish_a_seminar(sam):
    page = draft(sam)
    assert "Draft created" in page.text
    assert (page.h1, page.url.rsplit("/", 1)[1]) == ("Hypertension Today", "hypertension-today")
    assert "10 of 10" in page.text
    page = send(page, "/publish")
    assert "The seminar is in the catalog" in page.text
    seminar = only()
    assert seminar.status == "published"
    assert seminar.state == "FL"
    assert [t.amount_minor for t in seminar.offerings[0].tiers] == [109500, 89550, 0]
    assert sam.open("/seminars/hypertension-today").status == 200


def test_the_editor_shows_what_was_saved(sam):
    page = draft(sam)
    for name, typed in COMPLETE.items():
        if not name.startswith("people-0-") and name not in ("state", "in_person-physician-amount"):
            assert value(page, name) == typed, name
    assert value(page, "in_person-physician-amount") == "1095"
    assert value(page, "people-0-slug") == "odalys-venn-whitaker"
    assert "2.00 credits in the agenda, 2.00 designated" in page.text


def test_saving_what_the_editor_shows_changes_nothing(sam):
    page = draft(sam)
    before = {s.id for s in only().sessions}
    page = send(page)
    assert "Saved." in page.text
    assert {s.id for s in only().sessions} == before
    assert len(only().people) == 1


def test_what_is_wrong_is_said_and_what_was_typed_stays(sam):
    wrong = {"title": "", "ends_on": "2027-06-01", "maximum": "2.1", "in_person-capacity": "many", "venue": HOSTILE}
    page = draft(sam, **wrong, **{"sessions-0-ends": "07:00", "slug": "Not A Slug"})
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert page.errors == [
        "Enter the title",
        "Use small letters, digits and single hyphens",
        "The last day must not be before the first",
        "In person, Seats: enter a whole number from 0 to 100,000",
        "Enter credits in quarter hours, like 1.75, at most 500",
        "Session 1, Ends: “Blood pressure” must end after it starts",
    ]
    assert value(page, "venue") == HOSTILE.replace("  ", " ")
    assert value(page, "maximum") == "2.1"
    assert value(page, "in_person-capacity") == "many"
    assert db.session.scalar(select(func.count(Seminar.id))) == 0


def test_every_error_leads_to_its_field(sam):
    page = draft(sam, **{"title": "", "sessions-0-ends": "7", "people-0-name": "", "supporters-0-nature": "A model"})
    ids = {e.attrs["id"] for e in page.root.find() if "id" in e.attrs}
    summary = page.root.find(data_error_summary="")[0]
    targets = [a.attrs["href"].removeprefix("#") for a in summary.find("a")]
    assert len(targets) >= 3
    assert set(targets) <= ids


def test_the_same_form_sent_twice_makes_one_seminar(sam):
    page = sam.open("/admin/seminars/new")
    first, second = send(page, **COMPLETE), send(page, **COMPLETE)
    assert first.url == second.url
    assert only().version == 1


def test_hostile_words_stay_words(sam):
    names = ("title", "summary", "description", "audience", "objectives", "venue", "city", "hotel", "specialty")
    page = draft(sam, **dict.fromkeys(names, HOSTILE), **{"sessions-0-title": HOSTILE, "people-0-name": HOSTILE})
    assert HOSTILE in page.h1
    assert "<script>alert" not in page.html
    assert "{{ 7 * 7 }}" in page.html
    seminar = only()
    assert (seminar.title, seminar.sessions[0].title) == (HOSTILE, HOSTILE)
    assert HOSTILE in sam.open("/admin/seminars?view=drafts").text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("title", "x" * 201),
        ("title", "nul\x00"),
        ("summary", "x" * 301),
        ("starts_on", "0001-01-01"),
        ("ends_on", "9999-12-31"),
        ("starts_on", "yesterday"),
        ("maximum", "1e9"),
        ("maximum", "nan"),
        ("maximum", "9999.75"),
        ("in_person-capacity", "9" * 30),
        ("in_person-capacity", "-1"),
        ("in_person-physician-amount", "99999999"),
        ("in_person-physician-amount", "-5"),
        ("in_person-physician-early", "5"),
        ("time_zone", "Mars/Olympus"),
        ("learning_format", "other activity"),
        ("learning_format", "seance"),
        ("claim_window_days", "0"),
        ("objectives", "x\n" * 21),
        ("sessions-0-on", "9999-12-31"),
        ("sessions-0-starts", "25:00"),
        ("sessions-0-kind", "party"),
        ("people-0-slug", "nobody"),
        ("people-0-disclosure", "relationship"),
        ("livestream-webcast_url", "javascript:alert(1)"),
        ("support", "listed"),
    ],
)
def test_a_value_that_cannot_be_is_an_error(sam, name, typed):
    page = draft(sam, **{"livestream-offered": "y", name: typed})
    assert page.status == 422
    assert page.errors
    assert db.session.scalar(select(func.count(Seminar.id))) == 0


@pytest.mark.parametrize("name", ["sessions-" + "9" * 5000 + "-title", "sessions-²-title", "sessions-٣-title"])
def test_rows_with_impossible_numbers_are_left_out(sam, name):
    assert "Draft created" in draft(sam, **{name: "x"}).text


def test_a_time_the_clocks_skip_is_an_error_at_its_field(sam):
    spring = {"starts_on": "2028-03-12", "ends_on": "2028-03-12", "sessions-0-on": "", "sessions-0-starts": "02:30"}
    assert draft(sam, **spring).errors == ["Session 1, Starts: The clocks skip 02:30 on this day: enter another time"]


def test_more_rows_lose_nothing_and_save_nothing(sam):
    page = send(sam.open("/admin/seminars/new"), **COMPLETE, more="sessions")
    assert page.status == 200
    assert value(page, "title") == "Hypertension Today"
    assert "sessions-11-title" in page.html
    assert [f.attrs["name"] for f in page.root.find("input") if "autofocus" in f.attrs] == ["sessions-8-title"]
    assert "2.00 credits in the agenda" in page.text
    assert db.session.scalar(select(func.count(Seminar.id))) == 0


def test_a_row_goes_by_its_box_or_by_being_emptied(sam):
    second = {f"sessions-1-{name}": typed for name, typed in (SESSION | {"starts": "09:00", "track": "B"}).items()}
    page = draft(sam, **second)
    assert len(only().sessions) == 2
    page = send(page, **{"sessions-0-remove": "y"})
    assert [s.starts.hour for s in only().sessions] == [9]
    send(page, **{"sessions-0-title": "", "sessions-0-starts": "", "sessions-0-ends": ""})
    assert only().sessions == []


def test_of_two_tabs_the_second_is_told_and_may_save_then(sam):
    first = draft(sam)
    second = sam.open(first.url)
    send(first, title="Hers", venue="Her Hotel")
    page = send(second, title="His")
    assert page.status == 409
    assert page.errors == [
        "Someone else changed this while you were editing. Compare with their version, then save again."
    ]
    assert "Title: Hers" in page.text
    assert "Venue: Her Hotel" in page.text
    assert value(page, "title") == "His"
    assert only().title == "Hers"
    send(page)
    assert (only().title, only().version) == ("His", 3)


@pytest.mark.parametrize("version", ["", "x", "9" * 40, "²"])
def test_a_lost_version_counts_as_an_old_one(sam, version):
    assert send(draft(sam), version=version, title="Other").status == 409


def test_what_is_sent_twice_is_saved_once(sam):
    page = draft(sam)
    more = {f"sessions-1-{name}": typed for name, typed in (SESSION | {"starts": "10:00", "ends": "11:00"}).items()}
    changes = more | {"title": "Hers", "in_person-physician-amount": "$1,200.00"}
    send(page, **changes)
    again = send(page, **changes)
    assert (again.status, again.errors) == (200, [])
    assert "Saved." in again.text
    assert (only().version, len(only().sessions)) == (2, 2)
    assert send(page, **changes | {"sessions-1-ends": "11:15"}).status == 409


def test_publishing_a_draft_that_lacks_something_says_all_of_it(sam):
    page = send(draft(sam, objectives="", support=""), "/publish")
    assert page.status == 409
    assert page.errors == [
        "The seminar cannot be published yet.",
        "Enter at least one learning objective",
        "Name the commercial support, or say that there is none",
    ]
    assert "8 of 10" in page.text
    assert only().status == "draft"


def test_publishing_saves_what_is_typed_first(sam):
    send(draft(sam, objectives=""), "/publish", objectives="Choose a target.")
    assert (only().status, only().objectives) == ("published", ["Choose a target."])


def test_publishing_with_errors_loses_nothing(sam):
    page = send(draft(sam), "/publish", title="", venue="Elsewhere")
    assert page.status == 422
    assert value(page, "venue") == "Elsewhere"
    assert only().status == "draft"


def test_a_published_seminar_cannot_lose_what_it_needs(sam):
    page = send(send(draft(sam), "/publish"), objectives="")
    assert page.status == 409
    assert page.errors[1:] == ["Enter at least one learning objective"]
    assert value(page, "objectives") == ""


def test_withdrawing_hides_a_seminar(sam):
    page = send(send(draft(sam), "/publish"), "/withdraw")
    assert "no longer in the catalog" in page.text
    assert page.url == "/admin/seminars/hypertension-today"
    Browser(sam.app).open("/seminars/hypertension-today", expect=404)
    assert "Hypertension Today" in sam.open("/admin/seminars?view=withdrawn").text


def test_what_was_typed_and_not_saved_survives_the_withdrawal(sam):
    page = send(send(draft(sam), "/publish"), "/withdraw", venue="Typed and not saved")
    assert "no longer in the catalog" in page.text
    assert value(page, "venue") == "Typed and not saved"
    send(page)
    assert (only().status, only().venue) == ("draft", "Typed and not saved")


def test_withdrawing_is_refused_once_somebody_is_registered(sam, cast, clock):
    page = send(draft(sam), "/publish")
    factories.registration(cast.ada, only(), now=clock.now)
    page = send(page, "/withdraw", venue="Typed and not saved")
    assert page.status == 409
    assert "cannot be withdrawn" in page.errors[0]
    assert value(page, "venue") == "Typed and not saved"
    assert only().status == "published"


def test_fewer_seats_than_people_is_said(sam, cast, clock):
    page = send(draft(sam), "/publish")
    factories.registration(cast.ada, only(), now=clock.now)
    factories.registration(cast.nell, only(), now=clock.now)
    assert "fewer seats than people in person" in send(page, **{"in_person-capacity": "1"}).text


def test_a_taken_address_is_an_error_at_its_field(sam):
    draft(sam, slug="heart")
    page = draft(sam, slug="heart")
    assert (page.status, page.errors) == (422, ["This web address belongs to another seminar. Enter a different one."])
    assert draft(sam, slug="new").status == 422


def test_nobody_is_listed_twice(sam):
    draft(sam)
    twice = {"people-0-name": "", "people-0-slug": "odalys-venn-whitaker", "people-1-slug": "odalys-venn-whitaker"}
    assert draft(sam, title="Another", **twice).errors == ["Person 2, Person: This person is listed twice"]


def test_someone_known_is_chosen_and_teaches(sam):
    draft(sam)
    page = draft(sam, title="Another", **{"people-0-name": "", "people-0-slug": "odalys-venn-whitaker"})
    send(page, **{"sessions-0-teachers": "odalys-venn-whitaker"})
    db.session.rollback()
    another = db.session.scalars(select(Seminar).where(Seminar.title == "Another")).one()
    assert [f.name for f in another.sessions[0].faculty] == ["Odalys Venn-Whitaker"]


def test_a_relationship_is_typed_and_shown_again(sam):
    page = draft(
        sam,
        **{
            "people-0-disclosure": "relationship",
            "people-0-company": "Vantor Pharma",
            "people-0-nature": "speaker",
            "people-0-is_relevant": "y",
        },
    )
    assert "Mitigate the relationship of Odalys Venn-Whitaker, MD with Vantor Pharma" in page.text
    desk = page.click("Profile and disclosure link of Odalys Venn-Whitaker")
    assert desk.url == "/admin/faculty/odalys-venn-whitaker"
    page = send(page, **{"people-0-mitigation": "Peer review", "people-0-mitigated_on": "2027-02-01"})
    assert "10 of 10" in page.text
    assert value(page, "people-0-company") == "Vantor Pharma"


def test_the_list_filters_searches_and_turns_its_pages(sam, clock):
    for number in range(23):
        factories.seminar(now=clock.now, title=f"Season {number:02d}", starts_in=10 + number)
    factories.seminar(now=clock.now, title="Long ago", starts_in=-90, modes=("livestream",))
    factories.seminar(now=clock.now, title="Not yet", status="draft")
    page = sam.open("/admin/seminars")
    assert "23 upcoming, 1 draft, 1 past" in page.text
    assert "Season 00" in page.text
    assert "Season 22" in page.click("Next").text
    assert "Long ago" in sam.open("/admin/seminars?view=past").text
    assert "Season 03" in sam.open("/admin/seminars?q=season+03").text
    assert "No seminars here" in sam.open("/admin/seminars?format=livestream").text
    assert sam.open("/admin/seminars?view=nowhere&format=x&sort=y&page=%00&q=%00").status == 200
    sam.open("/admin/seminars?page=999", expect=404)


def test_an_unknown_seminar_is_not_there(sam):
    for slug in ("nothing", "%00", "x" * 500):
        sam.open(f"/admin/seminars/{slug}", expect=404)


@pytest.mark.parametrize("address", ["/admin/seminars", "/admin/seminars/new", "/admin/settings"])
def test_learners_find_no_administration(browser, cast, address):
    browser.sign_in(cast.ada).open(address, expect=404)


def test_each_sees_the_parts_they_may_open(browser, cast, clock):
    clerk = factories.staff("clerk@example.test", "Pell Mooring", ["dashboard", "seminars"], now=clock.now)
    page = browser.sign_in(clerk).open("/admin/seminars")
    menu = page.root.find("nav", aria_label="Administration")[0]
    assert [item.text for item in menu.find("li")] == ["Dashboard", "Seminars", "Faculty", "Articles"]


def test_settings_are_changed_and_remembered(sam):
    page = sam.open("/admin/settings").press("Save settings", name="Bayward Medical", claim_window_days="30")
    assert "The new settings hold from now on" in page.text
    assert "Version 1" in page.text
    saved = settings.current("provider")
    assert saved is not None
    assert (saved.value["name"], saved.value["claim_window_days"]) == ("Bayward Medical", 30)
    assert [s["days_before"] for s in saved.value["policy"]["steps"]] == [30, 0]


def test_settings_of_two_tabs_do_not_overwrite_each_other(sam):
    first, second = sam.open("/admin/settings"), sam.open("/admin/settings")
    first.press("Save settings", name="Hers")
    page = second.press("Save settings", name="His")
    assert (page.status, len(page.errors)) == (409, 1)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"email": "nobody"}, "Enter an email address"),
        ({"claim_window_days": ""}, "Enter how many days learners have to claim"),
        ({"claim_window_days": "9" * 20}, "Days to claim credit: enter a whole number from 1 to 3,650"),
        ({"policy-steps-0-percent": "101"}, "Percent returned: enter a whole number from 0 to 100"),
        ({"policy-steps-0-days_before": "0"}, "Two steps of the refund policy have the same number of days"),
        ({"policy-steps-0-remove": "y", "policy-steps-1-remove": "y"}, "Enter at least one step of the refund policy"),
        ({"name": "\u202e"}, "Name has a character that cannot be printed. Type it again."),
    ],
)
def test_settings_that_cannot_be_are_refused(sam, changes, error):
    page = sam.open("/admin/settings").press("Save settings", **changes)
    assert (page.status, page.errors) == (422, [error])
    assert settings.current("provider") is None


def test_a_text_gets_a_new_version(sam):
    page = sam.open("/admin/settings?text=terms")
    page = page.press("Save text", body=f"## Fair use\n\n{HOSTILE}")
    assert "Everybody reads the new version" in page.text
    terms = Browser(sam.app).open("/terms")
    assert "Fair use" in terms.text
    assert "<script>alert" not in terms.html
    assert sam.open("/admin/settings?text=terms&version=1").status == 200
    sam.open("/admin/settings?text=nothing", expect=404)
