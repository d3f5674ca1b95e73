"""The shop's clock can be stopped, so that a demo can live through a year in a minute."""

from cme.gateways.payments import new_client
from cme.sandbox import Sandbox
from tests.conftest import SANDBOX_KEY, WEBHOOK_SECRET


def test_a_stopped_clock_dates_what_happens_and_goes_again():
    with Sandbox(key=SANDBOX_KEY, webhook_secret=WEBHOOK_SECRET) as shop:
        client = new_client(SANDBOX_KEY, shop.base)
        stopped = 1_700_000_000
        client.raw_request("post", "/_clock", now=str(stopped))
        line = {"price_data": {"currency": "usd", "unit_amount": 5000, "product_data": {"name": "Seat"}}, "quantity": 1}
        asked = {
            "mode": "payment",
            "line_items": [line],
            "success_url": "http://127.0.0.1/",
            "expires_at": stopped + 3600,
        }
        session = client.v1.checkout.sessions.create(asked)
        assert session.created == stopped
        client.raw_request("post", "/_clock")
        assert client.v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_a_key_is_forgotten_after_a_day_of_the_shops_own_time():
    with Sandbox(key=SANDBOX_KEY, webhook_secret=WEBHOOK_SECRET, clock=lambda: now[0]) as shop:
        now = [1_700_000_000.0]
        line = {"price_data": {"currency": "usd", "unit_amount": 5000, "product_data": {"name": "Seat"}}, "quantity": 1}
        asked = {"mode": "payment", "line_items": [line], "success_url": "http://127.0.0.1/"}
        made = []
        for hours in (0, 23, 2):
            now[0] += hours * 3600
            client = new_client(SANDBOX_KEY, shop.base)
            made.append(client.v1.checkout.sessions.create(asked, {"idempotency_key": "pay:1"}).id)
        assert made[0] == made[1] != made[2]
