"""Commands of the registration room: each one verb, one transaction, time handed in."""

from cme.registration.services.attendance import mark_attendance, mark_day, mark_one
from cme.registration.services.cancelling import cancel, put_on_hold
from cme.registration.services.codes import add_code, edit_code, look_up, switch_code, use_code
from cme.registration.services.moves import move
from cme.registration.services.questions import (
    add_question,
    add_usual,
    change_answers,
    change_consents,
    edit_question,
    order_questions,
)
from cme.registration.services.registering import Said, register
from cme.registration.services.substitution import ask_colleague, lapse_offers, take_over, withdraw_offer
from cme.registration.services.waitlist import accept_offer, decline_offer, join_waitlist, leave_waitlist

__all__ = [
    "Said",
    "accept_offer",
    "add_code",
    "add_question",
    "add_usual",
    "ask_colleague",
    "cancel",
    "change_answers",
    "change_consents",
    "decline_offer",
    "edit_code",
    "edit_question",
    "join_waitlist",
    "lapse_offers",
    "leave_waitlist",
    "look_up",
    "mark_attendance",
    "mark_day",
    "mark_one",
    "move",
    "order_questions",
    "put_on_hold",
    "register",
    "switch_code",
    "take_over",
    "use_code",
    "withdraw_offer",
]
