"""How long credit can still be claimed, in words."""

from datetime import datetime
from zoneinfo import ZoneInfo


def days_left(until: datetime, now: datetime, zone: str) -> int:
    """How many times the calendar turns before the last day, where the seminar is."""
    local = ZoneInfo(zone)
    return (until.astimezone(local).date() - now.astimezone(local).date()).days


def time_left(until: datetime, now: datetime, zone: str) -> str:
    """12 days left; today is the last day."""
    days = days_left(until, now, zone)
    if now > until:
        return "closed"
    if days == 0:
        return "today is the last day"
    return "1 day left" if days == 1 else f"{days} days left"
