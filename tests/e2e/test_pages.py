"""Every page, for everyone who may open it, in light and dark, on a desk and on a telephone, and without scripts."""

from types import SimpleNamespace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests import factories, town
from tests.e2e.test_journeys import sign_in

pytestmark = [pytest.mark.e2e]

LONG = "Cardiology, Endocrinology and Everything Between: " + "an Unreasonably Thorough Review " * 5
LEARNER = (
    "/seminars/{past}",
    "/seminars/{long}",
    "/seminars/{ahead}/register",
    "/registrations/{held}",
    "/registrations/{held}/cancel",
    "/registrations/{coming}",
    "/registrations/{attended}/evaluation",
    "/certificates/{code}",
    "/verify/{code}",
    "/my",
    "/transcript",
    "/account",
    "/account/security",
)
STAFF = (
    "/admin",
    "/admin/seminars",
    "/admin/seminars/new",
    "/admin/seminars/{draft}",
    "/admin/seminars/{past}/roster",
    "/admin/registrations",
    "/admin/payments",
    "/admin/letters",
    "/admin/letters/{letter}",
    "/admin/people",
    "/admin/claims",
    "/admin/settings",
)


@pytest.fixture
def place(site: Any) -> SimpleNamespace:
    """The town, with somebody and something of very long names in it."""
    now = site.clock.now
    person = "Wilhelmina Bartholomea Featherstonehaugh-Cholmondeley, MD, FACP, FACC, FAAFP, MPH, MSc"
    cast = SimpleNamespace(
        ada=factories.account("ada@example.test", person, "md", now=now),
        otto=factories.account("otto@example.test", "Otto Halvorsen, MD", "md", now=now),
        noah=factories.account("noah@example.test", now=now),
        sam=factories.staff("sam@example.test", "Sam Keystone", ["*"], now=now),
    )
    built = town.build(cast, site.clock)
    built.long = factories.seminar(now=now, slug="long", title=LONG[:200]).slug
    factories.registration(cast.ada, factories.seminar(now=now, title=LONG[:180]), now=now)
    return built


def faults(page: Page, paths: tuple[str, ...], place: SimpleNamespace) -> list[str]:
    """What is wrong with these pages: scrolling sideways, or anything axe finds."""
    found = []
    for path in paths:
        address = path.format(**vars(place))
        assert page.goto(address).status == 200, address
        for scheme, width in (("light", 1280), ("dark", 320)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours change at once
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{path} scrolls sideways at {width}")
            found += [f"{path}, {scheme}: {one['id']}" for one in Axe().run(page).response["violations"]]
    return found


def test_the_pages_of_a_learner_fit_and_are_accessible(site, visit, place):
    page = visit()
    sign_in(page, "ada@example.test")
    assert faults(page, LEARNER, place) == []


def test_the_pages_of_staff_fit_and_are_accessible(site, visit, place):
    page = visit()
    sign_in(page, "sam@example.test")
    assert faults(page, STAFF, place) == []


def test_somebody_without_details_sees_pages_that_fit(site, visit, place):
    page = visit()
    sign_in(page, "noah@example.test")
    assert faults(page, ("/", "/my", "/account", "/transcript", "/seminars/{ahead}/register"), place) == []


def test_a_fault_is_noticed(site, visit, place):
    page = visit()
    page.add_init_script("addEventListener('load', () => { document.querySelector('h1').style.width = '200vw' })")
    assert "/verify scrolls sideways at 320" in faults(page, ("/verify",), place)


def test_errors_are_accessible_and_keep_what_was_typed(site, visit, place):
    page = visit(scripts=False)
    sign_in(page, "sam@example.test")
    page.goto("/admin/seminars/new")
    page.get_by_label("Summary").fill("A summary without a title.")
    page.locator("main form button[type=submit], .savebar button[type=submit]").last.click()
    assert page.title().startswith("Error: ")
    assert page.get_by_label("Summary").input_value() == "A summary without a title."
    page.get_by_role("link", name="Enter the title").click()
    assert page.url.endswith("#title")


def test_lists_are_filtered_without_scripts(site, visit, place):
    page = visit(scripts=False)
    page.goto("/seminars")
    page.get_by_label("Search").first.fill("unreasonably thorough")
    page.get_by_role("button", name="Apply filters").click()
    assert page.locator(".sem-row").count() == 2
    page.get_by_role("link", name="Clear all").first.click()
    assert page.locator(".sem-row").count() > 2
