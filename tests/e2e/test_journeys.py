"""The main job in a real browser: join, register, pay, attend, claim, download; and the claim that is held back."""

import re
from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from cme.accounts.models import Account
from cme.credits.models import Award, Certificate
from cme.database import db
from cme.registration.models import Registration
from tests import factories

pytestmark = [pytest.mark.e2e, pytest.mark.paper]

PASSWORD = "tidal pool lantern nine"
GATE = "Professional Name & Certification Type are Required."


def sign_in(page: Page, email: str, password: str = factories.PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email").fill(email)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").last.click()
    page.wait_for_url(re.compile(r"/(my|admin|account|$)"))


def letter_link(site: Any, kind: str) -> str:
    """The address in the newest letter of a kind."""
    site.work()
    text = str(next(m for m in reversed(site.outbox.sent) if kind in m["Subject"]).get_body(("plain",)).get_content())
    return next(found for found in re.findall(r"http\S+", text) if "/verify-email/" in found or "/reset-" in found)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(document[0].get_textpage().get_text_range().split())


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_from_joining_to_a_certificate_anyone_can_verify(site, visit, scripts):
    factories.staff("sam@example.test", "Sam Keystone", ["*"], now=site.clock.now)
    seminar = factories.seminar(now=site.clock.now, title="Cardiology for Primary Care", starts_in=30, capacity=3)
    slug, email = seminar.slug, "ines@example.test"
    page = visit(scripts=scripts)

    # Join: the letter's link finishes it.
    page.goto("/join")
    page.get_by_label("Email").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Check your (mail|email)", re.I))
    page.goto(letter_link(site, "account"))
    page.locator("main form button").first.click()
    db.session.rollback()
    assert db.session.scalar(select(Account.id).where(Account.email_key == email))

    # Account Details.
    page.goto("/account")
    page.get_by_label("Professional name").fill("Inés Gómez-Ruiz, MD")
    if scripts:
        expect(page.locator("[data-preview-out=professional_name]").first).to_have_text("Inés Gómez-Ruiz, MD")
    page.get_by_label("Certification type").select_option("md")
    page.get_by_role("button", name="Save Changes").click()

    # Find, register, pay.
    page.goto("/seminars?q=cardiology")
    page.get_by_role("link", name="Cardiology for Primary Care").first.click()
    page.locator(".reg-card").get_by_role("button", name="Register").click()
    page.get_by_role("checkbox").last.check()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/registrations/"))
    page.get_by_role("button", name=re.compile(r"Pay")).first.click()
    page.wait_for_url(re.compile(r"/pay/"))
    page.get_by_role("button", name=re.compile(r"^Pay \$1,095")).click()
    page.wait_for_url(re.compile(r"/registrations/"))
    assert {status for _, status in site.deliver()} == {200}
    site.work()
    ref = re.search(r"/registrations/(\w+)", page.url)[1]
    page.goto(f"/registrations/{ref}")
    expect(page.locator("main")).to_contain_text(re.compile("confirmed|You are going|registered", re.I))
    db.session.rollback()
    registration = db.session.scalars(select(Registration).where(Registration.ref == ref)).one()
    assert (registration.status, registration.amount_due_minor) == ("confirmed", 109500)
    assert len([m for m in site.outbox.sent if m["To"] == email and "account" not in m["Subject"].lower()]) == 1

    # The seminar happens; staff mark who came.
    site.clock.advance(days=33)
    desk = visit(scripts=scripts)
    sign_in(desk, "sam@example.test")
    desk.goto(f"/admin/seminars/{slug}/roster")
    for day in ("day 1", "day 2"):
        desk.get_by_role("button", name=re.compile(f"Mark all present, {day}")).click()
        desk.wait_for_load_state("networkidle")
    expect(desk.get_by_role("button", name=re.compile("Inés Gómez-Ruiz, MD, day 2"))).to_have_attribute(
        "aria-pressed", "true"
    )
    site.clock.advance(minutes=1)

    # Evaluation, claim, certificate.
    sign_in(page, email, PASSWORD)
    page.goto(f"/registrations/{ref}/claim")
    page.get_by_label("Left a session early?").select_option("0.25")
    page.get_by_role("button", name="Continue to evaluation").click()
    answer_evaluation(page)
    page.wait_for_url(re.compile(f"/registrations/{ref}/claim"))
    page.locator("input[name=attests]").check()
    page.get_by_role("button", name="Claim 3.75 credits").click()
    page.wait_for_url(re.compile(r"/certificates/"))
    db.session.rollback()
    certificate = db.session.scalars(select(Certificate)).one()
    code, number = certificate.code, certificate.number
    assert db.session.scalars(select(Award)).one().credits == 375
    site.work()
    pdf = page.request.get(f"{site.url}/certificates/{code}.pdf")
    assert pdf.status == 200
    words = text_of(pdf.body())
    for printed in (
        "Certificate of Credit",
        "Inés Gómez-Ruiz, MD",
        "Cardiology for Primary Care",
        "3.75",
        "awarded",
        number,
    ):
        assert printed in words

    # Anyone can check it.
    stranger = visit(scripts=scripts)
    stranger.goto("/verify")
    stranger.locator("input[name=number]").fill(number.lower())
    stranger.locator("input[name=name]").fill("gomez-ruiz")
    stranger.get_by_role("button", name="Check certificate").click()
    stranger.wait_for_url(re.compile(f"/verify/{code}"))
    expect(stranger.locator("main")).to_contain_text("Inés Gómez-Ruiz, MD")
    expect(stranger.locator("main")).to_contain_text("3.75")


