"""Drafting and saving a seminar: one piece of work, one version, nobody's changes overwritten."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cme import audit
from cme.accounts.models import Account
from cme.catalog import further, listing, rules
from cme.catalog.errors import (
    DatesReversed,
    SentTwice,
    SkippedTime,
    SlugTaken,
    StartMoved,
    WouldNotBeReady,
)
from cme.catalog.models import DRAFT, PUBLISHED, WITHDRAWN, Offering, Seminar
from cme.catalog.services import parts
from cme.catalog.services.designations import check_not_raised, write_designations
from cme.catalog.services.slugs import RESERVED, free_slug
from cme.catalog.values import SeminarValues, first_moment, last_moment
from cme.database import db, lock, refusing, retried, transaction
from cme.errors import EditedMeanwhile

PLAIN = (
    *("title", "summary", "description", "audience", "specialty", "learning_format", "time_zone", "starts_on"),
    *("ends_on", "venue", "address", "city", "state", "country", "hotel", "providership", "no_commercial_support"),
    *("evaluation_required", "tracks_attendance", "claim_window_days", "pass_mark", "released_on", "reviewed_on"),
    "terminates_on",
    *("hotel_name", "hotel_url", "hotel_rate_minor", "hotel_cutoff_on", "estimated_minutes", "method", "bibliography"),
)
LISTS = ("objectives", "topics", "joint_providers")


@retried
def create_seminar(values: SeminarValues, *, by: Account | None, form_id: str | None, now: datetime) -> Seminar:
    """Start a draft; the same form sent again returns the first one."""
    try:
        with transaction() as session, _refusing():
            known = _by_form(form_id)
            if known is not None:
                return known
            seminar = Seminar(status=DRAFT, version=1, form_id=form_id, created_at=now, updated_at=now)
            seminar.slug = _slug_for(seminar, values)
            _write_words(seminar, values)
            session.add(seminar)
            session.flush()
            _write_parts(seminar, values, now)
            audit.record(by, "created", seminar, at=now, slug=seminar.slug)
        return seminar
    except SentTwice:
        first = _by_form(form_id)
        if first is None:
            raise
        return first


@retried
def save_seminar(seminar_id: int, values: SeminarValues, *, version: int, by: Account | None, now: datetime) -> Seminar:
    """Save what the editor showed, unless somebody saved since; a withdrawn seminar becomes a draft again."""
    with transaction(), _refusing():
        seminar = locked(seminar_id)
        if seminar.version != version:
            raise EditedMeanwhile
        lacked = findings(seminar, now=now) if seminar.status == PUBLISHED else []
        # Withdrawn and published again it is the same activity, which began when it began.
        has_started = seminar.published_at is not None and begins_at(seminar) <= now
        if has_started:
            check_not_raised({found.credit_type: found.maximum for found in seminar.designations}, values)
        if seminar.published_at is None:
            seminar.slug = _slug_for(seminar, values)
        _write_words(seminar, values)
        overbooked = _write_parts(seminar, values, now)
        if has_started and begins_at(seminar) > now:
            raise StartMoved
        if seminar.status == PUBLISHED:
            lacking = [finding for finding in findings(seminar, now=now) if finding not in lacked]
            if lacking:
                raise WouldNotBeReady(lacking)
        if seminar.status == WITHDRAWN:
            seminar.status, seminar.withdrawn_at = DRAFT, None
            for offering in seminar.offerings:
                offering.status = "open"
        seminar.version, seminar.updated_at = version + 1, now
        listing.refresh(seminar, now=now)
        for offering in seminar.offerings:
            # Beside the offering itself, where audit-check looks for the reason.
            if offering.mode in overbooked:
                audit.record(by, "lowered capacity", offering, at=now, capacity=offering.capacity, taken=offering.taken)
        maximum = {found.credit_type: found.maximum for found in seminar.designations}
        facts: dict[str, Any] = {"version": seminar.version, "maximum": maximum}
        if overbooked:
            facts["capacity_below_taken"] = overbooked
        audit.record(by, "saved", seminar, at=now, **facts)
    return seminar


def locked(seminar_id: int) -> Seminar:
    """Hold a seminar with all its offerings: these first, as a registration does."""
    own = select(Offering.id).where(Offering.seminar_id == seminar_id).order_by(Offering.id)
    held = list(db.session.scalars(own))
    for offering_id in held:
        lock(Offering, offering_id)
    seminar = lock(Seminar, seminar_id)
    if list(db.session.scalars(own)) != held:
        raise EditedMeanwhile  # another way to attend came while we waited
    return seminar


def findings(seminar: Seminar, *, now: datetime) -> list[rules.Finding]:
    """What keeps a seminar from being published today."""
    today = now.astimezone(ZoneInfo(seminar.time_zone)).date()
    return [*rules.publish_findings(seminar, now=now, today=today), *further.findings(seminar)]


def begins_at(seminar: Seminar) -> datetime:
    """When learners can begin, and credit has to be designated: on demand from the release on."""
    if seminar.learning_format == rules.ENDURING and seminar.released_on:
        return first_moment(seminar.released_on, seminar.time_zone)
    return seminar.starts_at


def _refusing() -> AbstractContextManager[None]:
    return refusing(uq_seminar_slug=SlugTaken, uq_seminar_form_id=SentTwice, ck_seminar_dates=DatesReversed)


def _by_form(form_id: str | None) -> Seminar | None:
    if form_id is None:
        return None
    return db.session.scalar(select(Seminar).where(Seminar.form_id == form_id))


def _slug_for(seminar: Seminar, values: SeminarValues) -> str:
    if values.slug in RESERVED:
        raise SlugTaken
    return values.slug or free_slug(Seminar, values.title, but=seminar.id)


def _write_words(seminar: Seminar, values: SeminarValues) -> None:
    for name in PLAIN:
        setattr(seminar, name, getattr(values, name))
    for name in LISTS:
        setattr(seminar, name, list(getattr(values, name)))
    seminar.day_themes = dict(values.day_themes)
    seminar.policy = values.policy.to_json() if values.policy else None
    seminar.commercial_support = [{"source": s.source, "nature": s.nature} for s in values.commercial_support]
    # Until there is an agenda the days are all that is known.
    seminar.starts_at = first_moment(values.starts_on, values.time_zone)
    seminar.ends_at = last_moment(values.ends_on, values.time_zone)


def _write_parts(seminar: Seminar, values: SeminarValues, now: datetime) -> dict[str, int]:
    """Write everything that belongs to a seminar; answers with the offerings that now have too few seats."""
    session = db.session
    write_designations(seminar, values)
    parts.write_people(seminar, values, now=now)
    try:
        parts.write_sessions(seminar, values)
    except ValueError as error:
        raise SkippedTime(f"{error} Enter another time.") from error
    overbooked = parts.write_offerings(seminar, values)
    session.flush()
    session.expire(seminar, ["people", "sessions", "offerings", "designations"])
    if seminar.sessions and seminar.learning_format != rules.ENDURING:
        seminar.starts_at = min(found.starts_at for found in seminar.sessions)
        seminar.ends_at = max(found.ends_at for found in seminar.sessions)
    session.flush()
    return overbooked
