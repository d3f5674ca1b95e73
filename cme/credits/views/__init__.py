"""Evaluation, claim, certificate, transcript and verification."""

from cme.credits.views import certificates, claim, evaluation, transcript, verify
from cme.credits.views.blueprint import bp

__all__ = [
    "bp",
    "certificates",
    "claim",
    "evaluation",
    "transcript",
    "verify",
]
