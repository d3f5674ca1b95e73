"""Evaluations, assessments, claims, awards, certificates, and what people add to their transcript themselves."""

from cme.credits.models.assessments import Assessment, Attempt, BankQuestion
from cme.credits.models.claims import ASKED, GRANTED, LEARNING, REFUSED, TEACHING, Award, Claim, Extension
from cme.credits.models.evaluations import Evaluation, EvaluationDraft, FollowUp, Questionnaire
from cme.credits.models.papers import Certificate, Document, IssuerKey, PrintRun
from cme.credits.models.transcripts import ExternalCredit, Goal
from cme.credits.models.watching import FILE, STREAM, Recording, Viewing
from cme.credits.models.words import SUPERSEDED, VALID, VOID

__all__ = [
    "ASKED",
    "FILE",
    "GRANTED",
    "LEARNING",
    "REFUSED",
    "STREAM",
    "SUPERSEDED",
    "TEACHING",
    "VALID",
    "VOID",
    "Assessment",
    "Attempt",
    "Award",
    "BankQuestion",
    "Certificate",
    "Claim",
    "Document",
    "Evaluation",
    "EvaluationDraft",
    "Extension",
    "ExternalCredit",
    "FollowUp",
    "Goal",
    "IssuerKey",
    "PrintRun",
    "Questionnaire",
    "Recording",
    "Viewing",
]
