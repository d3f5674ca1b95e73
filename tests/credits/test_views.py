"""The pages from evaluation to certificate and verification, as people meet them."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from cme import gateways, settings
from cme.accounts.models import Account
from cme.catalog.models import Designation, Seminar
from cme.credits import queries, services
from cme.credits.models import Award, Certificate, Claim, Document
from cme.database import db, transaction
from cme.gateways.press import PressBusy
from tests import factories
from tests.browser import Browser, Page

pytestmark = pytest.mark.pages


@pytest.fixture
def attended(app: Flask, clock: Any) -> Any:
    """Make somebody's registration for a seminar of two mornings that ended last week, attended and evaluated."""

    def make(person: Any, *, mornings: int | None = None, evaluated: bool = True, **seminar: Any) -> str:
        held = factories.seminar(now=clock.now, starts_in=-8, **seminar)
        made = factories.registration(person, held, now=clock.now - timedelta(days=30))
        factories.attend(made, now=clock.now, mornings=mornings)
        if evaluated:
            services.submit_evaluation(made.id, {"overall": 5}, form_id=None, now=clock.now)
        return made.ref

    return make


def claim_url(ref: str) -> str:
    return f"/registrations/{ref}/claim"


def claimed(browser: Browser, ref: str, button: str = "Claim credit") -> str:
    """Claim all there is, and give the certificate's code."""
    page = browser.open(claim_url(ref)).press(button, attests="y")
    assert page.url.startswith("/certificates/"), page.errors
    return page.url.rsplit("/", 1)[1]


def stored() -> int:
    return sum(db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Claim, Award, Certificate))


# The gate


def test_the_gate_says_word_for_word_what_is_missing_and_leads_back(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    ref = attended(cast.noah)
    page = browser.sign_in(cast.noah).open(claim_url(ref))
    assert "Professional Name & Certification Type are Required." in page.text
    assert (
        "To claim credit, you must supply your Professional Name and Certification Type on the Account Details page."
    ) in page.text
    assert (
        "Click the Update Account Details button. On the next page provide your information and click the "
        "Save Changes button."
    ) in page.text
    assert [li.text for li in page.root.find("ul", class_="missing")[0].find("li")] == [
        "Professional Name Missing",
        "Certification Type Missing",
    ]
    assert "Checked in on 2 of 2 days" in page.text
    back = page.click("Update Account Details").press(
        "Save Changes", professional_name="Noah Windrow, MD", certification_type="md"
    )
    assert back.url == claim_url(ref)
    assert "4.00" in back.text


def test_a_claim_past_the_gate_is_refused_and_nothing_is_stored(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.noah)
    browser.sign_in(cast.noah)
    token = browser.open("/account").root.find("input", name="csrf_token")[0].attrs["value"]
    answer = browser.client.post(claim_url(ref), data={"csrf_token": token, "credits": "1.00", "attests": "y"})
    assert answer.status_code == 409
    assert b"Update Account Details" in answer.data
    assert stored() == 0


# The claim


def test_a_physician_claims_what_attendance_supports_and_is_shown_the_certificate(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada, mornings=1)))
    assert [field.attrs["value"] for field in page.root.find("input", name="credits")] == ["2.00"]
    assert page.text.count("not on file") == 2
    page = page.press("Claim credit", credits="1.75", attests="y")
    assert page.h1 == "1.75 credits are yours."
    assert "AMA PRA Category 1 Credits™" in page.text
    assert page.links("Download certificate") == [f"{page.url}.pdf"]


