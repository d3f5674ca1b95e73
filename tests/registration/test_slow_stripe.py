"""Facts about a Stripe that hangs or is gone: the house stays open, the seat stays theirs, the payment comes later."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any

import pytest
from sqlalchemy import select

from bench.site import KEY, Site, open_site
from bench.visitor import Answer, Visitor, admit
from cme import gateways
from cme.database import db
from cme.gateways.payments import new_client
from cme.registration import checkout
from cme.registration.models import Payment, Registration
from tests import factories
from tests.conftest import ENGINES, SANDBOX_KEY
from tests.registration.pages import fill, ref_of

MANY, HANGS, AT_MOST = 4, 20, 5  # people who pay, seconds Stripe takes, seconds another page may take


@pytest.fixture(params=ENGINES)
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A real server with its processes; nothing of it shares our interpreter."""
    url = request.getfixturevalue("postgres")("slow") if request.param == "postgresql" else ""
    with open_site(url) as site:
        yield site


def lever(site: Site, method: str, **words: Any) -> None:
    """Set or clear the sandbox's faults."""
    connection = HTTPConnection("127.0.0.1", site.sandbox_port, timeout=20)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    connection.request(method, "/_faults", json.dumps(words), headers)
    assert connection.getresponse().status == 200
    connection.close()


def hold(visitor: Visitor, base: str, slug: str) -> Answer:
    """Take a seat, and look at it."""
    page = visitor.get(f"{base}/seminars/{slug}/register")
    return visitor.get(visitor.press(page, "Continue", terms="y").location)


def test_while_stripe_hangs_other_pages_answer_and_every_seat_stays(site):
    app, base = site.app, f"http://127.0.0.1:{site.port}"
    with app.app_context():
        slug = factories.seminar(now=gateways.clock(), capacity=MANY).slug
    payers = admit(app, MANY)
    site.start("sandbox", "web")
    shown = [hold(payer, base, slug) for payer in payers]
    lever(site, "POST", kind="slow", count=10 * MANY, seconds=HANGS)
    with ThreadPoolExecutor(MANY) as pool:
        pressed = [pool.submit(payer.press, page, "with Stripe") for payer, page in zip(payers, shown, strict=True)]
        waits = []
        while not all(each.done() for each in pressed):
            began = time.perf_counter()
            assert Visitor("").get(f"{base}/seminars/{slug}").status == 200
            waits.append(time.perf_counter() - began)
    answers = [each.result() for each in pressed]
    assert {answer.status for answer in answers} == {503}
    assert all("Your seat stays held and nothing was charged" in answer.html for answer in answers)
    assert max(waits) < AT_MOST, f"another page took {max(waits):.1f} s"
    lever(site, "DELETE")
    assert "We are preparing your payment" in payers[0].get(shown[0].url).html
    site.ahead(180)
    with app.app_context():
        assert {each.status for each in db.session.scalars(select(Registration))} == {"held"}
        checkout.sweep(payments=gateways.stripe(), now=gateways.clock())
        # What Stripe never heard of is too old to be asked for again; what it heard of is there.
        assert {each.status for each in db.session.scalars(select(Payment))} <= {"open", "abandoned"}
        db.session.remove()
        db.engine.dispose()
    for payer, page in zip(payers, shown, strict=True):
        now = payer.get(page.url)
        button = "Continue to payment" if "Continue to payment" in now.html else "with Stripe"
        assert "/pay/" in payer.press(now, button).location


@pytest.mark.pages
@pytest.mark.usefixtures("promises", "sandbox")
class TestStripeGone:
    """Nobody answers there at all."""

    @pytest.fixture
    def gone(self, app, monkeypatch) -> Any:
        """Take Stripe away."""
        client = new_client(SANDBOX_KEY, "http://127.0.0.1:1")

        def go() -> None:
            here = replace(app.extensions["gateways"], payments=lambda: client)
            monkeypatch.setitem(app.extensions, "gateways", here)

        return go

    @pytest.fixture
    def back(self, monkeypatch) -> Any:
        """Bring Stripe back."""
        return monkeypatch.undo

    @pytest.fixture
    def ada(self, browser, cast) -> Any:
        return browser.sign_in(cast.ada)

    @pytest.fixture
    def seminar(self, clock) -> Any:
        return factories.seminar(now=clock.now, slug="cardiology")

    def test_a_payment_that_could_not_begin_begins_when_stripe_is_back(self, ada, seminar, gone, back, clock):
        page = fill(ada, seminar)
        gone()
        assert page.press("with Stripe").status == 503
        assert "We are preparing your payment" in ada.open(f"/registrations/{ref_of(page)}").text
        back()
        clock.advance(minutes=3)
        checkout.sweep(payments=gateways.stripe(), now=clock.now)
        assert "/pay/" in ada.open(f"/registrations/{ref_of(page)}").press("with Stripe").url

    def test_a_payment_whose_answer_was_lost_is_ready_by_itself(self, ada, seminar, sandbox, clock):
        page = fill(ada, seminar)
        sandbox.faults.next("lost_answer", path="POST /v1/checkout/sessions")
        assert page.press("with Stripe").status == 503
        clock.advance(minutes=3)
        checkout.sweep(payments=gateways.stripe(), now=clock.now)
        assert "/pay/" in ada.open(f"/registrations/{ref_of(page)}").press("Continue to payment").url

    def test_the_way_back_from_stripe_says_what_is_known(self, ada, seminar, gone, back, sandbox, clock):
        page = fill(ada, seminar)
        page.press("with Stripe")
        session = db.session.scalars(select(Payment.session_id)).one()
        sandbox.pay(session)
        gone()
        thanks = f"/registrations/{ref_of(page)}/thanks?session_id={session}"
        assert ada.open(thanks).h1 == "Confirming your payment"
        back()
        clock.advance(minutes=6)
        checkout.sweep(payments=gateways.stripe(), now=clock.now)
        assert ada.open(f"/registrations/{ref_of(page)}").h1 == "You are registered, Ada Quillfeather."

    def test_a_hold_that_ran_out_is_kept_while_nobody_can_ask(self, ada, seminar, gone, back, clock):
        page = fill(ada, seminar)
        page.press("with Stripe")
        gone()
        clock.advance(minutes=50)
        checkout.sweep(payments=gateways.stripe(), now=clock.now)
        db.session.rollback()
        assert db.session.scalars(select(Registration.status)).one() == "held"
        back()
        checkout.sweep(payments=gateways.stripe(), now=clock.now)
        db.session.rollback()
        assert db.session.scalars(select(Registration.status)).one() == "expired"

    def test_the_webhook_asks_to_be_told_again(self, desk, gone, back):
        held = desk.begin()
        desk.sandbox.pay(desk.session(held))
        gone()
        assert desk.tell(held, "checkout.session.completed") == 503
        back()
        assert desk.tell(held, "checkout.session.completed") == 200
        assert desk.state(held) == ("confirmed", "paid")
