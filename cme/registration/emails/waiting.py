"""Letters to those who wait for a seat."""

from datetime import datetime

from cme.mail import Letter
from cme.pages import moment
from cme.registration.emails.letter import facts, write
from cme.registration.models import Registration


def waitlisted(registration: Registration, position: int, *, at: datetime) -> Letter:
    """Say that they are on the waitlist, and where; nothing is paid until a seat is theirs."""
    lines = [*facts(registration, at=at), ("Your place in line", str(position))]
    key = f"waitlisted:{registration.id}"
    return write("waitlisted", registration, key, "You are on the waitlist", at=at, facts=lines, position=position)


def seat_offered(registration: Registration, *, at: datetime) -> Letter:
    """Offer the seat that came free, until when it is kept, and what it costs."""
    offered = moment(registration.offer_until, registration.seminar.time_zone)
    price = f"{registration.amount_due} {registration.currency}" if registration.amount_due_minor else "Free"
    lines = [*facts(registration, at=at), ("Tuition", price), ("Yours until", offered)]
    key = f"seat-offered:{registration.id}:{registration.offer_until and registration.offer_until.isoformat()}"
    return write(
        "seat_offered",
        registration,
        key,
        "A seat is yours if you want it",
        at=at,
        facts=lines,
        offer_until=offered,
        is_free=not registration.amount_due_minor,
    )


def offer_lapsed(registration: Registration, *, at: datetime) -> Letter:
    """Say that the offer was not taken in time, and the seat went to the next in line."""
    key = f"offer-lapsed:{registration.id}:{at.isoformat()}"
    lines = facts(registration, at=at)
    return write("offer_lapsed", registration, key, "Your offer has ended", at=at, facts=lines)


def no_seat_came(registration: Registration, *, at: datetime) -> Letter:
    """Say that the waitlist is closed and no seat came free."""
    lines = facts(registration, at=at)
    return write(
        "no_seat_came", registration, f"no-seat-came:{registration.id}", "No seat came free", at=at, facts=lines
    )
