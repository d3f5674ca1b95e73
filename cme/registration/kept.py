"""What stays with somebody whose move to another place came to nothing."""

from cme.catalog.models import CANCELLED as OFF
from cme.pages import long_date
from cme.registration.models import CONFIRMED, Registration
from cme.values import Mode

SEATS = {Mode.IN_PERSON: "seat in person", Mode.LIVESTREAM: "place at the livestream", Mode.ON_DEMAND: "access"}


def what_stays(registration: Registration) -> str:
    """Your place at Cardiology for Primary Care stays yours; nothing for a place that was to replace none."""
    old = registration.moved_from
    if old is None or old.account_id != registration.account_id:
        return ""
    if old.credit_until is not None:
        return f"Your tuition for {old.seminar.title} stays on hold until {long_date(old.credit_until)}."
    if old.status != CONFIRMED:
        return ""
    if old.seminar.status == OFF:
        return f"What you paid for {old.seminar.title} is still yours, to use or to have back."
    if registration.is_switch:
        return f"Your {SEATS[Mode(old.offering.mode)]} stays yours."
    return f"Your place at {old.seminar.title} stays yours."
