"""Claims and certificates, for staff."""

from cme.credits.admin import assessments, claim, claims, evaluations, questionnaires, recordings
from cme.credits.admin.blueprint import bp

__all__ = [
    "assessments",
    "bp",
    "claim",
    "claims",
    "evaluations",
    "questionnaires",
    "recordings",
]
