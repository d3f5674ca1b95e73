"""Rosters, attendance, registrations and payments, for staff."""

from cme.registration.admin import lists, rosters
from cme.registration.admin.blueprint import bp

__all__ = ["bp", "lists", "rosters"]
