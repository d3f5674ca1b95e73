"""Waiting for a seat: join the line, leave it, take the seat that is offered or pass it on."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme import audit, settings
from cme.accounts.models import Account
from cme.catalog.models import Offering
from cme.catalog.tuition import policy_of
from cme.database import db, lock, retried, transaction
from cme.registration import emails, queries, rules, seats, steps, waitlist
from cme.registration.models import CANCELLED, CONFIRMED, HELD, OFFERED, WAITLISTED, Registration
from cme.registration.rules import waiting
from cme.registration.services.placing import by_form, write_down
from cme.registration.services.questions import answered, keep_consents
from cme.registration.services.registering import NOTHING, Said

LEFT, DECLINED = "left the waitlist", "declined the offer"


@retried
def join_waitlist(account_id: int, offering_id: int, *, form_id: str | None, now: datetime) -> str:
    """Put somebody at the end of the line for a full way to attend; answers the registration's ref."""
    with transaction() as session:
        offering = lock(Offering, offering_id)
        if ref := by_form(form_id, account_id):
            return ref
        if found := queries.registration_for(account_id, offering.seminar_id):
            refusal = rules.AlreadyRegistered()
            refusal.ref = found.ref
            raise refusal
        seminar = offering.seminar
        session.refresh(seminar)
        queries.check_on_sale(offering, now=now)
        if offering.status != "open":
            raise rules.RegistrationClosed
        account = session.get_one(Account, account_id)
        asked = queries.quote(offering, account.certification_type, now=now)
        if offering.seats_left and not steps.somebody_waits(offering_id):
            raise waiting.SeatFree
        registration = write_down(account_id, offering, asked, form_id=form_id, now=now, status=WAITLISTED)
        emails.waitlisted(registration, waitlist.position(registration), at=now)
        audit.record(account, "joined the waitlist", registration, at=now, offering=offering_id)
        return registration.ref


@retried
def leave_waitlist(registration_id: int, *, by: Any, now: datetime) -> None:
    """Take somebody out of the line; who has left already has left."""
    with transaction():
        registration = _locked(registration_id)
        if registration.status in rules.ENDED:
            return
        if registration.status == OFFERED:
            raise waiting.SeatOffered
        if registration.status != WAITLISTED:
            raise rules.MovedMeanwhile
        seats.end(registration, CANCELLED, payment=None, by=by, now=now, reason=LEFT)


@retried
def accept_offer(registration_id: int, *, shown_minor: int, now: datetime, said: Said = NOTHING) -> str:
    """Hold the offered seat until it is paid, at the price of the offer, or give a free one; answers the status.

    Those who wait are asked the seminar's questions here: only now do they know that they will come.
    """
    with transaction():
        registration = _locked(registration_id)
        if registration.status in (HELD, CONFIRMED) and registration.offer_until is not None:
            return registration.status  # pressed twice
        _check_offered(registration, now)
        seminar, offering = registration.seminar, registration.offering
        db.session.refresh(seminar)
        queries.check_on_sale(offering, now=now)
        if registration.amount_due_minor != shown_minor:
            raise rules.PriceChanged
        registration.policy, registration.terms_version = policy_of(seminar).to_json(), settings.terms_version()
        registration.questions = answered(offering, said.answers)
        keep_consents(registration.account_id, said.consents, registration_id=registration.id, now=now)
        seats.step(registration, HELD, hold_until=now + rules.HOLD)
        audit.record(registration.account, "accepted the offer", registration, at=now, amount=shown_minor)
        if registration.to_pay.minor == 0:
            seats.confirm(registration, None, now=now)
        return registration.status


@retried
def decline_offer(registration_id: int, *, by: Any, now: datetime) -> None:
    """Pass an offered seat on to the next in line."""
    with transaction():
        registration = _locked(registration_id)
        if registration.status in rules.ENDED:
            return
        if registration.status != OFFERED:
            raise rules.MovedMeanwhile
        seats.end(registration, CANCELLED, payment=None, by=by, now=now, reason=DECLINED)


def _check_offered(registration: Registration, now: datetime) -> None:
    over = registration.offer_until is None or registration.offer_until <= now
    if registration.status in rules.ENDED or (registration.status == OFFERED and over):
        raise waiting.OfferEnded
    if registration.status != OFFERED:
        raise rules.MovedMeanwhile


def _locked(registration_id: int) -> Registration:
    offering_id = db.session.scalar(select(Registration.offering_id).where(Registration.id == registration_id))
    lock(Offering, offering_id)
    return lock(Registration, registration_id)
