"""What comes back to somebody who cancels, under the policy they accepted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cme.values import Money


@dataclass(frozen=True)
class RefundTerm:
    """What comes back to somebody who cancels until the end of a day."""

    until: date
    amount: Money


def refund_terms(policy: Mapping[str, Any], paid: Money, starts_on: date) -> list[RefundTerm]:
    """The deadlines of an accepted policy, in the seminar's own calendar, earliest first."""
    terms = []
    for step in policy.get("steps", ()):
        part = paid.minor * step["percent"] // 100 - step["fee_minor"]
        terms.append(RefundTerm(starts_on - timedelta(days=step["days_before"]), Money(max(0, part), paid.currency)))
    return terms
