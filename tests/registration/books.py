"""Our ledger beside Stripe's own books: an audit that asks only ourselves would not miss what we never wrote down."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from cme.database import db
from cme.registration.models import PAID, LedgerEntry, Payment

Books = Mapping[str, list[dict[str, Any]]]


def differences(books: Books) -> Iterator[str]:
    """Every cent on which the two sides do not agree, once all has been told and swept."""
    db.session.rollback()
    excused = _in_review()
    ours, theirs = _ours(), dict(_theirs(books))
    intents = {charge["id"]: charge["payment_intent"] for charge in books["charges"]}
    for name in sorted(ours.keys() | theirs.keys()):
        mine, stripes = ours.get(name, 0), theirs.get(name, 0)
        if mine != stripes and intents.get(name[1]) not in excused:
            yield f"{name[0]} {name[1]}: our ledger says {mine}, Stripe says {stripes}"
    yield from _unknown_payments(books)


def _ours() -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for entry in db.session.scalars(select(LedgerEntry).where(LedgerEntry.mode == "sandbox")):
        if entry.kind != "fee":
            found[entry.kind, entry.stripe_id.partition(":")[0]] += entry.amount_minor
    return found


def _theirs(books: Books) -> Iterator[tuple[tuple[str, str], int]]:
    for charge in books["charges"]:
        if charge["status"] == "succeeded":
            yield ("charge", charge["id"]), charge["amount"]
    for refund in books["refunds"]:
        if refund["status"] == "succeeded":
            yield ("refund", refund["id"]), -refund["amount"]
    for dispute in books["disputes"]:
        if dispute["status"] in {"needs_response", "lost"}:
            yield ("dispute", dispute["id"]), -dispute["amount"]


def _in_review() -> set[str]:
    """The intents of payments that are neither applied nor lost: staff are looking at them."""
    flagged = select(Payment.intent_id).where(Payment.review_since.is_not(None), Payment.status != PAID)
    return {intent for intent in db.session.scalars(flagged) if intent}


def _unknown_payments(books: Books) -> Iterator[str]:
    known = {
        session: (status, review)
        for session, status, review in db.session.execute(
            select(Payment.session_id, Payment.status, Payment.review_since)
        )
    }
    for session in books["sessions"]:
        status, review = known.get(session["id"], ("unknown", None))
        if session["payment_status"] == "paid" and status != PAID and review is None:
            yield f"session {session['id']} was paid at Stripe and is {status} here"
        if session["payment_status"] != "paid" and status == PAID:
            yield f"session {session['id']} is paid here and {session['status']} at Stripe"
