"""Refunds and disputes."""

import pytest
import stripe

from .conftest import Account


@pytest.fixture
def paid(account: Account) -> stripe.checkout.Session:
    session = account.checkout()
    account.sandbox.pay(session.id)
    return account.now_of(session.id)


def refund(account: Account, session: stripe.checkout.Session, **more) -> stripe.Refund:
    return account.client().v1.refunds.create({"payment_intent": session.payment_intent.id, **more})


def test_a_part_can_be_refunded_and_then_the_rest(account: Account, paid, heard):
    part = refund(account, paid, amount=7_500, reason="requested_by_customer", metadata={"refund_id": "3"})
    assert (part.status, part.amount, part.metadata.to_dict()) == ("succeeded", 7_500, {"refund_id": "3"})
    assert refund(account, paid).amount == 97_000
    charge = account.client().v1.charges.retrieve(part.charge, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded, len(charge.refunds.data)) == (104_500, True, 2)
    assert heard()[1:] == ["refund.created", "charge.refunded"] * 2


def test_more_than_is_left_is_refused(account: Account, paid):
    refund(account, paid, amount=100_000)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        refund(account, paid, amount=4_501)


def test_a_charge_is_refunded_once(account: Account, paid):
    refund(account, paid)
    with pytest.raises(stripe.InvalidRequestError) as no:
        refund(account, paid)
    assert no.value.code == "charge_already_refunded"


def test_an_unpaid_session_has_nothing_to_refund(account: Account):
    session = account.checkout()
    account.sandbox.pay_later(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="has not succeeded"):
        refund(account, account.now_of(session.id))
    with pytest.raises(stripe.InvalidRequestError, match="One of the following"):
        account.client().v1.refunds.create({"amount": 100})


def test_a_bank_debit_is_refunded_in_its_own_time(account: Account, heard):
    session = account.checkout()
    account.sandbox.pay_later(session.id)
    account.sandbox.settle(session.id)
    pending = refund(account, account.now_of(session.id))
    assert pending.status == "pending"
    account.sandbox.settle_refund(pending.id)
    assert account.client().v1.refunds.retrieve(pending.id).status == "succeeded"
    assert heard()[-1] == "refund.updated"


def test_a_refund_that_comes_back_is_owed_again(account: Account, paid, heard):
    sent = refund(account, paid)
    account.sandbox.fail_refund(sent.id)
    assert account.client().v1.refunds.retrieve(sent.id).status == "failed"
    assert account.now_of(paid.id).payment_intent.latest_charge.amount_refunded == 0
    assert heard()[-2:] == ["refund.updated", "refund.failed"]


def test_the_dashboard_refunds_without_our_metadata(account: Account, paid):
    account.sandbox.refund(paid.id, 1_000)
    refunds = account.client().v1.refunds.list({"payment_intent": paid.payment_intent.id}).data
    assert [(each.amount, each.metadata.to_dict()) for each in refunds] == [(1_000, {})]
    assert account.event(paid.id, "charge.refunded").data.object.amount_refunded == 1_000


def test_a_dispute_takes_the_money_and_blocks_refunds(account: Account, paid, heard):
    account.sandbox.dispute(paid.id)
    assert heard()[1:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError) as no:
        refund(account, paid)
    assert no.value.code == "charge_disputed"
    closed = account.sandbox.close_dispute(paid.id, won=True)
    assert account.client().v1.disputes.retrieve(closed["id"]).status == "won"
    assert heard()[-1] == "charge.dispute.funds_reinstated"


def test_an_inquiry_moves_no_money(account: Account, paid, heard):
    account.sandbox.dispute(paid.id, inquiry=True)
    account.sandbox.close_dispute(paid.id, won=False)
    assert heard()[1:] == ["charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"]
    assert account.sandbox.books()["disputes"][0]["status"] == "warning_closed"
