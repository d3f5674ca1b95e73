"""The conversation with Stripe: begin to pay, learn what came of it, give back seats and money.

Stripe is only ever talked to between transactions. Whoever tells us something, be it the webhook, the return page,
the sweep or a member of staff, the object is fetched again and `apply` decides.
"""

from cme.registration.checkout.attempts import start
from cme.registration.checkout.calling_off import choose_until
from cme.registration.checkout.conversation import Heard
from cme.registration.checkout.events import hear, heard
from cme.registration.checkout.holds import expire_holds, give_up
from cme.registration.checkout.outcomes import apply
from cme.registration.checkout.refunds import request_refund, send_refund
from cme.registration.checkout.rounds import sweep

__all__ = [
    "Heard",
    "apply",
    "choose_until",
    "expire_holds",
    "give_up",
    "hear",
    "heard",
    "request_refund",
    "send_refund",
    "start",
    "sweep",
]
