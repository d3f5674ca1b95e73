"""Putting a seminar before the public, and taking it back while nobody counts on it."""

from datetime import datetime

from cme import audit
from cme.accounts.models import Account
from cme.catalog import listing
from cme.catalog.errors import (
    HasBegun,
    HasRegistrations,
    NotAnnounced,
    NotPublished,
    NotReady,
    ReasonMissing,
    WasCancelled,
)
from cme.catalog.models import CANCELLED, PUBLISHED, WITHDRAWN, Seminar
from cme.catalog.services.seminars import begins_at, findings, locked
from cme.database import retried, transaction


@retried
def publish(seminar_id: int, *, by: Account | None, now: datetime) -> Seminar:
    """Put a seminar in the catalog once nothing is lacking; publishing again changes nothing."""
    with transaction():
        seminar = locked(seminar_id)
        if seminar.status == PUBLISHED:
            return seminar
        if seminar.status == CANCELLED:
            raise WasCancelled
        if lacking := findings(seminar, now=now):
            raise NotReady(lacking)
        if seminar.status == WITHDRAWN:
            reopen(seminar)
        revise(seminar)
        seminar.status, seminar.published_at, seminar.withdrawn_at = PUBLISHED, now, None
        seminar.version, seminar.updated_at = seminar.version + 1, now
        maximum = {found.credit_type: found.maximum for found in seminar.designations}
        listing.refresh(seminar, now=now)
        audit.record(by, "published", seminar, at=now, version=seminar.version, maximum=maximum)
    return seminar


@retried
def withdraw(seminar_id: int, *, by: Account | None, now: datetime) -> Seminar:
    """Take a seminar out of the catalog and close it; refused once anyone is held or confirmed."""
    with transaction():
        seminar = locked(seminar_id)
        if seminar.status == WITHDRAWN:
            return seminar
        if seminar.status == CANCELLED:
            raise WasCancelled
        if seminar.status != PUBLISHED:
            raise NotPublished
        if any(offering.taken for offering in seminar.offerings):
            raise HasRegistrations
        for offering in seminar.offerings:
            offering.status = "closed"
        revise(seminar)
        seminar.status, seminar.withdrawn_at = WITHDRAWN, now
        seminar.version, seminar.updated_at = seminar.version + 1, now
        listing.refresh(seminar, now=now)
        audit.record(by, "withdrew", seminar, at=now, version=seminar.version)
    return seminar


@retried
def cancel_seminar(seminar_id: int, *, reason: str, by: Account | None, now: datetime) -> Seminar:
    """Call a seminar off for good, before it begins; everybody who had a place is told by the next sweep."""
    with transaction():
        seminar = locked(seminar_id)
        if seminar.status == CANCELLED:
            return seminar
        if seminar.status != PUBLISHED:
            raise NotAnnounced
        if begins_at(seminar) <= now:
            raise HasBegun
        if not reason.strip():
            raise ReasonMissing
        revise(seminar)
        seminar.status, seminar.cancelled_at, seminar.cancelled_reason = CANCELLED, now, reason.strip()
        seminar.version, seminar.updated_at = seminar.version + 1, now
        listing.refresh(seminar, now=now)
        audit.record(by, "cancelled", seminar, at=now, version=seminar.version)
    return seminar


def revise(seminar: Seminar) -> None:
    """Let pages kept warm learn that there is something new."""
    for offering in seminar.offerings:
        offering.revision += 1


def reopen(seminar: Seminar) -> None:
    """Open again what the withdrawal closed."""
    for offering in seminar.offerings:
        offering.status = "open"
