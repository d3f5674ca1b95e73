"""Facts about the pages on which somebody registers, and on which a registration tells of itself."""

from datetime import timedelta
from typing import Any

import pytest

from cme.accounts.models import Account
from cme.catalog.models import Offering
from cme.database import db, transaction
from cme.registration.models import Registration
from tests import factories
from tests.browser import Browser
from tests.factories import FREE
from tests.registration.pages import count, fill, ref_of

pytestmark = [pytest.mark.pages, pytest.mark.usefixtures("promises", "sandbox")]


@pytest.fixture
def seminar(app: Any, clock: Any) -> Any:
    return factories.seminar(now=clock.now, slug="cardiology")


@pytest.fixture
def ada(browser: Browser, cast: Any) -> Browser:
    return browser.sign_in(cast.ada)


class TestRegistering:
    """The first step."""

    def test_strangers_sign_in_first(self, browser, seminar):
        assert "next=/seminars/cardiology/register" in browser.open("/seminars/cardiology/register").url

    def test_the_page_shows_who_you_are_what_it_costs_and_what_comes_back(self, ada, seminar):
        page = ada.open("/seminars/cardiology/register")
        for words in ("Ada Quillfeather, MD", "Physician (MD)", "$1,095", "10 seats left", "Full refund, less $50"):
            assert words in page.text

    def test_the_early_rate_stands_beside_the_full_one(self, ada, clock):
        until = (clock.now + timedelta(days=3)).date()
        factories.seminar(now=clock.now, slug="early", early={"physician": 99500}, early_until=until)
        text = ada.open("/seminars/early/register").text
        assert "Early rate, to March 4 −$100" in text
        assert "Total $995" in text

    def test_continuing_holds_the_seat(self, ada, seminar):
        page = fill(ada, seminar)
        assert page.h1 == "Review and pay"
        assert "Your seat is held until March 1, 2027, 10:15 am EST" in page.text
        assert page.form_with("Pay $1,095 with Stripe")

    def test_the_terms_have_to_be_accepted(self, ada, seminar):
        page = fill(ada, seminar, terms=None)
        assert (page.status, count(Registration)) == (422, 0)
        assert page.errors == ["Confirm that you have read the refund policy and the terms of registration"]

    def test_the_way_to_attend_in_the_link_is_chosen_and_kept(self, ada, clock):
        both = factories.seminar(now=clock.now, modes=("in-person", "livestream"), slug="both")
        page = ada.open("/seminars/both/register?mode=livestream")
        chosen = [each.attrs["value"] for each in page.root.find("input", name="mode") if "checked" in each.attrs]
        assert chosen == ["livestream"]
        assert "Livestream" in page.press("Continue to review", terms="y").text
        assert db.session.get_one(Offering, both.offerings[1].id).taken == 1

    def test_a_way_nobody_offers_is_refused(self, ada, seminar):
        page = fill(ada, seminar, mode="by-letter")
        assert (page.status, page.errors) == (422, ["Choose how you will attend"])

    def test_a_free_seat_is_confirmed_at_once(self, ada, clock):
        page = fill(ada, factories.seminar(now=clock.now, prices=FREE))
        assert page.h1 == "You are registered, Ada Quillfeather."
        assert "Receipt" not in page.text

    def test_sending_the_form_twice_holds_one_seat(self, ada, seminar):
        page = ada.open("/seminars/cardiology/register")
        first, second = (page.press("Continue to review", terms="y") for _ in range(2))
        assert ref_of(first) == ref_of(second)
        assert count(Registration) == 1

    def test_two_tabs_hold_one_seat(self, ada, seminar):
        tabs = [ada.open("/seminars/cardiology/register") for _ in range(2)]
        first, second = (tab.press("Continue to review", terms="y") for tab in tabs)
        assert ref_of(first) == ref_of(second)
        assert count(Registration) == 1

    def test_whoever_is_registered_is_led_to_their_registration(self, ada, seminar):
        held = fill(ada, seminar)
        assert ref_of(ada.open("/seminars/cardiology/register")) == ref_of(held)

    def test_a_full_seminar_says_so(self, ada, clock):
        factories.seminar(now=clock.now, capacity=0, slug="full")
        page = ada.open("/seminars/full/register", expect=409)
        assert page.errors == ["This seminar is full: no seat is left."]

    def test_the_last_seat_lost_while_reading_is_told_and_nothing_typed_is_lost(self, ada, cast, clock):
        both = factories.seminar(now=clock.now, capacity=1, modes=("in-person", "livestream"), slug="one-left")
        page = ada.open("/seminars/one-left/register")
        factories.registration(cast.otto, both, now=clock.now)
        refused = page.press("Continue to review", terms="y")
        assert (refused.status, count(Registration)) == (409, 1)
        assert "This seminar is full" in refused.errors[0]
        assert "checked" in refused.root.find("input", name="terms")[0].attrs

    def test_a_seminar_that_has_begun_takes_nobody(self, ada, clock):
        factories.seminar(now=clock.now, starts_in=0, slug="begun")
        page = ada.open("/seminars/begun/register", expect=409)
        assert page.errors == ["Registration is closed: the seminar has begun."]

    def test_registration_that_closes_while_reading_is_refused(self, ada, seminar):
        page = ada.open("/seminars/cardiology/register")
        with transaction():
            db.session.get_one(Offering, seminar.offerings[0].id).status = "closed"
        refused = page.press("Continue to review", terms="y")
        assert (refused.status, count(Registration)) == (409, 0)

    @pytest.mark.parametrize("slug", ["nowhere", "A b", "%00"])
    def test_an_unknown_seminar_is_not_found(self, ada, slug):
        assert ada.open(f"/seminars/{slug}/register", expect=404)

    def test_a_draft_is_not_found(self, ada, clock):
        factories.seminar(now=clock.now, status="draft", slug="draft")
        assert ada.open("/seminars/draft/register", expect=404)


