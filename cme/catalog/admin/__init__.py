"""Seminars, articles and settings, for staff."""

from cme.catalog.admin import articles, credit, faculty, handouts, seminars, settings
from cme.catalog.admin.blueprint import bp

__all__ = ["articles", "bp", "credit", "faculty", "handouts", "seminars", "settings"]
