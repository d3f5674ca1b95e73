"""The letters of this room: to those who disclose, and to those who look after what is on demand."""

from datetime import date, datetime

from cme import settings
from cme.catalog.independence import Relationship
from cme.catalog.models import DisclosureRequest, Faculty, Seminar
from cme.mail import Letter, write_letter


def disclosure_asked(asked: DisclosureRequest, token: str, *, expires_on: date | None, at: datetime) -> Letter:
    """Ask somebody to disclose, with a link of their own; `expires_on` is when what they said before runs out."""
    return write_letter(
        "catalog/disclosure_asked",
        key=f"disclosure-asked:{asked.id}",
        to=asked.faculty.email or "",
        subject="Renew your disclosure" if expires_on else "Your disclosure of financial relationships",
        at=at,
        person=asked.faculty,
        link=settings.public_url(f"/disclosures/{token}"),
        until=asked.expires_at,
        expires_on=expires_on,
    )


def disclosed(
    asked: DisclosureRequest, person: Faculty, relationships: list[Relationship], *, expires_on: date, at: datetime
) -> Letter:
    """Thank somebody for their disclosure, and repeat what they said."""
    return write_letter(
        "catalog/disclosed",
        key=f"disclosed:{asked.id}:{at.isoformat()}",
        to=person.email or "",
        subject="Thank you for your disclosure",
        at=at,
        person=person,
        relationships=relationships,
        expires_on=expires_on,
    )


def review_due(
    seminar: Seminar, *, key: str, to: str, director: Faculty | None, due: date, days_left: int, at: datetime
) -> Letter:
    """Say that an activity on demand has to be reviewed, or ends."""
    return write_letter(
        "catalog/review_due",
        key=key,
        to=to,
        subject=f"Review by {due:%B} {due.day}, {due.year}: {seminar.title}",
        at=at,
        seminar=seminar,
        director=director,
        due=due,
        days_left=days_left,
    )
