"""A seminar in the words its editor shows."""

from datetime import date, timedelta
from typing import Any

from cme.catalog import rules
from cme.catalog.forms.designations import TYPES
from cme.catalog.forms.fields import MoneyField
from cme.catalog.forms.policy import OWN, PolicyForm
from cme.catalog.forms.seminar import MOST_DAYS, WAYS
from cme.catalog.models import AgendaSession, Designation, Offering, Seminar, SeminarFaculty
from cme.catalog.tuition import policy_of
from cme.values import Credits, CreditType

SAME = (
    *("version", "title", "summary", "description", "audience", "specialty", "slug", "starts_on", "ends_on", "hotel"),
    *("time_zone", "venue", "address", "city", "state", "country", "providership", "evaluation_required", "pass_mark"),
    "tracks_attendance",
    *(
        "claim_window_days",
        "released_on",
        "reviewed_on",
        "terminates_on",
        "estimated_minutes",
        "method",
        "bibliography",
    ),
    *("hotel_name", "hotel_url", "hotel_cutoff_on"),
)


def shown(seminar: Seminar, *, today: date) -> dict[str, Any]:
    """The editor's fields for a seminar."""
    ama = seminar.designation_of(CreditType.AMA_PRA_1)
    kind, _, other = seminar.learning_format.partition(" (")
    support = "listed" if seminar.commercial_support else ("none" if seminar.no_commercial_support else "")
    words = {name: getattr(seminar, name) for name in SAME} | {
        "objectives": "\n".join(seminar.objectives),
        "topics": "\n".join(seminar.topics),
        "joint_providers": "\n".join(seminar.joint_providers),
        "maximum": str(ama.credits) if ama and ama.maximum else "",
        "learning_format": kind if kind == rules.OTHER else seminar.learning_format,
        "other_format": other.removesuffix(")"),
        "support": support,
        "supporters": [{"source": g.get("source"), "nature": g.get("nature")} for g in seminar.commercial_support],
        "policy_from": "" if seminar.policy is None else OWN,
        "policy": PolicyForm.shown(policy_of(seminar)),
        "hotel_rate": MoneyField.typed(seminar.hotel_rate_minor),
        "designations": [_designation(each) for each in seminar.designations if each.credit_type in TYPES],
        "themes": _themes(seminar),
        "sessions": [_session(found) for found in seminar.sessions],
        "people": [_person(found, today) for found in seminar.people],
    }
    offerings = {offering.mode: offering for offering in seminar.offerings}
    for name, mode in WAYS.items():
        words[name] = _offering(offerings.get(mode))
    return words


def _themes(seminar: Seminar) -> list[dict[str, str]]:
    days = range(min((seminar.ends_on - seminar.starts_on).days + 1, MOST_DAYS))
    on = (seminar.starts_on + timedelta(days=day) for day in days)
    return [{"theme": seminar.day_themes.get(day.isoformat(), "")} for day in on]


def _designation(found: Designation) -> dict[str, Any]:
    plain = ("credit_type", "approval_number", "approved_from", "approved_until", "is_pending")
    words = {name: getattr(found, name) for name in plain} | {"amount": str(found.credits), "step": str(found.step)}
    words |= {name: found.extra.get(name, "") for name in ("activity_type", "credit_kind", "approver")}
    words["threshold"] = found.extra.get("threshold")
    words["uans"] = "\n".join(each["uan"] for each in found.extra.get("uans", ()))
    words["pharmacology"] = str(Credits(found.extra["pharmacology"])) if found.extra.get("pharmacology") else ""
    return words


def _session(found: AgendaSession) -> dict[str, Any]:
    same = {name: getattr(found, name) for name in ("on", "starts", "ends", "title", "kind", "track", "mode")}
    teachers = [faculty.slug for faculty in found.faculty]
    return same | {"number": str(found.id), "teachers": teachers, "topics": dict(found.topic_minutes or {})}


def _person(found: SeminarFaculty, today: date) -> dict[str, Any]:
    words: dict[str, Any] = {"slug": found.faculty.slug, "role": found.role}
    current = [given for given in found.faculty.disclosures if given.expires_on >= today]
    related = [given for given in current if given.has_relationship]
    if not current or not related:
        return words | {"disclosure": "none" if current else ""}
    # With several relationships the one that still asks for something comes first.
    given = next((each for each in related if each.is_relevant and not each.mitigated_on), related[0])
    words |= {name: getattr(given, name) for name in ("company", "nature", "mitigation", "mitigated_on")}
    relevant = ("y" if given.is_relevant else "n") if given.is_decided else ""
    return words | {"disclosure": "relationship", "is_relevant": relevant}


def _offering(found: Offering | None) -> dict[str, Any]:
    if found is None:
        return {"offered": False, "is_open": True}
    tiers = {
        tier.tier: {
            "amount": MoneyField.typed(tier.amount_minor),
            "early": MoneyField.typed(tier.early_minor),
            "until": tier.early_until,
        }
        for tier in found.tiers
    }
    return {
        "offered": True,
        "capacity": found.capacity,
        "is_open": found.status == "open",
        "webcast_url": found.webcast_url,
        "access_days": found.access_days,
        **tiers,
    }
