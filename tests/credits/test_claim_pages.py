"""Claiming credit in one visit, as people meet it: the details, the sessions, the attestation."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from cme.accounts import queries as accounts
from cme.accounts import services as accounts_services
from cme.accounts.models import Account
from cme.catalog.models import Designation, Seminar
from cme.credits.models import Award, Certificate, Claim
from cme.database import db, transaction
from cme.registration.models import Attendance
from tests import factories
from tests.browser import Browser, Page
from tests.credits.conftest import claim_url

pytestmark = pytest.mark.pages


def stored() -> int:
    return sum(db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Claim, Award, Certificate))


def offer(**maxima: int) -> None:
    """Let the one seminar there is offer other types of credit too."""
    with transaction() as session:
        seminar = session.scalars(select(Seminar)).one()
        for kind, maximum in maxima.items():
            step = 10 if kind == "ancc" else 25
            kind = kind.replace("_", "-")
            session.add(Designation(seminar_id=seminar.id, credit_type=kind, maximum=maximum, step=step))


def attest(browser: Browser, ref: str) -> Page:
    return browser.open(claim_url(ref, "attest"))


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


def test_what_is_missing_can_be_filled_in_right_there(cast: SimpleNamespace, browser: Browser, attended: Any):
    with transaction() as session:
        session.merge(cast.noah).phone = "(941) 555-0178"
    page = browser.sign_in(cast.noah).open(claim_url(attended(cast.noah)))
    page = page.press("Save Changes", professional_name="Noah Windrow, MD", certification_type="md")
    assert "Which sessions did you attend?" in page.text
    noah = db.session.get_one(Account, cast.noah.id)
    assert (noah.professional_name, noah.certification_type, noah.phone) == ("Noah Windrow, MD", "md", "(941) 555-0178")


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("Noah Windrow", "", "Select your Certification Type"),
        ("  ", "md", "Enter your Professional Name"),
        ("...", "md", "Enter your Professional Name with its letters, like Jordan A. Sample, MD"),
        ("陳大文", "md", "Certificates cannot show 大, 文, 陳. Enter your name in Latin letters"),
    ],
)
def test_details_that_cannot_stand_are_asked_for_again_and_stay_as_typed(
    cast: SimpleNamespace, browser: Browser, attended: Any, name: str, kind: str, said: str
):
    page = browser.sign_in(cast.noah).open(claim_url(attended(cast.noah)))
    page = page.press("Save Changes", professional_name=name, certification_type=kind)
    assert (page.status, page.errors) == (422, [said])
    assert page.root.find("input", name="professional_name")[0].attrs.get("value", "") == name.strip()
    assert db.session.get_one(Account, cast.noah.id).professional_name is None


def test_a_claim_past_the_gate_is_refused_and_nothing_is_stored(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.noah)
    browser.sign_in(cast.noah)
    token = browser.open("/account").root.find("input", name="csrf_token")[0].attrs["value"]
    answer = browser.client.post(claim_url(ref), data={"csrf_token": token, "credits": "1.00", "attests": "y"})
    assert answer.status_code == 409
    assert b"Update Account Details" in answer.data
    assert stored() == 0


# Step 1: the sessions


def test_the_agenda_is_ticked_as_it_was_attended(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada, mornings=1)))
    boxes = {box.attrs["value"]: box.attrs for box in page.root.find("input", name="sessions")}
    assert [key for key, box in boxes.items() if "checked" in box] == ["1-1", "1-2"]
    assert [key for key, box in boxes.items() if "disabled" in box] == ["2-1", "2-2"]
    assert page.text.count("not on file") == 2
    assert "2.00 of 2.00" in page.text
    assert "Your attendance supports 2.00 of 4.00." in page.text


def test_what_is_unticked_and_taken_off_is_not_claimed(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada)))
    page = page.press("Continue to attest", sessions=["1-1", "1-2", "2-1"], less="1")
    assert "2.75 AMA PRA Category 1 Credits™" in page.text
    assert "3 sessions" in page.text
    assert page.press("Claim 2.75 credits", attests="y").h1 == "2.75 credits are yours."
    claim = db.session.scalars(select(Claim)).one()
    assert list(claim.sessions.values()) == [60, 60, 60]


def test_what_was_ticked_is_still_ticked_on_the_way_back(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada)))
    back = page.press("Continue to attest", sessions=["2-2"], less="1").click("Back to sessions")
    assert [box.attrs["value"] for box in back.root.find("input", name="sessions", checked="")] == ["2-2"]
    assert back.root.find("option", selected="")[0].text == "0.25"
    assert "0.75 of 4.00" in back.text


@pytest.mark.parametrize("sent", [{"sessions": []}, {"sessions": ["1-1"], "less": "4"}, {"sessions": ["9-9", "x"]}])
def test_nothing_ticked_leads_nowhere(cast: SimpleNamespace, browser: Browser, attended: Any, sent: dict[str, Any]):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada))).press("Continue to attest", **sent)
    assert page.status == 409
    assert page.errors == ["Tick the sessions you attended: there is nothing to claim so far."]


@pytest.mark.parametrize("less", ["99", "-1", "x", "1.5"])
def test_quarter_hours_that_are_none_are_asked_for_again(
    cast: SimpleNamespace, browser: Browser, attended: Any, less: str
):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada))).press("Continue to attest", less=less)
    assert (page.status, page.errors) == (422, ["Select the quarter hours you missed"])


def test_nobody_claims_more_than_they_ticked(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = browser.sign_in(cast.ada).open(claim_url(attended(cast.ada)))
    page = page.press("Continue to attest", sessions=["1-1"]).press("Claim", credits="4.00", attests="y")
    assert (page.status, page.errors) == (409, ["The sessions you ticked support up to 1.00 credits."])
    assert stored() == 0


def test_where_attendance_is_not_tracked_all_of_it_is_ticked(cast: SimpleNamespace, browser: Browser, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8, tracks_attendance=False, evaluation_required=False)
    made = factories.registration(cast.ada, held, now=clock.now)
    page = browser.sign_in(cast.ada).open(claim_url(made.ref))
    assert "4.00 of 4.00" in page.text
    page = page.press("Continue to attest", sessions=["1-1", "1-2"]).press("Claim 2.00 credits", attests="y")
    assert page.h1 == "2.00 credits are yours."


def test_the_evaluation_comes_between_the_sessions_and_the_attestation(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    ref = attended(cast.ada, evaluated=False)
    page = browser.sign_in(cast.ada).open(claim_url(ref))
    assert page.press("Continue to evaluation", sessions=["1-1"]).url == f"/registrations/{ref}/evaluation"
    assert attest(browser, ref).url == f"/registrations/{ref}/evaluation"
    token = page.root.find("input", name="csrf_token")[0].attrs["value"]
    answer = browser.client.post(claim_url(ref), data={"csrf_token": token, "credits": "1.00", "attests": "y"})
    assert answer.status_code == 409
    assert b"Complete the evaluation first" in answer.data
    assert stored() == 0


def test_the_last_day_is_told_with_the_days_left_and_fits_a_calendar(
    cast: SimpleNamespace, browser: Browser, attended: Any, clock: Any
):
    ref = attended(cast.ada, claim_window_days=10)
    page = browser.sign_in(cast.ada).open(claim_url(ref))
    assert "3 days left" in page.text
    clock.advance(days=3)
    browser.sign_in(cast.ada)
    assert "today is the last day" in browser.open(claim_url(ref)).text
    answer = browser.client.get(f"/registrations/{ref}/claim/deadline.ics")
    assert answer.mimetype == "text/calendar"
    assert "SUMMARY:Last day to claim credit: Cardiology" in answer.text
    assert "DTEND;TZID=America/New_York:20270304T101500" in answer.text
    assert "TRIGGER:-P3D" in answer.text
    browser.sign_in(cast.otto).open(f"/registrations/{ref}/claim/deadline.ics", expect=404)


def test_the_same_hours_claimed_on_demand_are_pointed_out(
    cast: SimpleNamespace, browser: Browser, attended: Any, clock: Any
):
    day = clock.now.date()
    first = attended(cast.ada)
    browser.sign_in(cast.ada)
    assert "before" not in browser.open(claim_url(first)).text
    attest(browser, first).press("Claim", attests="y")
    recording = factories.seminar(
        now=clock.now,
        title="Cardiology for Primary Care (recording)",
        modes=("on-demand",),
        evaluation_required=False,
        released_on=day - timedelta(days=3),
        terminates_on=day + timedelta(days=300),
    )
    made = factories.registration(cast.ada, recording, now=clock.now)
    for page in (browser.open(claim_url(made.ref)), attest(browser, made.ref)):
        assert "You have claimed these hours before" in page.text
        assert "4.00 credits for “Cardiology for Primary Care”, held live." in page.text


# Step 3: what the certificate will say


def test_a_physician_claims_what_attendance_supports_and_is_shown_the_certificate(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    page = attest(browser.sign_in(cast.ada), attended(cast.ada, mornings=1))
    assert [field.attrs["value"] for field in page.root.find("input", name="credits")] == ["2.00"]
    page = page.press("Claim 2.00 credits", credits="1.75", attests="y")
    assert page.h1 == "1.75 credits are yours."
    assert "AMA PRA Category 1 Credits™" in page.text
    assert page.links("Download certificate") == [f"{page.url}.pdf"]


def test_everyone_else_claims_hours_and_nothing_is_called_awarded_to_them(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    page = attest(browser.sign_in(cast.nell), attended(cast.nell))
    assert "Certificate of Participation" in page.text
    page = page.press("Claim 4.00 hours", attests="y")
    assert page.h1 == "Your certificate of participation is ready."
    assert "4.00 hours" in page.text
    assert "award" not in page.text.lower()


def test_all_types_this_profession_may_claim_are_claimed_in_one_go(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    ref = attended(cast.nell)
    offer(ancc=400, aanp=400, aafp_prescribed=400)
    page = attest(browser.sign_in(cast.nell), ref)
    amounts = {
        f.attrs["name"]: "checked" in f.attrs
        for f in page.root.find("input")
        if f.attrs.get("name", "").startswith("credits-")
    }
    assert amounts == {"credits-aanp": True, "credits-ancc": True}
    page.press("Claim 4.00 hours", **{"credits-ancc": "3.90"}, attests="y")
    assert dict(map(tuple, db.session.execute(select(Award.credit_type, Award.credits)))) == {
        "participation": 400,
        "aanp": 400,
        "ancc": 390,
    }


def test_a_type_that_is_unticked_is_not_claimed(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.nell)
    offer(ancc=400, aanp=400)
    attest(browser.sign_in(cast.nell), ref).press(
        "Claim", **{"credits-ancc": None, "credits-aanp": "0.00"}, attests="y"
    )
    assert db.session.scalars(select(Award.credit_type)).all() == ["participation"]


def test_a_number_is_asked_for_only_where_a_ticked_type_needs_it_and_only_once(
    cast: SimpleNamespace, browser: Browser, attended: Any
):
    ref = attended(cast.ada)
    offer(moc_abim=400, aafp_prescribed=400)
    page = attest(browser.sign_in(cast.ada), ref)
    ticked = {f.attrs["name"] for f in page.root.find("input", type="checkbox", checked="")}
    assert ticked == {"credits-aafp-prescribed"}  # points need a number that is not on file
    page = page.press("Claim", **{"credits-moc-abim": "4.00"}, attests="y")
    assert page.errors == [
        "Enter your ABIM ID, or leave ABIM MOC points out",
        "Enter your month and day of birth, or leave ABIM MOC points out",
    ]
    assert stored() == 0
    page = page.press("Claim", **{"id-abim": "123456", "id-birth": "13/40"})
    assert page.errors == ["Enter your month and day of birth like 04/17"]
    page = page.press("Claim", **{"id-birth": "4/17"})
    assert page.h1 == "4.00 credits are yours."
    assert accounts.identifiers_of(cast.ada.id) == {"abim": "123456", "birth": "0417"}
    assert db.session.scalars(select(Claim.identifiers)).one() == {"abim": "123456", "birth": "0417"}


def test_a_number_on_file_is_shown_and_not_asked_for(
    cast: SimpleNamespace, browser: Browser, attended: Any, clock: Any
):
    ref = attended(cast.ada)
    offer(moc_abim=400)
    accounts_services.save_identifiers(cast.ada.id, {"abim": "123456", "birth": "0417"}, now=clock.now)
    page = attest(browser.sign_in(cast.ada), ref)
    assert not [f for f in page.root.find("input") if f.attrs.get("name", "").startswith("id-")]
    assert "ABIM ID 123456" in page.text
    page.press("Claim", attests="y")
    assert set(db.session.scalars(select(Award.credit_type))) == {"ama-pra-1", "moc-abim"}


def test_the_details_can_be_changed_on_the_last_step(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = attest(browser.sign_in(cast.ada), attended(cast.ada))
    wrong = page.press("Save Changes", professional_name="", certification_type="md")
    assert (wrong.status, wrong.errors) == (422, ["Enter your Professional Name"])
    page = wrong.press("Save Changes", professional_name="Ada Quill, PA", certification_type="pa")
    assert "Certificate of Participation" in page.text
    assert page.press("Claim 4.00 hours", attests="y").url.startswith("/certificates/")


@pytest.mark.parametrize("typed", ["3.1", "-1", "NaN", "", "four", "1e2", "99999.25", "٣", "3,25"])
def test_an_amount_that_is_none_is_asked_for_again_and_stays_as_typed(
    cast: SimpleNamespace, browser: Browser, attended: Any, typed: str
):
    page = attest(browser.sign_in(cast.ada), attended(cast.ada)).press("Claim", credits=typed, attests="y")
    assert page.status == 422
    assert len(page.errors) == 1
    field = page.root.find("input", name="credits")[0].attrs
    assert (field["value"], field.get("type", "text")) == (typed, "text")
    assert stored() == 0


def test_blanks_around_an_amount_do_not_matter(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = attest(browser.sign_in(cast.ada), attended(cast.ada))
    assert page.press("Claim", credits=" 3.25 ", attests="y").h1 == "3.25 credits are yours."


@pytest.mark.parametrize(("typed", "said"), [("16.25", "You can claim up to 4.00 credits"), ("0", "more than 0.00")])
def test_what_the_rules_refuse_is_said_above_the_form(
    cast: SimpleNamespace, browser: Browser, attended: Any, typed: str, said: str
):
    page = attest(browser.sign_in(cast.ada), attended(cast.ada)).press("Claim", credits=typed, attests="y")
    assert page.status == 409
    assert said in page.errors[0]
    assert page.root.find("input", name="credits")[0].attrs["value"] == typed
    assert "checked" in page.root.find("input", name="attests")[0].attrs
    assert stored() == 0


def test_without_attesting_nothing_is_claimed(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.ada)
    offer(aafp_prescribed=400)
    page = attest(browser.sign_in(cast.ada), ref).press("Claim 4.00 credits", **{"credits-aafp-prescribed": None})
    assert page.errors == ["Tick the box to attest your participation"]
    assert "checked" not in page.root.find("input", name="credits-aafp-prescribed")[0].attrs
    assert page.root.find("input", name="credits")[0].attrs["value"] == "4.00"
    assert stored() == 0


def test_errors_are_named_in_the_order_of_the_page(cast: SimpleNamespace, browser: Browser, attended: Any):
    page = attest(browser.sign_in(cast.ada), attended(cast.ada)).press("Claim", credits="3.1")
    assert page.errors == ["Enter credits in quarter hours, like 1.75", "Tick the box to attest your participation"]


def test_a_name_the_press_cannot_print_is_refused_before_issue(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.ada)
    with transaction() as session:
        session.merge(cast.ada).professional_name = "陳大文, MD"
    page = attest(browser.sign_in(cast.ada), ref).press("Claim", attests="y")
    assert page.status == 409
    assert "Give a Latin spelling on the Account Details page" in page.errors[0]
    assert stored() == 0


@pytest.mark.parametrize("changed", [{"certification_type": "pa"}, {"professional_name": "Ada Quill, DO"}])
def test_nobody_attests_to_what_the_page_did_not_show(
    cast: SimpleNamespace, browser: Browser, attended: Any, changed: dict[str, str]
):
    page = attest(browser.sign_in(cast.ada), attended(cast.ada))
    with transaction() as session:
        for name, value in changed.items():
            setattr(session.get_one(Account, cast.ada.id), name, value)
    page = page.press("Claim", credits="3.25", attests="y")
    assert page.status == 409
    assert page.errors == [
        "Your Account Details have changed meanwhile. Check what the certificate will say, then attest again."
    ]
    assert stored() == 0
    assert not page.root.find("input", name="attests", checked="")
    assert page.press("Claim", attests="y").url.startswith("/certificates/")


@pytest.mark.parametrize("step", ["", "attest"])
def test_a_claim_needs_no_more_than_its_amount_and_its_attestation(
    cast: SimpleNamespace, browser: Browser, attended: Any, step: str
):
    """Whoever sends the form by hand may leave out what only protects a page from growing stale."""
    ref = attended(cast.ada)
    offer(aafp_prescribed=400)
    token = browser.sign_in(cast.ada).open(claim_url(ref, step)).root.find("input", name="csrf_token")[0].attrs["value"]
    answer = browser.client.post(claim_url(ref), data={"csrf_token": token, "credits": "1.25", "attests": "y"})
    assert answer.status_code == 303
    assert "/certificates/" in answer.headers["Location"]
    assert dict(map(tuple, db.session.execute(select(Award.credit_type, Award.credits)))) == {"ama-pra-1": 125}


def test_a_claim_made_is_not_offered_again(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.ada)
    form = attest(browser.sign_in(cast.ada), ref)
    done = form.press("Claim", attests="y")
    assert browser.open(claim_url(ref)).url == done.url
    assert form.press("Claim", credits="1.00", attests="y").url == done.url
    assert stored() == 3


@pytest.mark.parametrize(
    ("seminar", "days", "said"),
    [
        ({}, -7, "once the last session of the seminar has ended"),
        ({"claim_window_days": 3}, 0, "The time to claim credit for this seminar has ended."),
    ],
)
def test_too_early_and_too_late_are_explained(
    cast: SimpleNamespace, browser: Browser, clock: Any, seminar: Any, days: int, said: str
):
    held = factories.seminar(now=clock.now, starts_in=-8, **seminar)
    made = factories.registration(cast.ada, held, now=clock.now - timedelta(days=30))
    factories.attend(made, now=clock.now)
    browser.sign_in(cast.ada)
    clock.advance(days=days)
    for path in ("claim", "claim?step=attest", "evaluation"):
        assert said in browser.open(f"/registrations/{made.ref}/{path}").text


def test_who_did_not_come_is_told_so(cast: SimpleNamespace, browser: Browser, clock: Any):
    held = factories.seminar(now=clock.now, starts_in=-8)
    made = factories.registration(cast.ada, held, now=clock.now)
    assert "no attendance on file" in browser.sign_in(cast.ada).open(claim_url(made.ref)).text


@pytest.mark.parametrize("path", ["evaluation", "claim", "claim/deadline.ics"])
@pytest.mark.parametrize("ref", ["mine", "nobody", "%00" * 26, "x" * 3000])
def test_somebody_elses_registration_is_not_there(
    cast: SimpleNamespace, browser: Browser, attended: Any, path: str, ref: str
):
    known = attended(cast.ada)
    browser.sign_in(cast.otto).open(f"/registrations/{known if ref == 'mine' else ref}/{path}", expect=404)


def test_minutes_of_a_session_left_early_are_shown(cast: SimpleNamespace, browser: Browser, attended: Any):
    ref = attended(cast.ada)
    with transaction() as session:
        session.scalars(select(Attendance)).first().minutes = 40
    page = browser.sign_in(cast.ada).open(claim_url(ref))
    assert "40 of 60 min" in page.text
    assert "3.75 of 3.75" in page.text
