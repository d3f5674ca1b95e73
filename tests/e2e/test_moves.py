"""Changing one's mind in a real browser: another seminar for a difference, another way to attend with money back."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from cme.database import db
from cme.registration import invariants
from cme.registration.models import Refund, Registration
from tests import factories
from tests.e2e.test_journeys import sign_in

PRICES = {"physician": 109500, "clinician": 89500, "trainee": 59500}
pytestmark = pytest.mark.e2e
ADA = "ada@example.test"


def register_and_pay(site: Any, page: Any, slug: str, price: str) -> str:
    """Come to a confirmed seat; answers the registration's ref."""
    page.goto(f"/seminars/{slug}/register")
    page.get_by_role("checkbox", name=re.compile("refund policy and the terms")).check()
    page.get_by_role("button", name="Continue to review").click()
    pay(site, page, price)
    return ref_on(page)


def pay(site: Any, page: Any, price: str) -> None:
    """Go to the payment page, pay there, and come back."""
    page.get_by_role("button", name=f"Pay {price} with Stripe").click()
    page.wait_for_url(re.compile(r"/pay/"))
    page.get_by_role("button", name=f"Pay {price}").click()
    page.wait_for_url(re.compile(r"/registrations/"))
    assert {status for _, status in site.deliver()} == {200}
    site.work()


def ref_on(page: Any) -> str:
    """The ref of the registration a page shows."""
    return str(re.search(r"/registrations/(\w+)", page.url)[1])


def state(ref: str) -> tuple[str, int]:
    """How a registration stands, and how many seats are in use where it is."""
    db.session.rollback()
    found = db.session.scalars(select(Registration).where(Registration.ref == ref)).one()
    return found.status, found.offering.taken


def refunds() -> list[tuple[int, str]]:
    db.session.rollback()
    return [(each.amount_minor, each.status) for each in db.session.scalars(select(Refund))]


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_moves_to_a_dearer_seminar_and_pays_the_difference(site, visit, scripts):
    factories.account(ADA, "Ada Quillfeather, MD", "md", now=site.clock.now)
    first = factories.seminar(now=site.clock.now, starts_in=60)
    later = {"title": "Endocrinology by the Sea", "starts_in": 90, "prices": {**PRICES, "physician": 129500}}
    factories.seminar(now=site.clock.now, **later)
    page = visit(scripts=scripts)
    sign_in(page, ADA)
    old = register_and_pay(site, page, first.slug, "$1,095")

    # From the registration to the list, by words, to the sum.
    page.goto(f"/registrations/{old}/change")
    page.locator(f"a[href$='/registrations/{old}/change/transfer']").first.click()
    page.get_by_label("Search upcoming seminars").fill("endocrinology")
    page.get_by_role("button", name="Search", exact=True).last.click()
    expect(page.locator(".sem-row")).to_contain_text("Pay $200 more")
    page.get_by_role("link", name="In person").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"To pay\s*\$200"))
    page.get_by_role("checkbox", name=re.compile("refund policy and the terms")).check()
    page.get_by_role("button", name="Continue to review").click()

    # The old place stays until the difference is paid.
    new = ref_on(page)
    expect(page.locator("main")).to_contain_text("stays yours until this is paid")
    assert (state(old), state(new)) == (("confirmed", 1), ("held", 1))
    page.go_back()
    page.reload()
    assert ref_on(page) == new
    pay(site, page, "$200")
    assert (state(old), state(new)) == (("cancelled", 0), ("confirmed", 1))
    assert refunds() == []
    assert list(invariants.breaches(now=site.clock.now)) == []
    assert [m["Subject"] for m in site.outbox.sent].count("You moved to another seminar") <= 1


def test_somebody_switches_to_the_livestream_and_money_comes_back(site, visit):
    factories.account(ADA, "Ada Quillfeather, MD", "md", now=site.clock.now)
    seminar = factories.seminar(now=site.clock.now, starts_in=60, modes=("in-person", "livestream"))
    stream = next(each for each in seminar.offerings if each.mode == "livestream")
    next(tier for tier in stream.tiers if tier.tier == "physician").amount_minor = 79500
    db.session.commit()
    page = visit()
    sign_in(page, ADA)
    old = register_and_pay(site, page, seminar.slug, "$1,095")
    page.goto(f"/registrations/{old}/change")
    page.locator(f"a[href$='/registrations/{old}/change/switch']").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Switch to livestream")
    expect(page.locator("main")).to_contain_text("$300 comes back")
    page.get_by_role("button", name="Switch now").click()
    new = ref_on(page)
    assert (state(old), state(new)) == (("cancelled", 0), ("confirmed", 1))
    assert refunds() == [(30000, "succeeded")]
    assert list(invariants.breaches(now=site.clock.now)) == []
