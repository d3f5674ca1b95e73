"""Commands of the registration room: each one verb, one transaction, time handed in."""

from cme.registration.services.attendance import mark_attendance, mark_day
from cme.registration.services.cancelling import cancel, extend_hold, put_on_hold
from cme.registration.services.moves import move
from cme.registration.services.registering import register
from cme.registration.services.waitlist import accept_offer, decline_offer, join_waitlist, leave_waitlist

__all__ = [
    "accept_offer",
    "cancel",
    "decline_offer",
    "extend_hold",
    "join_waitlist",
    "leave_waitlist",
    "mark_attendance",
    "mark_day",
    "move",
    "put_on_hold",
    "register",
]
