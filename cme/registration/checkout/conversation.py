"""How we talk with Stripe: outside transactions, under our own keys, about records locked in one order."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import stripe
from flask import current_app
from sqlalchemy import select, update

from cme import audit
from cme.catalog.models import Offering
from cme.database import db, insert, is_writing, lock
from cme.registration import rules, seats
from cme.registration.models import Payment, PromoCode, Registration, StripeEvent

APP = "cme"
# Nothing is known after these: the request may have been carried out.
UNCERTAIN = (
    stripe.APIConnectionError,
    stripe.APIError,
    stripe.RateLimitError,
    stripe.AuthenticationError,
    stripe.PermissionError,
)


@dataclass(frozen=True)
class Heard:
    """What we take from an event: its name and what it is about. The rest is fetched."""

    id: str
    type: str
    object_id: str
    livemode: bool
    created_at: datetime


def outside(client: stripe.StripeClient) -> stripe.StripeClient:
    """Hand over the client, but never inside a transaction, and give the database connection back first."""
    if is_writing():
        raise RuntimeError("Stripe is never called while the database waits.")
    db.session.rollback()
    return client


def mode() -> str:
    """The payments mode of this installation."""
    return str(current_app.config["PAYMENTS_MODE"])


def key(kind: str, number: int) -> str:
    """The idempotency key of one of our records, the same at every try."""
    return f"{APP}:{current_app.config['INSTALLATION']}:{kind}:{number}"


def marks(**numbers: int) -> dict[str, str]:
    """The metadata by which we know our own objects again."""
    ours = {"app": APP, "installation": str(current_app.config["INSTALLATION"])}
    return ours | {name: str(number) for name, number in numbers.items()}


def marks_of(thing: Any) -> dict[str, str]:
    """The metadata of one of Stripe's objects."""
    return dict(thing.metadata.to_dict()) if thing.metadata else {}


def is_ours(thing: Any) -> bool:
    """Whether an object says it belongs to this installation; a Stripe account may be shared."""
    found = marks_of(thing)
    return found.get("app") == APP and found.get("installation") == current_app.config["INSTALLATION"]


def number_in(found: dict[str, str], name: str) -> int | None:
    """One of our numbers out of metadata, which staff can edit at Stripe."""
    text = found.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def moment(seconds: int) -> datetime:
    """A moment as Stripe writes it."""
    return datetime.fromtimestamp(seconds, UTC)


def will_never_change(error: stripe.StripeError) -> bool:
    """Whether this failure is kept under our key for a day, so that repeating the request cannot help."""
    headers = {str(name).lower(): value for name, value in (error.headers or {}).items()}
    return headers.get("idempotent-replayed") == "true" and (error.http_status or 0) >= 500


def locked(payment_id: int) -> tuple[Offering, Registration, Payment]:
    """A payment with its registration and offering, locked in the order everybody locks."""
    registration_id = db.session.execute(select(Payment.registration_id).where(Payment.id == payment_id)).scalar_one()
    offering, registration = place(registration_id)
    return offering, registration, lock(Payment, payment_id)


def place(registration_id: int, *, code_to_come: int | None = None) -> tuple[Offering, Registration]:
    """A registration and its offering, locked with the place it replaces: offerings, promo codes, registrations."""
    places = select(Registration.offering_id, Registration.moved_from_id, Registration.promo_id)
    here, old, code = db.session.execute(places.where(Registration.id == registration_id)).one()
    left, left_code = db.session.execute(places.where(Registration.id == old)).one()[::2] if old else (here, code)
    offerings = {each: lock(Offering, each) for each in sorted({here, left})}
    for number in sorted({number for number in (code, left_code, code_to_come) if number is not None}):
        lock(PromoCode, number)
    if old:
        lock(Registration, old)
    return offerings[here], lock(Registration, registration_id)


def bind(registration: Registration, payment: Payment, session: stripe.checkout.Session) -> None:
    """Write down which session an attempt became, and keep the seat a little longer than the session."""
    seats.step(payment, rules.OPEN, **names_of(session))
    if registration.status == rules.HELD:
        # Never shorter than promised: who pays an invoice by card after all has until it is due.
        until = moment(session.expires_at) + rules.AFTER_SESSION
        registration.hold_until = max(registration.hold_until or until, until)


def names_of(session: stripe.checkout.Session) -> dict[str, Any]:
    """What an attempt remembers of its session."""
    return {"session_id": session.id, "session_url": session.url, "expires_at": moment(session.expires_at)}


def is_news(event: Heard, *, now: datetime) -> bool:
    """Write an event down, in the same transaction as its effect; False when it was told before."""
    told = insert(StripeEvent).values(
        id=event.id,
        type=event.type[:80],
        object_id=event.object_id[:100],
        livemode=event.livemode,
        created_at=event.created_at,
        received_at=now,
        processed_at=now,
    )
    # Stripe may tell us twice; the primary key lets the second telling pass quietly.
    return db.session.scalar(told.on_conflict_do_nothing().returning(StripeEvent.id)) is not None


def note(event: Heard | None, outcome: str) -> None:
    """Write beside an event what came of it."""
    if event is not None:
        db.session.execute(update(StripeEvent).where(StripeEvent.id == event.id).values(outcome=outcome[:60]))


def flag(payment: Payment, reason: str, *, now: datetime) -> None:
    """Leave a payment to staff: from here on nothing happens to it by itself."""
    if payment.review_since is None:
        payment.review_reason, payment.review_since = reason[:200], now
        audit.record(None, "flagged for review", payment, at=now, reason=reason)
        current_app.logger.error("payment %s needs review: %s", payment.id, reason)
