"""Registrations, the money behind them, and who came."""

from cme.registration.models.attendance import Attendance, AttendanceChange, AttendanceImport
from cme.registration.models.codes import PromoCode
from cme.registration.models.money import Dispute, LedgerEntry, Payment, Refund, StripeEvent
from cme.registration.models.papers import CREDIT_NOTE, INVITATION, INVOICE, PAPERS, RECEIPT, Paper, PaperCount
from cme.registration.models.questions import Consent, Question
from cme.registration.models.registration import COMP, FACULTY, LEARNER, PLACES, Registration
from cme.registration.models.substitution import Substitution
from cme.registration.models.words import (
    ABANDONED,
    ACTIVE,
    CANCELLED,
    CONFIRMED,
    CREATING,
    EXPIRED,
    FAILED,
    HELD,
    OFFERED,
    OPEN,
    PAID,
    PAYABLE,
    PROCESSING,
    SEATED,
    WAITLISTED,
)

__all__ = [
    "ABANDONED",
    "ACTIVE",
    "CANCELLED",
    "COMP",
    "CONFIRMED",
    "CREATING",
    "CREDIT_NOTE",
    "EXPIRED",
    "FACULTY",
    "FAILED",
    "HELD",
    "INVITATION",
    "INVOICE",
    "LEARNER",
    "OFFERED",
    "OPEN",
    "PAID",
    "PAPERS",
    "PAYABLE",
    "PLACES",
    "PROCESSING",
    "RECEIPT",
    "SEATED",
    "WAITLISTED",
    "Attendance",
    "AttendanceChange",
    "AttendanceImport",
    "Consent",
    "Dispute",
    "LedgerEntry",
    "Paper",
    "PaperCount",
    "Payment",
    "PromoCode",
    "Question",
    "Refund",
    "Registration",
    "StripeEvent",
    "Substitution",
]
