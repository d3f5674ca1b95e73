"""The parts of a seminar, written row by row: what is new is added, what is gone is removed, the rest stays itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cme.catalog.errors import OfferingInUse, SessionInUse
from cme.catalog.models import AgendaSession, Disclosure, Faculty, Offering, PriceTier, Seminar, SeminarFaculty
from cme.catalog.queries.faculty import is_ahead
from cme.catalog.services.slugs import free_slug
from cme.catalog.values import DisclosureValues, OfferingValues, PersonValues, SeminarValues, moment_of
from cme.database import db
from cme.errors import Refusal
from cme.values import MODE_LABELS, Mode

DISCLOSURE_LASTS = timedelta(days=365)


@contextmanager
def _kept_by_others(refusal: Refusal) -> Iterator[None]:
    """A row that another room's record points at cannot go; only a foreign key can object here."""
    try:
        yield
        db.session.flush()
    except IntegrityError as error:
        raise refusal from error


def write_people(seminar: Seminar, values: SeminarValues, *, now: datetime) -> None:
    """Say who is in control of the content, and what they disclosed."""
    today = now.astimezone(ZoneInfo(values.time_zone)).date()
    had = {person.faculty_id: person for person in seminar.people}
    changed = []
    for position, person in enumerate(values.people):
        faculty = _faculty(person, now)
        if faculty is None:
            continue
        link = had.pop(faculty.id, None)
        if link is None:
            link = SeminarFaculty(seminar_id=seminar.id, faculty_id=faculty.id)
            db.session.add(link)
        link.role, link.position = person.role, position
        if person.disclosure is not None and disclose(faculty, person.disclosure, today=today):
            changed.append(faculty.id)
        db.session.flush()
    for link in had.values():
        db.session.delete(link)
    db.session.flush()
    _tell_others(seminar, changed, now)


def _tell_others(seminar: Seminar, faculty_ids: list[int], now: datetime) -> None:
    """Let the other seminars of somebody who disclosed know: their pages, calendars and editors say so now."""
    others = select(SeminarFaculty.seminar_id).where(SeminarFaculty.faculty_id.in_(faculty_ids))
    found = select(Seminar).where(Seminar.id.in_(others), Seminar.id != seminar.id, is_ahead(now))
    found = found.order_by(Seminar.id).with_for_update(of=Seminar).execution_options(populate_existing=True)
    for other in db.session.scalars(found) if faculty_ids else ():
        other.version, other.updated_at = other.version + 1, now


def _faculty(person: PersonValues, now: datetime) -> Faculty | None:
    if person.slug:
        return db.session.scalar(select(Faculty).where(Faculty.slug == person.slug))
    faculty = Faculty(
        slug=free_slug(Faculty, person.name),
        name=person.name,
        credentials=person.credentials,
        title=person.title,
        affiliation=person.affiliation,
        created_at=now,
    )
    db.session.add(faculty)
    db.session.flush()
    return faculty


def disclose(faculty: Faculty, given: DisclosureValues, *, today: date) -> bool:
    """Keep what somebody disclosed for twelve months; nothing to disclose and a relationship end each other.

    Another company in place of the only one corrects it: the old one ends. Answers whether that was news.
    """
    current = [found for found in faculty.disclosures if found.expires_on >= today]
    known = [found for found in current if found.company.casefold() == given.company.casefold()]
    for found in current:
        if found.has_relationship != bool(given.company) or (len(current) == 1 and not known):
            found.expires_on = today - timedelta(days=1)
    record = known[0] if known else None
    if record is None:
        record = Disclosure(
            has_relationship=bool(given.company), disclosed_on=today, expires_on=today + DISCLOSURE_LASTS
        )
        faculty.disclosures.append(record)
    record.company, record.nature = given.company, given.nature
    record.is_relevant, record.is_decided = given.is_relevant, given.is_decided
    record.mitigation, record.mitigated_on = given.mitigation, given.mitigated_on
    return any(found in db.session.new or db.session.is_modified(found) for found in faculty.disclosures)


def write_sessions(seminar: Seminar, values: SeminarValues) -> None:
    """Set the agenda; ValueError for a time that the clocks skip."""
    had = {found.id: found for found in seminar.sessions}
    teachers = {
        faculty.slug: faculty
        for faculty in db.session.scalars(
            select(Faculty).where(Faculty.slug.in_({slug for item in values.sessions for slug in item.teachers}))
        )
    }
    for position, item in enumerate(values.sessions):
        found = had.pop(item.number, None) if item.number else None
        if found is None:
            found = AgendaSession(seminar_id=seminar.id)
        found.position, found.title, found.kind = position, item.title, item.kind
        found.track, found.mode, found.topic_minutes = item.track, item.mode, dict(item.topic_minutes)
        found.on, found.starts, found.ends = item.on, item.starts, item.ends
        found.starts_at = moment_of(item.on, item.starts, values.time_zone)
        found.ends_at = moment_of(item.on, item.ends, values.time_zone)
        found.faculty = [teachers[slug] for slug in item.teachers if slug in teachers]
        db.session.add(found)
        db.session.flush()
    for gone in had.values():
        title = gone.title
        with _kept_by_others(SessionInUse(f"Attendance was recorded for “{title}”, so it cannot be removed.")):
            db.session.delete(gone)


def write_offerings(seminar: Seminar, values: SeminarValues) -> dict[str, int]:
    """Set the ways to attend, their seats and tuition; answers with those that have fewer seats than people."""
    had = {offering.mode: offering for offering in seminar.offerings}
    overbooked = {}
    for item in values.offerings:
        offering = had.pop(item.mode, None)
        if offering is None:
            offering = Offering(seminar_id=seminar.id, mode=item.mode, taken=0, revision=0)
        offering.capacity, offering.webcast_url = item.capacity, item.webcast_url
        offering.access_days, offering.revision = item.access_days, offering.revision + 1
        offering.status = "open" if item.is_open else "closed"
        db.session.add(offering)
        _write_tiers(offering, item)
        # Nobody is thrown out: the seats are simply not given again.
        if offering.taken > item.capacity:
            overbooked[item.mode] = offering.taken
    for mode, gone in had.items():
        way = MODE_LABELS[Mode(mode)].lower()
        refusal = OfferingInUse(f"Someone registered to attend {way}, so this way cannot be removed. Close it instead.")
        if gone.taken:
            raise refusal
        with _kept_by_others(refusal):
            for tier in gone.tiers:
                db.session.delete(tier)
            db.session.flush()
            db.session.delete(gone)
    return overbooked


def _write_tiers(offering: Offering, item: OfferingValues) -> None:
    had = {tier.tier: tier for tier in offering.tiers}
    for given in item.tiers:
        tier = had.pop(given.tier, None)
        if tier is None:
            tier = PriceTier(tier=given.tier)
            offering.tiers.append(tier)
        tier.amount_minor, tier.early_minor, tier.early_until = given.amount_minor, given.early_minor, given.early_until
    for gone in had.values():
        db.session.delete(gone)
    db.session.flush()
