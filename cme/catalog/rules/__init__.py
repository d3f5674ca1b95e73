"""What the AMA and the accreditors ask of a seminar: its credit, its statements, and what it lacks to be published."""

from cme.catalog.rules.access import access_until
from cme.catalog.rules.agenda import agenda_faults
from cme.catalog.rules.boards import BOARDS
from cme.catalog.rules.checks import Finding
from cme.catalog.rules.credit import (
    KINDS,
    QUARTER,
    Working,
    attended_minutes,
    credit_for,
    credit_minutes,
    designated_maximum,
    raised,
    working,
)
from cme.catalog.rules.findings import publish_findings
from cme.catalog.rules.formats import ENDURING, LEARNING_FORMATS, LIVE, OTHER, is_learning_format
from cme.catalog.rules.statements import (
    ACPE_AUDIENCES,
    MAY_BE_PENDING,
    PLEDGE,
    Statement,
    accreditation,
    accreditation_statement,
    claimants,
    credit_unit,
    designation_statement,
    save_the_date,
    short_name,
    statement_for,
    statements,
)
from cme.catalog.rules.topics import (
    MANDATES,
    TOPICS,
    Mandate,
    Met,
    attended_topic_minutes,
    meets,
    topic_line,
    topic_minutes,
    topic_name,
)

__all__ = [
    "ACPE_AUDIENCES",
    "BOARDS",
    "ENDURING",
    "KINDS",
    "LEARNING_FORMATS",
    "LIVE",
    "MANDATES",
    "MAY_BE_PENDING",
    "OTHER",
    "PLEDGE",
    "QUARTER",
    "TOPICS",
    "Finding",
    "Mandate",
    "Met",
    "Statement",
    "Working",
    "access_until",
    "accreditation",
    "accreditation_statement",
    "agenda_faults",
    "attended_minutes",
    "attended_topic_minutes",
    "claimants",
    "credit_for",
    "credit_minutes",
    "credit_unit",
    "designated_maximum",
    "designation_statement",
    "is_learning_format",
    "meets",
    "publish_findings",
    "raised",
    "save_the_date",
    "short_name",
    "statement_for",
    "statements",
    "topic_line",
    "topic_minutes",
    "topic_name",
    "working",
]