def test_everyone_else_claims_hours_and_nothing_is_called_awarded_to_them(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    page = browser.sign_in(cast.nell).open(claim_url(attended(cast.nell)))
    assert "Hours you took part" in page.text
    assert "Certificate of Participation" in page.text
    page = page.press("Claim certificate", attests="y")
    assert page.h1 == "Your certificate of participation is ready."
    assert "4.00 hours" in page.text
    assert "award" not in page.text.lower()


def test_other_types_of_credit_have_fields_of_their_own(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.nell)
    with transaction() as session:
        seminar = session.scalars(select(Seminar)).one()
        session.add(Designation(seminar_id=seminar.id, credit_type="ancc", maximum=400, step=10))
        session.add(Designation(seminar_id=seminar.id, credit_type="aafp-prescribed", maximum=400))
    page = browser.sign_in(cast.nell).open(claim_url(ref))
    amounts = [f.attrs["name"] for f in page.root.find("input") if f.attrs.get("name", "").startswith("credits")]
    assert amounts == ["credits", "credits-ancc"]
    page = page.press("Claim certificate", **{"credits-ancc": "3.90"}, attests="y")
    assert "3.90 ANCC contact hours" in page.text


def test_another_type_left_at_nothing_is_not_claimed(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.nell)
    with transaction() as session:
        seminar = session.scalars(select(Seminar)).one()
        session.add(Designation(seminar_id=seminar.id, credit_type="ancc", maximum=400, step=10))
    browser.sign_in(cast.nell).open(claim_url(ref)).press("Claim certificate", **{"credits-ancc": "0.00"}, attests="y")
    assert db.session.scalars(select(Award.credit_type)).all() == ["participation"]


@pytest.mark.parametrize("typed", ["3.1", "-1", "NaN", "", "four", "1e2", "99999.25", "٣", "3,25"])
def test_an_amount_that_is_none_is_asked_for_again_and_stays_as_typed(
    cast: SimpleNamespace, browser: Browser, attended: Any, typed: str
):
    page = (
        browser.sign_in(cast.ada).open(claim_url(attended(cast.ada))).press("Claim credit", credits=typed, attests="y")
    )
    assert page.status == 422
    assert len(page.errors) == 1
    assert page.root.find("input", name="credits")[0].attrs["value"] == typed
    assert stored() == 0


def test_blanks_around_an_amount_do_not_matter(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada)))
    assert page.press("Claim credit", credits=" 3.25 ", attests="y").h1 == "3.25 credits are yours."


@pytest.mark.parametrize(("typed", "said"), [("16.25", "You can claim up to 4.00 credits"), ("0", "more than 0.00")])
def test_what_the_rules_refuse_is_said_above_the_form(
    cast: SimpleNamespace, browser: Browser, attended: Any, typed: str, said: str
):
    page = (
        browser.sign_in(cast.ada).open(claim_url(attended(cast.ada))).press("Claim credit", credits=typed, attests="y")
    )
    assert page.status == 409
    assert said in page.errors[0]
    assert page.root.find("input", name="credits")[0].attrs["value"] == typed
    assert "checked" in page.root.find("input", name="attests")[0].attrs
    assert stored() == 0


def test_without_attesting_nothing_is_claimed(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada))).press("Claim credit")
    assert page.errors == ["Tick the box to attest your participation"]
    assert stored() == 0


def test_errors_are_named_in_the_order_of_the_page(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada)))
    page = browser.send(page, "Claim credit", {"credits": "3.1"})
    assert page.errors == ["Enter credits in quarter hours, like 1.75", "Tick the box to attest your participation"]


def test_a_name_the_press_cannot_print_is_refused_before_issue(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.ada)
    with transaction() as session:
        session.merge(cast.ada).professional_name = "陳大文, MD"
    page = browser.sign_in(cast.ada).open(claim_url(ref)).press("Claim credit", attests="y")
    assert page.status == 409
    assert "Give a Latin spelling on the Account Details page" in page.errors[0]
    assert stored() == 0


@pytest.mark.parametrize("changed", [{"certification_type": "pa"}, {"professional_name": "Ada Quill, DO"}])
def test_nobody_attests_to_what_the_page_did_not_show(
    cast: SimpleNamespace, browser: Browser, attended: Any, changed: dict[str, str]
):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada)))
    with transaction() as session:
        for name, value in changed.items():
            setattr(session.get_one(Account, cast.ada.id), name, value)
    page = browser.send(page, "Claim credit", {"credits": "3.25", "attests": "y"})
    assert page.status == 409
    assert page.errors == [
        "Your Account Details have changed meanwhile. Check what the certificate will say, then attest again."
    ]
    assert stored() == 0
    assert not page.root.find("input", name="attests", checked="")
    [button] = [b.text for b in page.root.find("button") if "Claim" in b.text]
    assert page.press(button, attests="y").url.startswith("/certificates/")


def test_a_claim_needs_no_more_than_its_amount_and_its_attestation(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    """Whoever sends the form by hand may leave out what only protects a page from growing stale."""
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada)))
    sent = {"shown": None, "form_id": None, "credits": "1.25", "attests": "y"}
    assert browser.send(page, "Claim credit", sent).url.startswith("/certificates/")


def test_a_claim_made_is_not_offered_again(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.ada)
    form = browser.sign_in(cast.ada).open(claim_url(ref))
    code = claimed(browser, ref)
    assert browser.open(claim_url(ref)).url == f"/certificates/{code}"
    again = form.press("Claim credit", credits="1.00", attests="y")
    assert again.url == f"/certificates/{code}"
    assert stored() == 3


