"""What the AMA and the accreditors ask of a seminar: its credit, its statements, and what it lacks to be published."""

from cme.catalog.rules.credit import QUARTER, attended_minutes, credit_for, credit_minutes, designated_maximum
from cme.catalog.rules.findings import Finding, publish_findings
from cme.catalog.rules.formats import ENDURING, LEARNING_FORMATS, LIVE, OTHER, is_learning_format
from cme.catalog.rules.statements import PLEDGE, accreditation_statement, credit_unit, designation_statement

__all__ = [
    "ENDURING",
    "LEARNING_FORMATS",
    "LIVE",
    "OTHER",
    "PLEDGE",
    "QUARTER",
    "Finding",
    "accreditation_statement",
    "attended_minutes",
    "credit_for",
    "credit_minutes",
    "credit_unit",
    "designated_maximum",
    "designation_statement",
    "is_learning_format",
    "publish_findings",
]
