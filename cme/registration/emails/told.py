"""When and where, as a letter told it: what is compared when a seminar changes afterwards."""

from datetime import date, datetime
from typing import Any

from cme.pages import date_range, moment
from cme.registration.emails.letter import where
from cme.registration.models import Registration
from cme.values import Mode

Change = tuple[str, str, str]  # what it is about, how it was told, how it is


def facts_of(registration: Registration) -> dict[str, Any]:
    """The facts of today a person plans by, and the version of the seminar they come from."""
    seminar, offering = registration.seminar, registration.offering
    online = offering.mode != Mode.IN_PERSON
    return {
        "version": seminar.version,
        "starts_on": seminar.starts_on.isoformat(),
        "ends_on": seminar.ends_on.isoformat(),
        "starts_at": seminar.starts_at.isoformat(),
        "zone": seminar.time_zone,
        "where": where(registration),
        "join": (offering.webcast_url or "") if online else "",
        "days": max(len({each.on for each in seminar.sessions}), registration.told.get("days", 0)),
    }


def changes_in(told: dict[str, Any], today: dict[str, Any]) -> list[Change]:
    """What differs from what somebody was told, as it was and as it is; nothing for whom nothing was told."""
    if not told.get("starts_on"):
        return []
    lines = [
        ("When", _days(told), _days(today)),
        ("Begins", _begins(told), _begins(today)),
        ("Where", told["where"], today["where"]),
    ]
    # A link not told yet has a letter of its own, a day before it is needed.
    if told.get("join"):
        lines.append(("Join at", told["join"], today["join"] or "We will send you another link"))
    return [line for line in lines if line[1] != line[2]]


def _days(facts: dict[str, Any]) -> str:
    return date_range(date.fromisoformat(facts["starts_on"]), date.fromisoformat(facts["ends_on"]))


def _begins(facts: dict[str, Any]) -> str:
    return moment(datetime.fromisoformat(facts["starts_at"]), facts["zone"])
