"""The claim on a phone: few taps, nothing typed, and the same total in the browser as on the server."""

import re
from datetime import time
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from cme.accounts import services as accounts
from cme.catalog.models import AgendaSession, Designation, Seminar
from cme.credits import services
from cme.credits.models import Award, Claim
from cme.database import db, transaction
from cme.registration.models import Registration
from tests import factories
from tests.e2e.test_journeys import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.paper]
PHONE = 390
MOST_TAPS = 12


class Thumb:
    """Taps, counts its taps, and has no keyboard."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, where: Locator) -> None:
        """Touch one thing."""
        where.click()
        self.taps += 1


@pytest.fixture
def ended(site: Any) -> Seminar:
    """A seminar of two mornings that ended some days ago, with points of a board beside the credit."""
    made = factories.seminar(now=site.clock.now, starts_in=-5, title="Heart Failure in the Clinic")
    with transaction() as session:
        session.add(Designation(seminar_id=made.id, credit_type="moc-abim", maximum=400))
    return made


def on_the_way(site: Any, seminar: Seminar) -> str:
    """Ada, who has all her details on file, attended; gives the ref."""
    ada = factories.account("ada@example.test", "Ada Quillfeather, MD", "md", now=site.clock.now)
    accounts.save_identifiers(ada.id, {"abim": "123456", "birth": "0417"}, now=site.clock.now)
    registration = factories.registration(ada, seminar, now=site.clock.now)
    factories.attend(registration, now=site.clock.now)
    return registration.ref


def test_a_claim_takes_a_dozen_taps_on_a_phone_and_nothing_is_typed(site, visit, ended):
    on_the_way(site, ended)
    page = visit(width=PHONE)
    sign_in(page, "ada@example.test")
    page.evaluate("sessionStorage.clear()")
    page.add_init_script("addEventListener('keydown', () => sessionStorage.setItem('typed', '1'))")
    page.goto("/my")
    thumb = Thumb(page)
    thumb.tap(page.get_by_role("link", name=re.compile("^Claim credit")).first)

    expect(page.locator("[data-claim-total]")).to_have_text("4.00")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    thumb.tap(page.get_by_role("button", name="Continue to evaluation"))

    names = list(dict.fromkeys(i.get_attribute("name") for i in page.locator("input[type=radio][required]").all()))
    assert 0 < len(names) <= 6
    for name in names:
        thumb.tap(page.locator(f"label:has(input[name='{name}'])").nth(-1 if name != "free_of_bias" else 0))
    thumb.tap(page.get_by_role("button", name=re.compile("^Continue")))

    page.wait_for_url(re.compile("step=attest"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    thumb.tap(page.locator("label:has(input[name=attests])"))
    thumb.tap(page.get_by_role("button", name="Claim 4.00 credits"))
    page.wait_for_url(re.compile(r"/certificates/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("4.00 credits are yours.")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    assert thumb.taps <= MOST_TAPS, f"{thumb.taps} taps"
    assert page.evaluate("sessionStorage.getItem('typed')") is None
    db.session.rollback()
    assert set(db.session.scalars(select(Award.credit_type))) == {"ama-pra-1", "moc-abim"}
    assert db.session.scalars(select(Claim.identifiers)).one() == {"abim": "123456", "birth": "0417"}


@pytest.mark.parametrize("step", ["", "?step=attest"])
def test_the_steps_of_a_claim_are_accessible_on_a_phone(site, visit, ended, step):
    ref = on_the_way(site, ended)
    page = visit(width=PHONE)
    sign_in(page, "ada@example.test")
    with_evaluation(site)
    page.goto(f"/registrations/{ref}/claim{step}")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def with_evaluation(site: Any) -> None:
    """Let everybody who came have evaluated."""
    for number in db.session.scalars(select(Registration.id)).all():
        services.submit_evaluation(number, {"overall": 5}, form_id=None, now=site.clock.now)


def test_the_running_total_says_what_the_server_will_say(site, visit, ended):
    """Two workshops at the same time count once; quarter hours come off."""
    with transaction() as session:
        day = session.get_one(Seminar, ended.id).sessions[0].on
        for number, (begins, ends) in enumerate([(time(11), time(12)), (time(11, 30), time(12, 10))]):
            session.add(
                AgendaSession(
                    seminar_id=ended.id,
                    position=10 + number,
                    title=f"Workshop {number + 1}",
                    on=day,
                    starts=begins,
                    ends=ends,
                    starts_at=factories.local(day, begins),
                    ends_at=factories.local(day, ends),
                    track=f"Room {number + 1}",
                )
            )
        session.scalars(select(Designation).where(Designation.credit_type == "ama-pra-1")).one().maximum = 500
    ref = on_the_way(site, ended)
    with_evaluation(site)
    page = visit(width=PHONE)
    sign_in(page, "ada@example.test")
    page.goto(f"/registrations/{ref}/claim")
    total = page.locator("[data-claim-total]")
    expect(total).to_have_text("5.00")
    for unticked, less, said in (
        ([], "0.00", "5.00"),
        (["Workshop 1"], "0.00", "4.75"),
        (["Workshop 2"], "0.50", "4.50"),
    ):
        for box in page.locator("input[name=sessions]").all():
            box.check()
        for title in unticked:
            page.get_by_label(title).uncheck()
        page.get_by_label("Left a session early?").select_option(less)
        expect(total).to_have_text(said)
        page.get_by_role("button", name="Continue to attest").click()
        expect(page.get_by_role("button", name=f"Claim {said} credits")).to_be_visible()
        page.go_back()
        page.reload()