class TestMissingDetails:
    """Whoever has not said who they are says it on the way."""

    def test_the_form_asks_and_account_details_remember(self, browser, cast, seminar):
        browser.sign_in(cast.noah)
        page = browser.open("/seminars/cardiology/register")
        assert "NP, PA, nurse, pharmacist $895" in page.text
        held = page.press(
            "Continue to review", professional_name="Noah Ferreira, PA-C", certification_type="pa", terms="y"
        )
        assert "$895" in held.text
        noah = db.session.get_one(Account, cast.noah.id)
        assert (noah.professional_name, noah.certification_type) == ("Noah Ferreira, PA-C", "pa")

    def test_nothing_is_kept_until_all_of_it_is_there(self, browser, cast, seminar):
        browser.sign_in(cast.noah)
        refused = fill(browser, seminar, professional_name="Noah 你好", certification_type="")
        assert refused.status == 422
        assert len(refused.errors) == 2
        assert "Select your Certification Type" in refused.errors
        assert refused.root.find("input", name="professional_name")[0].attrs["value"] == "Noah 你好"
        assert db.session.get_one(Account, cast.noah.id).professional_name is None
        assert count(Registration) == 0


class TestWhose:
    """A registration is its person's alone."""

    @pytest.mark.parametrize("page", ["", "/thanks", "/cancel"])
    def test_somebody_elses_is_not_there(self, ada, cast, seminar, clock, page):
        theirs = factories.registration(cast.otto, seminar, now=clock.now, status="held", amount_due_minor=109500)
        assert ada.open(f"/registrations/{theirs.ref}{page}", expect=404)

    @pytest.mark.parametrize("page", ["checkout", "cancel"])
    def test_nobody_acts_for_somebody_else(self, ada, cast, seminar, clock, page):
        theirs = factories.registration(cast.otto, seminar, now=clock.now, status="held", amount_due_minor=109500)
        mine = fill(ada, seminar)
        form = mine.form_with("with Stripe").find("input", name="csrf_token")[0].attrs["value"]
        answer = ada.client.post(f"/registrations/{theirs.ref}/{page}", data={"csrf_token": form, "shown": "109500"})
        assert answer.status_code == 404
        assert db.session.get_one(Registration, theirs.id).status == "held"

    @pytest.mark.parametrize("ref", ["x", "%00", "0" * 26, "0" * 300])
    def test_an_unknown_one_is_not_there(self, ada, ref):
        assert ada.open(f"/registrations/{ref}", expect=404)

    def test_the_catalog_knows_who_is_registered(self, app, cast, seminar, clock):
        from flask_login import login_user

        mine = factories.registration(cast.ada, seminar, now=clock.now)
        asked = app.jinja_env.globals["my_registration"]
        with app.test_request_context():
            assert asked(seminar.id) is None
        for person, expected in ((cast.ada, mine.ref), (cast.otto, None)):
            with app.test_request_context():
                login_user(person)
                found = asked(seminar.id)
                assert (found.ref if found else None) == expected


class TestAfterwards:
    """What a confirmed registration tells as time goes by."""

    def test_after_the_end_it_leads_to_evaluation_and_claim(self, ada, cast, clock):
        past = factories.seminar(now=clock.now, starts_in=-5)
        mine = factories.registration(cast.ada, past, now=clock.now)
        page = ada.open(f"/registrations/{mine.ref}")
        assert page.links("Evaluation") == [f"/registrations/{mine.ref}/evaluation"]
        assert f"/registrations/{mine.ref}/claim" in page.links("Claim credit")

    def test_after_the_window_it_says_that_claiming_has_ended(self, ada, cast, clock):
        past = factories.seminar(now=clock.now, starts_in=-90)
        mine = factories.registration(cast.ada, past, now=clock.now)
        assert "The time to claim credit has ended" in ada.open(f"/registrations/{mine.ref}").text

    def test_the_link_to_the_livestream_is_shown_to_those_who_have_a_seat(self, ada, clock):
        online = factories.seminar(now=clock.now, modes=("livestream",), prices=FREE, slug="online")
        with transaction() as session:
            session.get_one(Offering, online.offerings[0].id).webcast_url = "https://live.example/42"
        assert "live.example" not in ada.open("/seminars/online/register").html
        assert fill(ada, online).links("Open the livestream") == ["https://live.example/42"]
