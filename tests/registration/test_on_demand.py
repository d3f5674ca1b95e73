"""What is on demand: sold, watched and claimed until its last day is over, and not a moment longer."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cme.catalog.models import Offering
from cme.credits import queries as credit_queries
from cme.credits import rules as credit_rules
from cme.database import db, transaction
from cme.mail import Letter
from cme.registration import queries, rules
from cme.registration.models import CANCELLED, CONFIRMED, EXPIRED, HELD
from cme.registration.standing import Stage, Standing
from tests import factories
from tests.browser import Browser

pytestmark = pytest.mark.usefixtures("promises")

ZONE = ZoneInfo("America/New_York")
LAST = date(2027, 3, 31)
LAST_MINUTE = datetime(2027, 3, 31, 23, 59, tzinfo=ZONE)  # already April in UTC
NEXT_DAY = LAST_MINUTE + timedelta(minutes=1)


def letter_text(kind: str) -> str:
    """What the latest letter of a kind says."""
    found = select(Letter.text).where(Letter.kind == kind).order_by(Letter.id.desc())
    return (db.session.scalars(found).first() or "").replace("\xa0", " ")


def on_demand(desk: Any, access_days: int | None = None, **more: Any) -> Any:
    """Offer an activity that terminates at the end of March."""
    kind = {"learning_format": "enduring material", "released_on": date(2027, 1, 1), "terminates_on": LAST}
    made = desk.open(starts_in=-50, modes=("on-demand",), **kind | more)
    with transaction():
        db.session.get_one(Offering, made.offerings[0].id).access_days = access_days
    return made


def test_it_is_sold_through_its_last_day_and_refused_the_next(desk):
    on_demand(desk)
    desk.clock.now = LAST_MINUTE
    assert desk.hold().status == HELD
    desk.clock.now = NEXT_DAY
    with pytest.raises(rules.RegistrationClosed, match="this activity has ended"):
        desk.hold(desk.cast.otto)


def test_credit_is_claimed_through_its_last_day_and_refused_the_next(desk):
    on_demand(desk, prices=factories.FREE)
    held = desk.hold()
    case = credit_queries.case_of(held, now=LAST_MINUTE)
    credit_rules.check_participation(case, now=LAST_MINUTE)
    with pytest.raises(credit_rules.ClaimWindowClosed):
        credit_rules.check_participation(credit_queries.case_of(held, now=NEXT_DAY), now=NEXT_DAY)


def test_a_payment_that_arrives_on_the_last_day_is_worth_its_minutes(desk):
    on_demand(desk)
    desk.clock.now = LAST_MINUTE - timedelta(minutes=9)
    held = desk.begin()
    desk.sandbox.pay(desk.session(held))
    desk.clock.now = LAST_MINUTE
    assert desk.apply(held) == "paid"
    assert desk.state(held) == (CONFIRMED, "paid")


def test_a_payment_begun_before_and_made_after_the_last_day_goes_back_in_full(desk):
    on_demand(desk)
    desk.clock.now = LAST_MINUTE - timedelta(minutes=9)
    held = desk.begin()
    desk.clock.now = NEXT_DAY
    desk.sandbox.pay(desk.session(held))
    assert desk.apply(held) == "refunded"
    assert desk.state(held) == (EXPIRED, "paid")
    assert Standing(held, desk.clock.now).stage is Stage.RETURNED
    assert Standing(held, desk.clock.now).kept.minor == 0
    assert desk.taken() == 0
    assert desk.letters() == ["payment_returned"]
    assert "the activity had ended when the payment arrived" in letter_text("registration/payment_returned")


def test_a_live_seminar_may_still_be_paid_for_after_it_began(desk):
    desk.open(starts_in=0)
    desk.clock.now = desk.seminar.starts_at - timedelta(minutes=5)
    held = desk.begin()
    desk.clock.now = desk.seminar.starts_at + timedelta(minutes=5)
    desk.sandbox.pay(desk.session(held))
    assert desk.apply(held) == "paid"
    assert desk.state(held) == (CONFIRMED, "paid")


def test_an_open_payment_page_is_not_resumed_after_the_last_day(desk):
    on_demand(desk)
    desk.clock.now = LAST_MINUTE - timedelta(minutes=5)
    held = desk.begin()
    assert desk.start(held)
    desk.clock.now = NEXT_DAY
    with pytest.raises(rules.RegistrationClosed, match="this activity has ended"):
        desk.start(held)


@pytest.mark.parametrize(("left", "methods"), [(14, None), (13, ["card"])])
def test_a_bank_debit_that_could_arrive_too_late_is_not_offered(desk, left, methods):
    on_demand(desk)
    desk.clock.now = NEXT_DAY - timedelta(days=left)
    assert desk.payment(desk.begin()).request.get("allowed_payment_method_types") == methods


@pytest.mark.parametrize(
    ("access_days", "bought", "until"),
    [
        (10, datetime(2027, 3, 1, 23, 30, tzinfo=ZONE), date(2027, 3, 11)),
        (90, datetime(2027, 3, 1, 10, 0, tzinfo=ZONE), LAST),
        (None, datetime(2027, 3, 1, 10, 0, tzinfo=ZONE), LAST),
        (10, datetime(2026, 12, 20, 10, 0, tzinfo=ZONE), date(2027, 1, 11)),  # counted from the release
    ],
)
def test_access_is_counted_in_the_days_of_the_seminar(desk, access_days, bought, until):
    made = on_demand(desk, access_days)
    assert queries.access_until(made.offerings[0], bought) == until


def test_what_is_attended_live_has_no_access_to_run_out(desk):
    made = desk.open()
    assert queries.access_until(made.offerings[0], desk.clock.now) is None


def test_access_ends_with_its_last_day(desk):
    on_demand(desk, 10, prices=factories.FREE)
    held = desk.hold()  # on March 1
    last = datetime(2027, 3, 12, 0, 0, tzinfo=ZONE)
    assert not Standing(held, last - timedelta(minutes=1)).access_is_over
    assert Standing(held, last).access_is_over


def test_a_cancelled_activity_gives_its_money_back_too(desk):
    on_demand(desk)
    held = desk.begin()
    with transaction():
        db.session.get_one(type(desk.seminar), desk.seminar.id).status = CANCELLED
    desk.sandbox.pay(desk.session(held))
    assert desk.apply(held) == "refunded"


@pytest.mark.pages
class TestPages:
    """What people are told before they buy, and after."""

    def test_how_long_one_may_watch_is_said_before_and_after_the_purchase(self, app, cast, clock, desk):
        made = on_demand(desk, 10, prices=factories.FREE)
        with transaction():
            db.session.get_one(Offering, made.offerings[0].id).webcast_url = "https://webcast.example.test/1"
        ada = Browser(app).sign_in(cast.ada)
        page = ada.open(f"/seminars/{made.slug}/register")
        assert "Watch until March 11, 2027" in page.text.replace("\xa0", " ")
        page = page.press("Register", terms="y")
        assert "until March 11, 2027" in page.text.replace("\xa0", " ")
        assert page.links("Open the on demand")
        assert "Watch: Until March 11, 2027" in " ".join(letter_text("registration/confirmed").split())
        clock.now = datetime(2027, 3, 12, 0, 1, tzinfo=ZONE)
        page = Browser(app).sign_in(cast.ada).open(page.url)
        assert "Your access has ended" in page.text
        assert "webcast.example.test" not in page.html

    def test_before_paying_the_last_day_is_said_again(self, app, cast, desk):
        made = on_demand(desk, 10)
        ada = Browser(app).sign_in(cast.ada)
        page = ada.open(f"/seminars/{made.slug}/register").press("Continue to review", terms="y")
        assert "Watch until March 11, 2027" in page.text.replace("\xa0", " ")
