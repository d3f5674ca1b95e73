"""Facts about the line to Stripe: few wait there at once, so that a Stripe that hangs takes no page with it."""

import runpy
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest
import stripe

from cme.gateways import payments
from cme.gateways.payments import AT_ONCE, Line, stripe_gateway
from config import HOME


@pytest.fixture
def hanging() -> Any:
    """A line whose first caller waits until the test lets go."""
    asked, go_on = Event(), Event()

    def ask(word: str) -> str:
        if word == "slow":
            asked.set()
            assert go_on.wait(20)
        return word

    line = Line(ask, 1)
    first = Thread(target=line, args=("slow",))
    first.start()
    assert asked.wait(20)
    yield line, go_on, first
    go_on.set()
    first.join()


def test_who_finds_stripe_hanging_is_told_so(hanging, monkeypatch):
    line, _, _ = hanging
    monkeypatch.setattr(payments, "BRIEFLY", 0.01)
    for _ in range(2):
        with pytest.raises(stripe.APIConnectionError, match="Others wait"):
            line("quick")


def test_who_comes_a_moment_too_early_waits_that_moment(hanging, monkeypatch):
    line, go_on, first = hanging
    monkeypatch.setattr(payments, "BRIEFLY", 20)
    go_on.set()
    assert line("quick") == "quick"
    first.join()
    assert line("quick") == "quick"


def test_a_failure_frees_the_line():
    def fail() -> None:
        raise ZeroDivisionError

    line = Line(fail, 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            line()


def test_at_most_a_quarter_of_the_threads_waits():
    threads = runpy.run_path(str(HOME / "gunicorn.conf.py"))["threads"]
    assert threads / 4 >= AT_ONCE


def test_the_client_of_a_request_has_such_a_line():
    config = SimpleNamespace(
        payments_mode="sandbox", stripe_secret_key="sk_test_sandbox0", stripe_api_base="http://127.0.0.1:1"
    )
    client = stripe_gateway(config)()
    assert isinstance(client._requestor._client.request, Line)
