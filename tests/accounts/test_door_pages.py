"""Facts about the pages in front of the door: joining, signing in and out, forgotten passwords."""

import re

import pytest
from sqlalchemy import func, select

from cme.accounts import services
from cme.accounts.models import Account, LoginSession, OneTimeLink
from cme.accounts.queries import account_by_email
from cme.database import db
from tests.accounts.letters import letters_to, token_of
from tests.accounts.test_signing_in import disable
from tests.browser import Browser
from tests.factories import PASSWORD

pytestmark = pytest.mark.pages

NEW = "iris@example.test"
CHOSEN = "lantern-otter-basalt"
SECURITY = "/account/security"


def enter(browser: Browser, person: Account, password: str = PASSWORD, **values: str):
    return browser.open(f"/sign-in?next={SECURITY}").press("Sign in", email=person.email, password=password, **values)


def asked(browser: Browser, email: str = NEW, next_path: str = ""):
    return browser.open(f"/join{next_path}").press("Create account", email=email, password=CHOSEN)


def words_of(page, email: str) -> str:
    """What a page says, apart from the address typed and the secrets of the form."""
    return re.sub(r'(csrf_token|form_id)" value="[^"]*"', "", page.html.replace(email, ""))


def test_joining_asks_to_check_the_mail(browser):
    page = asked(browser)
    assert (page.status, page.h1) == (200, "Check your mail")
    assert NEW in page.text
    assert "/admin/letters" not in page.html


def test_in_development_the_page_names_where_letters_are_read(app, browser, monkeypatch):
    monkeypatch.setitem(app.config, "CME_ENV", "development")
    page = asked(browser)
    assert page.links("http://localhost/admin/letters") == ["/admin/letters"]
    assert "admin@demo.test" in page.text


def test_joining_answers_alike_with_and_without_an_account(browser, cast):
    pages = [words_of(asked(browser, email), email) for email in (NEW, cast.ada.email)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("email", "password", "errors"),
    [
        ("", "", ["Enter your email address", "Choose a password"]),
        ("iris", CHOSEN, ["Enter an email address, like name@example.com"]),
        ("iris@bücher.example", CHOSEN, ["Enter an email address, like name@example.com"]),
        ("iris@example.test\r\nBcc: all@example.test", CHOSEN, ["Enter an email address, like name@example.com"]),
        (NEW, "short", ["Enter a password of at least 12 characters"]),
    ],
)
def test_joining_says_what_was_typed_wrong(browser, email, password, errors):
    page = browser.open("/join").press("Create account", email=email, password=password)
    assert (page.status, page.errors) == (422, errors)
    assert not letters_to(NEW)
    assert password == "" or password not in page.html


def test_opening_the_letters_link_changes_nothing_and_its_button_finishes(browser):
    asked(browser)
    address = f"/verify-email/{token_of(letters_to(NEW)[0])}"
    page = browser.open(address)
    assert account_by_email(NEW) is None
    page = page.press("Finish and sign in")
    assert (page.status, page.h1, page.url.split("?")[0]) == (200, "Account Details", "/account")
    assert browser.open(SECURITY).h1 == "Password and sign-ins"


def test_the_page_somebody_was_on_the_way_to_waits_for_them(browser):
    asked(browser, next_path=f"?next={SECURITY}")
    page = browser.open(f"/verify-email/{token_of(letters_to(NEW)[0])}").press("Finish and sign in")
    assert page.url == SECURITY


def test_two_tabs_make_one_account(app, browser):
    asked(browser)
    address = f"/verify-email/{token_of(letters_to(NEW)[0])}"
    first, second, elsewhere = browser.open(address), browser.open(address), Browser(app).open(address)
    first.press("Finish and sign in")
    assert second.press("Finish and sign in").status == 400
    assert browser.open(address).h1 == "Account Details"
    assert elsewhere.press("Finish and sign in").h1 == "This link no longer works"
    assert db.session.scalar(select(func.count(Account.id))) == 1


def test_a_spent_link_offers_to_join_again(app, browser, clock):
    asked(browser)
    clock.advance(hours=24)
    page = browser.open(f"/verify-email/{token_of(letters_to(NEW)[0])}", expect=410)
    assert page.click("Create an account").h1 == "Create an account"
    assert browser.open("/verify-email/nonsense", expect=404).h1 == "This link no longer works"


