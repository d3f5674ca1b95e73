"""Papers as people get them: their own, as often as they like, and a clear word where there is none."""

from typing import Any

import pytest
from sqlalchemy import select

from cme import gateways
from cme.audit import AuditEntry
from cme.database import db, transaction
from cme.gateways.press import MissingLetters, PressBusy
from cme.registration.models import INVITATION, Paper, Registration
from cme.values import Policy
from tests import factories
from tests.browser import Browser
from tests.registration.test_papers_issued import paid, receipt

pytestmark = pytest.mark.pages


@pytest.fixture
def seminar(app: Any, clock: Any) -> Any:
    return factories.seminar(now=clock.now, slug="cardiology", title="Cardiology")


@pytest.fixture
def place(cast: Any, seminar: Any, clock: Any) -> Registration:
    made, payment = paid(cast.ada, seminar, now=clock.now)
    receipt(made, payment, now=clock.now)
    return made


@pytest.fixture
def ada(browser: Browser, cast: Any) -> Browser:
    return browser.sign_in(cast.ada)


class Broken:
    """A press that prints nothing."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def render(self, html: str) -> bytes:
        raise self.error

    def close(self) -> None:
        """Nothing to stop."""


@pytest.fixture
def broken(app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the press fail in a way."""

    def fail(error: Exception) -> None:
        monkeypatch.setattr(gateways, "printer", lambda: Broken(error))

    return fail


