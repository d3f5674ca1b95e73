"""A seminar as staff would type it, complete unless a test takes something away."""

from datetime import date, time
from typing import Any

from cme.catalog.values import (
    DisclosureValues,
    OfferingValues,
    PersonValues,
    SeminarValues,
    SessionValues,
    TierValues,
)

FIRST = date(2027, 6, 7)
TIERS = tuple(
    TierValues(tier, amount) for tier, amount in (("physician", 109500), ("clinician", 89500), ("trainee", 59500))
)
IN_PERSON = OfferingValues("in-person", capacity=40, tiers=TIERS)
LIVESTREAM = OfferingValues("livestream", capacity=200, tiers=TIERS)
DIRECTOR = PersonValues("director", name="Odalys Venn-Whitaker", credentials="MD", disclosure=DisclosureValues())
MORNING = SessionValues("Blood pressure", on=FIRST, starts=time(8), ends=time(10))


def typed(**changes: Any) -> SeminarValues:
    """A seminar of one morning, two hours, two credits, ready to be published."""
    values: dict[str, Any] = {
        "title": "Hypertension Today",
        "starts_on": FIRST,
        "ends_on": FIRST,
        "audience": "Physicians in primary care.",
        "objectives": ("Choose a blood pressure target and defend it.",),
        "specialty": "Cardiology",
        "venue": "Harborlight Hotel",
        "city": "Sarasota",
        "state": "FL",
        "no_commercial_support": True,
        "maximum": 200,
        "offerings": (IN_PERSON,),
        "sessions": (MORNING,),
        "people": (DIRECTOR,),
    }
    return SeminarValues(**values | changes)
