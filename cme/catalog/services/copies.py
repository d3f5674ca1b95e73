"""Starting a seminar from another one: what stays true is copied, what was decided for that one alone is not."""

from datetime import date, datetime, timedelta

from cme.accounts.models import Account
from cme.catalog import further
from cme.catalog.models import Designation, Offering, Seminar
from cme.catalog.services.seminars import LISTS, PLAIN, create_seminar
from cme.catalog.values import (
    DesignationValues,
    OfferingValues,
    PersonValues,
    SeminarValues,
    SessionValues,
    TierValues,
)
from cme.database import db
from cme.values import CreditType, Policy

# Agreed with a hotel, or decided on a day, for that one seminar.
ITS_OWN = {"hotel_url", "hotel_rate_minor", "hotel_cutoff_on", "released_on", "reviewed_on", "terminates_on"}
ITS_OWN |= {"no_commercial_support"}


def duplicate_seminar(
    seminar_id: int, *, starts_on: date, by: Account | None, form_id: str | None, now: datetime
) -> Seminar:
    """Start a draft like another seminar on other days; the same form sent again returns the first one."""
    values = copied(db.session.get_one(Seminar, seminar_id), starts_on)
    made = create_seminar(values, by=by, form_id=form_id, now=now)
    further.copy(seminar_id, made.id, by=by, now=now)
    return made


def copied(seminar: Seminar, starts_on: date) -> SeminarValues:
    """A seminar moved to another first day; approvals, agreements and support are asked for anew."""
    later = starts_on - seminar.starts_on
    ama = seminar.designation_of(CreditType.AMA_PRA_1)
    others = [found for found in seminar.designations if found is not ama]
    words = {name: getattr(seminar, name) for name in PLAIN if name not in ITS_OWN}
    words |= {name: tuple(getattr(seminar, name)) for name in LISTS}
    words |= {"starts_on": starts_on, "ends_on": seminar.ends_on + later}
    themes = {date.fromisoformat(day) + later: theme for day, theme in seminar.day_themes.items()}
    return SeminarValues(
        **words,
        day_themes={day.isoformat(): theme for day, theme in themes.items()},
        maximum=ama.maximum if ama else 0,
        designations=tuple(_undecided(found) for found in others),
        offerings=tuple(_offering(found, later) for found in seminar.offerings),
        sessions=tuple(
            SessionValues(
                title=found.title,
                on=found.on + later,
                starts=found.starts,
                ends=found.ends,
                kind=found.kind,
                track=found.track,
                mode=found.mode,
                teachers=tuple(faculty.slug for faculty in found.faculty),
                topic_minutes=dict(found.topic_minutes or {}),
            )
            for found in sorted(seminar.sessions, key=lambda one: one.position)
        ),
        people=tuple(PersonValues(found.role, found.faculty.slug) for found in seminar.people),
        policy=None if seminar.policy is None else Policy.from_json(seminar.policy),
    )


def _undecided(found: Designation) -> DesignationValues:
    # Numbers are given to one activity; what it teaches stays what it is.
    kept = {name: value for name, value in (found.extra or {}).items() if name != "uans"}
    return DesignationValues(found.credit_type, found.maximum, found.step, extra=kept)


def _offering(found: Offering, later: timedelta) -> OfferingValues:
    tiers = (
        TierValues(tier.tier, tier.amount_minor, tier.early_minor, tier.early_until and tier.early_until + later)
        for tier in found.tiers
    )
    return OfferingValues(found.mode, found.capacity, access_days=found.access_days, tiers=tuple(tiers))
