"""Commands of the registration room: each one verb, one transaction, time handed in."""

from cme.registration.services.attendance import mark_attendance, mark_day
from cme.registration.services.registering import register

__all__ = ["mark_attendance", "mark_day", "register"]
