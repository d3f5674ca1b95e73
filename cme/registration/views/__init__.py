"""Registering, paying and what follows, for the person who goes; the webhook."""

from cme.registration.views import handouts, papers, paying, register, saying, webhook
from cme.registration.views.blueprint import bp

CSRF_EXEMPT = (webhook.stripe_webhook,)

__all__ = ["CSRF_EXEMPT", "bp", "handouts", "papers", "paying", "register", "saying", "waitlist", "webhook"]
