"""Somebody at a browser, over a real connection: opens pages, fills forms as shown, follows where they lead."""

from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from flask import Flask

from cme.accounts.models import Account
from tests import factories
from tests.browser import Browser, Element, form_values, parse


class NoAnswer(Exception):
    """The server is gone, or went while we waited."""


@dataclass
class Answer:
    """A page as it arrived."""

    status: int
    url: str
    html: str
    location: str = ""

    @property
    def root(self) -> Element:
        """The page, read."""
        return parse(self.html)

    def form(self, button: str) -> tuple[str, dict[str, list[str]]]:
        """Where a form sends what, as it stands; told apart by its button."""
        for form in self.root.find("form"):
            if any(button in each.text for each in form.find("button")):
                return urljoin(self.url, form.attrs.get("action") or self.url), form_values(form)
        raise LookupError(f"No button {button!r} on {self.url}")


@dataclass
class Visitor:
    """One person, signed in."""

    cookie: str
    patience: float = 120
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, url: str, data: dict[str, Any] | None = None) -> Answer:
        """One request, one answer."""
        parts = urlsplit(url)
        body = urlencode(data, doseq=True) if data is not None else None
        headers = {"Cookie": f"session={self.cookie}", "Referer": url}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=self.patience)
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            came = connection.getresponse()
            text = came.read().decode("utf-8", "replace")
            return Answer(came.status, url, text, urljoin(url, came.headers.get("Location", "")))
        except (OSError, HTTPException) as error:
            raise NoAnswer(f"{type(error).__name__} at {parts.path}") from error
        finally:
            connection.close()

    def get(self, url: str) -> Answer:
        """Open a page, and go where it sends us within the same house."""
        answer = self.send("GET", url)
        for _ in range(4):
            if answer.status not in {302, 303} or urlsplit(answer.location).netloc != urlsplit(url).netloc:
                break
            answer = self.send("GET", answer.location)
        return answer

    def press(self, page: Answer, button: str, **more: Any) -> Answer:
        """Press a button of a page; where it leads is not opened yet."""
        target, values = page.form(button)
        return self.send("POST", target, values | more)


def admit(app: Flask, number: int) -> list[Visitor]:
    """So many physicians, each signed in."""
    from cme import gateways

    with app.app_context():
        now = gateways.clock()
        people: list[Account] = [
            factories.account(f"p{n}@bench.test", f"Person {n}, MD", "md", now=now) for n in range(number)
        ]
        return [Visitor(_cookie(app, each)) for each in people]


def _cookie(app: Flask, person: Account) -> str:
    found = Browser(app).sign_in(person).client.get_cookie("session")
    return found.value if found else ""
