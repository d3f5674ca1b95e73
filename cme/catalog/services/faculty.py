"""Those in control of content: who they are, what they disclose by a link of their own, what staff decide on it."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from cme import audit, limits
from cme.accounts.models import Account
from cme.catalog import emails, independence, listing
from cme.catalog.independence import Decision, FacultyValues, HalfMitigated, LinkSpent, NoAddress, Relationship
from cme.catalog.models import Disclosure, DisclosureRequest, Faculty, Seminar, SeminarFaculty
from cme.catalog.queries.faculty import fingerprint, hash_of, is_ahead, is_open, request_by_token
from cme.database import db, insert, lock, retried, transaction
from cme.errors import EditedMeanwhile, TooManyTries

LINK_LASTS = timedelta(days=30)
LETTERS_A_DAY = 5
ANSWERS_FROM_ONE_ADDRESS = 30


@retried
def save_faculty(faculty_id: int, values: FacultyValues, *, seen: str, by: Account | None, now: datetime) -> Faculty:
    """Save somebody's profile, unless it is no longer the one that was shown; saving the same again changes nothing."""
    with transaction():
        ahead = _locked_seminars(faculty_id, now)
        person = lock(Faculty, faculty_id)
        changed = {name: value for name, value in asdict(values).items() if getattr(person, name) != value}
        if not changed:
            return person
        if seen != fingerprint(person):
            raise EditedMeanwhile
        for name, value in changed.items():
            setattr(person, name, value)
        if "email" in changed:  # the old address may have been a stranger's
            _close_links(faculty_id, now)
        _touch(ahead, now)
        for seminar in ahead:
            listing.refresh(seminar, now=now)  # people are found by name
        audit.record(by, "changed profile", person, at=now, fields=sorted(changed), personal=changed)
    return person


@retried
def decide(disclosure_id: int, decision: Decision, *, seen: str, by: Account | None, now: datetime) -> Disclosure:
    """Say whether a relationship is relevant, and how it was mitigated; saying the same again changes nothing."""
    if bool(decision.mitigation) != bool(decision.mitigated_on):
        raise HalfMitigated
    with transaction():
        ahead = _locked_seminars(db.session.get_one(Disclosure, disclosure_id).faculty_id, now)
        disclosure = lock(Disclosure, disclosure_id)
        given = asdict(decision) | {"is_decided": True}
        if all(getattr(disclosure, name) == value for name, value in given.items()):
            return disclosure
        if seen != fingerprint(disclosure):
            raise EditedMeanwhile
        for name, value in given.items():
            setattr(disclosure, name, value)
        _touch(ahead, now)
        audit.record(
            by,
            "decided on disclosure",
            disclosure,
            at=now,
            relevant=decision.is_relevant,
            mitigated_on=decision.mitigated_on,
            personal={"mitigation": decision.mitigation},
        )
    return disclosure


def ask_to_disclose(faculty_id: int, *, form_id: str, by: Account | None, now: datetime) -> DisclosureRequest:
    """Send somebody a link to disclose by; the same form sends one letter."""
    try:
        limits.count("disclosure-letters", str(faculty_id), most=LETTERS_A_DAY, per=timedelta(days=1), now=now)
    except TooManyTries as refusal:
        raise TooManyTries("Five letters went to this person today. Wait until tomorrow, or call them.") from refusal
    return _ask(faculty_id, form_id=form_id, by=by, now=now)


@retried
def _ask(faculty_id: int, *, form_id: str, by: Account | None, now: datetime) -> DisclosureRequest:
    with transaction():
        return new_request(lock(Faculty, faculty_id), form_id=form_id, by=by, now=now)