@pytest.mark.parametrize(
    ("seminar", "days", "said"),
    [
        ({}, -7, "once the last session of the seminar has ended"),
        ({"claim_window_days": 3}, 0, "The time to claim credit for this seminar has ended."),
    ],
)
def test_too_early_and_too_late_are_explained(
    cast: SimpleNamespace, browser: Browser, attended: Any, clock: Any, seminar: Any, days: int, said: str
):
    held = factories.seminar(now=clock.now, starts_in=-8, **seminar)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    browser.sign_in(cast.ada)
    clock.advance(days=days)
    for path in ("claim", "evaluation"):
        assert said in browser.open(f"/registrations/{made.ref}/{path}").text


def test_who_did_not_come_is_told_so(cast: SimpleNamespace, browser: Browser, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now)
    assert "no attendance on file" in browser.sign_in(cast.ada).open(claim_url(made.ref)).text


@pytest.mark.parametrize("path", ["evaluation", "claim"])
@pytest.mark.parametrize("ref", ["mine", "nobody", "%00" * 26, "x" * 3000])
def test_somebody_elses_registration_is_not_there(
    cast: SimpleNamespace, browser: Browser, attended: Any, path: str, ref: str
):
    known = attended(cast.ada)
    browser.sign_in(cast.otto).open(f"/registrations/{known if ref == 'mine' else ref}/{path}", expect=404)


# The certificate


def test_the_certificate_is_handed_to_its_owner_alone(
    cast: SimpleNamespace, browser: Browser, attended: Any, app: Flask
):
    code = claimed(browser.sign_in(cast.ada), attended(cast.ada))
    stranger = Browser(app).sign_in(cast.otto)
    for suffix in ("", ".pdf"):
        assert browser.client.get(f"/certificates/{code}{suffix}").status_code == 200
        stranger.open(f"/certificates/{code}{suffix}", expect=404)
        assert "/sign-in" in Browser(app).open(f"/certificates/{code}{suffix}").url


