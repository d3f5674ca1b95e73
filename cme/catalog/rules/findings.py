"""What a seminar lacks to be published: every check, in the order of its editor."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from cme.accounts.rules import TIER_LABELS
from cme.catalog.rules.agenda import agenda_faults
from cme.catalog.rules.checks import Finding, found
from cme.catalog.rules.designated import designations
from cme.catalog.rules.formats import ENDURING, is_learning_format
from cme.catalog.rules.independence import independence
from cme.catalog.rules.wording import wording
from cme.values import LEAST_CHARGE, MODE_LABELS, Mode, Money

LONGEST_ENDURING = 3  # years an on-demand activity may stand without review


def publish_findings(seminar: Any, *, now: datetime, today: date) -> list[Finding]:
    """Everything that keeps a seminar from being published; empty when nothing does.

    Reads a seminar with its offerings, sessions, people and designations; `today` is the day in the seminar's zone.
    """
    parts = (
        _basics(seminar, now),
        _content(seminar, today),
        _agenda(seminar),
        designations(seminar, today),
        independence(seminar, today),
        _offerings(seminar),
        wording(seminar),
    )
    return [finding for part in parts for finding in part]


@cache
def _zones() -> frozenset[str]:
    """Every zone there is; the list is a walk through hundreds of files."""
    return frozenset(available_timezones())


def _basics(seminar: Any, now: datetime) -> Iterator[Finding]:
    if not (seminar.title or "").strip():
        yield found("title-missing")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", seminar.slug or ""):
        yield found("address-malformed")
    if seminar.time_zone not in _zones():
        yield found("zone-unknown")
    if seminar.starts_on is None or seminar.ends_on is None:
        yield found("dates-missing")
    elif seminar.ends_on < seminar.starts_on:
        yield found("dates-reversed")
    is_live = seminar.learning_format != ENDURING
    if is_live and seminar.starts_at is not None and seminar.starts_at <= now:
        yield found("designated-after-start")
    if any(offering.mode == Mode.IN_PERSON for offering in seminar.offerings) and not (seminar.venue and seminar.city):
        yield found("place-missing")


def _content(seminar: Any, today: date) -> Iterator[Finding]:
    if not any(objective.strip() for objective in seminar.objectives or ()):
        yield found("objectives-missing")
    if not (seminar.audience or "").strip():
        yield found("audience-missing")
    if not is_learning_format(seminar.learning_format or ""):
        yield found("format-missing")
    if seminar.learning_format == ENDURING:
        yield from _enduring(seminar, today)
    if seminar.providership == "joint" and not any(name.strip() for name in seminar.joint_providers or ()):
        yield found("joint-providers-missing")
    if seminar.providership != "joint" and seminar.joint_providers:
        yield found("joint-providership-unsaid")


def _enduring(seminar: Any, today: date) -> Iterator[Finding]:
    released, reviewed, ends = seminar.released_on, seminar.reviewed_on, seminar.terminates_on
    begins = reviewed or released
    if released is None or ends is None:
        yield found("enduring-dates-missing")
    elif not released <= begins <= ends:
        yield found("enduring-dates-reversed")
    elif (ends.year - begins.year, ends.month, ends.day) > (LONGEST_ENDURING, begins.month, begins.day):
        yield found("enduring-too-long")
    elif ends < today:
        yield found("enduring-over")
    # What was published before was designated before.
    if begins is not None and begins < today and seminar.published_at is None:
        yield found("designated-after-release", day=f"{begins:%B} {begins.day}, {begins.year}")
    if seminar.pass_mark is None:
        yield found("pass-mark-missing")
    if not (seminar.method or "").strip():
        yield found("method-missing")
    if not seminar.estimated_minutes:
        yield found("estimated-time-missing")
    if not (seminar.bibliography or "").strip():
        yield found("bibliography-missing")


def _agenda(seminar: Any) -> Iterator[Finding]:
    if seminar.learning_format != ENDURING and not any(session.counts for session in seminar.sessions):
        yield found("sessions-missing")
    for _, _, fault in agenda_faults(seminar.sessions, seminar.starts_on, seminar.ends_on):
        yield found("agenda-fault", fault=fault)
    listed = {person.faculty for person in seminar.people}
    offered = {offering.mode for offering in seminar.offerings} | {"both"}
    taught = {session.mode for session in seminar.sessions if session.counts}
    for mode in sorted(offered - {"both"}) if taught else ():
        if seminar.learning_format != ENDURING and not taught & {"both", mode}:
            yield found("nothing-to-attend", way=MODE_LABELS[Mode(mode)])
    for session in seminar.sessions:
        if session.counts and session.mode not in offered and len(offered) > 1:
            yield found("session-for-nobody", title=session.title, way=MODE_LABELS[Mode(session.mode)].lower())
        for teacher in session.faculty:
            if session.counts and teacher not in listed:
                yield found("teacher-unlisted", name=teacher.full_name, title=session.title)


def _offerings(seminar: Any) -> Iterator[Finding]:
    if not seminar.offerings:
        yield found("offerings-missing")
    for offering in seminar.offerings:
        way = MODE_LABELS[Mode(offering.mode)]
        if (offering.mode == Mode.ON_DEMAND) != (seminar.learning_format == ENDURING):
            yield found("way-and-format-differ", way=way, learning_format=seminar.learning_format)
        if offering.capacity < 1:
            yield found("seats-missing", way=way)
        priced = {tier.tier for tier in offering.tiers}
        for tier, label in TIER_LABELS.items():
            if tier not in priced:
                yield found("tuition-missing", way=way, tier=label)
        for tier in offering.tiers:
            yield from _tuition(tier, offering.currency, f"{way}, {TIER_LABELS[tier.tier]}", seminar.starts_on)


def _tuition(tier: Any, currency: str, where: str, starts_on: date | None) -> Iterator[Finding]:
    least = LEAST_CHARGE.get(currency)
    if least is None:
        yield found("currency-unknown", where=where, currency=currency)
        return
    for amount in (tier.amount_minor, tier.early_minor):
        if amount is not None and 0 < amount < least:
            yield found("tuition-too-small", where=where, least=Money(least, currency))
    if tier.early_minor is not None and tier.early_minor > tier.amount_minor:
        yield found("early-rate-higher", where=where)
    if tier.early_until is not None and starts_on is not None and tier.early_until >= starts_on:
        yield found("early-rate-too-late", where=where)
