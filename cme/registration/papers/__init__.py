"""Papers: receipts, invoices, credit notes and letters, in words kept for good and printed from nothing else."""

from cme.registration.papers.issue import issue_credit_note, issue_invitation, issue_invoice, issue_receipt
from cme.registration.papers.words import Letter, Sheet

__all__ = ["Letter", "Sheet", "issue_credit_note", "issue_invitation", "issue_invoice", "issue_receipt"]
