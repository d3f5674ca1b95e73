"""Our books held against Stripe's: an audit that asks only ourselves would not miss what we never wrote down."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import stripe
from sqlalchemy import func, select

from cme.database import db
from cme.registration import rules
from cme.registration.checkout import conversation
from cme.registration.checkout.conversation import outside
from cme.registration.checkout.disputes import NO_MONEY
from cme.registration.checkout.refunds import MANUAL, STATUS
from cme.registration.models import PAID, Dispute, LedgerEntry, Payment, Refund

Sums = defaultdict[str, int]
ALL: Any = {"limit": 100}


def differences(*, payments: stripe.StripeClient) -> Iterator[str]:
    """Say where Stripe's books and ours do not agree, cent by cent; what staff look at or settled is theirs to know."""
    client = outside(payments)
    sessions = [each for each in client.v1.checkout.sessions.list(ALL).auto_paging_iter() if conversation.is_ours(each)]
    refunds = list(client.v1.refunds.list(ALL).auto_paging_iter())
    disputes = list(client.v1.disputes.list(ALL).auto_paging_iter())
    ours = _payments()
    sums: Sums = defaultdict(int)
    yield from _sessions(sessions, ours, sums)
    yield from _refunds(refunds, ours, sums)
    yield from _disputes(disputes, ours, sums)
    yield from _sums(sums)


def _payments() -> dict[str, Payment]:
    """Our payments of this mode by the names Stripe has for them."""
    found = db.session.scalars(select(Payment).where(Payment.mode == conversation.mode()))
    named: dict[str, Payment] = {}
    for payment in found:
        named |= {name: payment for name in (payment.session_id, payment.intent_id) if name}
    return named


def _sessions(sessions: list[stripe.checkout.Session], ours: dict[str, Payment], sums: Sums) -> Iterator[str]:
    """Every session paid at Stripe is a payment that arrived, of the same amount, and the other way round."""
    paid = {each.id: each for each in sessions if each.payment_status == "paid"}
    for session in paid.values():
        payment = ours.get(session.id)
        if payment is not None and payment.status == PAID:
            sums[payment.currency] += session.amount_total or 0
            told = (session.amount_total, (session.currency or "").upper())
            if told != (payment.amount_minor, payment.currency):
                yield f"books: session {session.id} brought {told[0]} {told[1]}, payment {payment.id} says otherwise"
        elif payment is None or (payment.review_since is None and payment.settled_at is None):
            here = payment.status if payment else "unknown"
            yield f"books: session {session.id} was paid at Stripe and is {here} here"
    for payment in {each.id: each for each in ours.values()}.values():
        if payment.status == PAID and payment.session_id not in paid:
            yield f"books: payment {payment.id} is paid here and not at Stripe"


def _refunds(told: list[stripe.Refund], ours: dict[str, Payment], sums: Sums) -> Iterator[str]:
    """Every refund at Stripe is one of ours, as far along and as large, and the other way round."""
    known = {each.stripe_id: each for each in db.session.scalars(select(Refund).where(Refund.stripe_id.is_not(None)))}
    seen = set()
    for refund in told:
        payment = ours.get(str(refund.payment_intent))
        if payment is None or payment.status != PAID:
            continue  # of another shop that shares the account, or of a payment that staff settled
        seen.add(refund.id)
        status = STATUS.get(refund.status or "", rules.PENDING)
        if status == rules.SUCCEEDED:
            sums[payment.currency] -= refund.amount
        mine = known.get(refund.id)
        if mine is None:
            yield f"books: refund {refund.id} at Stripe is not known here"
        elif (mine.status, mine.amount_minor) != (status, refund.amount):
            here, there = f"{mine.amount_minor} {mine.status}", f"{refund.amount} {status}"
            yield f"books: refund {refund.id} is {there} at Stripe and {here} here"
    for name, mine in known.items():
        if mine.payment.mode == conversation.mode() and name not in seen and not str(name).startswith(MANUAL):
            yield f"books: refund {mine.id} is {mine.status} here and unknown at Stripe"


def _disputes(told: list[stripe.Dispute], ours: dict[str, Payment], sums: Sums) -> Iterator[str]:
    """Every dispute at Stripe stands here as it stands there."""
    known = {name: status for name, status in db.session.execute(select(Dispute.stripe_id, Dispute.status))}
    for dispute in told:
        payment = ours.get(str(dispute.payment_intent))
        if payment is None or payment.status != PAID:
            continue
        if dispute.status != "won" and dispute.status != "warning_closed" and not dispute.status.startswith(NO_MONEY):
            sums[payment.currency] -= dispute.amount
        if known.get(dispute.id) != dispute.status:
            yield f"books: dispute {dispute.id} is {dispute.status} at Stripe, {known.get(dispute.id, 'unknown')} here"


def _sums(sums: Sums) -> Iterator[str]:
    """What Stripe holds for us in each currency is what the ledger says; fees and money staff wrote down aside."""
    entries = select(LedgerEntry.currency, func.sum(LedgerEntry.amount_minor)).where(
        LedgerEntry.mode == conversation.mode(),
        LedgerEntry.kind != "fee",
        LedgerEntry.stripe_id.not_like(f"{MANUAL}:%"),
    )
    ledger = {currency: amount for currency, amount in db.session.execute(entries.group_by(LedgerEntry.currency))}
    for currency in sorted(sums.keys() | ledger.keys()):
        here, there = int(ledger.get(currency, 0)), sums.get(currency, 0)
        if here != there:
            yield f"books: the ledger says {here} {currency}, Stripe says {there}"
