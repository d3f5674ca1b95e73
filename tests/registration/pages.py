"""Ways through the pages of a registration that many facts begin with."""

from typing import Any

from sqlalchemy import func, select

from cme.database import db, transaction
from cme.registration.models import Question
from cme.values import new_code
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


def ask_about_meals(seminar: Any, now: Any) -> None:
    """Let a seminar ask something that has to be answered."""
    with transaction() as session:
        session.add(
            Question(
                ref=new_code(),
                seminar_id=seminar.id,
                position=1,
                label="Meals",
                kind="line",
                is_required=True,
                is_active=True,
                created_at=now,
            )
        )


def meals() -> str:
    """The name of its field."""
    return f"q_{db.session.scalars(select(Question.ref)).one()}"
