"""A full seminar in a real browser: wait, be offered the seat somebody gives back, accept, pay, and have it."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from cme.database import db
from cme.registration.models import Registration
from tests import factories
from tests.e2e.test_journeys import sign_in

pytestmark = [pytest.mark.e2e]


def register_and_pay(page: Any, site: Any, slug: str) -> None:
    """Take a seat and pay for it."""
    page.goto(f"/seminars/{slug}/register")
    page.get_by_role("checkbox").last.check()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/registrations/"))
    pay(page, site)


def pay(page: Any, site: Any) -> None:
    """Pay in the sandbox, and let the webhook hear of it."""
    page.get_by_role("button", name=re.compile(r"^Pay")).first.click()
    page.wait_for_url(re.compile(r"/pay/"))
    page.get_by_role("button", name=re.compile(r"^Pay \$1,095")).click()
    page.wait_for_url(re.compile(r"/registrations/"))
    assert {status for _, status in site.deliver()} == {200}


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_seat_given_back_reaches_whoever_waits(site: Any, visit: Any, scripts: bool):
    ada, otto = (
        factories.account(f"{name}@example.test", f"{name.title()} Quillfeather, MD", "md", now=site.clock.now)
        for name in ("ada", "otto")
    )
    seminar = factories.seminar(now=site.clock.now, title="Cardiology for Primary Care", starts_in=60, capacity=1)
    slug, hers, ada_id, otto_id = seminar.slug, ada.email, ada.id, otto.id  # the worker lets go of every row
    first, page = visit(scripts=scripts), visit(scripts=scripts)

    # Otto takes the only seat.
    sign_in(first, otto.email)
    register_and_pay(first, site, slug)

    # Ada finds the seminar full and waits.
    sign_in(page, hers)
    page.goto(f"/seminars/{slug}")
    expect(page.locator(".reg-card")).to_contain_text("In person is full")
    page.locator(".reg-card").get_by_role("link", name="Join the waitlist").click()
    page.get_by_role("button", name="Join the waitlist").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are 1st in line.")

    # Otto gives his seat back; in the same moment it is offered to ada, and a letter tells her.
    db.session.rollback()
    held = db.session.scalars(select(Registration).where(Registration.account_id == otto_id)).one()
    first.goto(f"/registrations/{held.ref}/change/cancel")
    first.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Your registration is cancelled")
    db.session.rollback()
    assert held.status == "cancelled"
    site.work()
    [letter] = [each for each in site.outbox.sent if each["To"] == hers and "seat is yours" in each["Subject"]]
    assert f"/registrations/{ref_of(ada_id)}" in letter.get_body(("plain",)).get_content()

    # She accepts, pays, and is registered.
    page.goto(f"/registrations/{ref_of(ada_id)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("A seat is yours to take")
    page.get_by_label("I have read the refund policy").check()
    page.get_by_role("button", name="Accept the seat").click()
    pay(page, site)
    page.goto(f"/registrations/{ref_of(ada_id)}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are registered")


def ref_of(account_id: int) -> str:
    """The ref of somebody's only registration."""
    db.session.rollback()
    return db.session.scalars(select(Registration.ref).where(Registration.account_id == account_id)).one()
