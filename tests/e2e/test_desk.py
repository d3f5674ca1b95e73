"""The desk at the door, in a real browser: what it shows is what was kept."""

from typing import Any

import pytest
from playwright.sync_api import expect

from cme.accounts import services as accounts
from tests import factories
from tests.e2e.test_journeys import sign_in

pytestmark = [pytest.mark.e2e]


def test_a_mark_that_was_not_kept_is_taken_back(site: Any, visit: Any):
    now = site.clock.now
    ada = factories.account("ada@example.test", "Ada Quillfeather, MD", "md", now=now)
    sam = factories.staff("sam@example.test", "Sam Keystone", ["*"], now=now)
    seminar = factories.seminar(now=now, starts_in=-8)
    factories.registration(ada, seminar, now=now)
    page = visit()
    sign_in(page, sam.email)
    page.goto(f"/admin/seminars/{seminar.slug}/roster")
    first, second = page.locator("form[data-toggle] button[name=mark]").all()[:2]
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    accounts.end_other_sign_ins(sam.id, None, now=now)
    second.click()
    expect(page.get_by_role("status").filter(has_text="Not saved")).to_be_visible()
    expect(second).to_have_attribute("aria-pressed", "false")
