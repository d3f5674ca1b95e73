"""The last day to claim, for its owner's calendar."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

from cme import settings
from cme.catalog.feeds import host
from cme.registration.models import Registration

BEFOREHAND = (timedelta(days=3), timedelta(days=1))


def deadline_file(registration: Registration, until: datetime, *, now: datetime) -> bytes:
    """The half hour before claiming ends as an iCalendar file, with a reminder three days and one day before."""
    seminar, us = registration.seminar, settings.provider()
    ends = until.astimezone(ZoneInfo(seminar.time_zone)).replace(microsecond=0)
    uid = f"{registration.ref.lower()}-claim@{host()}"
    address = settings.public_url(f"/registrations/{registration.ref}/claim")
    title = f"Last day to claim credit: {seminar.title}"
    event = Event.new(
        uid=uid,
        stamp=now,
        summary=title,
        description=f"Claim your credit here: {address}",
        url=address,
        start=ends - timedelta(minutes=30),
        end=ends,
    )
    for before in BEFOREHAND:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", -before)
        event.add_component(alarm)
    made = Calendar.new(prodid=f"-//{us.name}//Claims//EN", method="PUBLISH", uid=uid)
    made.add_component(event)
    made.add_missing_timezones()
    return bytes(made.to_ical())
