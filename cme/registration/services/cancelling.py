"""Giving up a seat: with what comes back, or with the tuition kept for later."""

from datetime import date, datetime
from typing import Any

from cme.database import retried, transaction
from cme.registration import emails, funds, rules, seats
from cme.registration.changes import Changes, check_free
from cme.registration.checkout import conversation
from cme.registration.checkout.refunds import request_shares
from cme.registration.models import CANCELLED, Registration
from cme.registration.rules import Answer

GIVEN_UP, ON_HOLD = "given up", "on hold"


@retried
def cancel(registration_id: int, *, expected_minor: int, by: Any, now: datetime) -> list[int]:
    """Give a seat back for what the page showed; answers the refunds that `send_refund` then sends."""
    with transaction():
        registration, changes = _theirs(registration_id, now)
        _check(changes.cancel)
        amount = changes.refund.amount
        if amount.minor != expected_minor:
            raise rules.RefundChanged(
                f"{amount} comes back now, not what the page showed. Nothing was done: check the new amount."
            )
        refunds = request_shares(registration, amount, reason=GIVEN_UP, by=by, now=now) if amount.minor else []
        seats.end(registration, CANCELLED, payment=None, by=by, now=now, reason=GIVEN_UP)
        emails.cancelled(registration, amount, at=now)
        return refunds


@retried
def put_on_hold(registration_id: int, *, until: date, by: Any, now: datetime) -> None:
    """Give a seat back and keep its tuition for a later seminar, until the day the page showed."""
    with transaction():
        registration, changes = _theirs(registration_id, now)
        _check(changes.hold)
        if changes.hold_until != until:
            raise rules.HoldChanged
        registration.credit_until = until
        seats.end(registration, CANCELLED, payment=None, by=by, now=now, reason=ON_HOLD)
        emails.put_on_hold(registration, at=now)


def _theirs(registration_id: int, now: datetime) -> tuple[Registration, Changes]:
    _, registration = conversation.place(registration_id)
    funds.hold(registration)  # nothing of the money goes back by another way while we count it
    check_free(registration)
    return registration, Changes(registration, now)


def _check(answer: Answer) -> None:
    if not answer:
        raise rules.ChangeImpossible(answer.why_not)
