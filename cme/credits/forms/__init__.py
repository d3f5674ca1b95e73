"""What learners say of a seminar and claim of it, and what others type to verify a certificate."""

from cme.credits.forms.claim import ClaimForm, DetailsHereForm, InSteps, SessionsForm, claim_form
from cme.credits.forms.evaluation import EvaluationForm, evaluation_form
from cme.credits.forms.verify import VerifyFileForm, VerifyForm

__all__ = [
    "ClaimForm",
    "DetailsHereForm",
    "EvaluationForm",
    "InSteps",
    "SessionsForm",
    "VerifyFileForm",
    "VerifyForm",
    "claim_form",
    "evaluation_form",
]
