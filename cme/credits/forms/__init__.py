"""What learners say of a seminar and claim of it, and what others type to verify a certificate."""

from cme.credits.forms.claim import ClaimForm, InSteps, claim_form
from cme.credits.forms.evaluation import LONGEST_ANSWER, SCALE, EvaluationForm
from cme.credits.forms.verify import VerifyForm

__all__ = ["LONGEST_ANSWER", "SCALE", "ClaimForm", "EvaluationForm", "InSteps", "VerifyForm", "claim_form"]
