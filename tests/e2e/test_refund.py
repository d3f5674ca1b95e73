"""Cancelling in a real browser: what comes back is read first, then it is on its way, in Stripe's books too."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from cme.catalog.models import Offering
from cme.database import db
from cme.registration import invariants
from cme.registration.models import Registration
from tests import factories
from tests.e2e.test_journeys import sign_in
from tests.e2e.test_moves import register_and_pay

pytestmark = pytest.mark.e2e


def a_person(now):
    """Somebody who can register without stopping."""
    return factories.account("ada@example.test", "Ada Quillfeather, MD", "md", now=now)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_paid_then_cancelled_for_what_the_page_says(site, visit, scripts):
    seminar = factories.seminar(now=site.clock.now, starts_in=60, capacity=3)
    slug, email = seminar.slug, a_person(site.clock.now).email
    page = visit(scripts=scripts)
    sign_in(page, email)

    register_and_pay(site, page, slug, "$1,095")

    # See what comes back, twice, before anything happens.
    page.goto("/my")
    page.get_by_role("link", name=re.compile("^Change or cancel")).click()
    expect(page.locator("main")).to_contain_text("$1,045 comes back")
    page.get_by_role("link", name="Cancel registration").click()
    expect(page.locator("main")).to_contain_text("all of it comes back, less $50")
    db.session.rollback()
    assert db.session.scalars(select(Registration.status)).one() == "confirmed"

    # Cancel; the Back button and another press do nothing more.
    page.get_by_role("button", name="Cancel, with a refund of $1,045").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your registration is cancelled")
    expect(page.locator("main")).to_contain_text("$1,045 comes back to you")
    page.go_back()
    if page.get_by_role("button", name="Cancel, with a refund of $1,045").count():
        page.get_by_role("button", name="Cancel, with a refund of $1,045").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your registration is cancelled")
    site.deliver()
    site.work()

    # Stripe's books, ours and the letter say the same.
    refunds = site.app.extensions["gateways"].payments().v1.refunds.list({"limit": 10}).data
    assert [(refund.amount, refund.status) for refund in refunds] == [(104500, "succeeded")]
    db.session.rollback()
    assert list(invariants.breaches(now=site.clock.now)) == []
    assert db.session.scalars(select(Offering.taken)).one() == 0
    subjects = [letter["Subject"] for letter in site.outbox.sent if letter["To"] == email]
    assert len([subject for subject in subjects if "cancelled" in subject]) == 1
    page.reload()
    expect(page.locator("main")).to_contain_text("Refunded")
