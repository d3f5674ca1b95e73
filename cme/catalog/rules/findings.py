"""What a seminar lacks to be published."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from cme.accounts.rules import TIER_LABELS
from cme.catalog.rules.credit import QUARTER, designated_maximum
from cme.catalog.rules.formats import ENDURING, is_learning_format
from cme.values import CREDIT_NAMES, LEAST_CHARGE, MODE_LABELS, CreditType, Mode, Money

LONGEST_ENDURING = 3  # years an on-demand activity may stand without review


@dataclass(frozen=True)
class Finding:
    """Something a seminar lacks before it can be published: the field to mend, and what to do there."""

    field: str
    message: str


def publish_findings(seminar: Any, *, now: datetime, today: date) -> list[Finding]:
    """Everything that keeps a seminar from being published; empty when nothing does.

    Reads a seminar with its offerings, sessions, people and designations; `today` is the day in the seminar's zone.
    """
    parts = (
        _basics(seminar, now),
        _content(seminar),
        _agenda(seminar),
        _credit(seminar),
        _people(seminar, today),
        _support(seminar),
        _offerings(seminar),
        _wording(seminar),
    )
    return [finding for part in parts for finding in part]


def _basics(seminar: Any, now: datetime) -> Iterator[Finding]:
    if not (seminar.title or "").strip():
        yield Finding("title", "Enter the title")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", seminar.slug or ""):
        yield Finding("slug", "Enter the address: small letters, digits and single hyphens")
    if seminar.time_zone not in available_timezones():
        yield Finding("time_zone", "Select the time zone")
    if seminar.starts_on is None or seminar.ends_on is None:
        yield Finding("starts_on", "Enter the first and the last day")
    elif seminar.ends_on < seminar.starts_on:
        yield Finding("ends_on", "The last day must not be before the first")
    if seminar.starts_at is not None and seminar.starts_at <= now:
        yield Finding("starts_on", "The seminar has started: credit must be designated before the activity begins")
    if any(offering.mode == Mode.IN_PERSON for offering in seminar.offerings) and not (seminar.venue and seminar.city):
        yield Finding("venue", "Enter the venue and the city people travel to")


def _content(seminar: Any) -> Iterator[Finding]:
    if not any(objective.strip() for objective in seminar.objectives or ()):
        yield Finding("objectives", "Enter at least one learning objective")
    if not (seminar.audience or "").strip():
        yield Finding("audience", "Enter who the seminar is for")
    if not is_learning_format(seminar.learning_format or ""):
        yield Finding("learning_format", "Select a learning format of the AMA's list")
    if seminar.learning_format == ENDURING:
        yield from _enduring(seminar)
    if seminar.providership == "joint" and not seminar.joint_providers:
        yield Finding("joint_providers", "Name every joint provider")


def _enduring(seminar: Any) -> Iterator[Finding]:
    released, ends = seminar.reviewed_on or seminar.released_on, seminar.terminates_on
    if released is None or ends is None:
        yield Finding("terminates_on", "Enter the release date and the termination date")
    elif not released <= ends or (ends.year - released.year, ends.month, ends.day) > (
        LONGEST_ENDURING,
        released.month,
        released.day,
    ):
        yield Finding("terminates_on", "The termination date must be within three years of release or review")
    if seminar.pass_mark is None:
        yield Finding("pass_mark", "Enter the pass mark of the assessment: learners are told before they start")


def _agenda(seminar: Any) -> Iterator[Finding]:
    taught = [session for session in seminar.sessions if session.counts]
    if not taught:
        yield Finding("sessions", "Add at least one session of instruction to the agenda")
    listed = {person.faculty for person in seminar.people}
    for session in seminar.sessions:
        if not seminar.starts_on <= session.on <= seminar.ends_on:
            yield Finding("sessions", f"“{session.title}” is outside the seminar's dates")
        for teacher in session.faculty:
            if session.counts and teacher not in listed:
                yield Finding("people", f"{teacher.full_name} teaches “{session.title}”: add them to the faculty")


def _credit(seminar: Any) -> Iterator[Finding]:
    designation = seminar.designation_of(CreditType.AMA_PRA_1)
    name = CREDIT_NAMES[CreditType.AMA_PRA_1]
    if designation is None or not designation.maximum:
        yield Finding("maximum", f"Enter the number of {name} designated")
        return
    if designation.maximum % QUARTER:
        yield Finding("maximum", f"{name} are designated in steps of 0.25")
    supported = designated_maximum(seminar.sessions)
    if designation.credits > supported:
        yield Finding("maximum", f"The agenda supports {supported.short} {name}: designate no more, or extend it")


def _people(seminar: Any, today: date) -> Iterator[Finding]:
    if not any(person.role == "director" for person in seminar.people):
        yield Finding("people", "Name a course director")
    for person in seminar.people:
        name = person.faculty.full_name
        current = [found for found in person.faculty.disclosures if found.expires_on >= today]
        if not current:
            had = "has expired" if person.faculty.disclosures else "is missing"
            yield Finding("people", f"The disclosure of {name} {had}")
        for found in current:
            if found.has_relationship and found.is_relevant and not (found.mitigation and found.mitigated_on):
                yield Finding("people", f"Mitigate the relationship of {name} with {found.company}")


def _support(seminar: Any) -> Iterator[Finding]:
    if bool(seminar.commercial_support) == bool(seminar.no_commercial_support):
        yield Finding("commercial_support", "Name the commercial support, or say that there is none")
    if any(not given.get("source") for given in seminar.commercial_support or ()):
        yield Finding("commercial_support", "Name the source of each commercial support")


def _offerings(seminar: Any) -> Iterator[Finding]:
    if not seminar.offerings:
        yield Finding("offerings", "Add at least one way to attend")
    for offering in seminar.offerings:
        way = MODE_LABELS[Mode(offering.mode)]
        if (offering.mode == Mode.ON_DEMAND) != (seminar.learning_format == ENDURING):
            yield Finding("learning_format", f"{way} does not go with “{seminar.learning_format}”: part them")
        if offering.capacity < 1:
            yield Finding("offerings", f"{way}: enter the number of seats")
        priced = {tier.tier for tier in offering.tiers}
        for tier, label in TIER_LABELS.items():
            if tier not in priced:
                yield Finding("tiers", f"{way}: enter the tuition for {label}")
        for tier in offering.tiers:
            yield from _tuition(tier, offering.currency, f"{way}, {TIER_LABELS[tier.tier]}", seminar.starts_on)


def _tuition(tier: Any, currency: str, where: str, starts_on: date | None) -> Iterator[Finding]:
    least = LEAST_CHARGE.get(currency)
    if least is None:
        yield Finding("tiers", f"{where}: {currency} cannot be charged here")
        return
    for amount in (tier.amount_minor, tier.early_minor):
        if amount is not None and 0 < amount < least:
            yield Finding("tiers", f"{where}: tuition is free, or at least {Money(least, currency)}")
    if tier.early_minor is not None and tier.early_minor > tier.amount_minor:
        yield Finding("tiers", f"{where}: the early rate must not be higher than the full one")
    if tier.early_until is not None and starts_on is not None and tier.early_until >= starts_on:
        yield Finding("tiers", f"{where}: the early rate must end before the first day")


CREDIT_WORDS, UNDECIDED = r"\b(AMA|PRA|ACCME|CME|credits?|accreditation|designation)\b", r"\b(pending|applied for)\b"
PENDING = re.compile(rf"{CREDIT_WORDS}[^.!?\n]*{UNDECIDED}|{UNDECIDED}[^.!?\n]*{CREDIT_WORDS}", re.IGNORECASE)
MISNAMED = re.compile(r"\b(ACCME credits?|CME credits? category|(?<!AMA PRA )category 1 credits?)\b", re.IGNORECASE)


def _wording(seminar: Any) -> Iterator[Finding]:
    for field in ("title", "summary", "description", "audience", "objectives"):
        value = getattr(seminar, field) or ""
        text = value if isinstance(value, str) else "\n".join(value)
        if PENDING.search(text):
            yield Finding(field, "AMA PRA credit is never pending or applied for: take these words out")
        if MISNAMED.search(text):
            yield Finding(field, f"Write the credit's full name: {CREDIT_NAMES[CreditType.AMA_PRA_1]}")
