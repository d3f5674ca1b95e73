"""Commands of the registration room: each one verb, one transaction, time handed in."""

from cme.registration.services.attendance import mark_attendance, mark_day
from cme.registration.services.cancelling import cancel, extend_hold, put_on_hold
from cme.registration.services.registering import register

__all__ = ["cancel", "extend_hold", "mark_attendance", "mark_day", "put_on_hold", "register"]
