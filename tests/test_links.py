"""Nobody is led astray: every link leads to a page, and every page can be reached by links."""

from collections import deque
from types import SimpleNamespace
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from flask import Flask, redirect

from tests import factories, town
from tests.browser import Browser, Element, Page

pytestmark = pytest.mark.pages

MOST_PAGES = 900
HERE = "http://localhost"
# Pages that somebody comes to by a letter, from Stripe, or only when something is wrong; files that programs look for.
# Reached by letters, by QR codes, by forms, by machines, or at hours the town does not live in.
NOT_BY_LINK = {
    "credits.did",
    "credits.evaluation",
    "credits.extension",
    "credits.follow_up",
    "credits.jwks",
    "credits.rate",
    "credits.status_list",
    "credits.verify_file",
    "registration.check_in",
    "registration_admin.badge",
    "accounts.verify_email",
    "accounts.reset_password",
    "catalog.disclose",
    "registration.take_over",
    "registration.thanks",
    "catalog.calendar",
    "catalog.feed",
    "catalog.robots",
    "catalog.share_image",
    "catalog.sitemap",
    "home.live",
    "home.ready",
    "static",
}


@pytest.fixture
def built(app: Flask, cast: SimpleNamespace, clock: Any) -> SimpleNamespace:
    """The town."""
    return town.build(cast, clock)


def inside(page: Page, root: Element | None = None) -> list[tuple[str, str]]:
    """The ways on from a page, or a part of it, that stay in the house: address and fragment."""
    found = []
    root = root or page.root
    ways = [anchor.attrs["href"] for anchor in root.find("a") if "href" in anchor.attrs]
    ways += [form.attrs.get("action", "") for form in root.find("form", method="get")]
    for way in ways:
        whole, fragment = urldefrag(urljoin(HERE + page.url, way))
        parts = urlsplit(whole)
        if parts.scheme == "http" and parts.netloc == "localhost":
            found.append((parts.path + (f"?{parts.query}" if parts.query else ""), fragment))
    return found


def written(page: Page) -> list[tuple[str, str]]:
    """The links in a letter on a page: they are for whom the letter was written."""
    return [link for part in page.root.find(class_="letter-text") for link in inside(page, part)]


def walk(browser: Browser, start: str) -> dict[str, Page]:
    """Follow every link from here on; filters and sort orders of one list are walked once."""
    opened: dict[str, Page] = {}
    ways, seen = deque([start]), {start}
    while ways:
        address = ways.popleft()
        page = browser.open(address, expect=None)
        assert page.status == 200, f"{address} answered {page.status}"
        opened[address] = page
        assert len(opened) < MOST_PAGES, f"more than {MOST_PAGES} pages from {start}"
        if page.response.mimetype != "text/html":
            continue
        ids = {element.attrs["id"] for element in page.root.find() if "id" in element.attrs}
        for link, fragment in set(inside(page)) - set(written(page)):
            if fragment and link == address:
                assert fragment in ids, f"{address}: nothing is called #{fragment}"
            key = link.partition("?")[0] if "?" in link else link
            if key not in seen:
                seen.add(key)
                ways.append(link)
    return opened


def endpoints(app: Flask, addresses: Any) -> set[str]:
    """The endpoints behind addresses."""
    router = app.url_map.bind("localhost")
    return {str(router.match(address.partition("?")[0], method="GET")[0]) for address in addresses}


def test_every_link_leads_somewhere_and_every_page_is_linked(app, cast, built):
    visitors = {"nobody": Browser(app), "ada": Browser(app).sign_in(cast.ada), "sam": Browser(app).sign_in(cast.sam)}
    reached = set()
    for browser in visitors.values():
        reached |= endpoints(app, walk(browser, "/"))
    everything = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    assert everything - reached <= NOT_BY_LINK


def test_a_link_that_leads_nowhere_is_noticed(app, cast, built, monkeypatch):
    monkeypatch.setitem(app.view_functions, "catalog.refunds", lambda: redirect("/nowhere"))
    with pytest.raises(AssertionError, match="/refunds answered 404"):
        walk(Browser(app), "/")


def test_somebody_without_details_is_led_through_the_house_too(app, cast, built):
    opened = walk(Browser(app).sign_in(cast.noah), "/my")
    assert {"/my", "/account", "/transcript", "/account/security"} <= {address.partition("?")[0] for address in opened}


def test_links_in_letters_lead_somewhere(app, cast, built, clock):
    free = factories.seminar(now=clock.now, slug="free-morning", prices={"physician": 0})
    ada, sam = Browser(app).sign_in(cast.ada), Browser(app).sign_in(cast.sam)
    ada.open(f"/seminars/{free.slug}/register").press("Register", terms="y")
    desk = walk(sam, "/admin/letters").items()
    letters = [page for address, page in desk if "/admin/letters/" in address and "/samples" not in address]
    assert {letter.h1.split(":")[0] for letter in letters} >= {"Your seat is confirmed", "Your certificate"}
    for letter in letters:
        assert written(letter), letter.h1
        for address, _ in written(letter):
            assert ada.open(address, expect=None).status == 200, f"{letter.h1}: {address}"
