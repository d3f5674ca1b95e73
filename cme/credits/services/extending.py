"""More time to claim: asked for by the learner, granted until a day or refused by staff."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from cme import audit
from cme.catalog.cards import day_in
from cme.credits import emails, queries
from cme.credits.models import ASKED, GRANTED, REFUSED, Extension
from cme.credits.queries import desk
from cme.credits.rules import correcting
from cme.database import db, lock, refusing, retried, transaction
from cme.registration.models import Registration

ONCE = {"uq_claim_extension_asked": correcting.ExtensionAsked, "uq_claim_extension_form_id": correcting.ExtensionAsked}


@retried
def ask_extension(registration_id: int, reason: str, *, form_id: str, now: datetime) -> int:
    """Ask staff for more time to claim what was attended; gives the number of the request."""
    with transaction():
        registration = lock(Registration, registration_id)
        known = db.session.scalar(select(Extension).where(Extension.form_id == form_id))
        if known is not None and known.registration_id == registration.id:
            return known.id
        before = desk.extensions_of(registration.id)
        if any(each.status == ASKED for each in before):
            raise correcting.ExtensionAsked
        has_claimed = bool(desk.claim_to_correct(registration.id, "learning"))
        case = queries.case_of(registration, now=now)
        correcting.check_request(case, has_claimed=has_claimed, asked_before=len(before), now=now)
        asked = Extension(registration_id=registration.id, reason=reason, asked_at=now, form_id=form_id)
        db.session.add(asked)
        with refusing(**ONCE):
            db.session.flush()
        audit.record(registration.account, "asked for time", asked, at=now, personal={"reason": reason}, form=form_id)
        return asked.id


@retried
def decide_extension(extension_id: int, until: date | None, answer: str, *, by: Any, now: datetime) -> None:
    """Grant more time until the end of a day where the seminar is, or refuse it with words; the learner is told."""
    with transaction():
        number = db.session.get_one(Extension, extension_id).registration_id
        registration = lock(Registration, number)
        extension = lock(Extension, extension_id)
        if extension.status != ASKED:
            raise correcting.ExtensionDecided
        if until is not None:
            correcting.check_until(until, today=day_in(registration.seminar.time_zone, now))
        extension.status = REFUSED if until is None else GRANTED
        extension.until, extension.answer = until, answer
        extension.decided_by, extension.decided_at = by.id, now
        emails.extension_decided(registration, extension, at=now)
        did = "refused more time" if until is None else "granted more time"
        audit.record(by, did, extension, at=now, personal={"reason": answer}, until=until)
