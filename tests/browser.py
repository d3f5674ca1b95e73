"""A browser without a screen: it follows links and fills forms as people do, and checks every page it opens."""

from collections import Counter
from html.parser import HTMLParser
from secrets import token_hex
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cme import gateways
from cme.accounts.services import open_sign_in
from cme.database import db

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Element:
    """One element of a page: its name, attributes, children and text."""

    def __init__(self, tag: str, attrs: dict[str, str], parent: "Element | None") -> None:
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.children: list[Element] = []
        self.parts: list[str | Element] = []

    @property
    def text(self) -> str:
        """All words inside, white space folded."""
        return " ".join("".join(p if isinstance(p, str) else f" {p.text} " for p in self.parts).split())

    def find(self, tag: str | None = None, **attrs: str) -> "list[Element]":
        """Every element inside with this name and these attributes; `class_` matches one class."""
        wanted = [(name.rstrip("_").replace("_", "-"), value) for name, value in attrs.items()]
        found: list[Element] = []
        self._find(tag, wanted, found)
        return found

    def _find(self, tag: str | None, wanted: list[tuple[str, str]], found: "list[Element]") -> None:
        for child in self.children:
            if (tag is None or child.tag == tag) and all(child.has(name, value) for name, value in wanted):
                found.append(child)
            if child.children:
                child._find(tag, wanted, found)

    def has(self, name: str, value: str) -> bool:
        """Whether an attribute has this value, or a class is among the classes."""
        have = self.attrs.get(name)
        return have is not None and (value in have.split() if name == "class" else value == have)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element("root", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(element)
        self.at.parts.append(element)
        if tag not in VOID:
            self.at = element

    def handle_endtag(self, tag: str) -> None:
        at: Element | None = self.at
        while at is not None and at.tag != tag:
            at = at.parent
        if at is not None and at.parent is not None:
            self.at = at.parent

    def handle_data(self, data: str) -> None:
        self.at.parts.append(data)


def parse(html: str) -> Element:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.root


class Page:
    """An opened page."""

    def __init__(self, browser: "Browser", response: TestResponse, url: str) -> None:
        self.browser, self.response, self.url = browser, response, url
        errors = "strict" if response.mimetype.startswith("text/") else "replace"  # an archive is no text
        self.status, self.html = response.status_code, response.get_data().decode("utf-8", errors)
        self.root = parse(self.html)

    @property
    def text(self) -> str:
        """All words of the page."""
        main = self.root.find("main")
        return (main[0] if main else self.root).text

    @property
    def title(self) -> str:
        """The page's title."""
        return self.root.find("title")[0].text

    @property
    def h1(self) -> str:
        """The page's heading."""
        return self.root.find("h1")[0].text

    @property
    def errors(self) -> list[str]:
        """What the error summary says."""
        summary = self.root.find(data_error_summary="")
        return [item.text for item in summary[0].find("li")] if summary else []

    def links(self, text: str) -> list[str]:
        """Where the links with these words lead."""
        return [a.attrs["href"] for a in self.root.find("a") if text in a.text and "href" in a.attrs]

    def click(self, text: str) -> "Page":
        """Follow the link with these words."""
        found = self.links(text)
        assert found, f"no link {text!r} on {self.url}"
        return self.browser.open(urljoin(self.url, found[0]))

    def form_with(self, button: str) -> Element:
        """The form that has this button."""
        forms = [f for f in self.root.find("form") if any(button in b.text for b in f.find("button"))]
        assert forms, f"no form with the button {button!r} on {self.url}: {self.text[:300]}"
        return forms[0]

    def press(self, button: str, **values: Any) -> "Page":
        """Fill in a form, leave the rest as shown, press its button."""
        return self.browser.send(self, button, values)


def form_values(form: Element) -> dict[str, list[str]]:
    """What a form would send as it stands."""
    values: dict[str, list[str]] = {}
    for field in [*form.find("input"), *form.find("textarea"), *form.find("select")]:
        name, kind = field.attrs.get("name"), field.attrs.get("type", "text")
        if not name or "disabled" in field.attrs:
            continue
        if field.tag == "select":
            options = field.find("option")
            chosen = [o for o in options if "selected" in o.attrs] or options[:1]
            values.setdefault(name, []).extend(o.attrs.get("value", o.text) for o in chosen)
        elif field.tag == "textarea":
            typed = "".join(p for p in field.parts if isinstance(p, str)).replace("\r\n", "\n")
            values.setdefault(name, []).append(typed.removeprefix("\n"))
        elif kind in {"checkbox", "radio"}:
            if "checked" in field.attrs:
                values.setdefault(name, []).append(field.attrs.get("value", "on"))
        elif kind not in {"submit", "button", "file"}:
            values.setdefault(name, []).append(field.attrs.get("value", ""))
    return values


class Visitor(FlaskClient):
    """Gives each visit an application context of its own, as it has outside tests; the test then reads afresh."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        db.session.rollback()
        return response


class Browser:
    """Opens pages, keeps cookies, checks what it sees."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = Visitor(app, app.response_class)

    def open(self, url: str, expect: int | None = 200) -> Page:
        """Open an address, follow redirects within the house, check the page."""
        response = self.client.get(url, follow_redirects=False)
        return self._arrive(response, url, expect)

    def send(self, page: Page, button: str, values: dict[str, Any], expect: int | None = None) -> Page:
        """Send a form of an opened page."""
        form = page.form_with(button)
        data = form_values(form)
        pressed = next(b for b in form.find("button") if button in b.text)
        if "name" in pressed.attrs:
            data[pressed.attrs["name"]] = [pressed.attrs.get("value", "")]
        for name, value in values.items():
            data[name] = (
                [] if value is None else [str(v) for v in (value if isinstance(value, list | tuple) else [value])]
            )
        target = urljoin(page.url, form.attrs.get("action") or page.url)
        if form.attrs.get("method", "get").lower() == "post":
            response = self.client.post(target, data=data, follow_redirects=False)
        else:
            response = self.client.get(target, query_string=data, follow_redirects=False)
        return self._arrive(response, target, expect)

    def sign_in(self, account: Any) -> "Browser":
        """Let a person of the cast in, as the form does that tests/accounts fill in; quick, because most tests ask."""
        sign_in_id = open_sign_in(account.id, user_agent="", now=gateways.clock())
        with self.client.session_transaction() as session:
            session["_user_id"] = sign_in_id
            session["csrf_token"] = token_hex(20)  # what the first page with a form would draw
        db.session.rollback()
        return self

    def _arrive(self, response: TestResponse, url: str, expect: int | None) -> Page:
        hops = 0
        while response.status_code in {301, 302, 303, 307, 308} and hops < 8:
            url = urljoin(url, response.headers["Location"])
            parts = urlsplit(url)
            if parts.netloc and not parts.netloc.startswith(("localhost", "127.0.0.1")):
                break
            if parts.port and parts.path.startswith("/pay/"):
                break  # the payment service's own page: a test pays there by hand
            response = self.client.get(parts.path + (f"?{parts.query}" if parts.query else ""), follow_redirects=False)
            hops += 1
        page = Page(self, response, url)
        if expect is not None:
            assert page.status == expect, f"{url} answered {page.status}: {page.text[:500]}"
        if response.mimetype == "text/html" and response.status_code not in {301, 302, 303}:
            check(page)
        return page


def check(page: Page) -> None:
    """Hold every page to what all pages promise."""
    root, url = page.root, page.url
    everything = root.find()
    by_tag: dict[str, list[Element]] = {}
    for element in everything:
        by_tag.setdefault(element.tag, []).append(element)
    headings = by_tag.get("h1", [])
    assert len(headings) == 1, f"{url}: one h1, not {len(headings)}"
    assert page.title, f"{url}: no title"
    assert by_tag["html"][0].attrs.get("lang") == "en", f"{url}: no language"
    ids = Counter(e.attrs["id"] for e in everything if "id" in e.attrs)
    twice = {name for name, count in ids.items() if count > 1}
    assert not twice, f"{url}: ids used twice: {twice}"
    for element in everything:
        assert "style" not in element.attrs, f"{url}: inline style on {element.tag}"
        assert not [a for a in element.attrs if a.startswith("on")], f"{url}: event attribute on {element.tag}"
        if element.tag == "img":
            assert "alt" in element.attrs, f"{url}: image without alt"
        for name in ("aria-describedby", "aria-labelledby", "for"):
            for target in element.attrs.get(name, "").split():
                assert target in ids, f"{url}: {name}={target} points nowhere"
    for script in by_tag.get("script", []):
        assert "src" in script.attrs or script.attrs.get("type") == "application/ld+json", f"{url}: inline script"
    labels = {label.attrs["for"] for label in by_tag.get("label", []) if "for" in label.attrs}
    for field in [*by_tag.get("input", []), *by_tag.get("select", []), *by_tag.get("textarea", [])]:
        if field.attrs.get("type") in {"hidden", "submit"}:
            continue
        at: Element | None = field
        while at is not None and at.tag != "label":
            at = at.parent
        labelled = at is not None or "aria-label" in field.attrs or "aria-labelledby" in field.attrs
        assert labelled or field.attrs.get("id") in labels, f"{url}: field {field.attrs.get('name')} has no label"
    if page.status in {409, 422}:
        assert page.title.startswith("Error: ") or page.status == 409, (
            f"{url}: the title does not say that there are errors"
        )
    first = next((e for e in by_tag["body"][0].find() if e.tag in {"a", "button", "input"}), None)
    assert first is not None, f"{url}: nothing to reach by keyboard"
    assert "Skip to main content" in first.text, f"{url}: the skip link is not first"
    for form in by_tag.get("form", []):
        if form.attrs.get("method", "get").lower() == "post":
            assert form.find(name="csrf_token"), f"{url}: a form without its token"
