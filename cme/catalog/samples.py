"""The letters of this room about somebody invented, for staff to look at; and the seminar they speak of."""

from datetime import UTC, date, datetime, time, timedelta

from cme.catalog import emails
from cme.catalog.independence import Relationship
from cme.catalog.models import AgendaSession, Designation, DisclosureRequest, Faculty, Offering, Seminar
from cme.catalog.values import moment_of
from cme.mail import Letter, Sample
from cme.values import CreditType

ZONE = "America/New_York"


def seminar(at: datetime, *, starts_in: int = 42, mode: str = "in-person", title: str = "") -> Seminar:
    """A seminar that never was, some weeks ahead, with one way to attend."""
    first = (at + timedelta(days=starts_in)).date()
    last = first + timedelta(days=3)
    made = Seminar(
        id=0,
        slug="sample-seminar",
        title=title or "Cardiology for Primary Care",
        summary="Blood pressure, lipids, rhythm and heart failure.",
        status="published",
        learning_format="enduring material" if mode == "on-demand" else "live activity",
        time_zone=ZONE,
        starts_on=first,
        ends_on=last,
        starts_at=moment_of(first, time(7, 30), ZONE),
        ends_at=moment_of(last, time(12), ZONE),
        venue="Harborlight Hotel",
        address="200 Bayfront Drive",
        city="Sarasota",
        state="FL",
        hotel_name="Harborlight Hotel",
        hotel_rate_minor=18900,
        hotel_cutoff_on=first - timedelta(days=30),
        hotel_url="https://harborlight.example/group",
        providership="direct",
        joint_providers=[],
        version=1,
        updated_at=at,
        released_on=first - timedelta(days=400),
        reviewed_on=None,
        terminates_on=first + timedelta(days=60),
    )
    made.sessions = [
        AgendaSession(kind="registration", on=first, starts=time(7), starts_at=moment_of(first, time(7), ZONE))
    ]
    made.designations = [
        Designation(credit_type=CreditType.AMA_PRA_1, maximum=1600, step=25, is_pending=False, extra={})
    ]
    link = None if mode == "in-person" else "https://webcast.example/sample-seminar"
    made.offerings = [Offering(id=0, mode=mode, currency="USD", webcast_url=link, access_days=365)]
    return made


def director() -> Faculty:
    """A teacher who never was."""
    return Faculty(id=0, name="Odalys Sample", credentials="MD", email="odalys@example.org")


def _asked(at: datetime) -> DisclosureRequest:
    return DisclosureRequest(id=0, faculty=director(), expires_at=at + timedelta(days=30))


def _disclosed(at: datetime) -> Letter:
    ties = [Relationship("Bayward Therapeutics", "speaker")]
    return emails.disclosed(_asked(at), director(), ties, expires_on=_year_on(at), at=at)


def _year_on(at: datetime) -> date:
    return (at.astimezone(UTC) + timedelta(days=365)).date()


def _review_due(at: datetime) -> Letter:
    found = seminar(at, mode="on-demand")
    due = at.date() + timedelta(days=30)
    return emails.review_due(
        found, key="sample", to="odalys@example.org", director=director(), due=due, days_left=30, at=at
    )


SAMPLES = {
    "catalog/disclosure_asked": Sample(
        "When staff ask for a disclosure, and before one runs out",
        "Whoever teaches, plans or reviews",
        lambda at: emails.disclosure_asked(_asked(at), "sample", expires_on=None, at=at),
    ),
    "catalog/disclosed": Sample("When somebody disclosed", "Whoever disclosed", _disclosed),
    "catalog/review_due": Sample(
        "90 and 30 days before an activity on demand has to be reviewed",
        "Its director, or the office",
        _review_due,
    ),
}
