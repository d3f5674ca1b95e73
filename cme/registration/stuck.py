"""What is not settled: what it is, since when, why, and what happens next by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from cme.database import db
from cme.mail import Letter
from cme.queue import DEAD, READY, Job, Schedule
from cme.registration import funds, rules
from cme.registration.checkout.refunds import MANUAL
from cme.registration.models import (
    CONFIRMED,
    CREATING,
    HELD,
    OPEN,
    PROCESSING,
    Dispute,
    Payment,
    Refund,
    Registration,
)

SOON, LATE_LETTER = timedelta(minutes=2), timedelta(minutes=15)


@dataclass(frozen=True)
class Stuck:
    """One thing that is not settled."""

    kind: str
    registration: Registration | None
    since: datetime
    why: str
    next_step: str
    next_at: datetime | None = None  # none: nothing happens by itself
    act: str = ""  # what the button asks for
    waits_for_staff: bool = False
    letter: int = 0
    is_usual: bool = False  # it takes days by its nature: no reason to look


@dataclass(frozen=True)
class Sweep:
    """The round that looks after money: when it ran, what it did, when it runs again, whether somebody has it now."""

    last_at: datetime | None
    result: dict[str, int]
    next_at: datetime | None
    is_running: bool


def last_sweep(*, now: datetime) -> Sweep:
    """What the last round did."""
    row = db.session.get(Schedule, "money")
    if row is None:
        return Sweep(None, {}, None, False)
    is_running = row.lease_until is not None and row.lease_until > now
    return Sweep(row.last_run_at, row.last_result or {}, row.next_run_at, is_running)


def everything(*, now: datetime, mode: str) -> list[Stuck]:
    """All that is not settled, the oldest first."""
    row = db.session.get(Schedule, "money")
    soon = max(row.next_run_at, now) if row else now
    found = [
        *_attempts(now, soon, mode),
        *_reviews(),
        *_holds(now, soon),
        *_refunds(soon, mode),
        *_disputes(),
        *_letters(now),
    ]
    return sorted(found, key=lambda each: each.since)


def late(*, now: datetime, mode: str) -> int:
    """How many things wait for staff, or should have been settled by now."""
    found = [each for each in everything(now=now, mode=mode) if not each.is_usual]
    return sum(each.waits_for_staff or each.since < now - timedelta(hours=1) for each in found)


def _attempts(now: datetime, soon: datetime, mode: str) -> Iterator[Stuck]:
    over = or_(Payment.expires_at <= now, Registration.status != HELD)
    unsettled = or_(
        and_(Payment.status == CREATING, Payment.created_at <= now - SOON),
        and_(Payment.status == OPEN, over),
        Payment.status == PROCESSING,
    )
    found = select(Payment).join(Payment.registration).where(unsettled, Payment.review_since.is_(None))
    for payment in db.session.scalars(found.where(Payment.mode == mode).options(joinedload(Payment.registration))):
        yield _attempt(payment, soon)


def _attempt(payment: Payment, soon: datetime) -> Stuck:
    place, act = payment.registration, f"payment:{payment.registration.ref}:{payment.attempt_no}"
    if payment.status == CREATING:
        why, step = "Stripe has not said whether it made the payment page.", "Ask again for the very same page"
    elif payment.status == PROCESSING:
        why, step = "A bank debit is on its way; that can take days.", "Ask Stripe whether it arrived"
        soon = max(soon, (payment.checked_at or payment.created_at) + timedelta(hours=1))
    elif place.status != HELD:
        why, step = "The payment page is open, and nothing waits for its money.", "Close the page at Stripe"
    else:
        why, step = "The payment page has run out, and nobody told us how it ended.", "Ask Stripe how it ended"
    is_usual = payment.status == PROCESSING
    return Stuck("Payment", place, payment.created_at, why, step, soon, act, is_usual=is_usual)


def _reviews() -> Iterator[Stuck]:
    found = select(Payment).where(Payment.review_since.is_not(None)).options(joinedload(Payment.registration))
    for payment in db.session.scalars(found):
        why, since = f"In review: {payment.review_reason}.", payment.review_since or payment.created_at
        yield Stuck("Payment", payment.registration, since, why, "Decide about it", waits_for_staff=True)


def _holds(now: datetime, soon: datetime) -> Iterator[Stuck]:
    # A seat stays held for as long as a bank debit is on its way.
    debits = select(Payment.registration_id).where(Payment.status == PROCESSING)
    over = select(Registration).where(Registration.status == HELD, Registration.hold_until <= now)
    over = over.where(Registration.id.not_in(debits))
    for place in db.session.scalars(over):
        why, step = "The hold is over and the seat not given back yet.", "Close what can be paid, then free the seat"
        yield Stuck("Seat", place, place.hold_until or place.created_at, why, step, soon, f"hold:{place.ref}")


def _refunds(soon: datetime, mode: str) -> Iterator[Stuck]:
    found = select(Refund).join(Refund.payment).where(Refund.status.in_((rules.REQUESTED, rules.PENDING)))
    for refund in db.session.scalars(found.where(Payment.mode.in_((mode, MANUAL)))):
        payment, place = refund.payment, refund.payment.registration
        name = f"{refund.amount}"
        if payment.mode == MANUAL:
            why, step = f"{name} came by {payment.means} and goes back the same way.", "Send it, then say so"
            yield Stuck("Refund", place, refund.created_at, why, step, waits_for_staff=True)
            continue
        is_pending = refund.status == rules.PENDING
        why = f"{name} is on its way to the bank." if is_pending else f"{name} has not reached Stripe yet."
        step = "Ask Stripe whether it arrived" if is_pending else "Ask Stripe again, under the same key"
        act = f"refund:{place.ref}:{payment.attempt_no}:{refund.seq}"
        yield Stuck("Refund", place, refund.created_at, why, step, soon, act, is_usual=is_pending)


def _disputes() -> Iterator[Stuck]:
    open_ones = select(Dispute, Payment).join(Payment, Payment.id == Dispute.payment_id)
    for dispute, payment in db.session.execute(open_ones.where(Dispute.closed_at.is_(None))):
        asks = "The bank asks" if dispute.status.startswith("warning") else "The bank took the money back"
        step = "Answer in Stripe's dashboard; the bank decides"
        yield Stuck(
            "Dispute", payment.registration, dispute.created_at, f"{asks}: {dispute.reason}.", step, None, "", True
        )
    lost = select(Registration).where(Registration.disputed_at.is_not(None), Registration.status == CONFIRMED)
    for place in db.session.scalars(lost):
        behind = [payment.id for payment in funds.payments_behind(place)]
        decided = select(Dispute.closed_at).where(Dispute.payment_id.in_(behind))
        if all(closed for closed in db.session.scalars(decided)):
            why, since = "The dispute is lost, and the seat still theirs.", place.disputed_at or place.created_at
            yield Stuck(
                "Dispute", place, since, why, "Let them keep the seat, or cancel without refund", None, "", True
            )


def _letters(now: datetime) -> Iterator[Stuck]:
    # What waits for the worker is one thing to look at, however long the worker has been away.
    late = and_(Job.state == READY, Job.run_at <= now - LATE_LETTER)
    count, oldest = db.session.execute(select(func.count(), func.min(Job.run_at)).where(late)).one()
    if count:
        why = (
            "1 letter or job waits for the worker." if count == 1 else f"{count} letters and jobs wait for the worker."
        )
        yield Stuck("Letters", None, oldest, why, "The worker takes them up, the oldest first", oldest)
    given_up = select(Job).where(Job.state == DEAD).order_by(Job.id)
    for job in db.session.scalars(given_up):
        number = job.payload.get("letter_id", 0)
        letter = db.session.get(Letter, number) if number else None
        what = f"“{letter.subject}” to {letter.to}" if letter else job.kind.replace("_", " ").capitalize()
        why, step = f"{what}: given up after {job.attempts} tries.", "Look at it and send it again"
        kind, where = ("Letter", letter.id) if letter else ("Job", 0)
        yield Stuck(kind, None, job.run_at, why, step, waits_for_staff=True, letter=where)