def test_signing_in_goes_on_to_the_page_wanted(browser, cast):
    page = browser.open(SECURITY)
    assert page.h1 == "Sign in"
    page = page.press("Sign in", email=cast.ada.email, password=PASSWORD)
    assert (page.status, page.url) == (200, SECURITY)


@pytest.mark.parametrize(("who", "home"), [("ada", "/my"), ("sam", "/admin")])
def test_signing_in_without_a_wish_goes_home(browser, cast, who, home):
    token = browser.open("/sign-in").root.find("input", name="csrf_token")[0].attrs["value"]
    typed = {"csrf_token": token, "email": getattr(cast, who).email, "password": PASSWORD}
    assert browser.client.post("/sign-in", data=typed).headers["Location"] == home


def test_a_wrong_password_and_a_wrong_address_look_alike(browser, cast):
    pages = []
    for email in (cast.ada.email, "nobody@example.test"):
        page = browser.open("/sign-in").press("Sign in", email=email, password="wrong-password")
        assert page.status == 422
        assert page.errors == ["The email or the password is not right. Check both and try again."]
        assert page.root.find("input", name="email")[0].attrs["value"] == email
        assert "wrong-password" not in page.html
        pages.append(words_of(page, email))
    assert pages[0] == pages[1]


def test_too_many_tries_are_refused_in_words(browser, cast):
    for _ in range(10):
        enter(browser, cast.ada, "wrong")
    page = enter(browser, cast.ada)
    assert (page.status, page.errors) == (429, ["Too many tries. Wait five minutes, then try again."])


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/my",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/my\r\nLocation: https://evil.example",
        " //evil.example",
        "evil.example",
        "/" + "a" * 2000,
    ],
)
def test_nobody_is_sent_elsewhere(browser, cast, elsewhere):
    wish = {"next": elsewhere}
    page = browser.client.get("/sign-in", query_string=wish)
    token = re.search(r'csrf_token" value="([^"]+)', page.text)[1]
    typed = {"csrf_token": token, "email": cast.ada.email, "password": PASSWORD}
    answer = browser.client.post("/sign-in", query_string=wish, data=typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/my")
    assert browser.client.get("/sign-in", query_string=wish).headers["Location"] == "/my"
    assert browser.client.get("/join", query_string=wish).headers["Location"] == "/my"


def test_an_encoded_address_elsewhere_stays_a_path_of_ours(browser, cast):
    token = browser.open("/sign-in").root.find("input", name="csrf_token")[0].attrs["value"]
    typed = {"csrf_token": token, "email": cast.ada.email, "password": PASSWORD}
    answer = browser.client.post("/sign-in?next=/%252f%252fevil.example", data=typed)
    assert answer.headers["Location"] == "/%2f%2fevil.example"


def test_a_page_that_only_takes_a_form_is_not_a_page_to_come_back_to(browser):
    token = browser.open("/sign-in").root.find("input", name="csrf_token")[0].attrs["value"]
    answer = browser.client.post("/registrations/ANY/checkout", data={"csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_a_form_sent_too_late_leads_back_to_its_page(app, browser, cast):
    enter(browser, cast.ada)
    page = browser.open(SECURITY)
    services.sign_out(browser_sign_in(browser), now=app.extensions["gateways"].clock())
    page = page.press("Change password", current=PASSWORD, password=CHOSEN)
    assert page.h1 == "Sign in"
    assert page.url == "/sign-in?next=/account/security"


def browser_sign_in(browser: Browser) -> str:
    with browser.client.session_transaction() as session:
        return session["_user_id"]


def test_the_cookie_carries_the_sign_in_and_the_token_and_nothing_else(browser, cast):
    enter(browser, cast.ada)
    with browser.client.session_transaction() as session:
        assert set(session) == {"_user_id", "csrf_token"}
        assert str(cast.ada.id) != session["_user_id"]


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(app, browser, cast):
    answer = browser.client.get("/sign-in")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie
    assert answer.headers["Cache-Control"] == "no-store"
    enter(browser, cast.ada, keep="y")
    assert browser.client.get_cookie("session").expires is not None


@pytest.mark.parametrize("address", ["/seminars", "/verify-email/nonsense"])
def test_a_visitor_who_fills_in_nothing_gets_no_cookie(browser, address):
    assert "Set-Cookie" not in browser.client.get(address).headers


def test_signing_in_draws_a_new_id_and_a_new_token(browser, cast):
    browser.open("/sign-in")
    with browser.client.session_transaction() as session:
        old = session["csrf_token"]
        session["planted"] = "by somebody else"
    enter(browser, cast.ada)
    first = browser_sign_in(browser)
    with browser.client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != old
    browser.open(SECURITY).press("Sign out")
    enter(browser, cast.ada)
    assert browser_sign_in(browser) != first


def test_signing_out_kills_every_copy_of_the_cookie(app, browser, cast):
    enter(browser, cast.ada)
    copy = Browser(app)
    with copy.client.session_transaction() as session:
        session["_user_id"] = browser_sign_in(browser)
    assert copy.open(SECURITY).h1 == "Password and sign-ins"
    page = browser.open(SECURITY).press("Sign out")
    assert page.h1 == "Sign in"
    assert copy.open(SECURITY).h1 == "Sign in"


def test_signing_out_takes_a_form_not_a_link(browser, cast):
    enter(browser, cast.ada)
    assert browser.client.get("/sign-out").status_code == 405
    assert browser.client.post("/sign-out").status_code == 400
    assert browser.open(SECURITY).h1 == "Password and sign-ins"


@pytest.mark.parametrize("address", ["/sign-in", "/join", "/forgot-password", "/sign-out"])
def test_a_form_without_its_token_is_refused(browser, cast, address):
    typed = {"email": cast.ada.email, "password": PASSWORD}
    assert browser.client.post(address, data=typed).status_code == 400
    assert db.session.scalar(select(func.count(LoginSession.id))) == 0


def test_a_disabled_person_is_out_at_once(browser, cast):
    enter(browser, cast.ada)
    disable(cast.ada)
    assert browser.open(SECURITY).h1 == "Sign in"


def test_a_made_up_sign_in_is_nobodys(browser, cast):
    for made_up in ("1", str(cast.ada.id), "x" * 43):
        with browser.client.session_transaction() as session:
            session["_user_id"] = made_up
        assert browser.open(SECURITY).h1 == "Sign in"


def test_whoever_comes_by_stays_signed_in(browser, cast, clock):
    enter(browser, cast.sam)
    for _ in range(3):
        clock.advance(minutes=50)
        assert browser.open(SECURITY).h1 == "Password and sign-ins"
    clock.advance(minutes=60)
    assert browser.open(SECURITY).h1 == "Sign in"


def test_a_forgotten_password_is_answered_alike_for_everybody(browser, cast):
    pages = []
    for email in (cast.ada.email, "nobody@example.test"):
        page = browser.open("/forgot-password").press("Send the letter", email=email)
        assert (page.status, page.h1) == (200, "Check your mail")
        pages.append(words_of(page, email))
    assert pages[0] == pages[1]
    assert len(letters_to(cast.ada.email)) == 1


def test_a_forgotten_password_needs_an_address(browser):
    page = browser.open("/forgot-password").press("Send the letter", email="ada")
    assert (page.status, page.errors) == (422, ["Enter an email address, like name@example.com"])
    assert db.session.scalar(select(func.count(OneTimeLink.id))) == 0


def test_the_letters_link_leads_to_a_new_password(browser, cast):
    browser.open("/forgot-password").press("Send the letter", email=cast.ada.email)
    address = f"/reset-password/{token_of(letters_to(cast.ada.email)[0])}"
    page = browser.open(address).press("Change password", password="my password")
    assert (page.status, page.errors) == (422, ["Enter a password of at least 12 characters"])
    page = page.press("Change password", password=CHOSEN)
    assert page.h1 == "Sign in"
    assert enter(browser, cast.ada, CHOSEN).h1 == "Password and sign-ins"
    page = browser.open(address, expect=410)
    assert page.click("Send a new letter").h1 == "Forgotten password"


def test_passwords_can_be_pasted_shown_and_filled_in(browser):
    for address, wanted in (("/sign-in", "current-password"), ("/join", "new-password")):
        page = browser.open(address)
        [field] = page.root.find("input", type="password")
        assert field.attrs["autocomplete"] == wanted
        assert "maxlength" not in field.attrs
        assert page.root.find("button", data_reveal=field.attrs["id"])
        assert page.root.find("input", type="email")[0].attrs["autocomplete"] == "username"