def answer_evaluation(page: Page) -> None:
    """Answer a short evaluation in the middle of every scale."""
    for name in {radio.get_attribute("name") for radio in page.locator("input[type=radio]:visible").all()}:
        page.locator(f"input[type=radio][name={name}]").nth(1).check()
    for area in page.locator("main textarea:visible").all():
        area.fill("Start sooner.")
    page.locator("main form button[type=submit]").last.click()


def test_a_claim_waits_for_the_account_details_and_goes_on_after_them(site, visit):
    noah = factories.account("noah@example.test", now=site.clock.now)
    seminar = factories.seminar(now=site.clock.now, starts_in=-5, title="Heart Failure in the Clinic")
    registration = factories.registration(noah, seminar, now=site.clock.now)
    factories.attend(registration, now=site.clock.now)
    ref = registration.ref
    page = visit()
    sign_in(page, "noah@example.test")
    page.goto("/seminars")
    expect(page.get_by_text(GATE)).to_be_visible()  # the notice stands on every page
    page.goto(f"/registrations/{ref}/claim")
    expect(page.get_by_role("heading", name=GATE)).to_be_visible()
    words = (
        "To claim credit, you must supply your Professional Name and Certification Type on the Account Details page.",
        "Click the Update Account Details button. On the next page provide your information and click the "
        "Save Changes button.",
    )
    for sentence in words:
        expect(page.get_by_text(sentence)).to_be_visible()
    assert db.session.scalars(select(Award)).all() == []
    page.get_by_role("link", name="Update Account Details").click()
    page.get_by_label("Professional name").fill("Noah Saltmarsh, NP")
    page.get_by_label("Certification type").select_option("np")
    page.get_by_role("button", name="Save Changes").click()
    page.wait_for_url(re.compile(f"/registrations/{ref}/"))  # back at the claim they were making
    expect(page.get_by_text(GATE)).to_have_count(0)
    page.get_by_role("button", name="Continue to evaluation").click()
    answer_evaluation(page)
    page.wait_for_url(re.compile(f"/registrations/{ref}/claim"))
    page.locator("input[name=attests]").check()
    page.get_by_role("button", name="Claim 4.00 hours").dblclick()  # an impatient hand
    page.wait_for_url(re.compile(r"/certificates/"))
    db.session.rollback()
    code = db.session.scalars(select(Certificate)).one().code
    words_printed = text_of(page.request.get(f"{site.url}/certificates/{code}.pdf").body())
    assert "Certificate of Participation" in words_printed
    assert "was designated for" in words_printed
    assert "awarded" not in words_printed


@pytest.mark.parametrize("path", ["/", "/seminars", "/articles", "/join", "/sign-in", "/verify", "/terms", "/contact"])
def test_public_pages_fit_a_telephone_and_are_accessible(site, visit, path):
    factories.seminar(now=site.clock.now)
    page = visit(width=390)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_draft_says_what_it_lacks_and_once_published_is_found(site, visit, scripts):
    factories.staff("sam@example.test", "Sam Keystone", ["*"], now=site.clock.now)
    draft = factories.seminar(now=site.clock.now, title="Geriatrics: What Matters", status="draft", objectives=[])
    slug = draft.slug
    staff, stranger = visit(scripts=scripts), visit(scripts=scripts)
    sign_in(staff, "sam@example.test")
    staff.goto(f"/admin/seminars/{slug}")
    staff.get_by_role("button", name="Publish").first.click()
    expect(staff.locator("[data-error-summary]")).to_contain_text(re.compile("objective", re.I))
    assert stranger.goto(f"/seminars/{slug}").status == 404
    staff.get_by_label(re.compile("objectives", re.I)).first.fill("Stop one drug safely at every visit.")
    staff.get_by_role("button", name="Publish").first.click()
    staff.wait_for_load_state("networkidle")
    expect(staff.locator("[data-error-summary]")).to_have_count(0)
    stranger.goto("/seminars?q=geriatrics")
    stranger.get_by_role("link", name="Geriatrics: What Matters").first.click()
    expect(stranger.locator("main")).to_contain_text("Stop one drug safely at every visit.")
