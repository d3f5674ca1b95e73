"""Rosters, attendance, registrations and payments, for staff."""

from cme.registration.admin import (
    calling_off,
    codes,
    lists,
    papers,
    places,
    questions,
    registration,
    rosters,
    stuck,
    waitlists,
)
from cme.registration.admin.blueprint import bp

__all__ = [
    "bp",
    "calling_off",
    "codes",
    "lists",
    "papers",
    "places",
    "questions",
    "registration",
    "rosters",
    "stuck",
    "waitlists",
]
