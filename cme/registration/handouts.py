"""The files of a seminar, for those who are registered."""

from datetime import datetime

from sqlalchemy import select

from cme.catalog.models import Handout
from cme.catalog.values import last_moment
from cme.database import db
from cme.errors import Refusal
from cme.registration import queries
from cme.registration.models import CONFIRMED, Registration


class HandoutsClosed(Refusal):
    """No confirmed registration stands behind the wish."""

    message = "Handouts are yours once your registration is confirmed. This one is not confirmed."


class AccessEnded(Refusal):
    """The time to watch what was bought on demand is over."""

    message = "Your access to this activity has ended, and to its handouts with it."


def handout_of(account_id: int, ref: str, handout_ref: str) -> tuple[Registration, Handout] | None:
    """A handout of the seminar somebody registered for; through anybody else's registration it is not there."""
    found = (
        select(Registration, Handout)
        .join(Handout, Handout.seminar_id == Registration.seminar_id)
        .where(Registration.account_id == account_id, Registration.ref == ref, Handout.ref == handout_ref)
    )
    row = db.session.execute(found).one_or_none()
    return (row[0], row[1]) if row else None


def check_open(registration: Registration, *, now: datetime) -> None:
    """Let somebody take the handouts, or say why not."""
    if registration.status != CONFIRMED:
        raise HandoutsClosed
    until = queries.access_until(registration.offering, registration.confirmed_at or registration.created_at)
    if until is not None and now >= last_moment(until, registration.seminar.time_zone):
        raise AccessEnded


def handouts_for(registration: Registration, *, now: datetime) -> list[Handout]:
    """The handouts somebody can take now."""
    try:
        check_open(registration, now=now)
    except Refusal:
        return []
    of_seminar = select(Handout).where(Handout.seminar_id == registration.seminar_id)
    return list(db.session.scalars(of_seminar.order_by(Handout.position, Handout.id)))
