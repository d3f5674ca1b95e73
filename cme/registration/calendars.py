"""A place in its owner's calendar: one event a day, kept up to date, and taken out when the place is given up."""

from dataclasses import replace

from cme import settings
from cme.catalog import feeds
from cme.catalog.feeds import Day
from cme.registration.emails.letter import where
from cme.registration.models import CONFIRMED, Registration
from cme.values import MODE_LABELS, Mode


def file_of(registration: Registration) -> bytes:
    """The calendar file of one person's place, as the place stands now."""
    days = days_of(registration)
    return feeds.calendar_file(days, _uid(registration), settings.provider())


def days_of(registration: Registration) -> list[Day]:
    """The days somebody comes or watches; cancelled where the place is given up, or the day is held no more."""
    found = feeds.days_of(registration.seminar.slug, settings.provider(), lambda _, **__: _page(registration))
    held = [_mine(day, number, registration) for number, day in enumerate(found, 1)]
    # A day that was told and is no longer held would stay in the calendar for ever if nobody took it out.
    gone = range(len(held) + 1, registration.told.get("days", 0) + 1)
    return held + [_cancelled(replace(held[-1], uid=_uid(registration, number))) for number in gone if held]


def _mine(day: Day, number: int, registration: Registration) -> Day:
    offering = registration.offering
    link = offering.webcast_url if offering.mode != Mode.IN_PERSON else None
    about = (
        registration.seminar.summary,
        f"You attend: {MODE_LABELS[Mode(offering.mode)].lower()}",
        f"Join: {link}" if link else "",
        f"Your registration: {_page(registration)}",
    )
    since = registration.ended_at or registration.confirmed_at or registration.created_at
    mine = replace(
        day,
        uid=_uid(registration, number),  # by number, so that a day that is held on another date moves
        about="\n\n".join(part for part in about if part),
        place=where(registration),
        changed_at=max(day.changed_at, since),
    )
    is_theirs = registration.status == CONFIRMED and not day.is_cancelled
    return mine if is_theirs else _cancelled(mine)


def _cancelled(day: Day) -> Day:
    """The same day, taken out: one step later than the file that put it in, as calendars compare them."""
    title = day.title if day.is_cancelled else f"Cancelled: {day.title}"
    return replace(day, title=title, about="", version=day.version + 1, is_cancelled=True)


def _page(registration: Registration) -> str:
    return settings.public_url(f"/registrations/{registration.ref}")


def _uid(registration: Registration, number: int = 0) -> str:
    return f"{registration.ref.lower()}{f'-{number}' if number else ''}@{feeds.host()}"
