"""The catalog in a real browser: filters in place with scripts, the same answers without, a month, a telephone."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from tests.factories import FREE, seminar

pytestmark = [pytest.mark.e2e]


@pytest.fixture
def shop(site: Any) -> Any:
    """A catalog of five seminars in March and April 2027."""
    now = site.clock.now
    seminar(now=now, title="Hearts in Practice", specialty="Cardiology", starts_in=14, days=4)
    seminar(now=now, title="Hearts by Wire", specialty="Cardiology", starts_in=16, modes=("livestream",), days=1)
    seminar(now=now, title="Nerves", specialty="Neurology", starts_in=40, prices=FREE)
    seminar(now=now, title="Skin", specialty="Dermatology", starts_in=45, modes=("in-person", "livestream"))
    seminar(now=now, title="Sleep", specialty="Neurology", starts_in=50, modes=("livestream",))
    return site


def titles(page: Page) -> Locator:
    return page.locator(".sem-row__title")


def on_the_wall(page: Page) -> Locator:
    """The seminars of a month, without what only goes on in another week."""
    return page.locator(".month__bar:not(.month__bar--on) .month__title")


def count_beside(page: Page, label: str) -> Locator:
    return page.locator(".check", has_text=label).locator(".check__count")


def box(one: Locator) -> Any:
    """Where something stands, and how large it is."""
    return one.bounding_box()


def watched(page: Page) -> None:
    """Mark the page, so that one that was loaded anew can be told."""
    page.evaluate("window.still = true")


def is_still_there(page: Page) -> bool:
    return bool(page.evaluate("window.still === true"))


def test_a_filter_changes_the_list_in_place_and_back_restores_it(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars")
    watched(page)
    page.get_by_label("Neurology").check()
    expect(titles(page)).to_have_text(["Nerves", "Sleep"])
    expect(page).to_have_url(re.compile(r"/seminars\?specialty=neurology$"))
    expect(count_beside(page, "In person")).to_have_text("1")
    expect(page.locator("[data-status-for=results]")).to_have_text("2 seminars")
    expect(page.get_by_label("Neurology")).to_be_focused()

    page.get_by_label("Livestream").check()
    expect(titles(page)).to_have_text(["Sleep"])
    expect(count_beside(page, "Neurology")).to_have_text("1")

    page.go_back()
    expect(titles(page)).to_have_text(["Nerves", "Sleep"])
    expect(page.get_by_label("Livestream")).not_to_be_checked()
    page.go_back()
    expect(titles(page)).to_have_count(5)
    expect(page.get_by_label("Neurology")).not_to_be_checked()
    page.go_forward()
    expect(page.get_by_label("Neurology")).to_be_checked()
    expect(titles(page)).to_have_text(["Nerves", "Sleep"])
    assert is_still_there(page)


def test_the_keyboard_stays_in_the_form_when_choices_come_and_go(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars?q=nerves&specialty=cardiology")
    specialties = page.get_by_role("group", name="Specialty").locator("label")
    expect(specialties).to_have_text(["Neurology 1", "Cardiology 0"])
    page.get_by_label("Cardiology").uncheck()
    expect(specialties).to_have_text(["Neurology 1"])
    expect(page.get_by_label("Neurology")).to_be_focused()


def test_the_address_of_a_filtered_list_opens_the_same_list(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars")
    page.get_by_label("Neurology").check()
    page.get_by_label("Livestream").check()
    expect(titles(page)).to_have_text(["Sleep"])
    other = visit(scripts=False)
    other.goto(page.url)
    expect(titles(other)).to_have_text(["Sleep"])
    expect(other.get_by_label("Livestream")).to_be_checked()


def test_typing_searches_and_puts_a_mistake_right(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars")
    watched(page)
    search = page.get_by_role("searchbox", name="Search")
    search.press_sequentially("neurologgy")
    expect(page.locator(".corrected")).to_contain_text("Showing results for “neurology”")
    expect(titles(page)).to_have_text(["Nerves", "Sleep"])
    expect(page.locator("[data-status-for=results]")).to_contain_text("2 seminars. Showing results for “neurology”")
    expect(search).to_be_focused()
    expect(search).to_have_value("neurologgy")

    page.get_by_role("link", name="Search for “neurologgy” instead").click()
    expect(page.get_by_role("heading", name="No seminars match")).to_be_visible()
    expect(page).to_have_title(re.compile("^No seminars match"))
    page.get_by_role("link", name="Without “neurologgy”").click()
    expect(titles(page)).to_have_count(5)
    expect(search).to_have_value("")
    assert is_still_there(page)


def test_one_step_back_leads_to_before_the_search(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars")
    search = page.get_by_role("searchbox", name="Search")
    search.press_sequentially("sle")
    expect(page).to_have_url(re.compile(r"q=sle$"))
    search.press_sequentially("ep")
    expect(page).to_have_url(re.compile(r"q=sleep$"))
    expect(titles(page)).to_have_text(["Sleep"])
    page.go_back()
    expect(titles(page)).to_have_count(5)
    expect(search).to_have_value("")


def test_sorting_chips_and_views_stay_on_the_page(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars?specialty=neurology")
    watched(page)
    page.get_by_label("Sort by").focus()
    page.get_by_label("Sort by").select_option("price")
    expect(page).to_have_url(re.compile("sort=price"))
    expect(page.get_by_label("Sort by")).to_be_focused()
    page.get_by_role("link", name="Compact").click()
    expect(page.locator(".sem-line__title a")).to_have_text(["Nerves", "Sleep"])
    expect(page.get_by_role("link", name="Compact")).to_be_focused()
    page.get_by_label("Livestream").check()
    expect(page.locator(".sem-line__title a")).to_have_text(["Sleep"])
    assert "view=compact" in page.url
    page.get_by_role("link", name="Remove filter: Neurology").click()
    expect(page.locator(".sem-line")).to_have_count(3)
    expect(page.get_by_label("Neurology")).not_to_be_checked()
    expect(page.get_by_role("heading", level=2, name="3 seminars")).to_be_focused()
    assert is_still_there(page)


def test_the_last_of_two_questions_is_answered(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if "cardiology" in route.request.url and "neurology" not in route.request.url:
            held.append(route)
        else:
            route.continue_()

    page.route("**/seminars?*", hold_the_first)
    page.get_by_label("Cardiology").check()
    page.get_by_label("Neurology").check()
    expect(titles(page)).to_have_count(4)
    (late,) = held
    late.fulfill(response=page.request.get(late.request.url, headers=late.request.headers))
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(titles(page)).to_have_count(4)
    expect(page).to_have_url(re.compile("specialty=cardiology&specialty=neurology"))
    expect(page.get_by_label("Neurology")).to_be_checked()


def test_when_the_answer_fails_the_page_is_opened_instead(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars")
    watched(page)
    page.route(
        "**/seminars?*",
        lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_(),
    )
    page.get_by_label("Neurology").check()
    page.wait_for_url(re.compile("specialty=neurology"))
    expect(titles(page)).to_have_text(["Nerves", "Sleep"])
    assert not is_still_there(page)


def test_without_scripts_apply_gives_the_same(shop: Any, visit: Any) -> None:
    page = visit(scripts=False)
    page.goto("/seminars")
    page.get_by_label("Neurology").check()
    page.get_by_label("Livestream").check()
    page.get_by_role("searchbox", name="Search").fill("neurologgy")
    page.get_by_role("button", name="Apply filters").click()
    expect(titles(page)).to_have_text(["Sleep"])
    expect(page.locator(".corrected")).to_contain_text("Showing results for “neurology”")
    expect(count_beside(page, "Neurology")).to_have_text("1")
    page.get_by_role("link", name="Remove filter: Livestream").click()
    expect(titles(page)).to_have_text(["Nerves", "Sleep"])
    page.get_by_label("Sort by").select_option("price")
    page.get_by_role("button", name="Sort").click()
    expect(titles(page)).to_have_text(["Nerves", "Sleep"])
    page.get_by_role("link", name="Month", exact=True).click()
    expect(on_the_wall(page)).to_have_text(["Nerves", "Sleep"])
    page.get_by_label("Livestream").check()
    page.get_by_role("button", name="Apply filters").click()
    expect(on_the_wall(page)).to_have_text(["Sleep"])


def test_a_month_is_a_table_of_days_and_leafs_on(shop: Any, visit: Any) -> None:
    page = visit()
    page.goto("/seminars?view=month")
    watched(page)
    table = page.get_by_role("table", name=re.compile("Seminars in March 2027"))
    expect(table.get_by_role("columnheader")).to_have_count(7)
    hearts = page.get_by_role("link", name=re.compile("Hearts in Practice"))
    day = table.get_by_role("cell").filter(has=hearts)
    assert day.locator("time").get_attribute("datetime") == "2027-03-15"
    width = box(day)["width"]
    assert 3.5 * width < box(hearts)["width"] < 4 * width
    page.get_by_role("link", name="April 2027").click()
    expect(on_the_wall(page)).to_have_text(["Nerves", "Skin", "Sleep"])
    expect(page.get_by_role("heading", level=2, name="3 seminars in April 2027")).to_be_visible()
    expect(page.get_by_label("Starting")).to_have_value("2027-04")
    assert is_still_there(page)
    page.goto("/seminars?view=month&month=2031-01")
    page.get_by_role("link", name="Go to April 2027").click()
    expect(on_the_wall(page)).to_have_count(3)


def test_on_a_telephone_the_form_folds_and_a_month_is_a_list(shop: Any, visit: Any) -> None:
    page = visit(width=390)
    page.goto("/seminars")
    expect(page.get_by_role("searchbox", name="Search")).to_be_hidden()
    page.locator(".filters-fold summary").first.click()
    page.get_by_label("Neurology").check()
    page.get_by_role("button", name="Show 2 seminars").click()
    expect(page.get_by_role("searchbox", name="Search")).to_be_hidden()
    expect(page.get_by_role("heading", level=2, name="2 seminars")).to_be_focused()
    expect(page.locator(".filters-fold .badge")).to_have_text("1 on")
    page.get_by_role("link", name="Month", exact=True).click()
    expect(page.locator(".month__day:visible")).to_have_text(["Saturday, April 10", "Tuesday, April 20"])
    page.goto("/seminars?view=month&month=2027-03")
    tops = [box(title)["y"] for title in on_the_wall(page).all()]
    assert tops == sorted(set(tops))


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_every_view_fits_and_is_accessible(shop: Any, visit: Any, width: int) -> None:
    page = visit(width=width)
    for address in (
        "/seminars?specialty=neurology&format=livestream&open=1",
        "/seminars?view=month",
        "/seminars?view=compact",
        "/seminars?q=neurologgy",
        "/seminars?specialty=cardiology&price=free",
        "/seminars?view=month&month=2031-01",
        "/seminars?page=9",
        f"/seminars?q={'x' * 100}",
    ):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.goto(address)
            assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert [one["id"] for one in Axe().run(page).response["violations"]] == [], (address, scheme)
