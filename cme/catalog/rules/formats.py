"""The learning formats the AMA names, of which every designation statement uses one."""

import re

LIVE, ENDURING, OTHER = "live activity", "enduring material", "other activity"
LEARNING_FORMATS = (
    LIVE,
    ENDURING,
    "journal-based CME activity",
    "test-item writing activity",
    "manuscript review activity",
    "PI CME activity",
    "internet point-of-care activity",
    OTHER,
)


def is_learning_format(text: str) -> bool:
    """Whether a designation may use these words: a format of the AMA's list, or "other activity (what it is)"."""
    return text in LEARNING_FORMATS[:-1] or re.fullmatch(rf"{OTHER} \([^()]{{3,}}\)", text) is not None
