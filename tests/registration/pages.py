"""Ways through the pages of a registration that many facts begin with."""

from typing import Any

from sqlalchemy import func, select

from cme.database import db
from tests.browser import Browser, Page


def count(what: Any) -> int:
    """How many there are."""
    return db.session.scalar(select(func.count(what.id))) or 0


def ref_of(page: Page) -> str:
    """The ref of the registration a page shows."""
    return page.url.split("/registrations/")[1].split("/")[0].split("?")[0]


def fill(browser: Browser, seminar: Any, **typed: Any) -> Page:
    """Take the first step, with the terms accepted."""
    page = browser.open(f"/seminars/{seminar.slug}/register")
    button = "Register" if "There is nothing to pay" in page.text else "Continue to review"
    return page.press(button, **{"terms": "y", **typed})
