"""Every address for every kind of visitor: what is not theirs is not there."""

import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from cme.access import LEARNERS, PUBLIC
from tests import factories, town
from tests.browser import Browser

pytestmark = pytest.mark.pages

NOBODY, OWNER, OTHER, EMPTY, CLERK, BOSS = "nobody", "owner", "other", "empty", "clerk", "boss"
PERMISSIONS = ("dashboard", "letters", "people", "seminars", "settings", "registrations", "payments", "claims")
PERMISSIONS += ("attendance",)
SIGN_IN_FIRST = "sign in first"
THERE, NOT_THERE = "there", "not there"
# What belongs to one person, whoever else is signed in.
# A credential is for whoever has the code that stands on its certificate.
OWN = re.compile(r"/(registrations|certificates|transcript/elsewhere|transcript/goals)/[0-9A-Z]{26}(?!\.json)")
LEADS_BACK = {"credits_admin.certificates_zip"}  # in the town nothing is printed yet


@pytest.fixture
def world(app: Flask, cast: SimpleNamespace, clock: Any) -> SimpleNamespace:
    """The town, and a browser for each kind of visitor."""
    built = town.build(cast, clock)
    clerk = factories.staff("clerk@example.test", "Quill Marrow", ["refreshments"], now=clock.now)
    people = {OWNER: cast.ada, OTHER: cast.otto, EMPTY: cast.noah, CLERK: clerk, BOSS: cast.sam}
    browsers = {name: Browser(app).sign_in(person) for name, person in people.items()}
    browsers[NOBODY] = Browser(app)
    return SimpleNamespace(town=built, browsers=browsers)


def token_of(browser: Browser) -> str:
    """The token that forms of this browser carry."""
    page = browser.open("/verify")
    return page.root.find("input", name="csrf_token")[0].attrs["value"]


def promised(access: str, path: str, visitor: str) -> str:
    """What a visitor is promised at an address."""
    if access == PUBLIC:
        return THERE
    if visitor == NOBODY:
        return SIGN_IN_FIRST
    if access == LEARNERS:
        return THERE if visitor == OWNER or not OWN.match(path) else NOT_THERE
    return THERE if visitor in (BOSS, access.removeprefix("staff:")) else NOT_THERE


def answered(answer: Any) -> str:
    """What a visitor got."""
    if answer.status_code == 404:
        return NOT_THERE
    if answer.status_code == 303 and urlsplit(answer.headers["Location"]).path == "/sign-in":
        return SIGN_IN_FIRST
    assert answer.status_code < 500, answer.text
    return THERE


def streets(app: Flask, world: SimpleNamespace) -> list[tuple[str, str, str]]:
    """Every endpoint, method and address but files, the webhook, and what changes who the visitor is."""
    for_all = {"static", "accounts.sign_out", "accounts.verify_email", "registration.stripe_webhook"}
    return [street for street in town.streets(app, world.town) if street[0] not in for_all]


def test_no_street_is_left_out(app, world):
    for endpoint, _, address in town.streets(app, world.town):
        assert "<" not in address, f"{endpoint} has no address in the town"


def test_every_address_is_there_for_those_it_is_promised_to_and_for_nobody_else(app, world):
    surprises, cells = [], 0
    for visitor, browser in world.browsers.items():
        token = token_of(browser)
        for endpoint, method, address in streets(app, world):
            data = {"csrf_token": token} if method == "POST" else None
            answer = browser.client.open(address, method=method, data=data)
            cells += 1
            if answered(answer) != promised(app.view_functions[endpoint].access, address, visitor):
                surprises.append((visitor, method, address, answer.status_code))
    assert surprises == []
    assert cells > 300


# A form's token carries the second it was made in.
TOKEN = re.compile(r'value="[\w.-]{60,}"')


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_each_permission_opens_its_own_doors_only(app, cast, clock, permission):
    built = town.build(cast, clock)
    person = factories.staff("clerk@example.test", "Quill Marrow", [permission], now=clock.now)
    browser = Browser(app).sign_in(person)
    token, mine, surprises = token_of(browser), set(), []
    for endpoint, method, address in town.streets(app, built):
        if not address.startswith("/admin"):
            continue
        data = {"csrf_token": token} if method == "POST" else None
        status = browser.client.open(address, method=method, data=data).status_code
        if app.view_functions[endpoint].access != f"staff:{permission}":
            expected = {404}
        else:
            mine.add(endpoint)
            expected = {200} if method == "GET" else {200, 303, 400, 409, 422}
            if endpoint in LEADS_BACK:
                expected = {303}
        if status not in expected:
            surprises.append((endpoint, method, status))
    assert surprises == []
    assert mine


def test_what_is_somebody_elses_looks_like_what_never_was(app, world):
    browser = world.browsers[OTHER]
    token = token_of(browser)
    for _, method, address in streets(app, world):
        if not OWN.match(address):
            continue
        data = {"csrf_token": token} if method == "POST" else None
        never = OWN.sub(rf"/\1/{'0' * 26}", address)
        theirs, nobodys = (browser.client.open(each, method=method, data=data) for each in (address, never))
        assert theirs.status_code == 404, address
        assert TOKEN.sub("", theirs.text) == TOKEN.sub("", nobodys.text), address


def test_no_form_is_taken_without_its_token(app, world):
    strange = token_of(Browser(app))
    for visitor in (NOBODY, OWNER, BOSS):
        browser = world.browsers[visitor]
        browser.open("/verify")
        for _, method, address in [*streets(app, world), ("", "POST", "/sign-out")]:
            for data in ({}, {"csrf_token": strange}) if method == "POST" else ():
                assert browser.client.post(address, data=data).status_code == 400, (visitor, address)


def test_every_answer_carries_its_guards_and_nobody_keeps_what_is_somebodys(app, world):
    for visitor in (NOBODY, OWNER, BOSS):
        for _, method, address in [*streets(app, world), ("", "GET", "/no-such-page"), ("", "PUT", "/account")]:
            answer = world.browsers[visitor].client.open(address, method=method)
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], address
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address
            if visitor != NOBODY:
                assert answer.headers["Cache-Control"] == "no-store", (visitor, method, address)


def test_a_file_that_caches_keep_comes_without_a_cookie(app, cast):
    browser = Browser(app)
    page = browser.open("/sign-in").press("Sign in", email=cast.ada.email, password=factories.PASSWORD, keep="y")
    assert page.url == "/my"
    with browser.client.get("/static/js/app.js?v=1") as answer:
        assert "public" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