def test_a_download_before_the_worker_came_prints_and_keeps_the_paper(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    code = claimed(browser.sign_in(cast.ada), attended(cast.ada))
    first = browser.client.get(f"/certificates/{code}.pdf")
    assert first.mimetype == "application/pdf"
    found = queries.certificate_by_code(code)
    assert found is not None
    assert first.headers["Content-Disposition"] == f'attachment; filename="certificate-{found.number}.pdf"'
    assert db.session.scalars(select(Document.content)).one() == first.data
    again = browser.client.get(f"/certificates/{code}.pdf", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_while_the_press_is_busy_the_page_asks_to_wait(
    app: Flask, cast: SimpleNamespace, browser: Browser, attended: Any, monkeypatch: pytest.MonkeyPatch
):
    code = claimed(browser.sign_in(cast.ada), attended(cast.ada))

    def busy(html: str) -> bytes:
        raise PressBusy

    monkeypatch.setattr(gateways.printer(), "render", busy)
    page = browser.open(f"/certificates/{code}.pdf", expect=503)
    assert page.response.headers["Retry-After"] == "10"
    assert page.h1 == "Your certificate is being printed"


def test_the_transcript_lists_what_was_earned_with_its_total(
    cast: SimpleNamespace, browser: Browser, attended: Any, clock: Any
):
    browser.sign_in(cast.ada)
    assert "Nothing here yet" in browser.open("/transcript").text
    codes = [claimed(browser, attended(cast.ada, title=title)) for title in ("Cardiology", "Sleep")]
    page = browser.open("/transcript")
    assert {f"/certificates/{code}.pdf" for code in codes} == set(page.links("PDF"))
    assert "8.00" in page.text
    assert browser.open("/transcript?year=1999").text == page.text
    assert browser.open("/transcript?year=xx").text == page.text


# Verification


@pytest.fixture
def issued(cast: SimpleNamespace, browser: Browser, attended: Any) -> Certificate:
    """A certificate of ada's, and a browser in which nobody is signed in."""
    code = claimed(browser.sign_in(cast.ada), attended(cast.ada))
    browser.client = browser.app.test_client()
    found = queries.certificate_by_code(code)
    assert found is not None
    return found


def look_up(browser: Browser, number: str, name: str) -> Page:
    return browser.open("/verify").press("Check certificate", number=number, name=name)


@pytest.mark.parametrize("prefix", ["GCMS-", "gcms ", ""])
def test_a_number_drawn_under_a_former_name_is_still_found(
    browser: Browser, issued: Certificate, clock: Any, prefix: str
):
    with transaction():
        renamed = replace(settings.provider(), name="Tidewell Society")
        settings.save("provider", renamed.to_json(), by=None, at=clock.now)
    page = look_up(browser, prefix + issued.number.partition("-")[2], "Quillfeather")
    assert page.url == f"/verify/{issued.code}"


def test_anybody_sees_that_a_certificate_is_valid_and_what_it_says(browser: Browser, issued: Certificate):
    page = browser.open(f"/verify/{issued.code}")
    assert page.h1 == "This certificate is valid"
    for word in ("Ada Quillfeather, MD", "4.00 AMA PRA Category 1 Credits™", issued.number, "Sarasota, FL"):
        assert word in page.text
    assert page.root.find("meta", name="robots", content="noindex")
    assert page.response.headers["X-Robots-Tag"] == "noindex"
    assert "ada@example.test" not in page.html


def test_number_and_name_lead_there_however_they_are_typed(browser: Browser, issued: Certificate):
    number = issued.number
    for typed, name in [
        (number, "quillfeather"),
        (number.lower(), "ADA"),
        (number[5:], "Ada Quillfeather, MD"),
        (number.replace("-", " "), "Quillféather"),
    ]:
        assert look_up(browser, typed, name).url == f"/verify/{issued.code}"


def test_a_wrong_number_and_a_wrong_name_get_the_same_answer(browser: Browser, issued: Certificate):
    wrong = [look_up(browser, issued.number, "Stranger"), look_up(browser, "GCMS-0000-0000-00", "Quillfeather")]
    assert [page.status for page in wrong] == [422, 422]
    assert wrong[0].errors == wrong[1].errors
    assert wrong[0].root.find("input", name="name")[0].attrs["value"] == "Stranger"


def test_nothing_typed_is_asked_for(browser: Browser, app: Flask):
    assert look_up(browser, "", "").errors == [
        "Enter the number printed on the certificate",
        "Enter a name printed on the certificate",
    ]


def test_guessing_is_slowed_down(browser: Browser, issued: Certificate, clock: Any):
    for _ in range(10):
        assert look_up(browser, "GCMS-0000-0000-00", "Quillfeather").status == 422
    refused = look_up(browser, issued.number, "Quillfeather")
    assert refused.status == 429
    assert "Too many tries" in refused.errors[0]
    clock.advance(minutes=6)
    assert look_up(browser, issued.number, "Quillfeather").url == f"/verify/{issued.code}"


def test_guessing_codes_is_slowed_down_too_but_a_good_link_opens_always(browser: Browser, issued: Certificate):
    answers = [browser.client.get(f"/verify/{n:026}").status_code for n in range(12)]
    assert answers == [404] * 10 + [429] * 2
    browser.open(f"/verify/{issued.code.lower()}")


@pytest.mark.parametrize("code", ["nobody", "%00", "x" * 3000, "%F0%9F%99%82"])
def test_a_code_nobody_has_is_not_there(app: Flask, browser: Browser, code: str):
    browser.open(f"/verify/{code}", expect=404)


@pytest.mark.parametrize(
    ("status", "said"), [("superseded", "by a corrected certificate"), ("void", "no longer valid")]
)
def test_a_withdrawn_certificate_says_so_and_names_nobody(
    browser: Browser, issued: Certificate, clock: Any, status: str, said: str
):
    with transaction() as session:
        row = session.get_one(Certificate, issued.id)
        row.status, row.status_since, row.status_reason = status, clock.now, "name corrected for Ada"
    page = browser.open(f"/verify/{issued.code}")
    assert page.h1 == "This certificate was withdrawn"
    assert said in page.text
    assert "Quillfeather" not in page.html
    assert "Ada" not in page.html


# Staff


def test_staff_see_what_was_claimed(cast: SimpleNamespace, browser: Browser, issued: Certificate, app: Flask):
    page = browser.open("/sign-in?next=/admin/claims").press(
        "Sign in", email="sam@example.test", password=factories.PASSWORD
    )
    assert "Ada Quillfeather, MD" in page.text
    assert issued.number in page.text
    Browser(app).sign_in(cast.otto).open("/admin/claims", expect=404)


def test_the_page_without_script_says_the_same_amount_the_script_would(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada)))
    boxes = [box.attrs for box in page.root.find("input", type="checkbox") if "data-minutes" in box.attrs]
    amount = page.root.find("input", name="credits")[0].attrs
    assert sum(int(box["data-minutes"]) for box in boxes) / 60 == float(amount["value"]) == float(amount["data-most"])
    assert not [box for box in boxes if "name" in box]
