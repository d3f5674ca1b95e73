"""Seminars and settings, for staff."""

from cme.catalog.admin import seminars, settings
from cme.catalog.admin.blueprint import bp

__all__ = ["bp", "seminars", "settings"]