class TestTheReceipt:
    """The latest receipt of a registration."""

    def test_is_a_file_with_its_number(self, ada, place):
        answer = ada.open(f"/registrations/{place.ref}/receipt.pdf").response
        assert answer.content_type == "application/pdf"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="receipt-R-2027-000001.pdf"'
        assert answer.get_data().startswith(b"%PDF")

    def test_is_not_there_for_anybody_else(self, browser, cast, place):
        assert browser.sign_in(cast.otto).open(f"/registrations/{place.ref}/receipt.pdf", expect=404)

    def test_asks_strangers_to_sign_in(self, browser, place):
        assert "/sign-in" in browser.open(f"/registrations/{place.ref}/receipt.pdf").url

    def test_is_refused_in_words_before_anything_was_paid(self, ada, cast, clock):
        free = factories.registration(cast.ada, factories.seminar(now=clock.now), now=clock.now)
        page = ada.open(f"/registrations/{free.ref}/receipt.pdf", expect=409)
        assert "There is no receipt yet: nothing was paid for this registration." in page.text

    def test_waits_for_a_busy_press(self, ada, place, broken):
        broken(PressBusy("busy"))
        page = ada.open(f"/registrations/{place.ref}/receipt.pdf", expect=503)
        assert (page.h1, page.response.headers["Retry-After"]) == ("Your receipt is being printed", "10")
        assert page.links("Try again now") == [f"/registrations/{place.ref}/receipt.pdf"]

    def test_that_no_font_can_print_says_which_letters(self, ada, place, broken):
        broken(MissingLetters(["漢"]))
        page = ada.open(f"/registrations/{place.ref}/receipt.pdf", expect=409)
        assert "our fonts do not have 漢" in page.text

    def test_is_known_again_by_a_browser_that_has_it(self, ada, place):
        first = ada.open(f"/registrations/{place.ref}/receipt.pdf").response
        again = ada.client.get(
            f"/registrations/{place.ref}/receipt.pdf", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304


class TestOnePaper:
    """Any paper by its ref."""

    @pytest.fixture
    def kept(self, place: Registration) -> Paper:
        return db.session.scalars(select(Paper)).one()

    def test_is_handed_to_its_person(self, ada, place, kept):
        assert ada.open(f"/registrations/{place.ref}/papers/{kept.ref}.pdf").status == 200

    def test_is_listed_with_the_registration(self, ada, place, kept):
        page = ada.open(f"/registrations/{place.ref}")
        assert page.links("Receipt R-2027-000001") == [f"/registrations/{place.ref}/papers/{kept.ref}.pdf"]

    def test_of_another_registration_is_not_there(self, ada, cast, clock, place, kept):
        other = factories.registration(cast.ada, factories.seminar(now=clock.now), now=clock.now)
        ada.open(f"/registrations/{other.ref}/papers/{kept.ref}.pdf", expect=404)

    @pytest.mark.parametrize("ref", ["0" * 26, "x", "é" * 26])
    def test_that_never_was_is_not_there(self, ada, place, ref):
        ada.open(f"/registrations/{place.ref}/papers/{ref}.pdf", expect=404)

    def test_of_anybody_is_handed_to_staff(self, browser, cast, place, kept):
        page = browser.sign_in(cast.sam).open(f"/admin/registrations/{place.ref}/papers/{kept.ref}.pdf")
        assert page.response.content_type == "application/pdf"

    def test_is_not_there_for_people_who_are_no_staff(self, ada, place, kept):
        ada.open(f"/admin/registrations/{place.ref}/papers/{kept.ref}.pdf", expect=404)


class TestTheInvitation:
    """A letter for a visa."""

    def asked(self, browser: Browser, place: Registration, **values: Any) -> Any:
        typed = {"name": "ADA QUILLFEATHER", "country": "Portugal"} | values
        return browser.open(f"/registrations/{place.ref}/invitation").press("Issue the letter", **typed)

    def test_says_first_what_it_changes(self, ada, cast, seminar, clock):
        policy = Policy(invitation_percent=50).to_json()
        place, _ = paid(cast.ada, seminar, now=clock.now)
        set_policy(place, policy)
        page = ada.open(f"/registrations/{place.ref}/invitation")
        assert "at most 50% of the tuition comes back if you cancel" in page.text
        assert "even if the visa is refused" in page.text

    def test_changes_nothing_where_the_policy_says_nothing_of_it(self, ada, place):
        page = ada.open(f"/registrations/{place.ref}/invitation")
        assert "The letter does not change what comes back if you cancel." in page.text

    def test_is_issued_once_in_one_name_and_remembered(self, ada, place, clock):
        page = self.asked(ada, place)
        assert "Your letter is number L-2027-000001" in page.text
        assert "ADA QUILLFEATHER" in page.text
        db.session.rollback()
        assert db.session.get_one(Registration, place.id).invitation_at == clock.now
        assert "asked for invitation" in db.session.scalars(select(AuditEntry.action)).all()

    def test_sent_again_in_another_name_stays_as_it_was(self, ada, place):
        page = ada.open(f"/registrations/{place.ref}/invitation")
        for name in ("ADA QUILLFEATHER", "SOMEBODY ELSE"):
            page.press("Issue the letter", name=name, country="Portugal")
        db.session.rollback()
        [letter] = db.session.scalars(select(Paper).where(Paper.kind == INVITATION))
        assert "ADA QUILLFEATHER" in str(letter.snapshot)
        assert "SOMEBODY" not in str(letter.snapshot)

    def test_can_be_downloaded_again(self, ada, place):
        self.asked(ada, place)
        page = ada.open(f"/registrations/{place.ref}/invitation").click("Download the letter")
        assert 'filename="invitation-L-2027-000001.pdf"' in page.response.headers["Content-Disposition"]

    def test_that_was_not_asked_for_leads_to_its_page(self, ada, place):
        assert ada.open(f"/registrations/{place.ref}/invitation.pdf").h1 == "Invitation letter"

    @pytest.mark.parametrize("field", ["name", "country"])
    def test_needs_both_answers(self, ada, place, field):
        page = self.asked(ada, place, **{field: " "})
        assert page.status == 422
        assert len(page.errors) == 1

    def test_in_letters_no_font_has_is_refused(self, ada, place):
        page = self.asked(ada, place, name="田中 花子")
        assert page.status == 409
        assert "our fonts do not have" in page.text
        assert db.session.scalars(select(Paper).where(Paper.kind == INVITATION)).all() == []

    @pytest.mark.parametrize(
        ("mode", "status"), [("livestream", "confirmed"), ("in-person", "cancelled"), ("in-person", "held")]
    )
    def test_is_for_confirmed_places_in_person(self, ada, cast, clock, mode, status):
        at = factories.seminar(now=clock.now, modes=(mode,))
        place = factories.registration(cast.ada, at, now=clock.now, status=status)
        page = ada.open(f"/registrations/{place.ref}/invitation")
        assert "An invitation letter is issued for a confirmed place in person" in page.text
        assert page.root.find("input", name="country") == []

    def test_is_too_late_after_the_end(self, ada, cast, clock):
        place = factories.registration(cast.ada, factories.seminar(now=clock.now, starts_in=-9), now=clock.now)
        page = ada.open(f"/registrations/{place.ref}/invitation")
        assert "at a seminar that has not ended" in page.text

    def test_that_became_impossible_while_somebody_typed_is_refused(self, ada, place, clock):
        page = ada.open(f"/registrations/{place.ref}/invitation")
        with transaction() as session:
            session.get_one(Registration, place.id).status = "cancelled"
            session.get_one(Registration, place.id).offering.taken = 0
        page = page.press("Issue the letter", name="ADA QUILLFEATHER", country="Portugal")
        assert page.status == 409
        assert db.session.scalars(select(Paper).where(Paper.kind == INVITATION)).all() == []

    def test_of_somebody_else_is_not_there(self, browser, cast, place):
        other = browser.sign_in(cast.otto)
        other.open(f"/registrations/{place.ref}/invitation", expect=404)
        other.open(f"/registrations/{place.ref}/invitation.pdf", expect=404)


def set_policy(place: Registration, policy: dict[str, Any]) -> None:
    """Let somebody have accepted a policy."""
    with transaction() as session:
        session.get_one(Registration, place.id).policy = policy


class TestPreApproval:
    """A letter for an employer, before anything is bought."""

    def test_is_a_file_for_whoever_is_signed_in(self, ada, seminar):
        answer = ada.open("/seminars/cardiology/pre-approval.pdf").response
        assert answer.headers["Content-Disposition"] == 'attachment; filename="pre-approval-cardiology.pdf"'

    def test_asks_strangers_to_sign_in(self, browser, seminar):
        assert "/sign-in" in browser.open("/seminars/cardiology/pre-approval.pdf").url

    @pytest.mark.parametrize("status", ["draft", "withdrawn"])
    def test_is_not_there_for_what_is_not_on_show(self, ada, clock, status):
        factories.seminar(now=clock.now, slug="hidden", status=status)
        ada.open("/seminars/hidden/pre-approval.pdf", expect=404)

    def test_of_a_seminar_that_has_ended_is_refused_in_words(self, ada, clock):
        factories.seminar(now=clock.now, slug="past", starts_in=-9)
        page = ada.open("/seminars/past/pre-approval.pdf", expect=409)
        assert "there is nothing to approve" in page.text

    def test_is_there_for_somebody_without_account_details(self, browser, cast, seminar):
        assert browser.sign_in(cast.noah).open("/seminars/cardiology/pre-approval.pdf").status == 200
