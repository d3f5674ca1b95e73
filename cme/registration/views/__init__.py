"""Registering, paying and what follows, for the person who goes; the webhook."""

from cme.registration.views import (
    changes,
    check_in,
    handouts,
    invoices,
    moves,
    papers,
    paying,
    register,
    saying,
    substitution,
    waitlist,
    webhook,
)
from cme.registration.views.blueprint import bp

CSRF_EXEMPT = (webhook.stripe_webhook,)

__all__ = [
    "CSRF_EXEMPT",
    "bp",
    "changes",
    "check_in",
    "handouts",
    "invoices",
    "moves",
    "papers",
    "paying",
    "register",
    "saying",
    "substitution",
    "waitlist",
    "webhook",
]
