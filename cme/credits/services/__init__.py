"""Evaluating, claiming, printing."""

from cme.credits.services.claiming import CONSTRAINTS, ONCE, Amounts, claim_credit, grant
from cme.credits.services.credentials import Issuer, credential_of, remember_key
from cme.credits.services.evaluating import submit_evaluation
from cme.credits.services.issuing import STATED_ON_PAPER, MissingLetters
from cme.credits.services.printing import Press, PrintDiffers, print_certificate

__all__ = [
    "CONSTRAINTS",
    "ONCE",
    "STATED_ON_PAPER",
    "Amounts",
    "Issuer",
    "MissingLetters",
    "Press",
    "PrintDiffers",
    "claim_credit",
    "credential_of",
    "grant",
    "print_certificate",
    "remember_key",
    "submit_evaluation",
]
