"""Reminding those who took part and have not claimed."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from cme import audit
from cme.catalog.cards import day_in
from cme.catalog.models import Seminar
from cme.credits.emails.reminding import claim_reminder, reminder_key
from cme.credits.queries import bulk
from cme.credits.queries.claims import current_claim
from cme.database import db, lock, retried, transaction
from cme.mail import Letter
from cme.registration.models import Registration


def remind_unclaimed(seminar_id: int, *, by: Any, now: datetime) -> int:
    """Write to everybody who could claim today and has not, once in a day; gives how many letters were written."""
    numbers = [each.registration.id for each in bulk.unclaimed(seminar_id, now=now)]
    written = sum(_remind(number, now=now) for number in numbers)
    if written:
        with transaction():
            audit.record(by, "reminded to claim", db.session.get_one(Seminar, seminar_id), at=now, letters=written)
    return written


@retried
def _remind(number: int, *, now: datetime) -> bool:
    with transaction():
        registration = lock(Registration, number)
        found = bulk.unclaimed_by(registration, now=now)
        if found is None or current_claim(registration.id) is not None:
            return False  # claimed meanwhile, or cannot any more
        key = reminder_key(registration, day_in(registration.seminar.time_zone, now))
        if db.session.scalar(select(Letter.id).where(Letter.key == key)) is not None:
            return False
        claim_reminder(registration, key=key, lacks=found.lacks, until=found.until, at=now)
        return True


def reminded_today(seminar_id: int, *, now: datetime) -> set[int]:
    """The registrations that were written to today already."""
    seminar = db.session.get_one(Seminar, seminar_id)
    day = day_in(seminar.time_zone, now)
    mine = select(Registration.id).where(Registration.seminar_id == seminar_id)
    keys = {f"claim-reminder:{number}:{day}": number for number in db.session.scalars(mine)}
    today = select(Letter.key).where(Letter.kind == "credits/claim_reminder", Letter.key.endswith(f":{day}"))
    return {keys[key] for key in db.session.scalars(today) if key in keys}
