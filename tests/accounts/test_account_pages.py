"""Facts about Account Details, the security page and the list of people."""

import pytest
from sqlalchemy import select

from cme.accounts.models import Account
from cme.database import db
from tests.accounts.letters import letters_to
from tests.accounts.test_door_pages import CHOSEN, SECURITY, enter
from tests.browser import Browser
from tests.factories import PASSWORD

pytestmark = pytest.mark.pages

GATE = "Professional Name & Certification Type are Required."


def details(browser: Browser, person: Account, query: str = ""):
    enter(browser, person)
    return browser.open(f"/account{query}")


def test_saving_details_says_so(browser, cast):
    page = details(browser, cast.noah)
    assert (page.h1, page.title.split(" | ")[0]) == ("Account Details", "Account Details")
    page = page.press("Save Changes", professional_name="Noah Fenwick, DO", certification_type="do")
    assert (page.status, page.url) == (200, "/account")
    assert "Changes saved" in page.html
    assert page.root.find("input", name="professional_name")[0].attrs["value"] == "Noah Fenwick, DO"
    assert page.root.find("option", value="do")[0].attrs.get("selected") is not None


def test_after_saving_a_person_is_back_at_what_they_were_doing(browser, cast):
    page = details(browser, cast.noah, f"?next={SECURITY}")
    page = page.press("Save Changes", professional_name="", certification_type="do")
    assert page.status == 422
    page = page.press("Save Changes", professional_name="Noah Fenwick, DO", certification_type="do")
    assert (page.status, page.url) == (200, SECURITY)
    assert "Changes saved" in page.html


def test_details_never_lead_elsewhere(browser, cast):
    page = details(browser, cast.noah, "?next=//evil.example")
    page = page.press("Save Changes", professional_name="Noah Fenwick, DO", certification_type="do")
    assert page.url == "/account"
    assert "evil.example" not in page.html


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "Enter your Professional Name"),
        ("    ", "Enter your Professional Name"),
        ("...", "Enter your Professional Name with its letters, like Jordan A. Sample, MD"),
        ("x" * 121, "Professional Name must be 120 characters or fewer"),
        ("Noah\x07 Fenwick", "Professional Name has a character that cannot be printed. Type it again."),
        ("\u202eNoah", "Professional Name has a character that cannot be printed. Type it again."),
        (
            "李小龍, MD",
            "Certificates cannot show 小, 李, 龍. Enter your name in Latin letters, "
            "as it is spelled on your passport or license",
        ),
    ],
)
def test_a_name_no_certificate_could_carry_is_refused(browser, cast, name, error):
    page = details(browser, cast.noah).press("Save Changes", professional_name=name, certification_type="do")
    assert (page.status, page.errors) == (422, [error])
    assert db.session.scalar(select(Account.professional_name).where(Account.id == cast.noah.id)) is None


@pytest.mark.parametrize("name", ["Zoë Đặng-Østergård, MD", "Αθηνά Παππά, NP", "Анна Лукина, DO", "محمد الخوري، MD"])
def test_names_in_many_scripts_are_welcome(browser, cast, name):
    page = details(browser, cast.noah).press("Save Changes", professional_name=name, certification_type="do")
    assert page.status == 200
    assert db.session.scalar(select(Account.professional_name).where(Account.id == cast.noah.id)) == name


@pytest.mark.parametrize("kind", ["", "wizard", "MD"])
def test_a_certification_type_outside_the_list_is_refused(browser, cast, kind):
    page = details(browser, cast.noah)
    page = page.press("Save Changes", professional_name="Noah Fenwick", certification_type=kind)
    assert (page.status, page.errors) == (422, ["Select your Certification Type"])
    assert page.root.find("input", name="professional_name")[0].attrs["value"] == "Noah Fenwick"


def test_a_phone_number_has_digits(browser, cast):
    page = details(browser, cast.ada).press("Save Changes", phone="call me")
    assert (page.status, page.errors) == (422, ["Enter a phone number, like (941) 555-0178"])
    assert page.press("Save Changes", phone="(941) 555-0178").status == 200


