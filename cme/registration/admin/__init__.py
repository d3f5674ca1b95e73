"""Rosters, attendance, registrations and payments, for staff."""

from cme.registration.admin import lists, papers, rosters
from cme.registration.admin.blueprint import bp

__all__ = ["bp", "lists", "papers", "rosters"]
