"""Rosters, attendance, registrations and payments, for staff."""

from cme.registration.admin import (
    calling_off,
    check_in,
    codes,
    corrections,
    lists,
    papers,
    places,
    questions,
    registration,
    rosters,
    sheets,
    stuck,
    waitlists,
    webinar_logs,
)
from cme.registration.admin.blueprint import bp

__all__ = [
    "bp",
    "calling_off",
    "check_in",
    "codes",
    "corrections",
    "lists",
    "papers",
    "places",
    "questions",
    "registration",
    "rosters",
    "sheets",
    "stuck",
    "waitlists",
    "webinar_logs",
]
