"""The pay page, as a browser without JavaScript meets it."""

import html
import re

import pytest
from requests import Response

from .conftest import Account, Clock

THANKS = "http://127.0.0.1:5000/thanks?session_id="


@pytest.fixture
def page(account: Account):
    """Open the pay page of a session, or press one of its buttons."""

    def visit(session_id: str, act: str = "", **fields: str) -> Response:
        address = f"{account.sandbox.base}/pay/{session_id}"
        if act:
            return account.http.post(address, {"act": act, **fields}, allow_redirects=False)
        return account.http.get(address)

    return visit


def buttons(answer: Response) -> list[str]:
    return [html.unescape(label) for label in re.findall(r"<button[^>]*>([^<]+)</button>", answer.text)]


def heading(answer: Response) -> str:
    return re.findall(r"<h1>(.*?)</h1>", answer.text)[0]


def test_the_page_says_what_is_sold_to_whom_and_that_no_money_moves(account: Account, page):
    answer = page(account.checkout().id)
    for words in ("DEMO - no money moves", "Cardiology for Primary Care", "$1,045.00", "m.thackeray@example.com"):
        assert words in answer.text
    assert buttons(answer) == ["Pay $1,045.00", "Bank debit (settles later)", "Decline", "Close the tab"]
    assert 'href="http://127.0.0.1:5000/cancel"' in answer.text
    assert "<script" not in answer.text


def test_the_policy_lets_forms_lead_back_and_nothing_else(account: Account, page):
    policy = page(account.checkout(cancel_url="http://127.0.0.1:5001/c").id).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("form-action 'self' http://127.0.0.1:5000 http://127.0.0.1:5001")


def test_pay_returns_to_the_success_address_with_the_session_in_it(account: Account, page):
    session = account.checkout()
    for _ in range(2):
        answer = page(session.id, "pay")
        assert (answer.status_code, answer.headers["Location"]) == (303, THANKS + session.id)
    assert len(account.sandbox.books()["charges"]) == 1
    assert heading(page(session.id)) == "Paid"


def test_decline_keeps_the_page_open(account: Account, page):
    session = account.checkout()
    assert page(session.id, "decline").headers["Location"] == f"/pay/{session.id}"
    declined = page(session.id)
    assert "The card was declined." in declined.text
    assert buttons(declined)[0] == "Pay $1,045.00"


@pytest.mark.parametrize(
    ("lever", "afterwards", "status"),
    [("settle", "Paid", "paid"), ("fail", "The bank debit failed", "unpaid")],
)
def test_after_a_bank_debit_the_page_plays_the_bank(account: Account, page, lever, afterwards, status):
    session = account.checkout()
    page(session.id, "pay_later")
    promised = page(session.id)
    assert heading(promised) == "Your bank debit is on its way"
    assert THANKS + session.id in promised.text
    page(session.id, lever)
    assert heading(page(session.id)) == afterwards
    assert account.now_of(session.id).payment_status == status


def test_closing_the_tab_changes_nothing(account: Account, page):
    session = account.checkout()
    away = account.http.get(account.sandbox.base + page(session.id, "close").headers["Location"])
    assert heading(away) == "You closed the tab"
    assert account.now_of(session.id).status == "open"


def test_an_expired_page_says_so_and_takes_no_money(account: Account, page, clock: Clock):
    session = account.checkout()
    clock.ahead = 25 * 3600
    answer = page(session.id)
    assert (answer.status_code, heading(answer), buttons(answer)) == (410, "This payment page has expired", [])
    assert page(session.id, "pay").status_code == 409
    assert account.sandbox.books()["charges"] == []


def test_a_card_only_page_offers_no_bank_debit(account: Account, page):
    session = account.checkout(allowed_payment_method_types=["card"])
    assert "Bank debit (settles later)" not in buttons(page(session.id))
    refused = page(session.id, "pay_later")
    assert (refused.status_code, "does not take bank debits" in refused.text) == (409, True)


def test_without_an_email_the_page_asks_for_one(account: Account, page):
    session = account.client().v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": THANKS,
            "line_items": [
                {"price_data": {"currency": "eur", "unit_amount": 900, "product_data": {"name": "<b>"}}, "quantity": 1}
            ],
        }
    )
    asked = page(session.id)
    assert 'type="email"' in asked.text
    assert "&lt;b&gt;" in asked.text
    page(session.id, "pay", email="ines@example.org")
    assert account.now_of(session.id).customer_details.email == "ines@example.org"


def test_a_dispute_can_be_played_to_its_end(account: Account, page):
    session = account.checkout()
    page(session.id, "pay")
    page(session.id, "dispute")
    assert heading(page(session.id)) == "The payment is disputed"
    page(session.id, "lose_dispute")
    assert account.sandbox.books()["disputes"][0]["status"] == "lost"


def test_an_unknown_page_is_a_404(page):
    answer = page("cs_test_nothing")
    assert (answer.status_code, heading(answer)) == (404, "No such payment page")
