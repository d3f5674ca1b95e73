"""A new place, written down in one way whoever takes it: held, in line, or given by staff."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme import settings
from cme.catalog.models import Offering
from cme.catalog.tuition import policy_of
from cme.database import db, refusing
from cme.registration import rules
from cme.registration.models import Registration
from cme.registration.queries import Quote
from cme.values import new_code


def by_form(form_id: str | None, account_id: int) -> str | None:
    """The ref of what this person's form made when it was sent before."""
    same = select(Registration.ref).where(Registration.form_id == form_id, Registration.account_id == account_id)
    return db.session.scalar(same) if form_id else None


def write_down(
    account_id: int, offering: Offering, asked: Quote, *, form_id: str | None, now: datetime, **more: Any
) -> Registration:
    """Write a place at the tuition of this moment, under the policy and the terms as they are shown now."""
    said: dict[str, Any] = {
        "tier": asked.tier,
        "list_minor": asked.price.minor,
        "amount_due_minor": asked.price.minor,
        "currency": asked.price.currency,
        "policy": policy_of(offering.seminar).to_json(),
        "terms_version": settings.terms_version(),
    }
    registration = Registration(
        ref=new_code(),
        account_id=account_id,
        seminar_id=offering.seminar_id,
        offering_id=offering.id,
        form_id=form_id,
        created_at=now,
        **said | more,
    )
    db.session.add(registration)
    with refusing(uq_registration_active=rules.AlreadyRegistered, uq_registration_form_id=rules.FormUsed):
        db.session.flush()
    return registration
