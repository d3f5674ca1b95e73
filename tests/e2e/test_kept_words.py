"""A sign-in that ends in the middle of the seminar editor, in a real browser: nothing typed is lost."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.e2e.test_journeys import sign_in

pytestmark = [pytest.mark.e2e]

TITLE = "Cardiology “for” <Primary> Care & Beyond"
AUDIENCE = "Family physicians\n  and their teams"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_what_staff_typed_outlives_their_sign_in(site: Any, visit: Any, scripts: bool):
    sam = factories.staff("sam@example.test", "Sam Keystone", ["*"], now=site.clock.now)
    seminar = factories.seminar(now=site.clock.now, status="draft")
    page = visit(scripts=scripts)
    sign_in(page, sam.email)
    editor = f"/admin/seminars/{seminar.slug}"
    page.goto(editor)
    page.locator("input[name=title]").fill(TITLE)
    page.locator("textarea[name=audience]").fill(AUDIENCE)
    site.clock.advance(hours=2)
    page.get_by_role("button", name="Save draft").last.click()

    expect(page.get_by_text("what you typed is kept")).to_be_visible()
    page.get_by_label("Email").fill(sam.email)
    page.locator("input[name=password]").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in. Send what you typed?")
    page.get_by_role("button", name="Send it now").click()

    page.wait_for_url(f"**{editor}")
    page.goto(editor)
    expect(page.locator("input[name=title]")).to_have_value(TITLE)
    expect(page.locator("textarea[name=audience]")).to_have_value(AUDIENCE)
