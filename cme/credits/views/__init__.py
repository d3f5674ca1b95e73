"""Evaluation, claim, certificate, transcript and verification."""

from cme.credits.views import (
    additions,
    assessment,
    certificates,
    claim,
    credentials,
    evaluation,
    extension,
    transcript,
    verify,
    watching,
)
from cme.credits.views.blueprint import bp

__all__ = [
    "additions",
    "assessment",
    "bp",
    "certificates",
    "claim",
    "credentials",
    "evaluation",
    "extension",
    "transcript",
    "verify",
    "watching",
]
