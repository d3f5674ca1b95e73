"""Facts about words typed into a form when the sign-in had ended: none are lost, and nobody else gets them."""

import secrets
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer
from sqlalchemy import delete

from cme.accounts import kept
from cme.accounts.models import Account, LoginSession
from cme.database import db
from tests.browser import Browser, Page, form_values
from tests.factories import PASSWORD

pytestmark = pytest.mark.pages

DETAILS = "/account"
NAME = "Ada Quillfeather-Moss, MD"
ASKED = "You are signed in. Send what you typed?"
HOSTILE = "\"><script>alert(1)</script>\n'{{ 7 * 7 }} &lt; Zoë \N{GRINNING FACE}"


@pytest.fixture
def late(browser: Browser, cast: Any, clock: Any) -> Page:
    """Account Details as Ada opened them a day ago; her sign-in has ended since."""
    page = browser.sign_in(cast.ada).open(DETAILS)
    clock.advance(hours=25)
    return page


def sign_in(page: Page, person: Account, password: str = PASSWORD) -> Page:
    return page.press("Sign in", email=person.email, password=password)


def post(page: Page, *, headers: Any = None, content_type: str | None = None, **typed: str) -> Any:
    """Send the form by hand, with the token the page had."""
    token = form_values(page.form_with("Save Changes"))["csrf_token"][0]
    data = {"csrf_token": token, **typed}
    return page.browser.client.post(page.url, data=data, headers=headers, content_type=content_type)


def plant(browser: Browser, person: Account, sealed: str) -> Page:
    """Sign in with something put into the form's hidden field."""
    typed = {"email": person.email, "password": PASSWORD, "kept": sealed}
    return browser.open(f"/sign-in?next={DETAILS}").press("Sign in", **typed)


def name_of(person: Account) -> str | None:
    return db.session.get_one(Account, person.id, populate_existing=True).professional_name


def test_what_was_typed_is_sent_after_signing_in_again(late, cast):
    page = late.press("Save Changes", professional_name=NAME)
    assert (page.status, page.h1) == (401, "Sign in")
    assert "Your sign-in had ended. Sign in again: what you typed is kept." in page.text
    assert page.response.headers["Cache-Control"] == "no-store"
    page = sign_in(page, cast.ada)
    assert (page.status, page.h1) == (200, ASKED)
    assert DETAILS in page.text
    assert name_of(cast.ada) != NAME
    page = page.press("Send it now")
    assert (page.status, page.url, page.h1) == (200, DETAILS, "Account Details")
    assert "Changes saved" in page.root.text
    assert name_of(cast.ada) == NAME


def test_whoever_does_not_want_to_send_goes_back_to_the_page(late, cast):
    page = sign_in(late.press("Save Changes", professional_name=NAME), cast.ada).click("Back to the page without it")
    assert (page.url, page.h1) == (DETAILS, "Account Details")
    assert name_of(cast.ada) != NAME


def test_a_wrong_password_on_the_way_loses_nothing(late, cast):
    page = sign_in(late.press("Save Changes", professional_name=NAME), cast.ada, "wrong-password")
    assert page.status == 422
    assert "what you typed is kept" in page.text
    assert form_values(sign_in(page, cast.ada).form_with("Send it now"))["professional_name"] == [NAME]


def test_the_address_keeps_its_question_and_the_fields_their_order(browser, late, cast):
    late.url = "/account?next=/my"
    page = sign_in(late.press("Save Changes", specialty=["one", "", "two"]), cast.ada)
    form = page.form_with("Send it now")
    assert form.attrs["action"] == "/account?next=/my"
    assert form_values(form)["specialty"] == ["one", "", "two"]


def test_another_person_is_not_offered_the_words(late, cast):
    page = sign_in(late.press("Save Changes", professional_name=NAME), cast.otto)
    assert (page.status, page.url) == (200, DETAILS)
    assert NAME not in page.html


def test_words_of_nobody_known_are_not_kept(late):
    db.session.execute(delete(LoginSession))
    db.session.commit()
    answer = post(late, professional_name=NAME)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/account")


def test_the_token_is_asked_for_before_anything_is_kept(late):
    answer = late.browser.client.post(DETAILS, data={"professional_name": NAME})
    assert answer.status_code == 400
    assert "kept" not in answer.text


def test_passwords_and_tokens_are_never_carried(app, late, cast):
    secret = {name: "tidal pool lantern" for name in ("password", "Password2", "current", "new", "new_password")}
    typed = post(late, professional_name=NAME, **secret)
    sealed = Page(late.browser, typed, DETAILS).root.find("input", name="kept")[0].attrs["value"]
    words = kept.unseal(sealed, cast.ada.id, now=app.extensions["gateways"].clock())
    assert words.fields == [["professional_name", NAME]]
    answer = post(late, **secret)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/account")


def test_hostile_words_stay_words(late, cast):
    page = sign_in(late.press("Save Changes", **{"professional_name": HOSTILE, HOSTILE: HOSTILE}), cast.ada)
    values = form_values(page.form_with("Send it now"))
    assert values["professional_name"] == values[HOSTILE] == [HOSTILE]
    assert "alert(1)</script>" not in page.html


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil", ""]
)
def test_nothing_is_sent_elsewhere(app, browser, cast, clock, elsewhere):
    words = kept.Words(cast.ada.id, clock.now.timestamp(), elsewhere, [("professional_name", NAME)])
    assert plant(browser, cast.ada, kept.seal(words)).url == DETAILS


def test_a_seal_that_is_not_ours_opens_nothing(app, browser, cast, clock):
    words = kept.Words(cast.ada.id, clock.now.timestamp(), DETAILS, [("professional_name", NAME)])
    ours = kept.seal(words)
    forged = URLSafeSerializer("another key of more than 32 letters", salt="kept words").dumps(words)
    other_use = URLSafeSerializer(app.config["SECRET_KEY"], salt="session").dumps(words)
    for sealed in (forged, other_use, ours[:-1], "x" + ours, "é", "."):
        assert plant(Browser(app), cast.ada, sealed).url == DETAILS
    assert plant(browser, cast.ada, ours).h1 == ASKED


def test_words_do_not_wait_for_ever(late, cast, clock):
    page = late.press("Save Changes", professional_name=NAME)
    clock.advance(hours=24)
    assert sign_in(page, cast.ada).url == DETAILS


def test_a_long_form_is_kept(late, cast):
    long = secrets.token_urlsafe(kept.MOST)[: kept.MOST - 1000]
    page = sign_in(late.press("Save Changes", specialty=long), cast.ada)
    assert form_values(page.form_with("Send it now"))["specialty"] == [long]


def test_a_form_too_long_to_keep_leads_to_the_sign_in_page(late):
    answer = post(late, specialty="x" * kept.MOST)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/account")


@pytest.mark.parametrize("way", [{"headers": {"X-Fragment": "toggle"}}, {"content_type": "multipart/form-data"}])
def test_a_script_is_answered_as_ever(late, way):
    assert post(late, professional_name=NAME, **way).status_code == 303
