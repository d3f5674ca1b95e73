"""Rosters, attendance, registrations and payments, for staff."""

from cme.registration.admin import calling_off, codes, lists, papers, questions, rosters, waitlists
from cme.registration.admin.blueprint import bp

__all__ = ["bp", "calling_off", "codes", "lists", "papers", "questions", "rosters", "waitlists"]
