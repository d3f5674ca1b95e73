"""Seminars, articles, faculty and settings, for staff."""

from cme.catalog.admin import articles, copies, credit, faculty, handouts, seminars, settings
from cme.catalog.admin.blueprint import bp

__all__ = ["articles", "bp", "copies", "credit", "faculty", "handouts", "seminars", "settings"]
