"""The page of a seminar in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.factories import seminar

pytestmark = [pytest.mark.e2e]


def test_whoever_comes_back_finds_the_rate_they_chose_with_its_price(site: Any, visit: Any) -> None:
    made = seminar(now=site.clock.now)
    page = visit()
    page.goto(f"/seminars/{made.slug}")
    price = page.locator(".reg-card__amt")
    expect(price).to_have_text("$1,095")
    page.get_by_label("NP, PA, nurse").check()
    expect(price).to_have_text("$895")
    page.get_by_role("button", name="Register").click()
    page.wait_for_url("**/sign-in?**")
    page.go_back()
    expect(page.get_by_label("NP, PA, nurse")).to_be_checked()
    expect(price).to_have_text("$895")
