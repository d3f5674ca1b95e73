"""Letters about what is ahead: a week before, the link to join, what changed."""

from datetime import datetime

from cme.mail import Letter
from cme.pages import long_date
from cme.registration.emails.letter import begins, calendar, facts, write
from cme.registration.emails.told import Change
from cme.registration.models import Registration
from cme.values import Mode, Money


def changed(registration: Registration, changes: list[Change], *, at: datetime) -> Letter:
    """Say what is different from what we told them: how it was, and how it is."""
    return write(
        "changed",
        registration,
        f"changed:{registration.id}:{registration.seminar.version}",
        "Please note what changed",
        at=at,
        attachments=calendar(registration),
        changes=changes,
        facts=facts(registration, at=at),
    )


def week_before(registration: Registration, *, at: datetime) -> Letter:
    """Say all one needs to get there: where, when, the hotel, what to bring, the handouts, the way to join."""
    seminar = registration.seminar
    is_in_person = registration.offering.mode == Mode.IN_PERSON
    rate = Money(seminar.hotel_rate_minor) if seminar.hotel_rate_minor else None
    doors = next((each.starts for each in seminar.sessions if each.kind == "registration"), None)
    hotel = (seminar.hotel_name or seminar.hotel) if is_in_person else ""
    if hotel and rate:
        hotel += f", {rate} a night"
        if seminar.hotel_cutoff_on and seminar.hotel_cutoff_on >= at.date():
            hotel += f" if you book by {long_date(seminar.hotel_cutoff_on)}"
    return write(
        "week_before",
        registration,
        f"week-before:{registration.id}",
        "See you soon",
        at=at,
        attachments=calendar(registration),
        facts=facts(registration, at=at),
        is_in_person=is_in_person,
        doors=doors if is_in_person else None,
        hotel=hotel,
        join=registration.offering.webcast_url or "",
        handouts=[each.title for each in seminar.handouts],
    )


def join_link(registration: Registration, *, at: datetime) -> Letter:
    """Send the link of the livestream a day before it begins."""
    return write(
        "join_link",
        registration,
        f"join-link:{registration.id}",
        "Your link to join",
        at=at,
        link=registration.offering.webcast_url,
        begins=begins(registration),
        facts=facts(registration, at=at),
    )