def new_request(
    person: Faculty, *, form_id: str, by: Account | None, now: datetime, expires_on: date | None = None
) -> DisclosureRequest:
    """Draw a link and write its letter inside the caller's transaction; the letter has the token, the row its hash."""
    if not person.email:
        raise NoAddress
    token = secrets.token_urlsafe(32)
    drawn = insert(DisclosureRequest).values(
        faculty_id=person.id, token_hash=hash_of(token), sent_at=now, expires_at=now + LINK_LASTS, form_id=form_id
    )
    once = drawn.on_conflict_do_nothing(index_elements=[DisclosureRequest.form_id]).returning(DisclosureRequest.id)
    number = db.session.scalar(once)
    if number is None:
        return db.session.scalars(select(DisclosureRequest).where(DisclosureRequest.form_id == form_id)).one()
    asked = db.session.get_one(DisclosureRequest, number)
    emails.disclosure_asked(asked, token, expires_on=expires_on, at=now)
    audit.record(by, "asked to disclose", asked, at=now, faculty=person.id)
    return asked


def answer(token: str, relationships: Sequence[Relationship], *, address: str, now: datetime) -> None:
    """Keep what somebody disclosed by their link, nothing or relationships, for twelve months.

    It replaces what they said before, and may be corrected by the same link until that expires.
    """
    try:
        limits.count("disclose", address, most=ANSWERS_FROM_ONE_ADDRESS, per=timedelta(hours=1), now=now)
    except TooManyTries as refusal:
        raise TooManyTries("Too many answers came from here. Wait an hour, then try again.") from refusal
    _answer(token, list(dict.fromkeys(relationships)), now=now)


@retried
def _answer(token: str, relationships: list[Relationship], *, now: datetime) -> None:
    found = request_by_token(token)
    if found is None or not is_open(found, now):
        raise LinkSpent
    number, faculty_id = found.id, found.faculty_id
    with transaction():
        ahead = _locked_seminars(faculty_id, now)
        person, asked = lock(Faculty, faculty_id), lock(DisclosureRequest, number)
        if not is_open(asked, now):
            raise LinkSpent
        day = independence.day_of(now)
        before = independence.in_force(person.disclosures, day)
        if asked.answered_at and _said(before) == {(each.company, each.words) for each in relationships}:
            return  # the same form, sent again
        for record in person.disclosures:
            if record.expires_on >= day:
                record.expires_on = day - timedelta(days=1)
        expires_on = day + independence.LASTS
        for record in [_record(each, before) for each in relationships] or [Disclosure(has_relationship=False)]:
            record.disclosed_on, record.expires_on = day, expires_on
            person.disclosures.append(record)
        asked.answered_at = now
        _touch(ahead, now)
        emails.disclosed(asked, person, relationships, expires_on=expires_on, at=now)
        said = [f"{each.company}: {each.words}" for each in relationships]
        audit.record(person, "disclosed", asked, at=now, relationships=len(said), personal={"said": said})


def _said(disclosures: Sequence[Any]) -> set[tuple[str, str]]:
    return {(found.company, found.nature) for found in disclosures if found.has_relationship}


def _record(given: Relationship, before: Sequence[Disclosure]) -> Disclosure:
    """A relationship waiting for staff; what they found of it last year stands until they decide anew."""
    record = Disclosure(has_relationship=True, company=given.company, nature=given.words, is_decided=False)
    known = [found for found in before if found.company.casefold() == given.company.casefold() and found.is_relevant]
    record.is_relevant = bool(known)
    same = next((found for found in known if found.nature == given.words), None)
    if same is not None:
        record.mitigation, record.mitigated_on = same.mitigation, same.mitigated_on
    return record


def _close_links(faculty_id: int, now: datetime) -> None:
    """Let no link sent so far work any more."""
    sent = update(DisclosureRequest).where(
        DisclosureRequest.faculty_id == faculty_id, DisclosureRequest.expires_at > now
    )
    db.session.execute(sent.values(expires_at=now))


def _locked_seminars(faculty_id: int, now: datetime) -> list[Seminar]:
    """Hold the seminars of somebody that are not over: their pages say what changes now."""
    mine = select(SeminarFaculty.seminar_id).where(SeminarFaculty.faculty_id == faculty_id)
    found = select(Seminar).where(Seminar.id.in_(mine), is_ahead(now)).order_by(Seminar.id).with_for_update(of=Seminar)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def _touch(seminars: Sequence[Seminar], now: datetime) -> None:
    """Let pages, calendars and editors of these seminars know that they changed."""
    for seminar in seminars:
        seminar.version, seminar.updated_at = seminar.version + 1, now
