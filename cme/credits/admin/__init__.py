"""Claims and certificates, for staff."""

from cme.credits.admin import claims
from cme.credits.admin.blueprint import bp

__all__ = [
    "bp",
    "claims",
]
