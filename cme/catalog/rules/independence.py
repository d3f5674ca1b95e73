"""Whether everybody in control of content has disclosed, and whether what they disclosed is settled."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from cme.catalog.rules.checks import Finding, found

# A trademark sign, a picture, an address or the word: learners are told the names of companies, and nothing that sells.
SELLS = re.compile(
    r"[®™℠©]|\((?:R|TM)\)|<\w|!?\[[^\]]*\]\(|https?:|www\.|\.(?:png|jpe?g|gif|svg|webp)\b|\b(?:logo|trade ?marks?)\b",
    re.IGNORECASE,
)


def independence(seminar: Any, today: date) -> Iterator[Finding]:
    """What is missing of disclosure, decision, mitigation, and the naming of support."""
    if not any(person.role == "director" for person in seminar.people):
        yield found("director-missing")
    for person in seminar.people:
        name = person.faculty.full_name
        current = [one for one in person.faculty.disclosures if one.expires_on >= today]
        if not current:
            yield found("disclosure-expired" if person.faculty.disclosures else "disclosure-missing", name=name)
        for one in current:
            if one.has_relationship:
                yield from _relationship(one, name, today)
    yield from _support(seminar)
    yield from _partners(seminar)


def _relationship(one: Any, name: str, today: date) -> Iterator[Finding]:
    words = {"name": name, "company": one.company}
    if SELLS.search(f"{one.company} {one.nature}"):
        yield found("logo-or-trade-name-in-disclosure", name=name)
    if not one.is_decided:
        yield found("relevance-undecided", **words)
    elif one.is_relevant:
        if not (one.nature or "").strip():
            yield found("nature-missing", **words)
        if not (one.mitigation and one.mitigated_on):
            yield found("mitigation-missing", **words)
        elif one.mitigated_on > today:
            yield found("mitigation-to-come", **words)


def _support(seminar: Any) -> Iterator[Finding]:
    given = seminar.commercial_support or ()
    if bool(given) == bool(seminar.no_commercial_support):
        yield found("support-undecided")
    if any(not (one.get("source") or "").strip() for one in given):
        yield found("support-source-missing")
    if any(SELLS.search(f"{one.get('source') or ''} {one.get('nature') or ''}") for one in given):
        yield found("logo-or-trade-name-in-support")


def _partners(seminar: Any) -> Iterator[Finding]:
    """Name the joint providers that are ineligible: companies that give support, or that somebody is tied to."""
    supporters = [one.get("source") or "" for one in seminar.commercial_support or ()]
    tied = [one.company for person in seminar.people for one in person.faculty.disclosures if one.has_relationship]
    ineligible = {name.strip().casefold() for name in (*supporters, *tied)}
    for name in seminar.joint_providers or ():
        if name.strip().casefold() in ineligible - {""}:
            yield found("joint-provider-ineligible", name=name)
