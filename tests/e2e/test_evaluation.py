"""What is typed into an evaluation is kept while it is typed, and found again on another visit."""

from datetime import timedelta
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select

from cme.credits.models import EvaluationDraft
from cme.database import db
from tests import factories
from tests.e2e.test_journeys import sign_in


def test_answers_are_kept_as_they_are_given_and_found_again(site: Any, visit: Any) -> None:
    ada = factories.account("ada@example.test", "Ada Quillfeather, MD", "md", now=site.clock.now)
    held = factories.seminar(now=site.clock.now, starts_in=-5)
    made = factories.registration(ada, held, now=site.clock.now - timedelta(days=30))
    factories.attend(made, now=site.clock.now)
    address, first = f"/registrations/{made.ref}/evaluation", visit(width=390)
    sign_in(first, "ada@example.test")
    first.goto(address)
    noticed = first.locator("textarea[name=bias_noticed]")
    expect(noticed).to_be_hidden()  # only who says no is asked
    first.locator("input[name=overall][value='4']").check(force=True)
    first.locator("textarea[name=comments]").fill("More cases")
    expect(first.locator("[data-draft-status]")).to_have_text("Saved")
    first.locator("input[name=free_of_bias][value=no]").check()
    expect(noticed).to_be_visible()
    first.locator("summary", has_text="Rate each session").click()
    first.locator("input[name^=sessions-][value='5']").first.check(force=True)
    expect(first.locator("[data-draft-status]")).to_have_text("Saved")
    db.session.rollback()
    kept = db.session.scalars(select(EvaluationDraft.answers)).one()
    assert (kept["overall"], kept["comments"], kept["free_of_bias"]) == (4, "More cases", False)
    assert [value for key, value in kept.items() if key.startswith("sessions-")] == [5]
    again = visit(width=390)
    sign_in(again, "ada@example.test")
    again.goto(address)
    expect(again.locator("input[name=overall][value='4']")).to_be_checked()
    expect(again.locator("textarea[name=comments]")).to_have_value("More cases")
