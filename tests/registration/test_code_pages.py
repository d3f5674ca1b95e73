"""Facts about the pages on which promo codes are typed, and those on which staff issue them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from cme.accounts.models import Account
from cme.catalog.models import PriceTier
from cme.database import db, transaction
from cme.registration import services
from cme.registration.models import PromoCode, Registration
from cme.registration.services.codes import CodeValues
from tests import factories
from tests.browser import Browser, Page
from tests.factories import FREE
from tests.registration.pages import count, fill

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("promises", "sandbox")]
ADDRESS = "/seminars/cardiology/register"


@pytest.fixture
def seminar(app: Any, clock: Any) -> Any:
    return factories.seminar(now=clock.now, slug="cardiology")


@pytest.fixture
def ada(browser: Browser, cast: Any, seminar: Any) -> Browser:
    return browser.sign_in(cast.ada)


@pytest.fixture
def sam(browser: Browser, cast: Any, seminar: Any) -> Browser:
    return browser.sign_in(cast.sam)


@pytest.fixture
def issue(cast: Any, clock: Any) -> Any:
    def issue(name: str = "SPRING", **values: Any) -> str:
        given = CodeValues(**({"percent": 20} if "amount_minor" not in values else {}) | values)
        return services.add_code(name, given, form_id=None, by=cast.sam, now=clock.now)

    return issue


def shown(page: Page) -> str:
    return page.root.find("input", name="shown")[0].attrs["value"]


class TestApplying:
    """The first step."""

    def test_apply_shows_the_new_price_and_takes_nothing(self, ada, issue):
        issue()
        page = ada.open(ADDRESS).press("Apply", code="spring ", terms="y")
        assert (page.status, count(Registration)) == (200, 0)
        assert "Promo code SPRING −$219" in page.text
        assert "Total $876" in page.text
        assert "checked" in page.root.find("input", name="terms")[0].attrs  # nothing typed is lost
        assert db.session.scalars(select(PromoCode.used)).one() == 0

    def test_then_continuing_holds_the_seat_at_that_price(self, ada, issue):
        issue()
        page = ada.open(ADDRESS).press("Apply", code="SPRING").press("Continue to review", terms="y")
        assert page.form_with("Pay $876 with Stripe")
        assert "Promo code SPRING −$219" in page.text

    def test_a_code_not_applied_shows_the_new_price_before_anything_is_held(self, ada, issue):
        issue()
        page = fill(ada, type("Named", (), {"slug": "cardiology"}), code="SPRING")
        assert (page.status, count(Registration)) == (409, 0)
        assert page.errors == ["With the promo code SPRING the tuition is $876. Check it, then continue."]
        assert "Total $876" in page.text
        assert page.press("Continue to review").form_with("Pay $876 with Stripe")

    def test_a_link_brings_its_code_along(self, ada, issue):
        issue(amount_minor=5000)
        page = ada.open(f"{ADDRESS}?code=spring")
        assert page.root.find("input", name="code")[0].attrs["value"] == "spring"
        assert "Promo code SPRING −$50" in page.text
        assert page.press("Continue to review", terms="y").form_with("Pay $1,045 with Stripe")

    def test_a_link_with_a_code_that_has_ended_says_so_and_opens(self, ada, issue, clock):
        issue(last_on=(clock.now - timedelta(days=2)).date())
        page = ada.open(f"{ADDRESS}?code=SPRING")
        assert "The promo code in your link cannot be used" in page.text
        assert "could be used until February 27, 2027" in page.text
        assert "Total $1,095" in page.text

    @pytest.mark.parametrize("typed", ["<b>", "'; drop table promo_code; --", "ПРОМО", "x" * 61, "SPR\u202eING"])
    @pytest.mark.parametrize("button", ["Apply", "Continue to review"])
    def test_odd_characters_are_refused_with_clear_words(self, ada, typed, button):
        page = ada.open(ADDRESS).press(button, code=typed, terms="y")
        assert (page.status, count(Registration)) == (422, 0)
        assert any("romo code" in error for error in page.errors)

    @pytest.mark.parametrize("button", ["Apply", "Continue to review"])
    def test_an_unknown_code_is_refused_at_its_field(self, ada, button):
        page = ada.open(ADDRESS).press(button, code="WINTER", terms="y")
        assert (page.status, count(Registration)) == (422, 0)
        assert page.errors == ["We do not know this promo code. Check the spelling, or leave the field empty."]
        assert page.root.find("input", name="code")[0].attrs["value"] == "WINTER"

    def test_a_code_for_one_way_to_attend_lowers_that_price_alone(self, ada, issue, clock):
        factories.seminar(now=clock.now, slug="both", modes=("in-person", "livestream"))
        issue(modes=("livestream",))
        page = ada.open("/seminars/both/register").press("Apply", code="SPRING", mode="livestream")
        assert shown(page) == "in-person.physician=109500 livestream.physician=87600"
        refused = page.press("Continue to review", mode="in-person", terms="y")
        assert (refused.status, count(Registration)) == (422, 0)
        assert "for another way to attend: livestream" in refused.errors[0]

    def test_a_code_for_everything_makes_the_seat_free(self, ada, issue):
        issue(percent=100)
        page = ada.open(f"{ADDRESS}?code=SPRING")
        assert "There is nothing to pay" in page.text
        assert page.press("Register", terms="y").h1 == "You are registered, Ada Quillfeather."

    def test_somebody_without_details_gets_the_code_taken_off_with_their_group(self, browser, cast, seminar, issue):
        issue()
        page = browser.sign_in(cast.noah).open(f"{ADDRESS}?code=SPRING")
        assert "as soon as we know your Certification Type" in page.text
        details = {"professional_name": "Noah Emptyhand, NP", "certification_type": "np", "terms": "y"}
        page = page.press("Apply", **details)
        assert "Total $716" in page.text
        assert page.press("Continue to review").form_with("Pay $716 with Stripe")


class TestShownAmounts:
    """The first step takes no seat at a price the page did not show."""

    def test_a_price_that_rose_while_reading_is_shown_first(self, ada):
        page = ada.open(ADDRESS)
        with transaction():
            db.session.execute(update(PriceTier).values(amount_minor=120000))
        refused = page.press("Continue to review", terms="y")
        assert (refused.status, count(Registration)) == (409, 0)
        assert "The tuition is $1,200 now. No seat was taken" in refused.errors[0]
        assert refused.press("Continue to review").form_with("Pay $1,200 with Stripe")

    def test_an_early_rate_that_ended_while_reading_is_shown_first(self, ada, clock):
        clock.advance(hours=13)  # 23:00 in Florida, and the next day in London
        today = clock.now.date() - timedelta(days=1)
        factories.seminar(now=clock.now, slug="early", early={"physician": 99500}, early_until=today)
        page = ada.open("/seminars/early/register")
        clock.advance(hours=1)
        refused = page.press("Continue to review", terms="y")
        assert "The tuition is $1,095 now" in refused.errors[0]

    @pytest.mark.parametrize(
        "forged",
        [
            "",
            "1",
            "in-person.physician=1",
            "in-person.physician=-109500",
            "in-person.physician=1e9",
            "in-person.physician=99999999999999999999",
            "in-person.trainee=59500",
            "livestream.physician=109500",
            "in-person.physician=109500x",
            "in-person.physician=١٠٩٥٠٠",
            "{'in-person': 1}",
        ],
    )
    def test_forged_amounts_and_groups_take_no_seat(self, ada, forged):
        page = ada.open(ADDRESS).press("Continue to review", terms="y", shown=forged)
        assert (page.status, count(Registration)) == (409, 0)
        assert "The tuition is $1,095 now" in page.errors[0]

    def test_a_group_in_the_form_decides_nothing(self, ada):
        page = ada.open(ADDRESS)
        with transaction():
            db.session.get_one(Account, ada_id()).certification_type = "np"
        refused = page.press("Continue to review", terms="y", shown="in-person.physician=109500", tier="trainee")
        assert "The tuition is $895 now" in refused.errors[0]


def ada_id() -> int:
    return db.session.scalars(select(Account.id).where(Account.email == "ada@example.test")).one()


class TestReview:
    """The second step."""

    def test_a_code_can_be_added_and_taken_away_there(self, ada, issue, seminar):
        issue()
        page = fill(ada, seminar).press("Apply", code="SPRING")
        assert page.form_with("Pay $876 with Stripe")
        assert page.press("Apply", code="").form_with("Pay $1,095 with Stripe")

    def test_a_refused_code_is_told_at_its_field(self, ada, seminar):
        page = fill(ada, seminar).press("Apply", code="WINTER")
        assert page.status == 422
        assert "We do not know this promo code" in page.errors[0]
        assert page.form_with("Pay $1,095 with Stripe")

    def test_a_seat_that_became_free_is_confirmed_without_stripe(self, ada, issue, seminar):
        issue(percent=100)
        page = fill(ada, seminar).press("Apply", code="SPRING")
        assert page.press("Confirm my seat").h1 == "You are registered, Ada Quillfeather."

    def test_the_early_rate_stands_on_the_bill(self, ada, clock):
        until = (clock.now + timedelta(days=3)).date()
        early = factories.seminar(now=clock.now, slug="early", early={"physician": 99500}, early_until=until)
        text = fill(ada, early).text
        assert "Physician, in person $1,095" in text
        assert "Early rate, to March 4 −$100" in text
        assert "Total $995" in text

    def test_while_a_payment_is_open_there_is_no_field(self, ada, issue, seminar, cast):
        issue()
        page = ada.open(f"{ADDRESS}?code=SPRING").press("Continue to review", terms="y")
        page.press("Pay $876 with Stripe")
        page = ada.open(page.url)
        assert not page.root.find("input", name="code")
        assert "SPRING, 20% off" in page.text

    def test_a_free_seminar_asks_for_no_code(self, ada, clock):
        factories.seminar(now=clock.now, slug="free", prices=FREE)
        assert not ada.open("/seminars/free/register").root.find("input", name="code")


class TestStaff:
    """Issuing codes."""

    def test_a_code_is_issued_listed_edited_and_switched_off(self, sam, seminar):
        page = sam.open("/admin/codes").click("New promo code")
        page = page.press("Issue the code", code="spring 27", percent="20", most_uses="5", seminar=seminar.slug)
        row = page.root.find("tbody")[0].text
        for words in ("SPRING27", "20% off", "Cardiology for Primary Care", "0 of 5", "once each", "Active"):
            assert words in row
        page = page.click("SPRING27").press("Save Changes", kind="amount", amount="50", tiers=["trainee"])
        row = page.root.find("tbody")[0].text
        assert "$50 off" in row
        assert "Resident, fellow, student" in row
        page = page.press("Switch off")
        assert "Off" in page.root.find("tbody")[0].text
        assert "Active" in page.press("Switch on").root.find("tbody")[0].text

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"code": "a!"}, "A promo code has 3 to 40 letters"),
            ({"percent": ""}, "Enter how many percent"),
            ({"percent": "0"}, "from 1 to 100"),
            ({"percent": "101"}, "from 1 to 100"),
            ({"percent": "-5"}, "from 1 to 100"),
            ({"kind": "amount", "amount": "0"}, "Enter the amount"),
            ({"kind": "amount", "amount": "-5"}, "enter an amount"),
            ({"most_uses": "0"}, "from 1 to 100,000"),
            ({"most_uses": "999999999999999999999"}, "from 1 to 100,000"),
            ({"first_on": "2027-03-02", "last_on": "2027-03-01"}, "must not come before"),
            ({"first_on": "soon"}, "enter a date"),
            ({"seminar": "nowhere"}, "Not a valid choice"),
            ({"tiers": ["royalty"]}, "not a valid choice"),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_stored(self, sam, typed, words):
        page = sam.open("/admin/codes/new").press("Issue the code", **({"code": "SPRING", "percent": "20"} | typed))
        assert (page.status, count(PromoCode)) == (422, 0)
        assert any(words.casefold() in error.casefold() for error in page.errors), page.errors

    def test_a_code_that_exists_is_refused_at_its_field(self, sam, issue):
        issue()
        page = sam.open("/admin/codes/new").press("Issue the code", code="spring", percent="10")
        assert (page.status, count(PromoCode)) == (422, 1)
        assert "already" in page.errors[0]

    def test_a_second_editor_sees_what_the_first_saved(self, sam, issue):
        issue()
        pages = [sam.open("/admin/codes/SPRING") for _ in range(2)]
        pages[0].press("Save Changes", percent="30")
        refused = pages[1].press("Save Changes", percent="40")
        assert refused.status == 409
        assert "30% off" in refused.text
        assert "40% off" in refused.press("Save Changes").root.find("tbody")[0].text

    def test_a_code_can_be_found_by_its_purpose(self, sam, issue):
        issue(note="Alumni letter")
        issue("OTHER")
        page = sam.open("/admin/codes?q=alumni")
        assert [row.find("a")[0].text for row in page.root.find("tbody")[0].find("tr")] == ["SPRING"]
        assert "No promo code matches" in sam.open("/admin/codes?q=zebra").text

    @pytest.mark.parametrize("name", ["NOWHERE", "%00", "a b", "%3Cb%3E"])
    def test_a_code_nobody_issued_is_not_found(self, sam, name):
        assert sam.open(f"/admin/codes/{name}", expect=404)

    def test_the_pages_are_for_those_who_may_see_payments(self, browser, cast, clock):
        clerk = factories.staff("clerk@example.test", "Clara Desk", ["registrations"], now=clock.now)
        assert browser.sign_in(clerk).open("/admin/codes", expect=404)
