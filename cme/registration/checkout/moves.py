"""Moves: a new place becomes somebody's, and in the same moment the one it replaces is given up."""

from datetime import datetime

from cme import audit
from cme.database import lock
from cme.registration import codes, earned, emails, funds, papers, queries, rules, seats
from cme.registration.changes import Changes, check_money
from cme.registration.checkout.refunds import request_shares
from cme.registration.models import CANCELLED, CONFIRMED, Payment, Registration
from cme.registration.moving import carried_to, comes_back, is_on_hold
from cme.values import Money

MOVED = "moved"


def stands(registration: Registration) -> bool:
    """Whether the place that a new one replaces is still theirs, and its money there to be carried on."""
    return why_not(registration) is None


def why_not(registration: Registration) -> str | None:
    """Why a new place cannot be had for the one it replaces any more; None where it can, or replaces nothing."""
    old = registration.moved_from
    if old is None:
        return None
    other = queries.pending_move(old.id)
    if other is not None and other.id != registration.id:
        return "you have begun another move meanwhile"
    if old.status != CONFIRMED and not is_on_hold(old):
        return "the place it was to replace is no longer yours"
    if earned.has_earned(old.id):
        return "you attended the seminar it was to replace"
    try:
        check_money(old)
    except (rules.Disputed, rules.UnderReview):
        return "the earlier payment is being looked into"
    if funds.value(old).minor < registration.carried_minor:
        return "part of the earlier payment was refunded meanwhile"
    return None


def carry(registration: Registration) -> None:
    """Carry on what is left behind the earlier place, up to a price that was just asked for again."""
    if registration.moved_from is not None:
        registration.carried_minor = carried_to(registration.amount_due, funds.value(registration.moved_from)).minor


def confirm(registration: Registration, payment: Payment | None, *, now: datetime) -> list[int]:
    """Make a seat theirs and give up the place it replaces; answers the refunds of what was paid too much."""
    if registration.moved_from_id is None:
        papers.issue_receipt(registration, payment, now=now)
        seats.confirm(registration, payment, now=now)
        return []
    old = lock(Registration, registration.moved_from_id)
    funds.hold(old)  # all of it before the first paper, which takes the audit log that everybody takes last
    papers.issue_receipt(registration, payment, now=now)
    refunds, back = _leave(old, registration, now)
    seats.confirm(registration, payment, now=now)
    emails.moved(old, registration, back, at=now)
    audit.record(None, "moved", old, at=now, to=registration.id, carried=registration.carried_minor)
    return refunds


def _leave(old: Registration, new: Registration, now: datetime) -> tuple[list[int], Money]:
    if not stands(new):
        raise rules.MovedMeanwhile
    back = comes_back(Changes(old, now), new.amount_due, is_switch=new.is_switch).amount
    refunds = request_shares(old, back, reason=MOVED, by=None, now=now) if back.minor else []
    if old.status == CONFIRMED:
        # The old place ends first: somebody has one active registration for a seminar.
        seats.step(old, CANCELLED, ended_at=now, end_reason=MOVED)
        if new.promo_id != old.promo_id:  # whoever takes a seat over takes the use of its code along
            codes.give_back(old)
        seats.give_back(old.offering_id, now=now)
    else:
        old.credit_until, old.end_reason = None, MOVED
    return refunds, back
