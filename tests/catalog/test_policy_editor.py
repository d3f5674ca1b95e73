"""The policy for refunds and changes, as staff decide it: for the provider, and for one seminar."""

from typing import Any

import pytest

from cme import settings
from cme.catalog.models import Seminar
from cme.catalog.services.copies import copied
from cme.catalog.tuition import policy_of
from cme.database import db
from cme.registration import services
from cme.registration.models import Registration
from cme.values import Policy, RefundStep
from tests import factories
from tests.browser import Browser
from tests.catalog.test_admin import draft, only, send, value

pytestmark = pytest.mark.pages

OWN = {
    "policy_from": "own",
    "policy-steps-0-days_before": "14",
    "policy-steps-0-percent": "100",
    "policy-steps-0-fee": "75",
    "policy-steps-1-days_before": "7",
    "policy-steps-1-percent": "50",
    "policy-transfers": "0",
    "policy-hold_months": "6",
    "policy-invitation_percent": "25",
}
HERS = Policy(steps=(RefundStep(14, 100, 7500), RefundStep(7, 50)), transfers=0, hold_months=6, invitation_percent=25)


@pytest.fixture
def desk(browser: Browser, cast: Any) -> Browser:
    """The administrator's browser."""
    return browser.sign_in(cast.sam)


def edited(desk: Browser, made: Seminar, **changes: Any) -> Any:
    """The editor of a published seminar, saved with changes."""
    return send(desk.open(f"/admin/seminars/{made.slug}"), **changes)


def test_a_seminar_uses_the_usual_policy_unless_it_has_its_own(desk):
    page = draft(desk)
    assert only().policy is None
    assert policy_of(only()) == settings.provider().policy
    assert value(page, "policy-steps-0-days_before") == "30"
    page = send(page, **OWN)
    assert policy_of(only()) == HERS
    assert value(page, "policy-transfers") == "0"
    send(page, policy_from="")
    assert only().policy is None


def test_a_seminar_started_from_another_keeps_its_policy(desk):
    draft(desk, **OWN)
    assert copied(only(), only().starts_on).policy == HERS


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"policy-steps-0-percent": "101"}, "Percent returned: enter a whole number from 0 to 100"),
        ({"policy-steps-0-percent": "-1"}, "Percent returned: enter a whole number from 0 to 100"),
        ({"policy-steps-0-percent": ""}, "Enter both the days before the start and the percent returned"),
        ({"policy-steps-0-days_before": "7"}, "Two steps of the refund policy have the same number of days"),
        ({"policy-steps-0-days_before": "5"}, "A later step cannot return more than an earlier one"),
        ({"policy-steps-0-fee": "1000.01"}, "Fee kept: enter at most $1,000"),
        ({"policy-steps-1-percent": "0", "policy-steps-1-fee": "5"}, "there is nothing to keep a fee from"),
        ({"policy-steps-0-remove": "y", "policy-steps-1-remove": "y"}, "Enter at least one step of the refund policy"),
        ({"policy-transfers": ""}, "Free transfers: enter a number"),
        ({"policy-hold_months": "61"}, "Months on hold: enter a whole number from 0 to 60"),
        ({"policy-invitation_percent": "200"}, "enter a whole number from 0 to 100"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_in_both_places(desk, clock, changes, error):
    made = factories.seminar(now=clock.now)
    typed = {name: text for name, text in OWN.items() if name != "policy_from"} | changes
    for page in (
        edited(desk, made, **typed, policy_from="own"),
        desk.open("/admin/settings").press("Save settings", **typed),
    ):
        assert page.status == 422
        assert [said for said in page.errors if error in said], page.errors
    assert only().policy is None
    assert settings.current("provider") is None


def test_what_is_not_used_need_not_be_right(desk, clock):
    made = factories.seminar(now=clock.now)
    assert "Saved" in edited(desk, made, **{"policy-steps-0-percent": "101"}).text


def test_one_more_step_is_asked_for_without_saving(desk, clock):
    made = factories.seminar(now=clock.now)
    page = edited(desk, made, **OWN, more="steps")
    assert "policy-steps-3-percent" in page.html
    assert only().policy is None


def test_the_seminar_page_tells_its_own_policy(desk, clock):
    made = factories.seminar(now=clock.now, starts_in=60)
    edited(desk, made, **OWN)
    page = Browser(desk.app).open(f"/seminars/{made.slug}")
    assert "Full refund, less $75, until April 16, 2027" in page.text
    assert "50% refund until April 23, 2027" in page.text


def test_a_changed_policy_leaves_what_was_accepted(desk, cast, clock):
    made = factories.seminar(now=clock.now, prices={"physician": 0})
    ref = services.register(cast.ada.id, made.offerings[0].id, form_id=None, now=clock.now)
    before = policy_of(made)
    desk.open("/admin/settings").press(
        "Save settings", **{name: text for name, text in OWN.items() if name != "policy_from"}
    )
    saved = settings.current("provider")
    assert saved is not None
    assert Policy.from_json(saved.value["policy"]) == HERS
    accepted = db.session.query(Registration).filter_by(ref=ref).one()
    assert Policy.from_json(accepted.policy) == before
