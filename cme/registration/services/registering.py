"""Taking a seat."""

from datetime import datetime

from sqlalchemy import select

from cme import audit, settings
from cme.accounts.models import Account
from cme.catalog.models import Offering
from cme.catalog.tuition import policy_of
from cme.database import db, lock, refusing, retried, transaction
from cme.registration import queries, rules, seats
from cme.registration.models import HELD, Registration
from cme.values import new_code


def register(account_id: int, offering_id: int, *, form_id: str | None, now: datetime) -> str:
    """Hold a seat until it is paid, or give a free one at once; answers the registration's ref."""
    try:
        return _register(account_id, offering_id, form_id=form_id, now=now)
    except rules.AlreadyRegistered as refusal:
        offering = db.session.get_one(Offering, offering_id)
        found = queries.registration_for(account_id, offering.seminar_id)
        refusal.ref = found.ref if found else None
        raise


@retried
def _register(account_id: int, offering_id: int, *, form_id: str | None, now: datetime) -> str:
    with transaction() as session:
        offering = lock(Offering, offering_id)
        same_form = select(Registration.ref).where(
            Registration.form_id == form_id, Registration.account_id == account_id
        )
        if form_id and (ref := session.scalar(same_form)):
            return ref
        if queries.registration_for(account_id, offering.seminar_id):
            raise rules.AlreadyRegistered
        seminar = offering.seminar
        session.refresh(seminar)
        queries.check_on_sale(offering, now=now)
        if offering.status != "open":
            raise rules.RegistrationClosed
        account = session.get_one(Account, account_id)
        asked = queries.quote(offering, account.certification_type, now=now)
        if not seats.take(offering_id):
            raise rules.SeminarFull
        registration = Registration(
            ref=new_code(),
            account_id=account_id,
            seminar_id=seminar.id,
            offering_id=offering_id,
            status=HELD,
            hold_until=now + rules.HOLD,
            tier=asked.tier,
            list_minor=asked.price.minor,
            amount_due_minor=asked.price.minor,
            currency=asked.price.currency,
            policy=policy_of(seminar).to_json(),
            terms_version=settings.terms_version(),
            form_id=form_id,
            created_at=now,
        )
        session.add(registration)
        with refusing(uq_registration_active=rules.AlreadyRegistered, uq_registration_form_id=rules.FormUsed):
            session.flush()
        if asked.price.minor == 0:
            seats.confirm(registration, None, now=now)
        audit.record(
            account, "registered", registration, at=now, offering=offering_id, tier=asked.tier, amount=asked.price.minor
        )
        return registration.ref
