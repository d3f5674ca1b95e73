"""Claims and certificates, for staff."""

from cme.credits.admin import assessments, bulk, claim, claims, evaluations, questionnaires, recordings
from cme.credits.admin.blueprint import bp

__all__ = [
    "assessments",
    "bp",
    "bulk",
    "claim",
    "claims",
    "evaluations",
    "questionnaires",
    "recordings",
]
