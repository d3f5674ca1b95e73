"""The words that tables and rules share; the rules own them."""

from cme.registration import rules

HELD, CONFIRMED, WAITLISTED, OFFERED = ACTIVE = rules.ACTIVE
EXPIRED, CANCELLED = rules.ENDED
SEATED = rules.SEATED
CREATING, OPEN, PROCESSING = PAYABLE = rules.PAYABLE
PAID, FAILED, ABANDONED = rules.PAID, rules.FAILED, rules.ABANDONED


def among(column: str, values: tuple[str, ...]) -> str:
    """A condition, as SQL spells it, that a column holds one of our words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
