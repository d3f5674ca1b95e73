"""Attempts to pay: written down, then asked of Stripe, then written down again; each step can be repeated."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import stripe
from flask import current_app
from sqlalchemy import func, select

from cme import audit, settings
from cme.catalog.models import Offering
from cme.database import db, refusing, retried, transaction
from cme.registration import codes, queries, rules, seats
from cme.registration.checkout import conversation, moves
from cme.registration.checkout.conversation import UNCERTAIN, bind, locked, mode, outside, place
from cme.registration.checkout.outcomes import apply
from cme.registration.checkout.refunds import send_refund
from cme.registration.models import CONFIRMED, CREATING, HELD, OPEN, PROCESSING, Payment, Registration
from cme.values import MODE_LABELS, Mode, Money

LISTED_FROM = timedelta(minutes=5)  # Stripe's clock and ours differ


@dataclass(frozen=True)
class _Begun:
    payment_id: int | None = None
    url: str | None = None
    over: str | None = None  # a session whose time has passed: Stripe knows what became of it
    refunds: tuple[int, ...] = ()
    new_price: Money | None = None


class _Abandoned(Exception):
    """Nothing payable came of this attempt; another may follow."""


def start(
    registration_id: int,
    *,
    shown_minor: int,
    form_id: str | None,
    payments: stripe.StripeClient | None,
    now: datetime,
) -> str:
    """Begin or resume the payment of a held seat; answers the address to send the person to."""
    if payments is None:
        raise rules.PaymentsOff
    for _ in range(3):
        begun = _begin(registration_id, shown_minor=shown_minor, form_id=form_id, now=now)
        if begun.new_price:
            raise rules.PriceChanged(
                f"The tuition is {begun.new_price} now. Nothing was charged: check the amount, then pay."
            )
        if begun.over:
            apply(begun.over, payments=payments, now=now)
        elif begun.url:
            for refund_id in begun.refunds:
                send_refund(refund_id, payments=payments, now=now)
            return begun.url
        elif begun.payment_id:
            try:
                return ask(begun.payment_id, payments=payments, now=now)
            except _Abandoned:
                continue
    raise rules.PaymentDelayed


@retried
def _begin(registration_id: int, *, shown_minor: int, form_id: str | None, now: datetime) -> _Begun:
    with transaction() as session:
        offering, registration = place(registration_id)
        if registration.status == CONFIRMED:
            raise rules.AlreadyPaid
        if registration.status != HELD:
            raise rules.HoldEnded
        # An open attempt may be paid after the seminar began, but not for one called off, or over for those who watch.
        ends = queries.closes_at(offering) if offering.mode == Mode.ON_DEMAND else None
        rules.check_on(offering.seminar.status, closes=ends, mode=offering.mode, now=now)
        if pending := queries.payable_payment(registration_id):
            return _resumed(pending, shown_minor, now)
        if registration.hold_until is None or registration.hold_until <= now:
            raise rules.HoldEnded
        queries.check_on_sale(offering, now=now)
        if changed := _price_again(registration, offering, shown_minor, now):
            return changed
        if why_not := moves.why_not(registration):
            raise rules.PlaceGone(f"Your new place cannot be had any more: {why_not}. Nothing was charged.")
        if registration.to_pay.minor == 0:
            refunds = moves.confirm(registration, None, now=now)
            return _Begun(url=settings.public_url(f"/registrations/{registration.ref}"), refunds=tuple(refunds))
        payment = _new_payment(registration, form_id, now)
        session.add(payment)
        with refusing(uq_payment_payable=rules.MovedMeanwhile):
            session.flush()
        payment.idem_key = conversation.key("pay", payment.id)
        payment.request = _request(payment, registration, now)
        audit.record(registration.account, "began payment", registration, at=now, payment=payment.id)
        return _Begun(payment_id=payment.id)


def _resumed(pending: Payment, shown_minor: int, now: datetime) -> _Begun:
    if pending.status == PROCESSING:
        raise rules.PaymentOnItsWay
    if pending.status == OPEN and pending.expires_at is not None and pending.expires_at <= now:
        return _Begun(over=pending.session_id)
    if pending.amount_minor != shown_minor:
        return _Begun(new_price=pending.amount)
    if pending.status == OPEN and pending.session_url:
        return _Begun(url=pending.session_url)
    return _Begun(payment_id=pending.id) if pending.status == CREATING else _Begun(over=pending.session_id)


def _price_again(registration: Registration, offering: Offering, shown_minor: int, now: datetime) -> _Begun | None:
    with db.session.no_autoflush:  # what is carried on never exceeds the price, not even for a moment
        codes.price_again(registration, offering, now=now)
        moves.carry(registration)
    if registration.to_pay.minor != shown_minor:
        return _Begun(new_price=registration.to_pay)
    return None


def _new_payment(registration: Registration, form_id: str | None, now: datetime) -> Payment:
    last = db.session.scalar(select(func.max(Payment.attempt_no)).where(Payment.registration_id == registration.id))
    # A form sent again after its attempt came to nothing begins a new one.
    used = form_id and db.session.scalar(select(Payment.id).where(Payment.form_id == form_id))
    return Payment(
        registration_id=registration.id,
        attempt_no=(last or 0) + 1,
        status=CREATING,
        amount_minor=registration.to_pay.minor,
        currency=registration.currency,
        mode=mode(),
        form_id=None if used else form_id,
        created_at=now,
    )


def _request(payment: Payment, registration: Registration, now: datetime) -> dict[str, Any]:
    seminar, offering = registration.seminar, registration.offering
    ours = conversation.marks(payment_id=payment.id, registration_id=registration.id)
    page = settings.public_url(f"/registrations/{registration.ref}")
    product = {"name": seminar.title, "description": f"Tuition, {MODE_LABELS[Mode(offering.mode)].lower()}"}
    price = {"currency": payment.currency.lower(), "unit_amount": payment.amount_minor, "product_data": product}
    request: dict[str, Any] = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": [{"price_data": price, "quantity": 1}],
        "client_reference_id": str(payment.id),
        "metadata": ours,
        "payment_intent_data": {"metadata": ours},
        "customer_email": registration.account.email,
        "expires_at": int((now + rules.SESSION).timestamp()),
        # The braces stand as they are: percent-encoded, Stripe would fill in nothing.
        "success_url": page + "/thanks?session_id={CHECKOUT_SESSION_ID}",
        "cancel_url": page + "/cancel",
        "adaptive_pricing": {"enabled": False},
        "branding_settings": {"display_name": settings.provider().name},
    }
    methods = rules.payment_methods(closes=_settled_by(registration), now=now)
    return request | ({"allowed_payment_method_types": methods} if methods else {})


def _settled_by(registration: Registration) -> datetime | None:
    """When money has to be there: before the new place begins, and before the one it replaces does."""
    places = [registration, *([registration.moved_from] if registration.moved_from else [])]
    closes = (queries.closes_at(place.offering) for place in places)
    return min((each for each in closes if each is not None), default=None)


def ask(payment_id: int, *, payments: stripe.StripeClient, now: datetime) -> str:
    """Ask Stripe for the session of an attempt, the very same request under the same key however often."""
    payment = db.session.get_one(Payment, payment_id)
    request, key, since = cast(Any, payment.request), str(payment.idem_key), payment.created_at
    if now - since > rules.KEY_LIFE:
        return _look_for(payment_id, since, payments=payments, now=now)
    try:
        session = outside(payments).v1.checkout.sessions.create(request, {"idempotency_key": key})
    except UNCERTAIN as error:
        if will_stay := conversation.will_never_change(error):
            return _look_for(payment_id, since, payments=payments, now=now)
        current_app.logger.warning("payment %s waits for Stripe: %s %s", payment_id, type(error).__name__, will_stay)
        raise rules.PaymentDelayed from error
    except stripe.IdempotencyError:
        return _look_for(payment_id, since, payments=payments, now=now)
    except stripe.StripeError as error:
        is_stale = request["expires_at"] - now.timestamp() < rules.LEAST_SESSION.total_seconds()
        _abandon(payment_id, str(error.code or type(error).__name__), release=not is_stale, now=now)
        if is_stale:  # it was never carried out, and is too old now: the next attempt gets a new time
            raise _Abandoned from error
        current_app.logger.error("Stripe refuses our request for payment %s: %s", payment_id, error.user_message)
        raise rules.PaymentImpossible from error
    return _adopt(payment_id, session, now=now)


def _look_for(payment_id: int, since: datetime, *, payments: stripe.StripeClient, now: datetime) -> str:
    """Find the session a lost request may have made; without one, the attempt is abandoned."""
    created: Any = {"created": {"gte": int((since - LISTED_FROM).timestamp())}, "limit": 100}
    try:
        for session in outside(payments).v1.checkout.sessions.list(created).auto_paging_iter():
            if conversation.is_ours(session) and conversation.marks_of(session).get("payment_id") == str(payment_id):
                url = _adopt(payment_id, session, now=now)
                if session.status != "open":
                    apply(session.id, payments=payments, now=now)
                return url
    except UNCERTAIN as error:
        raise rules.PaymentDelayed from error
    _abandon(payment_id, "never created", release=False, now=now)
    raise _Abandoned


@retried
def _adopt(payment_id: int, session: stripe.checkout.Session, *, now: datetime) -> str:
    with transaction():
        _, registration, payment = locked(payment_id)
        if payment.status == CREATING:  # the webhook may have been quicker
            bind(registration, payment, session)
        return payment.session_url or settings.public_url(f"/registrations/{registration.ref}")


@retried
def _abandon(payment_id: int, why: str, *, release: bool, now: datetime) -> None:
    with transaction():
        _, registration, payment = locked(payment_id)
        if payment.status != CREATING:
            return
        seats.step(payment, rules.ABANDONED)
        if release and registration.status == HELD and registration.invoiced_at is None:
            seats.end(registration, rules.EXPIRED, payment=payment, by=None, now=now)
        audit.record(None, "abandoned payment", payment, at=now, why=why)


def repeat(payment_id: int, *, payments: stripe.StripeClient, now: datetime) -> bool:
    """Take up an attempt whose answer never came; True when it is settled, one way or the other."""
    try:
        ask(payment_id, payments=payments, now=now)
    except (_Abandoned, rules.PaymentImpossible):
        return True
    except rules.PaymentDelayed:
        return False
    return True
