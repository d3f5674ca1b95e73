"""What must not be forgotten: reviews of what is on demand, and disclosures about to expire."""

from datetime import date, datetime, timedelta

from sqlalchemy import Select, select

from cme import settings
from cme.catalog import emails, independence
from cme.catalog.cards import day_in
from cme.catalog.models import PUBLISHED, Disclosure, DisclosureRequest, Faculty, Seminar, SeminarFaculty
from cme.catalog.queries.faculty import is_ahead
from cme.catalog.rules import ENDURING
from cme.catalog.rules.findings import LONGEST_ENDURING
from cme.catalog.services.faculty import new_request
from cme.database import db, lock, retried, transaction
from cme.mail import Letter

BEFORE_REVIEW = (30, 90)  # days, the nearest first


@retried
def remind(*, now: datetime) -> dict[str, int]:
    """Write the letters that are due today, each once, however often this runs."""
    reviews = _remind_of_reviews(now)
    return {"review reminders": reviews, "disclosure reminders": _remind_to_disclose(now)}


def review_due(seminar: Seminar) -> date | None:
    """The day by which an activity on demand has to be reviewed: its last, or three years after the last review."""
    reviewed = seminar.reviewed_on or seminar.released_on
    # February 29 has no anniversary after three years; the day before is early enough.
    day = reviewed and (reviewed - timedelta(days=(reviewed.month, reviewed.day) == (2, 29)))
    longest = day and day.replace(year=day.year + LONGEST_ENDURING)
    return min((found for found in (seminar.terminates_on, longest) if found), default=None)


def _remind_of_reviews(now: datetime) -> int:
    on_sale = select(Seminar.id).where(Seminar.status == PUBLISHED, Seminar.learning_format == ENDURING, is_ahead(now))
    return sum(_remind_of_review(number, now) for number in list(db.session.scalars(on_sale.order_by(Seminar.id))))


def _remind_of_review(number: int, now: datetime) -> bool:
    with transaction():
        seminar = lock(Seminar, number)
        due = review_due(seminar)
        left = (due - day_in(seminar.time_zone, now)).days if due else -1
        before = next((days for days in BEFORE_REVIEW if 0 <= left <= days), None)
        key = f"review:{seminar.id}:{due}:{before}"  # another due day is another reminder
        known = select(Letter.id).where(Letter.key == key)
        if due is None or before is None or seminar.status != PUBLISHED or db.session.scalar(known):
            return False
        directors = (person.faculty for person in seminar.people if person.role == "director")
        director = next((person for person in directors if person.email), None)
        to = director.email if director and director.email else settings.provider().email
        emails.review_due(seminar, key=key, to=to, director=director, due=due, days_left=left, at=now)
        return True


def _remind_to_disclose(now: datetime) -> int:
    """Ask those to disclose again whose disclosure runs out while a seminar of theirs is ahead, once per last day."""
    today = independence.day_of(now)
    return sum(_remind_person(number, today, now) for number in list(db.session.scalars(_expiring(today, now))))


def _remind_person(number: int, today: date, now: datetime) -> bool:
    with transaction():
        person = lock(Faculty, number)
        until = independence.valid_until(person.disclosures, today)
        form_id = f"expires-{person.id}-{until}"
        known = select(DisclosureRequest.id).where(DisclosureRequest.form_id == form_id)
        if not person.email or until is None or until - today > independence.EXPIRES_SOON or db.session.scalar(known):
            return False
        new_request(person, form_id=form_id, by=None, now=now, expires_on=until)
        return True


def _expiring(today: date, now: datetime) -> Select[int]:
    """Everybody with an address and a published seminar ahead whose disclosure holds for a few days only."""
    ahead = select(SeminarFaculty.faculty_id).join(Seminar).where(Seminar.status == PUBLISHED, is_ahead(now))
    soon = Disclosure.expires_on.between(today, today + independence.EXPIRES_SOON), Disclosure.disclosed_on <= today
    told = select(Disclosure.faculty_id).where(*soon)
    found = select(Faculty.id).where(Faculty.email != "", Faculty.id.in_(ahead), Faculty.id.in_(told))
    return found.order_by(Faculty.id)