def test_an_odd_name_is_saved_and_asked_about(browser, cast):
    page = details(browser, cast.noah)
    page = page.press("Save Changes", professional_name="NOAH FENWICK", certification_type="student")
    assert page.status == 200
    assert "in capital letters" in page.text
    assert "no credentials" not in page.text or "Is this right?" in page.text


def test_an_odd_name_is_asked_about_on_the_way_back_too(browser, cast):
    page = details(browser, cast.noah, f"?next={SECURITY}")
    page = page.press("Save Changes", professional_name="Noah Fenwick", certification_type="student")
    assert page.url == SECURITY
    assert "no credentials" in page.html


def test_markup_in_a_name_stays_text(browser, cast):
    page = details(browser, cast.noah)
    page = page.press("Save Changes", professional_name="<b>Noah</b>, MD", certification_type="md")
    assert "<b>Noah" not in page.html
    assert "&lt;b&gt;Noah&lt;/b&gt;, MD" in page.html


def test_the_notice_stands_on_every_page_until_the_details_are_there(browser, cast):
    page = details(browser, cast.noah)
    assert GATE in page.root.text
    page = browser.open(SECURITY)
    assert GATE in page.root.text
    page = page.click("Update Account Details")
    assert (page.h1, page.url) == ("Account Details", "/account?next=/account/security")


def test_details_are_for_those_signed_in(browser):
    assert browser.open("/account").h1 == "Sign in"
    assert browser.open(SECURITY).h1 == "Sign in"


def test_the_name_is_shown_as_it_will_be_printed(browser, cast):
    page = details(browser, cast.ada)
    [field] = page.root.find("input", name="professional_name")
    [shown] = page.root.find(data_preview_out=field.attrs["data-preview"])
    assert shown.text == "Ada Quillfeather, MD"
    assert [option.attrs["value"] for option in page.root.find("option")][:3] == ["", "md", "do"]


def test_changing_the_password_signs_the_other_browsers_out(app, browser, cast):
    other = Browser(app)
    enter(other, cast.ada)
    enter(browser, cast.ada)
    page = browser.open(SECURITY).press("Change password", current=PASSWORD, password=CHOSEN)
    assert (page.status, page.url) == (200, SECURITY)
    assert "Your password was changed" in page.html
    assert other.open(SECURITY).h1 == "Sign in"
    assert letters_to(cast.ada.email)[-1].subject == "Your password was changed"


def test_changing_the_password_takes_the_current_one(browser, cast):
    enter(browser, cast.ada)
    page = browser.open(SECURITY).press("Change password", current="wrong", password=CHOSEN)
    assert (page.status, page.errors) == (422, ["Enter your current password"])
    page = browser.open(SECURITY).press("Change password", current=PASSWORD, password="password1234")
    assert page.status == 422
    assert "easy to guess" in page.errors[0]


def test_all_sign_ins_are_listed_and_the_others_can_be_ended(app, browser, cast):
    other = Browser(app)
    enter(other, cast.ada)
    enter(browser, cast.ada)
    page = browser.open(SECURITY)
    assert page.text.count("This browser") == 1
    assert len(page.root.find("tbody")[0].find("tr")) == 2
    page = page.press("Sign out everywhere else")
    assert "Signed out everywhere else: 1" in page.html
    assert len(page.root.find("tbody")[0].find("tr")) == 1
    assert other.open(SECURITY).h1 == "Sign in"


def test_staff_find_people_by_name_and_address(browser, cast):
    enter(browser, cast.sam)
    page = browser.open("/admin/people")
    assert page.h1 == "People"
    assert all(person.email in page.text for person in (cast.ada, cast.noah, cast.sam))
    assert "No name yet" in page.text
    page = page.press("Search", q="QUILL")
    assert cast.ada.email in page.text
    assert cast.nell.email not in page.text
    assert cast.nell.email in page.press("Search", q="Nell@Example").text
    for words in ("%", "_", "\x00", "nobody at all"):
        assert "Nobody found" in browser.client.get("/admin/people", query_string={"q": words}).text or words == "\x00"
    for number in ("0", "-1", "99999999999999999999", "x"):
        browser.open(f"/admin/people?page={number}")


def test_learners_do_not_find_the_list_of_people(browser, cast):
    enter(browser, cast.ada)
    assert browser.client.get("/admin/people").status_code == 404
