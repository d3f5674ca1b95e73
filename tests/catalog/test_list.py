"""The catalog as people see it: its filters with their counts, its views, and what it says when there is nothing."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cme.catalog import listing
from cme.catalog.models import Seminar
from cme.catalog.rules import ENDURING
from cme.database import transaction
from cme.values import Mode
from tests.browser import Browser, Element, Page, parse
from tests.factories import FREE, seminar

pytestmark = pytest.mark.pages

NASTY = '<script>alert("1")</script> & {{ 7*7 }} “Ω” O\'Neill'


def titles(page: Page) -> list[str]:
    return [heading.text for heading in page.root.find(class_="sem-row__title")]


def lines(page: Page) -> list[str]:
    return [line.find("a")[0].text for line in page.root.find(class_="sem-line")]


def choices(page: Page, legend: str) -> list[str]:
    """What one group of the form offers, with its counts."""
    groups = [group for group in page.root.find("fieldset") if group.find("legend")[0].text == legend]
    return [label.text for label in groups[0].find("label")]


def options(page: Page, name: str) -> list[str]:
    return [option.text for option in page.root.find("select", name=name)[0].find("option")]


def days(page: Page) -> dict[str, list[str]]:
    """What begins on which day of the month shown."""
    found: dict[str, list[str]] = {}
    for cell in page.root.find("td"):
        bars = [bar for bar in cell.find("li") if "month__bar--on" not in bar.attrs["class"]]
        if bars:
            found[cell.find("time")[0].attrs["datetime"]] = [bar.find(class_="month__title")[0].text for bar in bars]
    return found


def change(made: Seminar, now: Any, **values: Any) -> None:
    with transaction() as session:
        row = session.get_one(Seminar, made.id)
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
        listing.refresh(row, now=now)


# Filters and their counts


def test_counts_follow_the_filters_in_use(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", specialty="Cardiology")
    seminar(now=clock.now, title="Nerves", specialty="Neurology", modes=("livestream",))
    seminar(now=clock.now, title="Sleep", specialty="Neurology", modes=("in-person", "livestream"), prices=FREE)
    page = browser.open("/seminars")
    assert choices(page, "Specialty") == ["Cardiology 1", "Neurology 2"]
    assert choices(page, "Format") == ["In person 2", "Livestream 2"]
    page = page.press("Apply filters", specialty="neurology")
    assert titles(page) == ["Nerves", "Sleep"]
    assert choices(page, "Format") == ["In person 1", "Livestream 2"]
    assert choices(page, "Specialty") == ["Cardiology 1", "Neurology 2"]
    assert choices(page, "Price") == ["Any price", "Free 1", "Up to $500 1", "Up to $1,000 2"]


def test_what_nobody_offers_is_left_out_unless_it_is_chosen(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", specialty="Cardiology")
    seminar(now=clock.now, title="Nerves", specialty="Neurology", modes=("livestream",))
    page = browser.open("/seminars?format=livestream&specialty=cardiology")
    assert choices(page, "Specialty") == ["Neurology 1", "Cardiology 0"]
    assert page.root.find("input", value="cardiology")[0].attrs.get("checked") == ""


def test_a_long_list_folds_and_opens_for_what_is_chosen(browser: Browser, clock: Any) -> None:
    for number in range(11):
        seminar(now=clock.now, title=f"Seminar {number}", specialty=f"Specialty {number:02}")
    (fold,) = browser.open("/seminars").root.find("details", class_="chart-data")[:1]
    assert fold.find("summary")[0].text == "Show 3 more under Specialty"
    assert "open" not in fold.attrs
    (fold,) = browser.open("/seminars?specialty=specialty-10").root.find("details", class_="chart-data")[:1]
    assert "open" in fold.attrs


def test_every_filter_is_a_field_of_the_form_and_a_chip(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, title="Hearts", specialty="Cardiology", prices=FREE, maximum=800, starts_in=20)
    change(made, clock.now, topics=["Heart failure"])
    asked = (
        "q=hearts&format=in-person&specialty=cardiology&credit=ama-pra-1&topic=heart-failure&state=FL&month=2027-03"
        "&credits=5-10&from=2027-03-01&to=2027-04-01&price=free&open=1&sort=credits&view=compact"
    )
    page = browser.open(f"/seminars?{asked}")
    assert lines(page) == ["Hearts"]
    chips = [chip.text.removeprefix("Remove filter: ") for chip in page.root.find(class_="chip")]
    assert chips == [
        "“hearts”",
        "In person",
        "Cardiology",
        "AMA PRA Category 1 Credit(s)™",
        "Heart failure",
        "Florida",
        "March 2027",
        "5 to 10 credits",
        "From March 2027",
        "To April 2027",
        "Free",
        "Hide full seminars",
    ]
    again = page.press("Apply filters")
    assert [chip.text for chip in again.root.find(class_="chip")] == [
        chip.text for chip in page.root.find(class_="chip")
    ]
    assert again.root.find("a", id="v-compact")[0].attrs["aria-current"] == "true"
    for chip in chips:
        assert lines(page.click(f"Remove filter: {chip}")) == ["Hearts"]


def test_several_states_in_an_address_all_stay(browser: Browser, clock: Any) -> None:
    for title, state in (("Hearts", "FL"), ("Nerves", "TX"), ("Skin", "AL")):
        change(seminar(now=clock.now, title=title), clock.now, state=state)
    page = browser.open("/seminars?state=FL&state=TX").press("Apply filters")
    assert titles(page) == ["Hearts", "Nerves"]


def test_the_page_can_be_asked_for_in_another_order(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Short", starts_in=10, days=1)
    seminar(now=clock.now, title="Long", starts_in=20, days=3)
    assert options(browser.open("/seminars"), "sort") == ["Soonest first", "Lowest price", "Most credits"]
    assert titles(browser.open("/seminars").press("Sort", sort="credits")) == ["Long", "Short"]
    assert options(browser.open("/seminars?q=heart"), "sort")[0] == "Best match"


def test_a_mistyped_word_is_put_right_and_said(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", specialty="Cardiology")
    page = browser.open("/seminars?q=cardiolgy")
    assert titles(page) == ["Hearts"]
    assert "Showing results for “cardiology” ." in page.text
    page = page.click("Search for “cardiolgy” instead")
    assert titles(page) == []
    assert titles(page.click("Search for words like it")) == ["Hearts"]


# Nothing found


def test_nothing_found_says_which_filter_to_take_away(browser: Browser, clock: Any) -> None:
    for title, specialty, state in (
        ("Hearts", "Cardiology", "FL"),
        ("Valves", "Cardiology", "FL"),
        ("Nerves", "Neurology", "TX"),
    ):
        change(seminar(now=clock.now, title=title, specialty=specialty), clock.now, state=state)
    page = browser.open("/seminars?specialty=cardiology&state=TX")
    ways = [item.text for item in page.root.find(class_="empty__ways")[0].find("li")]
    assert ways == ["Without “Texas” there are 2", "Without “Cardiology” there is 1"]
    assert titles(page.click("Without “Texas”")) == ["Hearts", "Valves"]
    assert titles(page.click("Without “Cardiology”")) == ["Nerves"]
    assert len(titles(page.click("Clear all filters"))) == 3


def test_nothing_found_for_words_says_how_many_there_are_without(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", specialty="Cardiology")
    seminar(now=clock.now, title="Nerves", specialty="Neurology")
    page = browser.open("/seminars?q=dragons&specialty=neurology")
    assert titles(page.click("Without “dragons”")) == ["Nerves"]
    assert "Without “Neurology”" not in page.text
    assert "subscribe in your calendar" in page.text


def test_when_two_filters_must_go_the_page_says_to_begin_somewhere(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", specialty="Cardiology")
    change(seminar(now=clock.now, title="Nerves", specialty="Neurology"), clock.now, state="TX")
    page = browser.open("/seminars?specialty=cardiology&state=TX&price=free")
    assert "Take a filter away, or look through all 2 upcoming seminars." in page.text


# The month


def test_a_month_shows_each_seminar_on_its_first_day(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", starts_in=14, days=4)
    seminar(now=clock.now, title="Nerves", starts_in=16, days=1)
    seminar(now=clock.now, title="Skin", starts_in=40)
    page = browser.open("/seminars?view=month")
    assert days(page) == {"2027-03-15": ["Hearts"], "2027-03-17": ["Nerves"]}
    assert "2 seminars in March 2027" in page.text
    assert page.title.startswith("Seminars in March 2027")
    table = page.root.find("table", class_="month")[0]
    assert "Seminars in March 2027" in table.find("caption")[0].text
    assert [th.text for th in table.find("th", scope="col")] == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert {len(row.find("td")) for row in table.find("tbody")[0].find("tr")} == {7}
    after = page.click("April 2027")
    assert days(after) == {"2027-04-10": ["Skin"]}
    assert days(after.click("March 2027")) == days(page)
    assert after.click("Skin").h1 == "Skin"


def test_a_month_keeps_the_filters(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts", specialty="Cardiology", starts_in=14)
    seminar(now=clock.now, title="Nerves", specialty="Neurology", starts_in=40)
    page = browser.open("/seminars?specialty=neurology").click("Month")
    assert days(page) == {"2027-04-10": ["Nerves"]}
    assert not page.links("March 2027")
    assert titles(page.click("List")) == ["Nerves"]


@pytest.mark.parametrize("month", ["2031-01", "1999-12", "2027-06"])
def test_a_month_without_seminars_leads_to_the_nearest_with_some(browser: Browser, clock: Any, month: str) -> None:
    seminar(now=clock.now, title="Hearts", starts_in=14)
    page = browser.open(f"/seminars?view=month&month={month}")
    assert "Nothing in" in page.text
    assert days(page.click("Go to March 2027")) == {"2027-03-15": ["Hearts"]}


@pytest.mark.parametrize("month", ["2027-13", "0000-00", "2027-3", "<b>", "2027-03-01"])
def test_what_is_no_month_is_said(browser: Browser, clock: Any, month: str) -> None:
    seminar(now=clock.now, title="Hearts", starts_in=14)
    page = browser.open("/seminars?" + urlencode({"view": "month", "month": month}))
    assert "<b>" not in page.html
    assert f"“{month}” is not a month" in page.text
    assert days(page) == {"2027-03-15": ["Hearts"]}


@pytest.mark.parametrize("month", ["9999-12", "0001-01"])
def test_a_month_no_calendar_has_is_a_filter_like_others(browser: Browser, clock: Any, month: str) -> None:
    seminar(now=clock.now, title="Hearts", starts_in=14)
    page = browser.open(f"/seminars?view=month&month={month}")
    assert days(page.click("Without “")) == {"2027-03-15": ["Hearts"]}


def test_a_full_day_leads_to_its_list(browser: Browser, clock: Any) -> None:
    for number in range(7):
        seminar(now=clock.now, title=f"Seminar {number}", starts_in=14, days=1)
    page = browser.open("/seminars?view=month")
    assert len(days(page)["2027-03-15"]) == 4
    assert len(titles(page.click("3 more"))) == 7


def test_an_on_demand_seminar_has_no_day_in_a_month(browser: Browser, clock: Any) -> None:
    made = seminar(now=clock.now, title="Any day", modes=(Mode.ON_DEMAND,), learning_format=ENDURING)
    until = clock.now.date() + timedelta(days=400)
    change(made, clock.now, terminates_on=until, released_on=clock.now.date(), reviewed_on=clock.now.date())
    page = browser.open("/seminars?view=month")
    assert "What is on demand has no day in a calendar" in page.text
    assert titles(page.click("Look in the list")) == ["Any day"]


def test_an_empty_catalog_has_no_month(browser: Browser) -> None:
    assert "No dates yet" in browser.open("/seminars?view=month").text


# One line each


def test_the_compact_view_has_one_line_each_and_more_on_a_page(browser: Browser, clock: Any) -> None:
    for number in range(25):
        seminar(now=clock.now, title=f"Seminar {number}", starts_in=20 + number, days=1)
    page = browser.open("/seminars").click("Compact")
    assert len(lines(page)) == 25
    row = page.root.find(class_="sem-line")[0].text
    assert row == "Mar 21 2027 Seminar 0 10 seats left Sarasota, FL 2.0 credits from $595"
    assert page.click("Seminar 7").h1 == "Seminar 7"


@pytest.mark.parametrize("view", ["list", "compact"])
def test_a_page_beyond_the_last_of_a_view_leads_back_to_it(browser: Browser, clock: Any, view: str) -> None:
    seminar(now=clock.now, title="Hearts")
    page = browser.open(f"/seminars?view={view}&page=7", expect=404)
    assert "There is no page 7" in page.text
    page = page.click("Back to the first page")
    assert titles(page) + lines(page) == ["Hearts"]


# For scripts, programs and the hostile


@pytest.mark.parametrize("view", ["list", "month", "compact"])
def test_a_script_gets_the_results_and_the_form_with_its_counts(browser: Browser, clock: Any, view: str) -> None:
    seminar(now=clock.now, title="Hearts")
    answer = browser.client.get(f"/seminars?view={view}", headers={"X-Fragment": "results"})
    part: Element = parse(answer.get_data(as_text=True))
    assert [child.attrs["id"] for child in part.children] == ["results", "filters"]
    assert part.find(id="results")[0].attrs["data-title"].endswith("Gulf Coast Medical Seminars")
    assert "X-Fragment" in answer.vary


def test_the_list_leads_to_the_calendar_and_the_feed(browser: Browser, clock: Any) -> None:
    seminar(now=clock.now, title="Hearts")
    page = browser.open("/seminars")
    assert page.links("subscribe in your calendar") == ["/seminars.ics"]
    assert page.links("follow the feed") == ["/seminars.atom"]


@pytest.mark.parametrize("view", ["list", "month", "compact"])
def test_markup_in_a_seminar_stays_literal(browser: Browser, clock: Any, view: str) -> None:
    made = seminar(now=clock.now, title=NASTY, specialty=NASTY[:60], starts_in=14)
    change(made, clock.now, topics=[NASTY], city=NASTY[:40], summary=NASTY)
    page = browser.open(f"/seminars?view={view}")
    assert " ".join(NASTY.split()) in page.text
    assert "<script>alert" not in page.html


@pytest.mark.parametrize("name", ["q", "topic", "specialty", "month", "credits", "price", "view", "sort", "page"])
def test_markup_in_an_address_stays_literal(browser: Browser, clock: Any, name: str) -> None:
    seminar(now=clock.now, title="Hearts")
    page = browser.open("/seminars?" + urlencode({name: NASTY}))
    assert "<script>alert" not in page.html
    assert "We read your link a little differently" in page.text or "“<script>" in page.text


ODD = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["\x00", "-", "--", "5-", "-5", "9-1", "1e9-2", "NaN", "9" * 30, "2027-02", "9999-12", "0001-01"]),
    st.sampled_from(["month", "compact", "list", "relevance", "free", '"', "*", "AND", "a*", "NEAR(", "(", "^", ":"]),
)
NAMES = ["q", "topic", "mandate", "credits", "country", "month", "view", "exact", "price", "sort", "page", "from"]


@given(pairs=st.lists(st.tuples(st.sampled_from(NAMES), ODD), max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_breaks_any_view(browser: Browser, pairs: list[tuple[str, str]]) -> None:
    assert browser.open(f"/seminars?{urlencode(pairs, errors='surrogatepass')}", expect=None).status in {200, 404}
